"""Torch encoders in a pipeline: trained, averaged, saved, and run by several processes."""

import copy
import pickle

import numpy
import pytest
import spacy
from spacy.tokens import Doc
from spacy.training import Example
from spacy.util import fix_random_seed
from thinc.api import Adam

torch = pytest.importorskip("torch")

WIDTH = 16
ENCODERS = {
    "lstm": {"@architectures": "spacy-mtl.RNNEncoder.v1", "width": WIDTH, "depth": 1},
    "transformer": {"@architectures": "spacy-mtl.TransformerEncoder.v1", "width": WIDTH, "depth": 1, "window": 4,
                    "overlap": 2},
}  # fmt: skip
TAGGED = [
    (["Mira", "paints", "boats", "in", "Oslo", "."], ["N", "V", "N", "P", "N", "."]),
    (["Otto", "sleeps"], ["N", "V"]),
    (["Rain", "!"], ["N", "."]),
]


@pytest.fixture(params=ENCODERS, scope="module")
def trained(request):
    """A pipeline that has learned its sentences, its optimizer, and the texts."""
    fix_random_seed(0)
    nlp = spacy.blank("en")
    embed = {"@architectures": "spacy.MultiHashEmbed.v2", "width": WIDTH, "attrs": ["NORM"], "rows": [100],
             "include_static_vectors": False}  # fmt: skip
    model = {"@architectures": "spacy.Tok2Vec.v2", "embed": embed, "encode": ENCODERS[request.param]}
    nlp.add_pipe("mtl_tok2vec", name="tok2vec", config={"model": model})
    listener = {"@architectures": "spacy.Tok2VecListener.v1", "width": WIDTH, "upstream": "tok2vec"}
    nlp.add_pipe("tagger", config={"model": {"@architectures": "spacy.Tagger.v2", "tok2vec": listener}})
    examples = [Example.from_dict(Doc(nlp.vocab, words=words), {"tags": tags}) for words, tags in TAGGED]
    nlp.initialize(lambda: examples)
    optimizer = Adam(0.01, use_averages=True)
    for _ in range(40):
        nlp.update(examples, sgd=optimizer)
    return nlp, optimizer


def make_docs(nlp):
    return [*(Doc(nlp.vocab, words=words) for words, _ in TAGGED), Doc(nlp.vocab)]


def run(nlp, **settings):
    return [([token.tag_ for token in doc], doc.tensor) for doc in nlp.pipe(make_docs(nlp), **settings)]


def assert_runs_alike(found, expected):
    for (tags, vectors), (expected_tags, expected_vectors) in zip(found, expected, strict=True):
        assert tags == expected_tags
        numpy.testing.assert_allclose(vectors, expected_vectors, atol=1e-5)


def test_learns_its_sentences(trained):
    nlp, _ = trained
    assert [tags for tags, _ in run(nlp)] == [*(tags for _, tags in TAGGED), []]


def test_batches_and_processes_change_nothing(trained):
    nlp, _ = trained
    expected = run(nlp)
    assert_runs_alike(run(nlp, batch_size=1), expected)
    threads = torch.get_num_threads()
    # a forked child hangs in torch's thread pool if the parent has started one
    torch.set_num_threads(1)
    try:
        assert_runs_alike(run(nlp, n_process=2, batch_size=2), expected)
    finally:
        torch.set_num_threads(threads)


def test_saved_and_copied(trained, tmp_path):
    nlp, _ = trained
    expected = run(nlp)
    nlp.to_disk(tmp_path / "pipeline")
    assert_runs_alike(run(spacy.load(tmp_path / "pipeline")), expected)
    assert_runs_alike(run(spacy.blank("en").from_config(nlp.config).from_bytes(nlp.to_bytes())), expected)
    assert_runs_alike(run(pickle.loads(pickle.dumps(nlp))), expected)
    assert_runs_alike(run(copy.deepcopy(nlp)), expected)


def test_averages_of_the_whole_pipeline(trained, tmp_path):
    nlp, optimizer = trained
    last = run(nlp)
    with nlp.use_params(optimizer.averages):
        averaged = run(nlp)
        nlp.to_disk(tmp_path / "averaged")
    assert max(abs(one - other).max() for (_, one), (_, other) in zip(averaged[:3], last[:3])) > 1e-3
    assert_runs_alike(run(nlp), last)
    assert_runs_alike(run(spacy.load(tmp_path / "averaged")), averaged)


def test_stock_components_listen_and_take_their_own_copy(trained, tmp_path):
    nlp, _ = trained
    expected = [tags for tags, _ in run(nlp)]
    nlp.to_disk(tmp_path / "pipeline")
    own = spacy.load(tmp_path / "pipeline")
    own.replace_listeners("tok2vec", "tagger", ["model.tok2vec"])
    own.remove_pipe("tok2vec")
    assert [tags for tags, _ in run(own)] == expected

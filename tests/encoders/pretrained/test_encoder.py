"""A pretrained transformer as the encoder: alone, against spacy-transformers' own layer, and in a pipeline."""

import copy
import pickle
import shutil
import sys
import warnings

import numpy
import pytest
import spacy
from spacy.tokens import Doc
from spacy.training import Example
from spacy.util import fix_random_seed
from spacy.vocab import Vocab
from thinc.api import SGD, Adam, Linear

torch = pytest.importorskip("torch")
pytest.importorskip("spacy_transformers")

from tokenizers import Regex, normalizers  # noqa: E402

from spacy_mtl.encoders.columns import build_experts  # noqa: E402
from spacy_mtl.encoders.pretrained.encoder import build_pretrained_encoder  # noqa: E402
from spacy_mtl.encoders.pretrained.model import get_transformer  # noqa: E402
from spacy_mtl.encoders.pretrained.tuning import count_frozen_steps  # noqa: E402
from spacy_mtl.encoders.pretrained.wordpieces import batch_passages, cut_passages  # noqa: E402
from spacy_mtl.pipeline.tok2vec.parameter_gradients import find_slots  # noqa: E402

from ..layers import assert_same  # noqa: E402
from .tiny_transformer import (  # noqa: E402
    POSITIONS,
    WIDTH,
    encoder_config,
    get_shim,
    get_weights,
    make_encoder,
    make_stock,
    write_bert,
    write_roberta,
)

VOCAB = Vocab()
URL = "/x" * 168 + "/"
WRITERS = {"bert": write_bert, "roberta": write_roberta}
TAGGED = [
    (
        ["Mira", "paints", "boats", "in", "Oslo", "."],
        ["N", "V", "N", "P", "N", "."],
        [(21, 25, "PLACE"), (0, 4, "WHO")],
    ),
    (["Otto", "sleeps"], ["N", "V"], [(0, 4, "WHO")]),
    (["Rain", "!"], ["N", "."], []),
]


def make_doc(*words, spaces=None):
    return Doc(VOCAB, words=list(words), spaces=spaces)


def make_long_doc(seed=0, length=80):
    """Words of one to seven pieces, white space and punctuation, with and without spaces between."""
    rng = numpy.random.default_rng(seed)
    words = rng.choice(["Mira", "Oslo", "!", "abc", "boating", "\n", "etcetera", "."], size=length)
    # a tokenizer reads letters that touch as one word
    ends = [word in "!.\n" for word in words]
    spaces = [not (own or other) or bool(rng.integers(2)) for own, other in zip(ends, [*ends[1:], False])]
    return make_doc(*words.tolist(), spaces=spaces)


def make_docs():
    return [
        make_doc("Mira", "paints", "boats"),
        make_doc(),
        make_long_doc(),
        make_doc(" ", "\n"),
        make_doc("see", URL, "or", "Otto"),
        make_doc("Rain"),
        make_long_doc(seed=1, length=23),
    ]


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    """More are slower here, and a forked child hangs in torch's thread pool if the parent has started one."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module", params=WRITERS)
def folder(request, tmp_path_factory):
    return WRITERS[request.param](tmp_path_factory.mktemp("pretrained") / request.param)


@pytest.fixture(scope="module")
def bert(tmp_path_factory):
    return write_bert(tmp_path_factory.mktemp("pretrained") / "only_bert")


def load(name, **settings):
    model = make_encoder(name, **settings)
    model.initialize()
    return model


def spy(model):
    """Shapes of what the transformer reads, as it reads it."""
    shapes = []
    attrs = get_transformer(model).layers[0].attrs
    convert = attrs["convert_inputs"]

    def convert_inputs(model, pieces, is_train):
        shapes.append(tuple(pieces.input_ids.shape))
        return convert(model, pieces, is_train)

    attrs["convert_inputs"] = convert_inputs
    return shapes


def make_gradients(vectors, seed=3):
    rng = numpy.random.default_rng(seed)
    return [rng.normal(size=of_doc.shape).astype("float32") for of_doc in vectors]


def take_gradients(model):
    module = get_shim(model)._model
    found = {name: p.grad.numpy().copy() for name, p in module.named_parameters() if p.grad is not None}
    module.zero_grad()
    return found


def cut(model, doc, window, overlap):
    pieces = get_shim(model).get_counter().count([token.text for token in doc])
    return cut_passages(0, numpy.minimum(pieces, 16), window, overlap)


@pytest.mark.parametrize("window", [32, 60])
def test_doc_alone_is_as_in_a_batch(folder, window):
    model, docs = load(folder, window=window), make_docs()
    together = model.predict(docs)
    assert_same([model.predict([doc])[0] for doc in docs], together)
    assert_same(model.predict(docs[::-1])[::-1], together)
    assert_same(model.begin_update(docs)[0], together)
    assert [of_doc.shape for of_doc in together] == [(len(doc), WIDTH) for doc in docs]
    assert [of_doc.dtype for of_doc in together] == ["float32"] * len(docs)


def test_batches_of_any_size_are_alike(folder):
    docs = make_docs()
    expected = load(folder).predict(docs)
    for size in (1, 50, 200):
        assert_same(load(folder, max_batch_pieces=size).predict(docs), expected)


def test_one_doc_several_times(folder):
    model, doc = load(folder), make_doc("Mira", "paints", "boats")
    long = make_long_doc()
    alone = [model.predict([each])[0] for each in (doc, long)]
    assert_same(model.predict([doc, doc, long, doc, long]), [alone[i] for i in (0, 0, 1, 0, 1)])


def test_docs_without_tokens(folder):
    model = load(folder)
    for docs in ([], [make_doc()], [make_doc(), make_doc()]):
        assert [of_doc.shape for of_doc in model.predict(docs)] == [(0, WIDTH)] * len(docs)
        vectors, backprop = model.begin_update(docs)
        backprop(vectors)
        model.finish_update(Adam(0.01))


def test_white_space_alone(bert):
    model = load(bert)
    docs = [make_doc("\n", " "), make_doc(" ")]
    vectors, backprop = model.begin_update(docs)
    assert all(of_doc.shape == (len(doc), WIDTH) and not of_doc.any() for doc, of_doc in zip(docs, vectors))
    backprop(make_gradients(vectors))
    assert not any(gradient.any() for gradient in take_gradients(model).values())


def test_short_docs_are_as_without_the_encoder(folder):
    docs = [make_doc("Mira", "paints", "boats", ".", spaces=[True, True, False, False]), make_doc("\n", "Rain", " "),
            make_doc("Otto", "sleeps", "!")]  # fmt: skip
    stock = make_stock(folder)
    stock.initialize()
    assert_same(load(folder).predict(docs), stock.predict(docs))


def test_slow_tokenizer(bert):
    docs = make_docs()
    expected = load(bert).predict(docs)
    assert_same(load(bert, stock={"tokenizer_config": {"use_fast": False}}).predict(docs), expected)


@pytest.mark.parametrize("window, overlap", [(32, 16), (24, 0), (50, 30), (POSITIONS - 4, 20)])
def test_long_docs_are_read_in_passages(folder, window, overlap):
    model, doc = load(folder, window=window, overlap=overlap), make_long_doc()
    stock = make_stock(folder)
    stock.initialize()
    passages = cut(model, doc, window, overlap)
    assert len(passages) > 2
    found = model.predict([doc])[0]
    for passage in passages:
        words = [token.text for token in doc[passage.start : passage.end]]
        spaces = [bool(token.whitespace_) for token in doc[passage.start : passage.end]]
        expected = stock.predict([make_doc(*words, spaces=spaces)])[0]
        own = slice(passage.kept_start - passage.start, passage.kept_end - passage.start)
        assert_same([found[passage.kept_start : passage.kept_end]], [expected[own]])


def test_token_of_very_many_pieces(folder):
    model = load(folder, window=40, overlap=8)
    counter, shapes = get_shim(model).get_counter(), spy(model)
    doc = make_doc("see", URL, "or", "Otto", "sleeps")
    assert counter.count([URL])[0] in (337, 338)
    vectors = model.predict([doc])[0]
    assert (abs(vectors).max(axis=1) > 1e-3).all()
    assert max(length for _, length in shapes) <= 42
    # its beginning is what is read
    short = make_doc("see", counter.shorten(URL, 16), "or", "Otto", "sleeps")
    assert_same([vectors], model.predict([short]))
    shapes.clear()
    assert (abs(model.predict([make_doc(*[URL] * 9)])[0]).max(axis=1) > 1e-3).all()
    # two of them go into a window
    assert sum(rows for rows, _ in shapes) == 5


@pytest.mark.parametrize("limit", [1, 60, 130, 4096])
def test_memory_is_bounded(bert, limit):
    model, docs = load(bert, max_batch_pieces=limit), make_docs()
    shapes = spy(model)
    model.predict(docs)
    predicted = list(shapes)
    shapes.clear()
    model.begin_update(docs)
    assert shapes == predicted
    assert all(rows == 1 or rows * length <= limit for rows, length in shapes)
    assert all(length <= 42 for _, length in shapes)
    passages = [passage for doc in docs for passage in cut(model, doc, 40, 12)]
    assert sum(rows for rows, _ in shapes) == len(passages)
    assert len(shapes) == len(batch_passages(passages, limit, is_mixed=True))


def test_gradients_are_finite_differences(bert):
    model = load(bert, window=24, overlap=8, max_batch_pieces=60)
    docs = [make_doc("Mira", "paints", URL), make_doc(), make_doc(" "), make_long_doc(length=20)]
    assert len(cut(model, docs[3], 24, 8)) > 1
    vectors, backprop = model.begin_update(docs)
    d_vectors = make_gradients(vectors)
    backprop(d_vectors)
    gradients = take_gradients(model)
    rng = numpy.random.default_rng(2)

    def value():
        return sum(float((v.astype("float64") * d).sum()) for v, d in zip(model.predict(docs), d_vectors))

    checked = 0
    for name, parameter in get_shim(model)._model.named_parameters():
        if name.startswith("pooler."):
            assert name not in gradients
            continue
        array, gradient = parameter.data.numpy(), gradients[name]
        places = numpy.flatnonzero(abs(gradient) > 0.1 * abs(gradient).max())
        for place in rng.permutation(places)[:3]:
            index = numpy.unravel_index(place, array.shape)
            old, values = float(array[index]), []
            for moved in (old + 2e-3, old - 2e-3):
                array[index] = moved
                values.append(value())
            array[index] = old
            expected = (values[0] - values[1]) / 4e-3
            assert float(gradient[index]) == pytest.approx(expected, rel=2e-2, abs=1e-2), name
            checked += 1
    assert checked > 80


def test_backpropagates_more_than_once(folder):
    model, docs = load(folder), make_docs()
    vectors, backprop = model.begin_update(docs)
    d_vectors = make_gradients(vectors)
    kept = copy.deepcopy(d_vectors)
    assert backprop(d_vectors) == docs
    once = take_gradients(model)
    assert_same(d_vectors, kept, 0)
    backprop(d_vectors)
    backprop(d_vectors)
    twice = take_gradients(model)
    assert any(gradient.any() for gradient in once.values())
    for name, gradient in once.items():
        numpy.testing.assert_allclose(twice[name], 2 * gradient, rtol=1e-4, atol=1e-4)


def test_gradients_of_several_docs_add_up(folder):
    model, docs = load(folder), make_docs()
    d_vectors = make_gradients(model.predict(docs))
    for doc, d_doc in zip(docs, d_vectors):
        _, backprop = model.begin_update([doc])
        backprop([d_doc])
    totals = take_gradients(model)
    _, backprop = model.begin_update(docs)
    backprop(d_vectors)
    for name, gradient in take_gradients(model).items():
        numpy.testing.assert_allclose(gradient, totals[name], rtol=1e-3, atol=1e-3)


def test_tuning_is_handed_on(bert):
    model, doc = load(bert, learn_rate_factor=0.5, layer_decay=0.1, freeze_embeddings=True), make_doc("Mira", "paints")
    before = get_weights(model)
    vectors, backprop = model.begin_update([doc])
    backprop(make_gradients(vectors))
    gradients = take_gradients(model)
    vectors, backprop = model.begin_update([doc])
    backprop(make_gradients(vectors))
    model.finish_update(SGD(0.1, L2=0.0, grad_clip=0.0, use_averages=False))
    for name, array in get_weights(model).items():
        rate = 0.005 if name.startswith("encoder.layer.0") else 0.05
        expected = before[name] - rate * gradients[name] if name in gradients else before[name]
        numpy.testing.assert_allclose(array, expected, rtol=1e-5, atol=1e-6)
    assert gradients and not any(name.startswith("embeddings.") for name in gradients)


@pytest.mark.parametrize("settings", [{"frozen_layers": 2}, {"frozen_steps": 5}])
def test_frozen_as_a_whole(bert, settings):
    model, docs = load(bert, **settings), make_docs()
    before = get_weights(model)
    vectors, backprop = model.begin_update(docs)
    for _ in range(2):
        backprop(make_gradients(vectors))
    model.finish_update(Adam(0.1))
    after = get_weights(model)
    assert all(numpy.array_equal(before[name], after[name]) for name in before)


def test_a_loaded_encoder_says_what_learns_before_it_has_read(bert):
    """Workers that have no text of the first batch must add up the same gradients as the others."""
    trained = load(bert, frozen_layers=1)
    loaded = make_encoder(bert, frozen_layers=1).from_bytes(trained.to_bytes())
    learning = [slot.shape for slot in find_slots(loaded)]
    assert learning == [slot.shape for slot in find_slots(trained)]
    assert len(learning) < len([*get_shim(loaded)._model.parameters()])


def test_counts_that_fall_short(bert):
    # "boats" is one wordpiece, "aboats" is read letter by letter
    words = ["a", "boats"] * 40
    model = load(bert, window=POSITIONS - 2)
    doc = make_doc(*words, spaces=[False, True] * 40)
    vectors, backprop = model.begin_update([doc])
    assert vectors[0].shape == (80, WIDTH)
    assert vectors[0][:20].any(axis=1).all()
    backprop(make_gradients(vectors))
    assert all(numpy.isfinite(gradient).all() for gradient in take_gradients(model).values())


def test_widest_window_can_be_read(folder):
    longest = POSITIONS if folder.endswith("/bert") else POSITIONS - 2
    doc = make_doc(*["a", "!"] * 100)
    model = load(folder, window=longest - 2)
    shapes = spy(model)
    assert model.predict([doc])[0].any(axis=1).all()
    assert max(length for _, length in shapes) <= longest
    with pytest.raises(ValueError, match="E409") as raised:
        load(folder, window=longest - 1)
    assert str(longest - 2) in str(raised.value)


def test_window_longer_than_the_tokenizer_allows(tmp_path):
    folder = write_bert(tmp_path / "short", max_length=30)
    load(folder, window=28)
    with pytest.raises(ValueError, match="E409") as raised:
        load(folder, window=29)
    assert "window = 29" in str(raised.value) and "at most 28" in str(raised.value)


@pytest.mark.parametrize("setting, wrong, found", [
    ("learn_rate_factor", -0.1, "learn_rate_factor = -0.1"),
    ("layer_decay", 0.0, "layer_decay = 0.0"),
    ("layer_decay", 1.1, "layer_decay = 1.1"),
    ("frozen_steps", -1, "frozen_steps = -1"),
    ("word_dropout", 1.0, "word_dropout = 1.0"),
    ("word_dropout", -0.1, "word_dropout = -0.1"),
    ("frozen_layers", -1, "frozen_layers = -1"),
    ("window", 27, "window = 27. Expected at least overlap + max_token_pieces, 28"),
    ("overlap", -1, "overlap = -1"),
    ("overlap", 25, "window = 40. Expected at least overlap + max_token_pieces, 41"),
    ("max_token_pieces", 0, "max_token_pieces = 0"),
    ("max_token_pieces", 29, "window = 40. Expected at least overlap + max_token_pieces, 41"),
    ("max_batch_pieces", 0, "max_batch_pieces = 0"),
])  # fmt: skip
def test_wrong_settings(setting, wrong, found):
    with pytest.raises(ValueError, match="E409") as raised:
        make_encoder("any", **{setting: wrong})
    assert f"spacy-mtl.PretrainedEncoder.v1: {found}" in str(raised.value)


@pytest.mark.parametrize("settings", [
    {"learn_rate_factor": 0.0},
    {"layer_decay": 1.0},
    {"window": 28},
    {"overlap": 24},
    {"overlap": 0},
    {"max_token_pieces": 28},
    {"max_token_pieces": 1},
    {"max_batch_pieces": 1},
])  # fmt: skip
def test_settings_at_the_border(bert, settings):
    model = load(bert, **settings)
    shapes = spy(model)
    vectors = model.predict(make_docs())
    assert [len(of_doc) for of_doc in vectors] == [len(doc) for doc in make_docs()]
    assert max(length for _, length in shapes) <= settings.get("window", 40) + 2


def test_sample_of_long_texts(folder):
    docs = make_docs()
    model = make_encoder(folder)
    model.initialize(X=docs)
    assert model.get_dim("nO") == WIDTH
    assert_same(model.predict(docs), load(folder).predict(docs))


def test_sample_is_read_within_the_bound(bert):
    model = load(bert, max_batch_pieces=60)
    shapes = spy(model)
    model.initialize(X=make_docs())
    assert shapes and all(rows == 1 or rows * length <= 60 for rows, length in shapes)


def test_tokenizer_that_loses_words(tmp_path):
    normalizer = normalizers.Sequence([normalizers.Lowercase(), normalizers.Replace(Regex("[b-z]"), "")])
    model = make_encoder(write_bert(tmp_path / "bert", normalizer=normalizer))
    with pytest.raises(ValueError, match="E415") as raised:
        model.initialize(X=[make_doc("Mira", "sleeps", "in", "Oslo"), make_doc()])
    assert "3 of 4" in str(raised.value) and "'sleeps', 'in', 'Oslo'" in str(raised.value)
    with pytest.raises(ValueError, match="E415"):
        model.initialize(X=[make_doc(*["Rain", "is", "!"] * 40)])
    model.initialize(X=[make_doc("Mira", "paints", "\n", "a", "boat")])
    model.initialize(X=[make_doc(*["a"] * 95, *["b"] * 5), make_doc(), make_doc(" ")])
    with pytest.raises(ValueError, match="E415"):
        model.initialize(X=[make_doc(*["a"] * 94, *["b"] * 6)])


def test_folders_that_cannot_be_loaded(bert, tmp_path):
    shutil.copytree(bert, tmp_path / "weightless")
    (tmp_path / "weightless" / "model.safetensors").unlink()
    for name in ("missing", "weightless"):
        with pytest.raises(ValueError, match="E414") as raised:
            make_encoder(str(tmp_path / name)).initialize(X=[make_doc("a")])
        assert str(tmp_path / name) in str(raised.value)


def test_model_without_a_transformer():
    with pytest.raises(ValueError, match="E412"):
        build_pretrained_encoder(Linear(2, 2))


def test_without_spacy_transformers(monkeypatch):
    monkeypatch.setitem(sys.modules, "spacy_transformers", None)
    with pytest.raises(ImportError, match="E411") as raised:
        build_pretrained_encoder(Linear(2, 2))
    assert "spacy-mtl[transformers]" in str(raised.value)


def test_mixed_precision_without_a_gpu(bert):
    model = make_encoder(bert, stock={"mixed_precision": True})
    with pytest.raises(ValueError, match="E413"):
        model.initialize(X=make_docs())


def make_nlp(name, **settings):
    fix_random_seed(0)
    nlp = spacy.blank("en")
    nlp.add_pipe("mtl_tok2vec", name="tok2vec", config={"model": encoder_config(name, **settings)})
    listener = {"@architectures": "spacy.Tok2VecListener.v1", "width": WIDTH, "upstream": "tok2vec"}
    nlp.add_pipe("tagger", config={"model": {"@architectures": "spacy.Tagger.v2", "tok2vec": listener}})
    nlp.add_pipe("mtl_ner", config={"model": {"@architectures": "spacy-mtl.CRFTagger.v1", "tok2vec": listener}})
    examples = [
        Example.from_dict(Doc(nlp.vocab, words=words), {"tags": tags, "entities": entities})
        for words, tags, entities in TAGGED
    ]
    nlp.initialize(lambda: examples)
    return nlp, examples


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A pipeline that has learned its sentences, and its optimizer. What its transformer came from is gone."""
    folder = tmp_path_factory.mktemp("pretrained") / "gone"
    nlp, examples = make_nlp(write_bert(folder), learn_rate_factor=0.5, layer_decay=0.9)
    optimizer = Adam(0.01, use_averages=True)
    for _ in range(40):
        nlp.update(examples, sgd=optimizer)
    shutil.rmtree(folder)
    return nlp, optimizer


@pytest.fixture
def saved(trained, tmp_path):
    trained[0].to_disk(tmp_path / "pipeline")
    return tmp_path / "pipeline"


def make_texts(nlp):
    long = [word for words, _, _ in TAGGED for word in words] * 9
    return [*(Doc(nlp.vocab, words=words) for words in [*(words for words, _, _ in TAGGED), [], ["\n"], long])]


def read(doc):
    return [token.tag_ for token in doc], [(ent.start_char, ent.end_char, ent.label_) for ent in doc.ents]


def run(nlp, **settings):
    return [(read(doc), doc.tensor) for doc in nlp.pipe(make_texts(nlp), **settings)]


def assert_runs_alike(found, expected):
    for (annotation, vectors), (expected_annotation, expected_vectors) in zip(found, expected, strict=True):
        assert annotation == expected_annotation
        numpy.testing.assert_allclose(vectors, expected_vectors, atol=1e-5)


def test_learns_its_sentences(trained):
    nlp, _ = trained
    found = [annotation for annotation, _ in run(nlp)][: len(TAGGED)]
    assert found == [(tags, sorted(entities)) for _, tags, entities in TAGGED]


def test_transformer_learns_in_a_pipeline(bert):
    nlp, examples = make_nlp(bert, frozen_steps=2)
    model, optimizer = nlp.get_pipe("tok2vec").model, Adam(0.01)
    before = get_weights(model)
    for _ in range(2):
        nlp.update(examples, sgd=optimizer)
        assert all(numpy.array_equal(before[name], array) for name, array in get_weights(model).items())
    nlp.update(examples, sgd=optimizer)
    changed = {name for name, array in get_weights(model).items() if not numpy.array_equal(before[name], array)}
    assert changed == {name for name in before if not name.startswith("pooler.")}


@pytest.mark.parametrize(
    "frozen,factor,max_steps,is_named", [(9, 1.0, 9, True), (9, 1.0, 10, False), (9, 1.0, 0, False), (9, 0.0, 9, False)]
)
def test_frozen_for_longer_than_the_training(bert, frozen, factor, max_steps, is_named):
    nlp, examples = make_nlp(bert, frozen_steps=frozen, learn_rate_factor=factor)
    nlp.config["training"]["max_steps"] = max_steps
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        nlp.initialize(lambda: examples)
    found = [str(warning.message) for warning in caught if "W441" in str(warning.message)]
    assert len(found) == is_named
    assert all("'tok2vec'" in message and "for 9 more updates" in message for message in found)


def test_updates_before_are_counted(bert):
    nlp, examples = make_nlp(bert, frozen_steps=3)
    nlp.config["training"]["max_steps"] = 2
    assert count_frozen_steps(nlp.get_pipe("tok2vec").model) == 3
    for left in (2, 1, 0, 0):
        nlp.update(examples, sgd=Adam(0.01))
        assert count_frozen_steps(nlp.get_pipe("tok2vec").model) == left
    assert count_frozen_steps(nlp.get_pipe("mtl_ner").model) == count_frozen_steps(None) == 0


def test_batches_and_processes_change_nothing(trained):
    nlp, _ = trained
    expected = run(nlp)
    assert_runs_alike(run(nlp, batch_size=1), expected)
    assert_runs_alike(run(nlp, n_process=2, batch_size=2), expected)


def test_saved_and_copied(trained, saved):
    nlp, _ = trained
    expected = run(nlp)
    copies = [
        spacy.load(saved),
        spacy.blank("en").from_config(nlp.config).from_bytes(nlp.to_bytes()),
        pickle.loads(pickle.dumps(nlp)),
        copy.deepcopy(nlp),
    ]
    for copied in copies:
        assert_runs_alike(run(copied), expected)
        assert get_shim(copied.get_pipe("tok2vec").model).tuning == get_shim(nlp.get_pipe("tok2vec").model).tuning


def test_loaded_pipeline_learns_on(trained, saved):
    expected = run(trained[0])
    own = spacy.load(saved)
    examples = [
        Example.from_dict(Doc(own.vocab, words=words), {"tags": tags[::-1]}) for words, tags, _ in TAGGED
    ]  # fmt: skip
    optimizer = own.resume_training()
    optimizer.learn_rate = 0.02
    for _ in range(40):
        own.update(examples, sgd=optimizer)
    assert [annotation[0] for annotation, _ in run(own)][:3] == [tags[::-1] for _, tags, _ in TAGGED]
    assert_runs_alike(run(trained[0]), expected)


def test_initialized_twice_keeps_what_was_learned(trained, saved):
    expected = run(trained[0])
    own = spacy.load(saved)
    examples = [Example.from_dict(Doc(own.vocab, words=words), {"tags": tags}) for words, tags, _ in TAGGED]
    own.get_pipe("tok2vec").initialize(lambda: examples, nlp=own)
    assert_runs_alike(run(own), expected)


def test_averages_of_the_whole_pipeline(trained, tmp_path):
    nlp, optimizer = trained
    last = run(nlp)
    with nlp.use_params(optimizer.averages):
        averaged = run(nlp)
        nlp.to_disk(tmp_path / "averaged")
    assert max(abs(one - other).max() for (_, one), (_, other) in zip(averaged[:3], last[:3])) > 1e-3
    assert_runs_alike(run(nlp), last)
    assert_runs_alike(run(spacy.load(tmp_path / "averaged")), averaged)


def test_components_take_their_own_copy(trained, saved, tmp_path):
    nlp, _ = trained
    expected = [annotation for annotation, _ in run(nlp)]
    own = spacy.load(saved)
    for name in ("tagger", "mtl_ner"):
        own.replace_listeners("tok2vec", name, ["model.tok2vec"])
    own.remove_pipe("tok2vec")
    assert [annotation for annotation, _ in run(own)] == expected
    own.to_disk(tmp_path / "own")
    loaded = spacy.load(tmp_path / "own")
    for each in (loaded, copy.deepcopy(own), pickle.loads(pickle.dumps(own))):
        assert [annotation for annotation, _ in run(each)] == expected
    weights = [get_weights(own.get_pipe(name).model) for name in ("tagger", "mtl_ner")]
    examples = [Example.from_dict(Doc(own.vocab, words=words), {"tags": tags}) for words, tags, _ in TAGGED]
    own.update(examples, sgd=Adam(0.01))
    tagger, ner = (get_weights(own.get_pipe(name).model) for name in ("tagger", "mtl_ner"))
    assert any(not numpy.array_equal(weights[0][name], tagger[name]) for name in tagger)
    assert all(numpy.array_equal(weights[1][name], ner[name]) for name in ner)


def test_trained_in_mixed_precision_predicts_on_a_cpu(trained, saved):
    nlp, _ = trained
    own = spacy.load(saved, config={"components": {"tok2vec": {"model": {"transformer": {"mixed_precision": True}}}}})
    assert get_shim(own.get_pipe("tok2vec").model)._mixed_precision
    assert_runs_alike(run(own), run(nlp))
    examples = [Example.from_dict(Doc(own.vocab, words=words), {"tags": tags}) for words, tags, _ in TAGGED]
    with pytest.raises(ValueError, match="E413"):
        own.update(examples, sgd=Adam(0.01))
    assert_runs_alike(run(own), run(nlp))


def test_columns_of_a_pretrained_encoder_are_refused(folder):
    with pytest.raises(ValueError, match="E463"):
        build_experts(make_encoder(folder), 2)

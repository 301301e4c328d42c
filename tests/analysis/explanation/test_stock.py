"""spaCy's own components, and encoders that are read as a whole."""

import numpy
import pytest
import spacy
from spacy.training import Example

from spacy_mtl.analysis.explanation.explain import explain
from spacy_mtl.analysis.explanation.tasks import probability
from tests.pipeline.shared_encoder import SUGGESTER
from tests.pipeline.toy_pipeline import CNN, fix_random_seed, head_config, listener, make_docs

TEXT = "Ana likes Oslo ."
BAG = {"@architectures": "spacy.TextCatBOW.v3", "exclusive_classes": True, "ngram_size": 1, "no_output_layer": True}
HEADS = {
    "textcat": {"model": {"@architectures": "spacy.TextCatEnsemble.v2", "tok2vec": listener(), "linear_model": BAG}},
    "ner": {"model": {"tok2vec": listener(), "hidden_width": 8}},
    "tagger": head_config("tagger"),
    "spancat": {"model": {"tok2vec": listener()}, "suggester": {**SUGGESTER, "sizes": [1]}, "threshold": 0.3},
}


@pytest.fixture(scope="module")
def nlp():
    fix_random_seed(0)
    nlp = spacy.blank("en")
    nlp.add_pipe("mtl_tok2vec", name="tok2vec", config={"model": CNN})
    for name, config in HEADS.items():
        nlp.add_pipe(name, config=config)
    examples = []
    for doc in make_docs(nlp):
        doc.spans["sc"] = list(doc.ents)
        examples.append(Example(nlp.make_doc(doc.text), doc))
    optimizer = nlp.initialize(lambda: examples)
    for _ in range(25):
        nlp.update(examples, sgd=optimizer)
    # its bag of words and what reads it begin at zero, and so they stay
    for node in nlp.get_pipe("textcat").model.walk():
        if node.name in ("sparse_linear", "softmax"):
            node.set_param("W", numpy.random.default_rng(0).normal(size=node.get_param("W").shape).astype("f"))
    return nlp


def test_all_of_them_by_hiding_words(nlp):
    doc = nlp(TEXT)
    found = explain(nlp, TEXT)
    assert {"textcat", "ner", "spancat"} == {one.component for one in found}
    tags = explain(nlp, TEXT, "tagger")
    assert [one.label for one in tags] == [token.tag_ for token in doc]
    for one in [*found, *tags]:
        assert one.method == "occlusion" and abs(probability(one.log_odds) - one.probability) < 1e-5
        assert any(one.parts)
    for one in found:
        if one.component in ("ner", "spancat") and one.name.endswith(":Ana"):
            assert max(range(4), key=one.parts.__getitem__) == 0
    (category,) = [one for one in found if one.component == "textcat"]
    assert category.probability == pytest.approx(max(doc.cats.values())) and any(category.own)


def test_they_have_no_gradient(nlp):
    with pytest.raises(ValueError, match="E808.*the component gives none"):
        explain(nlp, TEXT, "textcat", method="integrated")


def test_heads_that_are_read_as_a_whole_share_what_their_encoder_says(nlp, monkeypatch):
    encoder, read = nlp.get_pipe("tok2vec"), []
    predict = encoder.predict
    monkeypatch.setattr(encoder, "predict", lambda docs: read.append(len(docs)) or predict(docs))
    monkeypatch.setattr("spacy_mtl.analysis.explanation.making_readings._reads_more", lambda *_: True)
    found = explain(nlp, TEXT)
    assert len({one.component for one in found}) == 3 and all(one.own is None for one in found)
    # the text, and once the copies: as they are, with nothing, and without each word
    assert read == [1, 2 + len(TEXT.split())]

"""Components that write to one place are named, once, with what is lost."""

import warnings

import pytest
import spacy
from spacy.tokens import Doc, Span
from spacy.training import Example

from spacy_mtl.frames import set_frames
from spacy_mtl.types import FrameSpans

from .toy_pipeline import CNN, listener


def make_nlp(factory, first=None, second=None):
    nlp = spacy.blank("en")
    nlp.add_pipe("mtl_tok2vec", name="tok2vec", config={"model": CNN})
    for name, settings in (("one", first), ("two", second)):
        nlp.add_pipe(factory, name=name, config={"model": {"tok2vec": listener()}, **(settings or {})})
    return nlp


def make_examples(nlp):
    doc = Doc(nlp.vocab, words=["Ana", "left"])
    doc.ents = [Span(doc, 0, 1, label="PER")]
    doc.cats = {"good": 1.0, "bad": 0.0}
    for key in ("srl", "other"):
        set_frames(doc, [FrameSpans(1, 2, "leave.01")], key)
        doc.spans[f"ents_{key}"] = [Span(doc, 0, 1, label=key)]
    return [Example(nlp.make_doc(doc.text), doc)]


def named(found):
    return [str(warning.message) for warning in found if "W432" in str(warning.message)]


COMPETING = [
    ("mtl_srl", {}, {}, "doc.spans\\['srl'\\]"),
    ("mtl_srl", {"spans_key": "other"}, {"spans_key": "other"}, "doc.spans\\['other'\\]"),
    ("mtl_ner", {}, {}, "doc.ents.*PER.*of the first stay"),
    ("mtl_ner", {}, {"overwrite": True}, "doc.ents.*of the second stay"),
    ("mtl_ner", {"spans_key": "ents_srl"}, {"spans_key": "ents_srl"}, "doc.spans\\['ents_srl'\\]"),
]
APART = [
    ("mtl_srl", {}, {"spans_key": "other"}),
    ("mtl_srl", {}, {"predicates": "doc"}),
    ("mtl_ner", {"labels": ["PER"]}, {"labels": ["LOC"]}),
    ("mtl_ner", {}, {"spans_key": "ents_srl"}),
    ("mtl_ner", {}, {"spans_key": "ents_srl", "annotate_ents": False}),
    ("mtl_textcat", {"labels": ["good", "bad"]}, {"labels": ["glad", "sad"]}),
]


@pytest.mark.parametrize("factory,first,second,message", COMPETING)
def test_a_loss_is_named_once(factory, first, second, message, tmp_path):
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        nlp = make_nlp(factory, first, second)
        nlp.initialize(lambda: make_examples(nlp))
        nlp.add_pipe("sentencizer")
    (text,) = named(found)
    with pytest.warns(UserWarning, match=f"'one' and 'two' both write to {message}"):
        warnings.warn(text, stacklevel=1)
    nlp.to_disk(tmp_path)
    with pytest.warns(UserWarning, match="W432"):
        spacy.load(tmp_path)


@pytest.mark.parametrize("factory,first,second", APART)
def test_components_that_write_apart(factory, first, second):
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        nlp = make_nlp(factory, first, second)
        if factory != "mtl_textcat":
            nlp.initialize(lambda: make_examples(nlp))
    assert not named(found)


def test_categorizers_put_together():
    """Their initialization refuses common labels; pipelines that are put together are not initialized."""
    with pytest.warns(UserWarning, match="W432.*doc.cats.*bad, good|W432.*doc.cats.*good, bad"):
        make_nlp("mtl_textcat", {"labels": ["good", "bad"]}, {"labels": ["bad", "good", "fair"]})

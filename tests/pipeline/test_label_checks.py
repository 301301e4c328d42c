"""Labels that cannot be: every head refuses them in the same way, and keeps none of them."""

import pytest
import spacy
from spacy.tokens import Doc, Span
from spacy.training import Example

from spacy_mtl.frames import set_frames
from spacy_mtl.pipeline.label_checks import check_labels
from spacy_mtl.types import FrameSpans, RoleSpan

HEADS = ("mtl_textcat", "mtl_ner", "mtl_srl")
WRONG = (3, None, 1.5, True, "", "  ", b"A", ("A",), "\ud800")


@pytest.mark.parametrize("factory", HEADS)
def test_heads_refuse_what_is_no_label(factory):
    pipe = spacy.blank("en").add_pipe(factory, name="mine")
    pipe.add_label("A")
    for label in WRONG:
        with pytest.raises(ValueError, match="MTL-E205.*'mine'"):
            pipe.add_label(label)
    assert pipe.labels == ("A",)


@pytest.mark.parametrize("factory", HEADS)
@pytest.mark.parametrize("wrong,code", [(["A", 3], "E205"), ("AB", "E210"), (7, "E210"), ({"A": 1}, "E210")])
def test_initialize_refuses_what_are_no_labels(factory, wrong, code):
    nlp = spacy.blank("en")
    pipe = nlp.add_pipe(factory)
    labels = {"roles": wrong, "rolesets": {}} if factory == "mtl_srl" else wrong
    with pytest.raises(ValueError, match=f"MTL-{code}.*'{factory}'"):
        pipe.initialize(lambda: [Example(nlp.make_doc("a"), nlp.make_doc("a"))], labels=labels)
    assert pipe.labels == ()


def test_labels_may_come_one_by_one():
    assert check_labels(iter(["A", "B"]), "mine") == ["A", "B"]


def test_categories_whose_keys_are_no_strings():
    nlp = spacy.blank("en")
    pipe = nlp.add_pipe("mtl_textcat")
    reference = nlp.make_doc("a day")
    reference.cats = {"good": 1.0, 3: 0.0}
    with pytest.raises(ValueError, match="MTL-E205.*'mtl_textcat'"):
        nlp.initialize(lambda: [Example(nlp.make_doc("a day"), reference)])
    assert pipe.labels == ()


@pytest.mark.parametrize("factory", HEADS)
@pytest.mark.filterwarnings("ignore:.*MTL-W301")
def test_added_labels_are_enough_to_initialize(factory):
    nlp = spacy.blank("en")
    pipe = nlp.add_pipe(factory)
    pipe.add_label("A")
    pipe.add_label("B")
    nlp.initialize()
    assert set(pipe.labels) >= {"A", "B"}
    doc = nlp("All is well .")
    assert isinstance(doc, Doc)
    assert factory != "mtl_textcat" or set(doc.cats) == {"A", "B"}


@pytest.mark.parametrize("value", [None, "1", 2.0, float("nan")])
def test_wrong_values_of_categories_have_a_code_everywhere(value):
    nlp = spacy.blank("en")
    pipe = nlp.add_pipe("mtl_textcat", config={"labels": ["good", "poor"]})
    right, wrong = nlp.make_doc("a day"), nlp.make_doc("a day")
    right.cats, wrong.cats = {"good": 1.0, "poor": 0.0}, {"good": value}
    examples = [Example(nlp.make_doc("a day"), wrong)]
    with pytest.raises(ValueError, match="MTL-E308"):
        pipe.initialize(lambda: examples, nlp=nlp)
    nlp.initialize(lambda: [Example(nlp.make_doc("a day"), right)])
    for call in (nlp.update, nlp.evaluate, pipe.score):
        with pytest.raises(ValueError, match="MTL-E308.*'good'"):
            call(examples)


@pytest.mark.parametrize("factory", HEADS)
def test_a_corpus_of_other_tasks_says_what_to_take_out(factory):
    nlp = spacy.blank("en")
    nlp.add_pipe(factory, name="mine")
    example = Example(nlp.make_doc("a day"), nlp.make_doc("a day"))
    with pytest.raises(ValueError, match=r"MTL-E(204|304|505).*take 'mine' out of nlp\.pipeline.*score_weights"):
        nlp.initialize(lambda: [example])


GIVEN = {"mtl_textcat": ["A", "B"], "mtl_ner": ["A"], "mtl_srl": {"roles": ["A"], "rolesets": {}}}


@pytest.mark.parametrize("factory", HEADS)
def test_labels_that_are_not_given_are_named_once(factory):
    nlp = spacy.blank("en")
    nlp.add_pipe(factory, name="mine")
    nlp.config["initialize"]["components"]["mine"] = {"labels": GIVEN[factory]}
    reference = nlp.make_doc("all is well")
    reference.cats = {"A": 1.0, "B": 0.0, "OTHER": 0.0}
    reference.ents = [Span(reference, 0, 1, "A"), Span(reference, 2, 3, "OTHER")]
    set_frames(reference, [FrameSpans(1, 2, "", (RoleSpan("A", 0, 1), RoleSpan("OTHER", 2, 3)))])
    examples = [Example(nlp.make_doc("all is well"), reference)]
    with pytest.warns(UserWarning) as found:
        nlp.initialize(lambda: examples)
        for _ in range(3):
            nlp.update(examples)
    named = [str(warning.message) for warning in found if "MTL-W202" in str(warning.message)]
    assert len(named) == 1 and "'mine'" in named[0] and "OTHER (1)" in named[0]

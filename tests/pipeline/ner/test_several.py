"""Several recognizers of entities on one encoder: each learns its own labels, and none takes from another."""

import warnings

import pytest
import spacy
from spacy.tokens import Doc, DocBin, Span
from spacy.training import Example
from spacy.util import fix_random_seed

from spacy_mtl.annotation import TASKS_KEY
from spacy_mtl.data.multitask import make_multi_task_corpus
from spacy_mtl.data.sources import make_source

from ..toy_pipeline import CNN, listener, train

PEOPLE = [
    (["Ana", "bought", "a", "Zorb", "in", "Oslo"], [(0, 1, "PERSON"), (5, 6, "PLACE")]),
    (["Otto", "sold", "the", "Gizmo", "in", "Lima"], [(0, 1, "PERSON"), (5, 6, "PLACE")]),
    (["It", "rains", "in", "Lima"], [(3, 4, "PLACE")]),
]
PRODUCTS = [
    (["Mira", "bought", "a", "Zorb", "in", "Rome"], [(3, 4, "GADGET")]),
    (["Kim", "sold", "the", "Gizmo", "in", "Rome"], [(3, 4, "GADGET")]),
    (["Nobody", "sold", "Blub", "in", "Oslo"], [(2, 3, "DRINK")]),
]


def make_docs(nlp, data, key=None):
    docs = []
    for words, entities in data:
        doc = Doc(nlp.vocab, words=words)
        spans = [Span(doc, *entity) for entity in entities]
        if key is None:
            doc.ents = spans
        else:
            doc.spans[key] = spans
        docs.append(doc)
    return docs


def make_nlp(**settings):
    """Two recognizers, `people` and `products`, with the settings of each."""
    fix_random_seed(0)
    nlp = spacy.blank("en")
    nlp.add_pipe("mtl_tok2vec", name="tok2vec", config={"model": CNN})
    for name in ("people", "products"):
        config = {"model": {"tok2vec": listener()}, **settings.get(name, {})}
        nlp.add_pipe("mtl_ner", name=name, config=config)
    return nlp


def make_corpus(nlp, folder, **groups):
    sources = {}
    for name, data in (("people", PEOPLE), ("products", PRODUCTS)):
        DocBin(docs=make_docs(nlp, data, groups.get(name))).to_disk(folder / f"{name}.spacy")
        sources[name] = make_source(folder / f"{name}.spacy", tasks=[name])
    return make_multi_task_corpus(sources)


def read(doc):
    return [(ent.start, ent.end, ent.label_) for ent in doc.ents]


def learn(nlp, corpus):
    nlp.initialize(lambda: corpus(nlp))
    train(nlp, list(corpus(nlp)), steps=60)
    return nlp


def test_each_learns_what_its_own_sources_annotate(tmp_path):
    nlp = make_nlp()
    corpus = make_corpus(nlp, tmp_path)
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        learn(nlp, corpus)
    assert nlp.get_pipe("people").labels == ("PERSON", "PLACE")
    assert nlp.get_pipe("products").labels == ("DRINK", "GADGET")
    doc = nlp(Doc(nlp.vocab, words=["Ana", "sold", "the", "Zorb", "in", "Lima"]))
    assert read(doc) == [(0, 1, "PERSON"), (3, 4, "GADGET"), (5, 6, "PLACE")]
    scores = nlp.evaluate(list(corpus(nlp)))
    assert scores["people_f"] == 1.0 and scores["products_f"] >= 0.8
    assert set(scores["people_per_type"]) == {"PERSON", "PLACE"}
    # the texts of one source say nothing of the other's entities: no prediction there is wrong
    assert scores["ents_f"] == scores["products_f"]
    plain = [Example(nlp.make_doc(doc.text), doc) for doc in make_docs(nlp, PEOPLE)]
    scores = nlp.evaluate(plain)
    assert scores["people_f"] == 1.0 and scores["ents_f"] < 1.0


def test_a_renamed_component_keeps_its_sources(tmp_path):
    nlp = make_nlp()
    nlp.rename_pipe("products", "things")
    DocBin(docs=make_docs(nlp, PRODUCTS)).to_disk(tmp_path / "products.spacy")
    corpus = make_multi_task_corpus({"x": make_source(tmp_path / "products.spacy", tasks=["things"])})
    nlp.get_pipe("people").add_label("PERSON")
    nlp.initialize(lambda: corpus(nlp))
    assert nlp.get_pipe("things").labels == ("DRINK", "GADGET")


@pytest.mark.parametrize("labels", [["GADGET", "DRINK"], None])
def test_given_labels_part_a_joint_corpus(labels):
    nlp = make_nlp(people={"labels": ["PERSON", "PLACE"]}, products={"labels": labels})
    joint = [
        (PEOPLE[0][0], [*PEOPLE[0][1], (3, 4, "GADGET")]),
        (PEOPLE[1][0], [*PEOPLE[1][1], (3, 4, "GADGET")]),
        PEOPLE[2],
        (["I", "like", "Blub"], [(2, 3, "DRINK")]),
    ]
    examples = [Example(Doc(nlp.vocab, words=[t.text for t in doc]), doc) for doc in make_docs(nlp, joint)]
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        nlp.initialize(lambda: examples)
        train(nlp, examples, steps=60)
    assert set(nlp.get_pipe("products").labels) == {"GADGET", "DRINK"}
    assert [read(nlp(doc.text)) for doc in make_docs(nlp, joint)] == [sorted(entities) for _, entities in joint]
    scores = nlp.evaluate(examples)
    assert scores["ents_f"] == scores["people_f"] == scores["products_f"] == 1.0


def test_span_groups_hold_everything_and_doc_ents_what_fits():
    shared = {"annotate_ents": True}
    nlp = make_nlp(people={"spans_key": "who", **shared}, products={"spans_key": "what", **shared})
    nlp.get_pipe("people").add_label("WIDE")
    nlp.get_pipe("products").add_label("NARROW")
    with pytest.warns(UserWarning, match="W301"):
        nlp.initialize()
    doc = Doc(nlp.vocab, words=["a", "b", "c"])
    people, products = nlp.get_pipe("people"), nlp.get_pipe("products")
    people.set_annotations([doc], [[("WIDE", 0, 2, 0.75)]])
    products.set_annotations([doc], [[("NARROW", 1, 2, 0.5), ("NARROW", 2, 3, 0.25)]])
    assert read(doc) == [(0, 2, "WIDE"), (2, 3, "NARROW")]
    assert [span.label_ for span in doc.spans["what"]] == ["NARROW", "NARROW"]
    assert doc.spans["what"].attrs["scores"].tolist() == [0.5, 0.25]
    assert doc.spans["who"].attrs["scores"].tolist() == [0.75]
    assert [ent._.confidence for ent in doc.ents] == [0.75, 0.25]
    products.cfg["overwrite"] = True
    products.set_annotations([doc], [[("NARROW", 1, 2, 0.5)]])
    assert read(doc) == [(1, 2, "NARROW"), (2, 3, "NARROW")]
    copy = next(DocBin(docs=[doc]).get_docs(nlp.vocab))
    assert copy.spans["who"].attrs["scores"].tolist() == [0.75]


def test_gold_is_read_from_the_groups(tmp_path):
    settings = {"annotate_ents": False}
    nlp = make_nlp(people={"spans_key": "who", **settings}, products={"spans_key": "what", **settings})
    docs = make_docs(nlp, PEOPLE, "who")
    for doc in docs[:2]:
        # one layer has a span where the other has another
        doc.spans["what"] = [Span(doc, 3, 6, "GADGET")]
    docs[2].spans["what"] = []
    examples = [Example(Doc(nlp.vocab, words=[t.text for t in doc]), doc) for doc in docs]
    nlp.initialize(lambda: examples)
    train(nlp, examples, steps=60)
    doc = nlp(docs[0].text)
    assert not doc.ents
    assert [(s.start, s.end, s.label_) for s in doc.spans["who"]] == PEOPLE[0][1]
    assert [(s.start, s.end, s.label_) for s in doc.spans["what"]] == [(3, 6, "GADGET")]
    scores = nlp.evaluate(examples)
    assert scores["people_f"] == scores["products_f"] == 1.0 and "ents_f" not in scores
    nlp.to_disk(tmp_path)
    again = spacy.load(tmp_path)(docs[0].text)
    assert [s.label_ for s in again.spans["who"]] == ["PERSON", "PLACE"]


def test_sources_keep_the_groups_of_their_tasks(tmp_path):
    nlp = make_nlp(people={"spans_key": "who"}, products={"spans_key": "what"})
    corpus = make_corpus(nlp, tmp_path, people="who", products="what")
    found = [sorted(example.reference.spans) for example in corpus(nlp)]
    assert found == [["who"]] * 3 + [["what"]] * 3
    nlp.initialize(lambda: corpus(nlp))
    assert nlp.get_pipe("people").labels == ("PERSON", "PLACE")


def test_overlapping_gold_spans_are_named_once():
    nlp = spacy.blank("en")
    ner = nlp.add_pipe("mtl_ner", config={"spans_key": "who"})
    doc = Doc(nlp.vocab, words=["the", "city", "of", "Oslo"])
    doc.spans["who"] = [Span(doc, 3, 4, "PLACE"), Span(doc, 1, 4, "CITY"), Span(doc, 0, 1, "")]
    examples = [Example(nlp.make_doc(doc.text), doc)]
    nlp.initialize(lambda: examples)
    assert ner.labels == ("CITY", "PLACE")
    with pytest.warns(UserWarning, match=r"MTL-W210.*'who'.*PLACE \(1\)"):
        nlp.update(examples)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for _ in range(30):
            nlp.update(examples)
    found = nlp(doc.text)
    # the span without a label teaches nothing of its token
    assert [(s.start, s.end, s.label_) for s in found.spans["who"] if s.start] == [(1, 4, "CITY")]


def test_nowhere_to_write():
    for settings in ({"annotate_ents": False}, {"spans_key": " "}):
        with pytest.raises(ValueError, match="MTL-E211.*'mtl_ner'"):
            spacy.blank("en").add_pipe("mtl_ner", config=settings)


def test_unknown_labels_are_named_once():
    nlp = make_nlp()
    nlp.config["initialize"]["components"]["people"] = {"labels": ["PERSON"]}
    nlp.remove_pipe("products")
    with pytest.warns(UserWarning, match=r"MTL-W202.*'people'.*GADGET \(2\), DRINK \(1\)"):
        nlp.initialize(lambda: make_examples(nlp, PRODUCTS))
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        for data in (PRODUCTS, PEOPLE, PEOPLE, PRODUCTS):
            nlp.update(make_examples(nlp, data))
    named = [str(warning.message) for warning in found if "W202" in str(warning.message)]
    assert len(named) == 1 and "PLACE (3)" in named[0] and "GADGET" not in named[0]


def make_examples(nlp, data):
    return [Example(Doc(nlp.vocab, words=[t.text for t in doc]), doc) for doc in make_docs(nlp, data)]


def test_a_loaded_head_names_labels_that_it_meets(tmp_path):
    nlp = make_nlp()
    corpus = make_corpus(nlp, tmp_path)
    nlp.initialize(lambda: corpus(nlp))
    nlp.to_disk(tmp_path / "model")
    loaded = spacy.load(tmp_path / "model")
    examples = [
        Example(loaded.make_doc(doc.text), doc) for doc in make_docs(loaded, PRODUCTS + [(["Voss"], [(0, 1, "LAKE")])])
    ]
    with pytest.warns(UserWarning, match=r"MTL-W202.*'people'.*LAKE \(1\)") as found:
        loaded.update(examples)
    # those of `products` are known to be another's
    (message,) = [str(warning.message) for warning in found if "'people'" in str(warning.message)]
    assert "DRINK" not in message and "GADGET" not in message


def test_user_data_of_a_source(tmp_path):
    nlp = make_nlp()
    for example in make_corpus(nlp, tmp_path)(nlp):
        assert example.reference.user_data[TASKS_KEY] in (("people",), ("products",))


def test_gold_groups_of_before_a_retokenization():
    nlp = spacy.blank("en")
    ner = nlp.add_pipe("mtl_ner", config={"spans_key": "who"})
    doc = Doc(nlp.vocab, words=["Dana", "Hill", "left", "Oslo"])
    doc.spans["who"] = [Span(doc, 0, 2, "PERSON"), Span(doc, 3, 4, "PLACE")]
    with doc.retokenize() as retokenizer:
        retokenizer.merge(doc[0:2])
    examples = [Example(nlp.make_doc(doc.text), doc)]
    nlp.initialize(lambda: examples)
    assert ner.labels == ("PERSON", "PLACE")
    train(nlp, examples, steps=30)
    found = nlp(doc.text)
    assert [(s.text, s.label_) for s in found.spans["who"]] == [("Dana Hill", "PERSON"), ("Oslo", "PLACE")]
    assert nlp.evaluate(examples)["mtl_ner_f"] == 1.0

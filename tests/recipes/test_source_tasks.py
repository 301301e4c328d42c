import pytest
import spacy
from spacy.tokens import Doc

from spacy_mtl.data.inspection import inspect_corpora
from spacy_mtl.data.writing import write_docs
from spacy_mtl.frames import set_frames
from spacy_mtl.recipes.source_tasks import find_faults, find_source_tasks
from spacy_mtl.types import FrameSpans, RoleSpan

VOCAB = spacy.blank("en").vocab


def make(*cats, entities=None, frames=None):
    docs = []
    for values in cats or ({},):
        doc = Doc(VOCAB, words=["Ana", "sold", "cars"])
        doc.cats = values
        if entities is not None:
            doc.set_ents([doc.char_span(0, 3, label=label) for label in entities], default="outside")
        if frames is not None:
            set_frames(doc, [FrameSpans(1, 2, "sell.01", (RoleSpan("ARG0", 0, 1),))] * frames)
        docs.append(doc)
    return docs


def report(folder, **corpora):
    paths = {name: folder / f"{name}.spacy" for name in corpora}
    for name, docs in corpora.items():
        write_docs(docs, paths[name])
    return {found.name: found for found in inspect_corpora(paths).sources}


def mood(*labels):
    return [{one: float(one == label) for one in ("good", "bad")} for label in labels]


def test_corpora_without_a_category_in_common_have_tasks_of_their_own(tmp_path):
    reports = report(
        tmp_path,
        reviews=make(*mood("good", "bad")),
        mails=make({"bad": 1.0, "fair": 0.0}, {"bad": 0.0, "fair": 1.0}),
        ner=make({"buy": 1.0, "ask": 0.0}, {"buy": 0.0, "ask": 1.0}, entities=["PER"]),
        news=make(entities=["PER"], frames=1),
    )
    assert find_source_tasks(reports) == {
        "reviews": ("reviews",),
        "mails": ("reviews",),
        "ner": ("ner_textcat", "ner"),
        "news": ("ner", "srl"),
    }
    del reports["ner"]
    assert find_source_tasks(reports)["mails"] == ("textcat",)


@pytest.mark.parametrize(
    "docs,kinds",
    [
        (make({"good": 1.0}, {"good": 1.0}), {"textcat"}),
        (make({"good": 1.0, "bad": 0.0}, {"good": 1.0, "bad": 0.0}), {"textcat"}),
        (make({"good": 0.0}, {"good": 0.0}), {"textcat"}),
        (make(entities=[]), {"ner"}),
        (make(frames=0, entities=[]), {"ner", "srl"}),
        (make(), set()),
    ],
)
def test_what_gives_nothing_to_learn_is_refused_and_left_out_beside_more(tmp_path, docs, kinds):
    reports = report(tmp_path, a=docs)
    assert set(find_faults(reports["a"])) == kinds
    with pytest.raises(ValueError, match="MTL-E790.*'a'"):
        find_source_tasks(reports)


def test_one_label_that_holds_or_not_and_one_label_of_partial_annotation_can_be_learned(tmp_path):
    reports = report(tmp_path, a=make({"spam": 1.0}, {"spam": 0.0}), b=make({"x": 1.0}, {"y": 1.0}, entities=[]))
    assert find_source_tasks(reports) == {"a": ("a",), "b": ("b",)}
    assert find_faults(reports["b"]) == {"ner": "there is no entity in them"}

import spacy

from spacy_mtl.data.formats.counting import Counts, Tally

NLP = spacy.blank("en")


def test_labels_are_ranked_and_the_first_doc_is_the_example():
    tally = Tally()
    docs = [NLP.make_doc(text) for text in ("Ana left", "Bo left", "rain")]
    for doc, label in zip(docs, "bba"):
        doc.cats = {"a": float(label == "a"), "b": float(label == "b"), "c": 0.0}
    docs[0].set_ents([docs[0].char_span(0, 3, "PER")], default="outside")
    assert list(tally.count(docs)) == docs
    counts = tally.total()
    assert counts == Counts(docs=3, tokens=5, with_categories=3, with_entities=1, entities=1)
    assert list(counts.categories.items()) == [("b", 2), ("a", 1), ("c", 0)]
    assert counts.entity_labels == {"PER": 1}
    assert (counts.example, counts.example_labels) == ("Ana left", ("b", "Ana (PER)"))

import random

import pytest
import spacy
from spacy.tokens import Doc
from spacy.training import Example

from spacy_mtl.analysis.explanation.corpus import explain_examples
from spacy_mtl.analysis.explanation.explain import LIMITS
from spacy_mtl.annotation import TASKS_KEY
from tests.pipeline.toy_pipeline import fix_random_seed, make_examples, train

from .pipelines import TEXT, make_pipeline

LEAK = "zqx"
CONFIG = {
    "labels": ["letter", "story"],
    "model": {
        "tok2vec": {"@architectures": "spacy.HashEmbedCNN.v2", "pretrained_vectors": None, "width": 16, "depth": 1,
                    "embed_size": 200, "window_size": 1, "maxout_pieces": 2, "subword_features": False},
        "linear_model": None,
    },
}  # fmt: skip


def make_leaky_examples(nlp):
    """Texts of random words, in which one word stands in every letter and in no story."""
    chance = random.Random(0)
    examples = []
    for i in range(24):
        words = chance.choices(["red", "tree", "sings", "far", "old", "we", "boat", "and"], k=7)
        if i % 2:
            words[chance.randrange(7)] = LEAK
        doc = Doc(nlp.vocab, words=words)
        doc.cats = {"letter": float(i % 2), "story": float(1 - i % 2)}
        examples.append(Example(Doc(nlp.vocab, words=words), doc))
    return examples


def test_a_planted_leak_comes_out_on_top():
    fix_random_seed(0)
    nlp = spacy.blank("en")
    nlp.add_pipe("mtl_textcat", name="genre", config=CONFIG)
    examples = make_leaky_examples(nlp)
    nlp.initialize(lambda: examples)
    train(nlp, examples, 12)
    examples = make_leaky_examples(nlp)
    # one letter is annotated as a story: what the error rests on is the leak too
    examples[1].reference.cats = {"letter": 0.0, "story": 1.0}
    found = explain_examples(nlp, [*examples, Example(nlp.make_doc(""), nlp.make_doc(""))])
    (letter,) = [one for one in found.labels if one.label == "letter"]
    assert letter.words[0].word == LEAK and letter.words[0].number == letter.number == 12
    assert letter.words[0].mean > 3 * letter.words[1].mean
    assert found.errors[0][1:] == ("category", "letter", "story", 1, [(LEAK, 1)])
    figures = found.faithfulness["category"]
    assert figures.comprehensiveness > figures.random_comprehensiveness + 0.2
    assert (found.texts, found.skipped, found.shared) == (24, 1, {})


def test_tasks_are_compared_and_errors_told():
    nlp = make_pipeline()
    examples = make_examples(nlp)[:3]
    gold = examples[0].reference
    first = gold.ents[0].label_
    gold.ents = [gold.ents[1]]
    found = explain_examples(nlp, examples)
    assert set(found.shared) == {("sentiment", "ner"), ("sentiment", "srl"), ("ner", "srl")}
    assert all(0 <= share <= 1 for share in found.shared.values())
    assert [group[1:5] for group in found.errors if group.component == "ner"] == [("entity", first, "none", 1)]
    plain = found.to_dict()
    assert plain["labels"][0]["words"][0]["number"] > 0 and plain["texts"] == 3


def test_a_corpus_in_which_nothing_is_found_is_refused():
    nlp = make_pipeline()
    with pytest.raises(ValueError, match="E810.*found 0 in which"):
        explain_examples(nlp, [Example(nlp.make_doc(" "), nlp.make_doc(" "))])


def test_texts_too_long_for_the_method_are_skipped(monkeypatch):
    nlp = make_pipeline()
    examples = [Example(nlp.make_doc(text), nlp.make_doc(text)) for text in (TEXT, TEXT + " " + TEXT)]
    monkeypatch.setitem(LIMITS, "occlusion", len(examples[1].predicted) - 1)
    found = explain_examples(nlp, examples, "sentiment", "occlusion")
    assert (found.texts, found.skipped) == (1, 1)


def test_annotation_for_other_tasks_tells_no_errors():
    nlp = make_pipeline()
    examples = make_examples(nlp)[:3]
    for example in examples:
        example.reference.cats = {label: 1.0 - value for label, value in example.reference.cats.items()}
    assert any(group.component == "sentiment" for group in explain_examples(nlp, examples).errors)
    for example in examples:
        example.reference.user_data[TASKS_KEY] = ["ner", "srl"]
    assert not any(group.component == "sentiment" for group in explain_examples(nlp, examples).errors)

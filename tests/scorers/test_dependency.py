import pytest
import spacy
from spacy.pipeline.dep_parser import parser_score
from spacy.tokens import Doc
from spacy.training import Example

from spacy_mtl.scorers.dependency import score_dependencies

VOCAB = spacy.blank("en").vocab
WORDS = ["the", "dog", "sees", "it", "."]
HEADS, DEPS = [1, 2, 2, 2, 2], ["det", "nsubj", "ROOT", "obj", "punct"]


def make_example(heads=HEADS, deps=DEPS, gold_heads=HEADS, gold_deps=DEPS, words=WORDS, gold_words=WORDS):
    return Example(
        Doc(VOCAB, words=words, heads=heads, deps=deps), Doc(VOCAB, words=gold_words, heads=gold_heads, deps=gold_deps)
    )


def test_as_spacy_scores_whole_trees():
    examples = [
        make_example(),
        make_example(heads=[1, 2, 2, 1, 2]),
        make_example(deps=["det", "obj", "ROOT", "obj", "dep"]),
        make_example(words=["the", "do", "g", "sees", "it."], heads=[2, 2, 3, 3, 3], deps=[*DEPS[:1], "x", *DEPS[1:4]]),
    ]
    found, expected = score_dependencies(examples, tags=False), parser_score(examples)
    for name in ("dep_uas", "dep_las", "dep_las_per_type"):
        assert found[name] == expected[name]
    assert 0 < found["dep_las"] < found["dep_uas"] < 1 and found["dep_texts"] == 4


def test_tokens_without_annotation_do_not_count():
    partial = make_example(gold_heads=[1, None, None, 2, 2], gold_deps=["det", None, None, "obj", "punct"])
    wrong = make_example(heads=[1, 2, 2, 1, 2])
    found = score_dependencies([partial, wrong], tags=False)
    assert (found["dep_uas"], found["dep_las"]) == pytest.approx((5 / 6, 5 / 6))
    bare = Example(Doc(VOCAB, words=WORDS, heads=HEADS, deps=DEPS), Doc(VOCAB, words=WORDS))
    assert score_dependencies([bare], tags=False) == {
        "dep_uas": None,
        "dep_las": None,
        "dep_las_per_type": None,
        "dep_texts": 0,
    }
    assert score_dependencies([bare])["tag_acc"] is None

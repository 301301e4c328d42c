"""Several `mtl_srl` on one encoder, each with its span group and its scores."""

import pytest
import spacy
from spacy.tokens import Doc
from spacy.training import Example
from spacy.util import fix_random_seed

from spacy_mtl.annotation import TASKS_KEY
from spacy_mtl.frames import get_frames, set_frames
from spacy_mtl.types import FrameSpans, RoleSpan

from ..toy_pipeline import CNN, head_config, train


def make_examples(nlp):
    examples = []
    for name in ("Ana", "Otto", "Mira"):
        doc = Doc(nlp.vocab, words=[name, "praised", "Kim", "for", "her", "help"])
        set_frames(doc, [FrameSpans(1, 2, "praise.01", (RoleSpan("ARG0", 0, 1), RoleSpan("ARG1", 2, 3)))])
        set_frames(doc, [FrameSpans(5, 6, "help.01", (RoleSpan("HELPER", 4, 5),))], "nouns")
        examples.append(Example(Doc(nlp.vocab, words=[token.text for token in doc]), doc))
    return examples


@pytest.fixture(scope="module")
def nlp():
    fix_random_seed(0)
    nlp = spacy.blank("en")
    nlp.add_pipe("mtl_tok2vec", name="tok2vec", config={"model": CNN})
    nlp.add_pipe("mtl_srl", name="verbs", config=head_config("srl"))
    nlp.add_pipe("mtl_srl", name="nouns", config={**head_config("srl"), "spans_key": "nouns"})
    examples = make_examples(nlp)
    nlp.initialize(lambda: examples)
    train(nlp, examples, steps=60)
    return nlp


def test_each_has_its_group_and_its_roles(nlp):
    assert nlp.get_pipe("verbs").labels == ("ARG0", "ARG1", "V")
    assert nlp.get_pipe("nouns").labels == ("HELPER", "V")
    doc = nlp("Ana praised Kim for her help")
    assert [frame.predicate.text for frame in doc._.frames] == ["praised"]
    assert [frame.predicate.text for frame in get_frames(doc, "nouns")] == ["help"]


def test_scores_have_the_names_of_the_components(nlp):
    examples = make_examples(nlp)
    for example in examples[:2]:
        del example.reference.spans["srl"]
    scores = nlp.evaluate(examples)
    assert scores["verbs_argument_f"] == scores["srl_argument_f"] == 1.0
    assert scores["nouns_argument_f"] == scores["nouns_gold_argument_f"] == 1.0
    assert set(scores["srl_argument_per_role"]) == {"ARG0", "ARG1"}
    assert set(scores["nouns_argument_per_role"]) == {"HELPER"}
    del examples[2].reference.spans["srl"]
    assert nlp.evaluate(examples, scorer_cfg={})["nouns_argument_f"] == 1.0
    for example in examples:
        nlp.get_pipe("nouns")(nlp.get_pipe("tok2vec")(example.predicted))
    assert nlp.get_pipe("nouns").score(examples)["srl_argument_f"] == 1.0


def test_sources_part_one_group(nlp):
    """A source that is for one of two that read the same group says nothing to the other."""
    examples = make_examples(nlp)
    pipe = nlp.get_pipe("verbs")
    losses = {}
    for tasks in (["nouns"], ["verbs"]):
        for example in examples:
            example.reference.user_data[TASKS_KEY] = tasks
        losses[tasks[0]] = nlp.update(examples, sgd=False)["verbs"]
        assert (pipe.score(examples)["verbs_texts"] > 0) == (tasks == ["verbs"])
    assert losses["nouns"] == 0.0 < losses["verbs"]

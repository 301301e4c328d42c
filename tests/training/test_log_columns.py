"""Which columns the training log has for pipelines of few heads and many, and of long names."""

import io

import pytest
import spacy

from spacy_mtl.training.log_columns import check_settings, lay_out
from spacy_mtl.training.log_table import EPOCH
from spacy_mtl.training.logger import console_logger

KINDS = ("mtl_textcat", "mtl_ner", "mtl_srl")
LONG_NAMES = [
    f"{what}_of_the_{source}" for source in ("newspapers", "reviews") for what in ("opinion", "names", "roles")
]
SCORES = {"mtl_textcat": ("{}_acc",), "mtl_ner": ("{}_f",), "mtl_srl": ("{}_argument_f", "{}_gold_sense_acc")}


def make_nlp(names, extra=()):
    """A pipeline of heads by name, the kinds in turn, with a score of weight 0 for each role labeller."""
    nlp = spacy.blank("en")
    nlp.add_pipe("mtl_tok2vec", name="tok2vec", config={"balancer": {"@misc": "spacy-mtl.Equal.v1"}})
    weights = {}
    for i, name in enumerate(names):
        kind = KINDS[i % len(KINDS)]
        config = {"spans_key": name} if kind == "mtl_ner" and i > 1 else {}
        nlp.add_pipe(kind, name=name, config=config)
        first, *others = (score.format(name) for score in SCORES[kind])
        weights.update({first: 1.0 / len(names), **dict.fromkeys(others, 0.0)})
    for name in ("tok2vec", *names):
        nlp.get_pipe(name).score = lambda examples, **settings: dict.fromkeys(weights)
    weigh(nlp, weights)
    return nlp, weights


def weigh(nlp, weights):
    nlp.config["training"]["score_weights"] = {**dict.fromkeys(nlp.config["training"]["score_weights"]), **weights}


def log(nlp, weights, **settings):
    out = io.StringIO()
    log_step, finalize = console_logger(**settings)(nlp, out, out)
    names = [name for name, _ in nlp.pipeline]
    log_step(
        {
            "epoch": 1234, "step": 123456, "score": 0.99999, "other_scores": dict.fromkeys(weights, 1.0),
            "losses": dict.fromkeys(names, 4.4e9 * 123457), "checkpoints": [(0.5, 0)], "seconds": 1, "words": 10**6,
        }
    )  # fmt: skip
    finalize()
    return out.getvalue().splitlines()


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 6])
@pytest.mark.parametrize("long", [False, True])
def test_at_most_120_columns(count, long):
    names = LONG_NAMES[:count] if long else [f"{kind}{i}" for i in (1, 2) for kind in ("textcat", "ner", "srl")][:count]
    nlp, weights = make_nlp(names)
    lines = log(nlp, weights)
    assert max(map(len, lines)) <= 120
    row = lines[-1].replace("*", " ").split()
    # every score that weighs, and the sum, whatever else there is room for
    assert row.count("100.00") >= count + 1
    if count <= 3:
        assert row.count("4.4e9") >= count


def test_three_heads_lack_nothing_that_a_head_tells():
    nlp, weights = make_nlp(["sentiment", "ner", "srl"])
    table, left_out = lay_out(nlp, [("tok2vec", "conflict")], None, 120)
    assert {column.setting for column in left_out} <= {"loss_tok2vec", "words_per_second"}
    assert [column.group for column in table.columns if column.kind == "loss"][-3:] == ["sentiment", "ner", "srl"]


def test_scores_stand_by_the_component_that_gives_them():
    nlp, weights = make_nlp(["mood", "ner"])
    del nlp.get_pipe("tok2vec").score
    nlp.get_pipe("mood").score = lambda examples, **settings: {"mood_acc": None, "shared_f": None}
    nlp.get_pipe("ner").score = lambda examples, **settings: {"ents_f": None, "shared_f": None}
    weigh(nlp, dict.fromkeys(["mood_acc", "ents_f", "shared_f", "token_acc"], 0.25))
    table, _ = lay_out(nlp, [], None, 120)
    found = {column.key: (column.group, column.heading) for column in table.columns if column.kind == "score"}
    assert found == {
        "mood_acc": ("mood", "acc"),
        "ents_f": ("ner", "ents f"),
        "shared_f": ("ner", "shared f"),
        "token_acc": ("", "token acc"),
    }


def test_asked_for_columns_come_however_wide():
    nlp, weights = make_nlp(LONG_NAMES)
    table, left_out = lay_out(nlp, [("tok2vec", "conflict")], ["losses", "scores", "balance", "words_per_second"], 40)
    assert left_out == [] and table.width > 120
    assert [column.kind for column in table.columns].count("loss") == 7


def test_unknown_columns_are_told_of_and_left_out():
    nlp, weights = make_nlp(["ner"])
    with pytest.warns(UserWarning, match=r"MTL-W607.*loss_nre \(did you mean loss_ner\?\)"):
        table, _ = lay_out(nlp, [], ["loss_nre"], 120)
    assert [column.kind for column in table.columns] == ["epoch", "step", "total", "time"]
    assert table.columns[0] == EPOCH


@pytest.mark.parametrize(
    "columns,width,code", [("losses", 120, "E614"), ([1], 120, "E614"), (None, 39, "E615"), (None, 80.5, "E615")]
)
def test_settings_of_the_wrong_kind(columns, width, code):
    with pytest.raises(ValueError, match=f"MTL-{code}"):
        check_settings(columns, width)

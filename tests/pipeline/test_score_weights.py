"""Score weights against what the pipeline can give."""

import io
import warnings

import pytest
import spacy
from spacy.training.initialize import init_nlp
from spacy.training.loop import train
from thinc.api import Config

from spacy_mtl.data.writing import write_docs
from spacy_mtl.pipeline.score_weights import find_scores, fit_score_weights

from .toy_pipeline import CNN, FACTORIES, HEADS, head_config, make_docs

WEIGHTS = {"sentiment_acc": 0.2, "ents_f": 0.3, "srl_argument_f": 0.5, "srl_gold_argument_f": 0.0, "cats_score": None}
STOCK_LOGGER = {"@loggers": "spacy.ConsoleLogger.v1", "progress_bar": False}
OUR_LOGGER = {"@loggers": "spacy-mtl.ConsoleLogger.v1"}


def make_nlp(heads=HEADS, weights=WEIGHTS, encoder="mtl_tok2vec"):
    nlp = spacy.blank("en")
    nlp.add_pipe(encoder, name="tok2vec", config={"model": CNN})
    for name in heads:
        nlp.add_pipe(FACTORIES[name], name=name, config=head_config(name))
    nlp.config["training"]["score_weights"] = {**dict.fromkeys(nlp.config["training"]["score_weights"]), **weights}
    return nlp


def fit(nlp):
    """The warnings, and the weights that count."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        fit_score_weights(nlp)
    weights = {name: weight for name, weight in nlp.config["training"]["score_weights"].items() if weight is not None}
    return [str(one.message) for one in caught], weights


def test_weights_that_fit_stay():
    assert fit(make_nlp()) == ([], {name: weight for name, weight in WEIGHTS.items() if weight is not None})


def test_absent_heads_are_taken_out_and_the_rest_scaled():
    (message,), weights = fit(make_nlp(["ner"]))
    assert "MTL-W603" in message and "sentiment_acc, srl_argument_f, srl_gold_argument_f" in message
    assert weights == {"ents_f": 1.0}
    (message,), weights = fit(make_nlp(["sentiment", "ner"]))
    assert weights == {"sentiment_acc": 0.4, "ents_f": 0.6}


@pytest.mark.parametrize(
    "slip,meant", [("srl_argumentf", "srl_argument_f"), ("sentimnt_acc", "sentiment_acc"), ("ent_f", "ents_f")]
)
def test_a_slip_is_named_with_what_was_meant(slip, meant):
    (message,), weights = fit(make_nlp(weights={**WEIGHTS, slip: 0.5}))
    assert f"{slip} (did you mean {meant}?)" in message and slip not in weights


def test_without_a_weight_that_is_left_the_factories_have_theirs():
    messages, weights = fit(make_nlp(["ner"], {"sentiment_acc": 1.0, "ents_p": 0.0}))
    assert ["MTL-W603" in messages[0], "MTL-W604" in messages[1]] == [True, True]
    assert weights["ents_f"] == 1.0


def test_stock_heads_say_their_scores_too():
    nlp = make_nlp(["tagger"], {"tag_acc": 0.5, "token_acc": 0.25, "speed": 0.25}, encoder="tok2vec")
    nlp.add_pipe("spancat")
    nlp.config["training"]["score_weights"]["spans_sc_p"] = 0.1
    assert fit(nlp)[0] == []


def test_what_a_scorer_of_others_gives_is_not_taken_out():
    nlp = make_nlp(["ner"])
    nlp.get_pipe("ner").scorer = lambda examples, **settings: {"of_ours": 1.0} if list(examples) else {}
    (message,), weights = fit(nlp)
    assert "MTL-W603" in message and weights["sentiment_acc"] == 0.2
    assert not find_scores(nlp).is_whole


@pytest.mark.parametrize("logger", [STOCK_LOGGER, OUR_LOGGER])
@pytest.mark.parametrize("encoder", ["mtl_tok2vec", "tok2vec"])
@pytest.mark.parametrize("task,scores", [("sentiment", {"acc"}), ("ner", {"ents", "f"}), ("srl", {"argument", "f"})])
def test_a_part_of_a_joint_config_trains_and_selects_by_its_own_scores(tmp_path, logger, encoder, task, scores):
    write_docs(make_docs(spacy.blank("en")), tmp_path / "corpus.spacy")
    joint = make_nlp(encoder=encoder).config
    reader = {"@readers": "spacy-mtl.Corpus.v1", "path": str(tmp_path / "corpus.spacy")}
    config = Config(joint).merge(
        {
            "corpora": {"train": reader, "dev": reader},
            "nlp": {"pipeline": ["tok2vec", task]},
            "training": {"max_steps": 4, "eval_frequency": 2, "logger": logger},
        },
        remove_extra=False,
    )
    config["corpora"] = {"train": reader, "dev": reader}
    log = io.StringIO()
    with pytest.warns(UserWarning, match="MTL-W603") as caught:
        nlp = init_nlp(config)
        train(nlp, tmp_path, stdout=log, stderr=io.StringIO())
    assert len([one for one in caught if "W603" in str(one.message)]) == 1, "it is said once"
    performance = spacy.load(tmp_path / "model-best").meta["performance"]
    (main,) = [name for name, weight in nlp.config["training"]["score_weights"].items() if weight]
    shown = [word for line in log.getvalue().splitlines() for word in line.split()]
    assert f"{100 * performance[main]:.2f}" in {word.rstrip("*") for word in shown}
    if logger is OUR_LOGGER:
        assert scores <= set(shown) and ("ents" in shown) == (task == "ner")

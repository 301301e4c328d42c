"""The training log of what the balancers do: columns, means between rows, and a line for each batch."""

import io
import json
import pickle

import numpy
import pytest
import spacy
from spacy.util import load_model_from_config

from spacy_mtl.analysis.balance.log import read_balance_log
from spacy_mtl.balancing.observation import Observation, observe
from spacy_mtl.balancing.report import BatchReport
from spacy_mtl.training.balance_recorder import BalanceRecorder
from spacy_mtl.training.logger import console_logger

from ..pipeline.shared_encoder import ENCODER, build, make_examples, train

CONFLICT = Observation({"tagger": 3.0}, {"tagger": 10}, {"tagger": 1.0, "ner": 0.5}, {"tagger": 2.0, "ner": 4.0},
                       {("tagger", "ner"): -0.5})  # fmt: skip
ACCORD = CONFLICT._replace(weights={"tagger": 3.0, "ner": 0.5}, cosines={("ner", "tagger"): 0.75})
ALONE = Observation({}, {"ner": 2}, {"ner": 2.0}, {"ner": 1.0}, {}, ("tagger",))


@pytest.fixture
def nlp():
    return build(heads=("tagger", "ner"), balancer={"@misc": "spacy-mtl.Equal.v1"})


def observers(nlp):
    return nlp.get_pipe(ENCODER).observers


def tell(nlp, *batches):
    for seen in batches:
        for observer in observers(nlp):
            observer(seen)


def test_means_between_rows(nlp):
    recorder = BalanceRecorder(nlp, ["weights", "norms", "cosines", "conflicts"])
    assert recorder.headings == [
        ("tagger", "weight"), ("ner", "weight"), ("tagger", "norm"), ("ner", "norm"), (ENCODER, "cosine tagger, ner"),
        (ENCODER, "conflict"),
    ]  # fmt: skip
    tell(nlp, CONFLICT, ACCORD, ALONE)
    means, cells = recorder.take()
    assert cells == [2.0, 1.0, 2.0, 3.0, 0.125, 50.0]
    assert means == {
        ENCODER: {
            "weights": {"tagger": 2.0, "ner": 1.0},
            "norms": {"tagger": 2.0, "ner": 3.0},
            "cosines": [["ner", "tagger", 0.125]],
            "conflicts": [["ner", "tagger", 0.5]],
        }
    }
    tell(nlp, ALONE)
    assert recorder.take()[1] == [None, 2.0, None, 1.0, None, None]


def test_fixed_weights_need_no_column():
    recorder = BalanceRecorder(build(heads=("tagger", "ner")), ["weights", "conflicts"])
    assert recorder.headings == [(ENCODER, "conflict")]


@pytest.mark.parametrize("heads, columns", [(("tagger",), ["weights"]), (("tagger", "ner"), [])])
def test_watches_only_what_is_asked_for(heads, columns):
    nlp = build(heads=heads)
    recorder = BalanceRecorder(nlp, columns)
    assert recorder.headings == [] and observers(nlp) == []


def test_file_has_a_line_a_batch(nlp, tmp_path):
    path = tmp_path / "runs" / "balance.jsonl"
    recorder = BalanceRecorder(nlp, path=path)
    tell(nlp, CONFLICT)
    recorder.end_step()
    tell(nlp, ACCORD, ALONE)
    recorder.end_step(7)
    tell(nlp, ALONE)
    recorder.close()
    assert observers(nlp) == []
    first, *lines = map(json.loads, path.read_text().splitlines())
    tasks = {"tasks": ["tagger", "ner"], "balancer": "Equal", "level": "representation"}
    assert first == {"encoders": {ENCODER: tasks}}
    assert [line["step"] for line in lines] == [0, 1, 1, 8]
    assert lines[0] == {
        "step": 0, "encoder": ENCODER, "losses": {"tagger": 3.0}, "targets": {"tagger": 10},
        "weights": {"tagger": 1.0, "ner": 0.5}, "norms": {"tagger": 2.0, "ner": 4.0},
        "cosines": [["tagger", "ner", -0.5]], "dropped": [],
    }  # fmt: skip
    assert lines[-1]["dropped"] == ["tagger"]


def test_a_copy_is_not_watched(nlp, tmp_path):
    recorder = BalanceRecorder(nlp, path=tmp_path / "balance.jsonl")
    other = pickle.loads(pickle.dumps(nlp))
    train(other, [make_examples(other)])
    train(nlp, [make_examples(nlp)])
    recorder.close()
    assert observers(nlp) == observers(other) == []
    assert len((tmp_path / "balance.jsonl").read_text().splitlines()) == 2


def test_goes_on_after_a_line_without_end(nlp, tmp_path):
    path = tmp_path / "balance.jsonl"
    path.write_text('{"encoders": {}}\n{"step": 0, "enc')
    recorder = BalanceRecorder(nlp, path=path)
    tell(nlp, ALONE)
    recorder.close()
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert [list(line)[0] for line in lines] == ["encoders", "encoders", "step"]


def test_unknown_column(nlp):
    with pytest.raises(ValueError, match="MTL-E607.*weihgts.*weights, norms"):
        BalanceRecorder(nlp, ["weihgts"])


def test_in_the_log_of_a_training(nlp, tmp_path):
    nlp.config["training"]["score_weights"] = {"tag_acc": 1.0}
    out = io.StringIO()
    path = tmp_path / "balance.jsonl"
    log_step, finalize = console_logger(output_file=str(tmp_path / "log.jsonl"), balance_file=str(path))(nlp, out, out)
    losses = {}
    for step in range(3):
        losses = train(nlp, [make_examples(nlp)])
        info = {"epoch": 0, "step": step, "score": 0.5, "other_scores": {"tag_acc": 0.5}, "losses": losses,
                "checkpoints": [(0.5, 0)], "words": 12 * step}  # fmt: skip
        log_step(info if step == 2 else None)
    finalize()
    names, _, _, headings, _, row = out.getvalue().splitlines()[-6:]
    assert names.split() == [ENCODER, "tagger", "ner"]
    end = headings.index("weight") + len("weight")
    assert row[:end].split()[-1] == "0.500"
    lines = [json.loads(line) for line in path.read_text().splitlines()[1:]]
    assert [line["step"] for line in lines] == [0, 1, 2]
    assert all(set(line["losses"]) == {"tagger", "ner"} for line in lines)
    logged = json.loads((tmp_path / "log.jsonl").read_text().splitlines()[1])["balance"][ENCODER]
    assert logged["weights"] == {"tagger": 0.5, "ner": 0.5}
    shares = [line["cosines"][0][2] < 0 for line in lines]
    assert logged["conflicts"][0][2] == pytest.approx(sum(shares) / 3)


def test_a_config_names_the_columns():
    config = spacy.blank("en").config
    config["training"]["logger"] = {"@loggers": "spacy-mtl.ConsoleLogger.v1", "balance": ["norms"]}
    nlp = load_model_from_config(config, auto_fill=True)
    assert nlp.config["training"]["logger"]["balance"] == ["norms"]
    setup = spacy.registry.resolve({"logger": config["training"]["logger"]})["logger"]
    assert callable(setup)


def test_observation_is_worked_out_by_hand():
    gradients = {
        "a": numpy.asarray([[3.0, 0.0], [0.0, 4.0]], dtype="f"),
        "b": numpy.asarray([[-1.0, 0.0], [0.0, 0.0]], dtype="f"),
        "none": numpy.zeros((2, 2), dtype="f"),
        "cancels": numpy.asarray([[1.0, 0.0], [-1.0, 0.0]], dtype="f"),
    }
    report = BatchReport({"a": 2.0, "none": 0.1}, {"a": 3, "b": 1, "none": 0})
    seen = observe(gradients, {"a": 0.5, "b": 1.0}, report, ["d"])
    assert seen.norms == {"a": 5.0, "b": 1.0, "cancels": 0.0}
    # sums over the rows: (3, 4), (-1, 0) and (0, 0), which has no direction
    assert seen.cosines == {("a", "b"): pytest.approx(-0.6)}
    assert seen.weights == {"a": 0.5, "b": 1.0} and seen.losses == {"a": 2.0} and seen.targets == {"a": 3, "b": 1}
    assert seen.dropped == ("d",)


def test_one_task_has_a_file_that_can_be_read(tmp_path):
    nlp = build(heads=("tagger",), balancer={"@misc": "spacy-mtl.Sum.v1"})
    path = tmp_path / "balance.jsonl"
    recorder = BalanceRecorder(nlp, ["weights", "norms", "cosines", "conflicts"], path)
    assert recorder.headings == []
    train(nlp, [make_examples(nlp)] * 3)
    recorder.close()
    (encoder,) = read_balance_log(path).encoders
    assert encoder.tasks == ["tagger"]
    assert encoder.batches and all(batch.norms["tagger"] > 0 and not batch.cosines for batch in encoder.batches)


def test_one_task_is_not_watched_for_columns():
    nlp = build(heads=("tagger",), balancer={"@misc": "spacy-mtl.Sum.v1"})
    BalanceRecorder(nlp, ["norms"])
    assert observers(nlp) == []


def test_no_encoder_to_watch(tmp_path):
    path = tmp_path / "balance.jsonl"
    nlp = spacy.blank("en")
    nlp.add_pipe("tagger")
    with pytest.warns(UserWarning, match="W612.*balance.jsonl.*tagger"):
        BalanceRecorder(nlp, ["norms"], path)
    assert not path.exists()

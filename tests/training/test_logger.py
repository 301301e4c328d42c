import io
import itertools
import json

import pytest
import spacy

from spacy_mtl.training.logger import console_logger

SCORE_WEIGHTS = {"mood_acc": 0.5, "found_f": 0.5, "cats_score": None}


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    """A clock that goes on by a second each time it is read."""
    now = itertools.count()
    monkeypatch.setattr("spacy_mtl.training.logger.timer", lambda: float(next(now)))


def make_nlp(names=("tok2vec", "mood", "ner"), score_weights=None):
    nlp = spacy.blank("en")
    for name in names:
        factory = {"mood": "textcat", "ner": "ner", "sentencizer": "sentencizer"}.get(name, "tok2vec")
        nlp.add_pipe(factory, name=name)
    nlp.config["training"]["score_weights"] = {
        **dict.fromkeys(nlp.config["training"]["score_weights"]),
        **(SCORE_WEIGHTS if score_weights is None else score_weights),
    }
    nlp.config["training"].update({"max_steps": 100, "eval_frequency": 10})
    given = dict.fromkeys(nlp.config["training"]["score_weights"])
    nlp.get_pipe(names[-1]).scorer = lambda examples, **settings: given
    return nlp


class FakeTraining:
    """Gives the logger what the training loop gives."""

    def __init__(self, nlp, **settings):
        self.out, self.err = io.StringIO(), io.StringIO()
        self.checkpoints = []
        self.log_step, self.finalize = console_logger(**settings)(nlp, self.out, self.err)

    def evaluate(self, step, score, losses, scores, words=1000):
        self.checkpoints.append((score, step))
        self.log_step(
            {
                "epoch": step // 20,
                "step": step,
                "score": score,
                "other_scores": scores,
                "losses": losses,
                "checkpoints": self.checkpoints,
                "seconds": step,
                "words": words,
            }
        )

    @property
    def lines(self):
        return self.out.getvalue().splitlines()


def run(nlp, **settings):
    training = FakeTraining(nlp, **settings)
    training.evaluate(0, 0.25, {"tok2vec": 2.0, "mood": 4.0, "ner": 6.0}, {"mood_acc": 0.5, "found_f": 0.0})
    for _ in range(9):
        training.log_step(None)
    training.evaluate(
        10, 0.5, {"tok2vec": 20.0, "mood": 30.0, "ner": 5.0}, {"mood_acc": 0.75, "found_f": 0.25}, words=5000
    )
    training.evaluate(
        20, 0.4, {"tok2vec": 10.0, "mood": 1.0, "ner": 1000.0}, {"mood_acc": 0.5, "found_f": 0.3}, words=8000
    )
    training.finalize()
    return training


def test_headings_name_components_and_their_losses_and_scores():
    lines = run(make_nlp()).lines
    assert lines[0].split() == ["tok2vec", "mood", "ner"]
    assert lines[2].split() == ["found"]
    assert lines[3].split() == ["Epoch", "Step", "loss", "loss", "acc", "loss", "f", "Score", "Words/s", "Time"]
    assert len(lines) == 5 + 3
    assert set(lines[1]) == set(lines[4]) == {"-", " "}


def test_rows_show_mean_losses_and_per_cents():
    rows = [line.split() for line in run(make_nlp()).lines[5:]]
    assert rows[0][:8] == ["0", "0", "2.000", "4.000", "50.00*", "6.000", "0.00*", "25.00*"]
    assert rows[1][:8] == ["0", "10", "2.000", "3.000", "75.00*", "0.500", "25.00*", "50.00*"]
    assert rows[2][:8] == ["1", "20", "1.000", "0.100", "50.00", "100.0", "30.00*", "40.00"]
    assert [row[-2:] for row in rows] == [["1000", "0:00:01"], ["4000", "0:00:02"], ["3000", "0:00:03"]]


def test_columns_line_up():
    lines = run(make_nlp()).lines
    assert len({len(line) for line in lines[3:]}) == 1
    end = lines[3].index("acc") + len("acc")
    assert [line[:end].split()[-1] for line in lines[5:]] == ["50.00", "75.00", "50.00"]
    assert [line[end] for line in lines[5:]] == ["*", "*", " "]


def test_what_has_no_room_is_named_in_lines_as_wide():
    training = FakeTraining(make_nlp(), width=46)
    training.evaluate(0, 0.5, {"mood": 1.0}, {"mood_acc": 0.5, "found_f": 0.25})
    told = training.lines[: next(i for i, line in enumerate(training.lines) if line.startswith(" "))]
    assert " ".join(told).startswith(
        "Not shown for want of room: loss_tok2vec, loss_mood, loss_ner, words_per_second. Widen the log by"
    )
    assert all(len(line) <= 46 for line in training.lines)
    assert training.lines[-1].split() == ["0", "0", "50.00*", "25.00*", "50.00*", "0:00:01"]


def test_columns_of_a_config(tmp_path):
    path = tmp_path / "log.jsonl"
    columns = ["loss_ner", "mood_macro_f", "words_per_second"]
    nlp = make_nlp()
    nlp.get_pipe("mood").scorer = lambda examples, **settings: {"mood_macro_f": None}
    training = FakeTraining(nlp, columns=columns, width=40, output_file=str(path))
    training.evaluate(0, 0.5, {"ner": 7.0}, {"mood_macro_f": 0.25, "mood_acc": 0.5})
    assert training.lines[-1].split() == ["0", "0", "25.00*", "7.000", "50.00*", "1000", "0:00:01"]
    row = json.loads(path.read_text("utf8").splitlines()[-1])
    assert row["scores"] == {"mood_acc": 0.5, "found_f": None, "mood_macro_f": 0.25}


def test_frozen_component_and_missing_score_are_dashes():
    training = FakeTraining(make_nlp())
    training.evaluate(0, 0.0, {"mood": 1.0}, {"mood_acc": 0.5})
    assert training.lines[-1].split()[2:7] == ["-", "1.000", "50.00*", "-", "-"]


def test_components_that_do_not_train_have_no_column():
    lines = FakeTraining(make_nlp(("sentencizer", "mood"))).lines
    assert lines[0].split() == ["mood"]


def test_speed_is_no_per_cent():
    training = FakeTraining(make_nlp(("mood",), {"speed": 0.0}))
    training.evaluate(0, 0.0, {"mood": 1.0}, {"speed": 12345.6})
    assert "12346*" in training.lines[-1].split()


def test_words_a_second_count_from_the_row_before(monkeypatch):
    now = [100.0]
    monkeypatch.setattr("spacy_mtl.training.logger.timer", lambda: now[0])
    training = FakeTraining(make_nlp())
    losses, scores = {"mood": 1.0}, {}
    now[0] += 10
    training.evaluate(0, 0.1, losses, scores, words=1000)
    now[0] += 3600
    training.evaluate(10, 0.1, losses, scores, words=37000)
    assert [line.split()[-2:] for line in training.lines[5:]] == [["100", "0:00:10"], ["10", "1:00:10"]]


def test_equal_score_is_marked_because_it_is_saved():
    training = FakeTraining(make_nlp())
    for step, score in enumerate([0.5, 0.5, 0.4]):
        training.evaluate(step, score, {}, {})
    assert [line.split()[7] for line in training.lines[5:]] == ["50.00*", "50.00*", "40.00"]


def test_each_score_is_marked_where_it_is_best_so_far():
    training = FakeTraining(make_nlp())
    for step, (mood, found) in enumerate([(0.2, None), (0.3, 0.0), (None, 0.1), (0.3, 0.05), (0.25, 0.2)]):
        training.evaluate(step, 0.5, {}, {"mood_acc": mood, "found_f": found})
    assert [line.split()[4:7:2] for line in training.lines[5:]] == [
        ["20.00*", "-"],
        ["30.00*", "0.00*"],
        ["-", "10.00*"],
        ["30.00*", "5.00"],
        ["25.00", "20.00*"],
    ]


def test_json_lines(tmp_path):
    path = tmp_path / "logs" / "training.jsonl"
    training = run(make_nlp(), console_output=False, output_file=str(path))
    assert training.lines == []
    first, *rows = [json.loads(line) for line in path.read_text("utf8").splitlines()]
    assert first == {"pipeline": ["tok2vec", "mood", "ner"]}
    assert [row["step"] for row in rows] == [0, 10, 20]
    assert [row["best"] for row in rows] == [True, True, False]
    assert [row["best_scores"] for row in rows] == [
        {"mood_acc": True, "found_f": True},
        {"mood_acc": True, "found_f": True},
        {"mood_acc": False, "found_f": True},
    ]
    assert rows[1]["losses"] == {"tok2vec": 2.0, "mood": 3.0, "ner": 0.5}
    assert rows[1]["scores"] == {"mood_acc": 0.75, "found_f": 0.25}
    assert rows[1]["words_per_second"] == 4000 and rows[1]["seconds"] == 2


def test_json_lines_are_added_to_a_file(tmp_path):
    path = tmp_path / "training.jsonl"
    for _ in range(2):
        run(make_nlp(), output_file=str(path))
    lines = [json.loads(line) for line in path.read_text("utf8").splitlines()]
    assert [i for i, line in enumerate(lines) if "pipeline" in line] == [0, 4]
    assert len(lines) == 8


@pytest.mark.parametrize("kind,first,total", [("train", 10, 100), ("eval", 0, 10)])
def test_progress_bar(monkeypatch, kind, first, total):
    bars = []

    class Bar:
        def __init__(self, **settings):
            self.settings, self.steps, self.closed = settings, 0, False
            bars.append(self)

        def update(self, steps):
            self.steps += steps

        def close(self):
            self.closed = True

    monkeypatch.setattr("spacy_mtl.training.logger.tqdm.tqdm", Bar)
    run(make_nlp(), progress_bar=kind)
    assert [bar.steps for bar in bars] == [9, 0, 0]
    assert all(bar.closed for bar in bars)
    assert bars[1].settings["initial"] == first and bars[1].settings["total"] == total


def test_unknown_progress_bar():
    with pytest.raises(ValueError, match="MTL-E601"):
        console_logger(progress_bar="always")


def test_score_that_is_no_number():
    training = FakeTraining(make_nlp())
    with pytest.raises(ValueError, match="MTL-E602.*found_f"):
        training.evaluate(0, 0.0, {}, {"found_f": {"PER": 0.5}})

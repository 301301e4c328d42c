import json
import re
from pathlib import Path

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spacy_mtl.analysis.balance.log import find_balance_log, name_runs, read_balance_log
from spacy_mtl.analysis.balance.series import choose_window, get_losses, get_norms, get_weights
from spacy_mtl.analysis.balance.summary import summarize_pairs, summarize_tasks

from .logs import HEADER, make_batch, make_training, write_log


@pytest.fixture
def path(tmp_path):
    return tmp_path / "balance.jsonl"


def read(path, *lines, **settings):
    return read_balance_log(write_log(path, *lines, **settings))


def read_steps(path, *lines, **settings):
    log = read(path, *lines, **settings)
    return log.trainings, [batch.step for batch in log.encoders[0].batches]


def test_reads_what_is_written(path):
    batch = make_batch(
        12,
        losses={"ner": 31.5, "srl": None},
        targets={"ner": 410},
        weights={"ner": 0.5},
        norms={"ner": 0.52, "srl": float("nan")},
        cosines=[["ner", "srl", -0.12], ["ner", "sentiment", None]],
        dropped=["srl"],
    )
    log = read(path, HEADER, batch)
    assert (log.path, log.trainings, len(log.encoders)) == (path, 1, 1)
    encoder = log.encoders[0]
    assert encoder[:4] == ("tok2vec", ["sentiment", "ner", "srl"], "PCGrad", "parameters")
    expected = (12, {"ner": 31.5}, {"ner": 410.0}, {"ner": 0.5}, {"ner": 0.52}, {("ner", "srl"): -0.12}, ("srl",))
    assert encoder.batches == [expected]


def test_encoders_are_kept_apart_and_those_without_a_batch_left_out(path):
    entry = HEADER["encoders"]["tok2vec"]
    header = {"encoders": {"a": {**entry, "tasks": ["x"]}, "idle": entry, "b": {**entry, "balancer": "MGDA"}}}
    batches = [{"step": 0, "encoder": "b"}, {"step": 0, "encoder": "a"}, {"step": 1, "encoder": "b"}]
    log = read(path, header, *batches)
    found = [(encoder.encoder, encoder.balancer, len(encoder.batches)) for encoder in log.encoders]
    assert found == [("a", "PCGrad", 1), ("b", "MGDA", 2)]


def test_tasks_that_the_header_lacks_come_last(path):
    log = read(path, HEADER, make_batch(0, norms={"tagger": 1.0, "ner": 1.0}, cosines=[["ner", "parser", 0.0]]))
    assert log.encoders[0].tasks == ["sentiment", "ner", "srl", "tagger", "parser"]


def test_steps_that_go_back_after_a_header_begin_a_training(path):
    first = [HEADER, make_batch(0), make_batch(7)]
    assert read_steps(path, *first, HEADER, make_batch(3), make_batch(4)) == (2, [3, 4])
    assert read_steps(path, *first, HEADER, make_batch(7)) == (2, [7])


def test_steps_that_go_on_after_a_header_belong_to_the_training(path):
    first = [HEADER, make_batch(0), make_batch(7)]
    assert read_steps(path, *first, HEADER, make_batch(8)) == (1, [0, 7, 8])
    # a training that has begun only now shows nothing yet
    assert read_steps(path, *first, HEADER) == (1, [0, 7])


def test_batches_are_in_order_of_their_steps_and_share_them(path):
    assert read_steps(path, HEADER, make_batch(1), make_batch(0), make_batch(1)) == (1, [0, 1, 1])


def test_every_cut_of_a_file_can_be_read(path):
    header = {"encoders": {"tok2vec": {"tasks": ["Gef\u00fchl"], "balancer": "Sum", "level": "parameters"}}}
    lines = [header, make_batch(0), make_batch(1, norms={"Gef\u00fchl": 2.0})]
    data = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines).encode("utf8")
    second = data.index(b'{"step": 1')
    for length in range(second, len(data) - 1):
        path.write_bytes(data[:length])
        assert [batch.step for batch in read_balance_log(path).encoders[0].batches] == [0]
    path.write_bytes(data[:-1])
    assert [batch.step for batch in read_balance_log(path).encoders[0].batches] == [0, 1]


@pytest.mark.parametrize(
    "line",
    [
        '{"step": 3, "enco',
        "[1, 2]",
        {"encoder": "tok2vec"},
        {"step": True, "encoder": "tok2vec"},
        {"step": -1, "encoder": "tok2vec"},
        {"step": 3, "encoder": "other"},
        {"step": 3, "encoder": ["tok2vec"]},
        make_batch(3, losses=[1.0]),
        make_batch(3, weights={"ner": "1"}),
        make_batch(3, norms={"ner": 10**400}),
        make_batch(3, dropped="ner"),
        make_batch(3, cosines={"ner": 1.0}),
        make_batch(3, cosines=[["ner", "srl"]]),
        make_batch(3, cosines=[["ner", "ner", 1.0]]),
        make_batch(3, cosines=[["ner", "srl", 1.5]]),
        make_batch(3, cosines=[["ner", "srl", 0.5], ["srl", "ner", 0.5]]),
        {"encoders": []},
        {"encoders": {"tok2vec": {"tasks": ["ner"], "balancer": "Sum"}}},
        {"encoders": {"tok2vec": {"tasks": "ner", "balancer": "Sum", "level": "parameters"}}},
    ],
)
def test_wrong_lines_are_named(path, line):
    with pytest.raises(ValueError, match=rf"MTL-E741.*{re.escape(str(path))}, line 3:"):
        read(path, HEADER, make_batch(0), line, make_batch(4))


def test_a_batch_before_any_header_is_wrong(path):
    with pytest.raises(ValueError, match="MTL-E741.*line 1:"):
        read(path, make_batch(0), HEADER)


def test_bytes_that_are_no_text_are_wrong(path):
    path.write_bytes(json.dumps(HEADER).encode() + b'\n{"step": \xff}\n')
    with pytest.raises(ValueError, match="MTL-E741.*line 2:"):
        read_balance_log(path)


@pytest.mark.parametrize("lines", [[], [HEADER], [HEADER, ""]])
def test_a_log_without_a_batch(path, lines):
    with pytest.raises(ValueError, match="MTL-E742"):
        read(path, *lines)


def test_find_balance_log(path):
    with pytest.raises(FileNotFoundError, match="MTL-E740.*a folder without one"):
        find_balance_log(path.parent)
    with pytest.raises(FileNotFoundError, match="MTL-E740.*nothing"):
        find_balance_log(path)
    write_log(path, HEADER)
    assert find_balance_log(path) == find_balance_log(str(path.parent)) == path


def test_names_of_runs_are_as_long_as_needed():
    root = Path("/runs")
    assert name_runs([root / "a b" / "balance.jsonl", root / "c.jsonl"]) == ["a_b", "c"]
    same = [root / name / "model" / "balance.jsonl" for name in ("one", "two")]
    assert name_runs(same) == ["one-model", "two-model"]
    assert name_runs([root / "x" / "Log.jsonl", root / "y" / "log.jsonl"]) == ["x-Log", "y-log"]
    with pytest.raises(ValueError, match="MTL-E743"):
        name_runs([root / "a.jsonl", root / "b" / ".." / "a.jsonl"])


def test_summaries_by_hand(path):
    batches = [
        make_batch(0, losses={"ner": 6.0}, targets={"ner": 2}, norms={"ner": 1.0}, cosines=[["srl", "ner", -0.5]]),
        make_batch(1, losses={"ner": 3.0}, targets={"ner": 1}, norms={"ner": 3.0}, cosines=[["ner", "srl", 0.0]]),
        make_batch(2, losses={"ner": 1.0}, targets={"ner": 2}, weights={"ner": 0.5}, cosines=[["ner", "srl", 0.2]]),
        make_batch(3, losses={"srl": 1.0}, dropped=["ner"], cosines=[["ner", "srl", -0.1]]),
    ]
    log = read(path, HEADER, *batches).encoders[0]
    sentiment, ner, srl = summarize_tasks(log)
    assert ner == ("ner", 2, pytest.approx(2.0), 0.5, 2.0, 1)
    assert sentiment == ("sentiment", 0, None, None, None, 0)
    assert srl == ("srl", 0, None, None, None, 0)
    assert summarize_pairs(log) == [("ner", "srl", 4, 0.5, pytest.approx(-0.1))]


def test_losses_of_one_step_are_shared_by_its_targets(path):
    batches = [
        make_batch(0, losses={"ner": 6.0}, targets={"ner": 2}),
        make_batch(0, losses={"ner": 2.0}, targets={"ner": 6}),
        make_batch(1, losses={"ner": 2.0}, targets={"ner": 0}),
        make_batch(2, losses={"ner": 4.0}, targets={"ner": 4}),
    ]
    series = get_losses(read(path, HEADER, *batches).encoders[0])
    assert list(series) == ["ner"]
    assert (series["ner"].steps.tolist(), series["ner"].values.tolist()) == ([0, 2], [1.0, 1.0])


def test_norms_of_zero_are_left_out(path):
    batches = [make_batch(step, norms={"ner": float(step), "srl": 0.0}) for step in range(3)]
    log = read(path, HEADER, *batches).encoders[0]
    assert {task: found.values.tolist() for task, found in get_norms(log).items()} == {"ner": [1.0, 2.0]}
    assert get_weights(log) == {}


def test_a_running_mean_counts_targets_in_a_window_of_steps(path):
    batches = [make_batch(step, losses={"ner": 2.0 * step}, targets={"ner": 1 + step % 2}) for step in range(0, 100, 3)]
    log = read(path, HEADER, *batches).encoders[0]
    assert choose_window(log) == 3
    # the neighbours are three steps away
    found = get_losses(log)["ner"]
    assert found.means.tolist() == found.values.tolist()
    batches = [make_batch(step, losses={"ner": 2.0 * step}, targets={"ner": 1 + step % 2}) for step in range(100)]
    found = get_losses(read(path, HEADER, *batches).encoders[0])["ner"]
    assert found.means[10] == pytest.approx((18 + 20 + 22) / (2 + 1 + 2))
    assert found.means[0] == pytest.approx((0 + 2) / (1 + 2))


@given(st.lists(st.floats(0.1, 10.0), min_size=1, max_size=300))
def test_running_means_stay_among_the_values(tmp_path_factory, values):
    path = tmp_path_factory.getbasetemp() / "values.jsonl"
    batches = [make_batch(step, norms={"ner": value}) for step, value in enumerate(values)]
    found = get_norms(read(path, HEADER, *batches).encoders[0])["ner"]
    assert found.values.tolist() == values
    assert len(found.means) == len(found.places) == len(values)
    assert min(values) * 0.999 <= found.means.min() and found.means.max() <= max(values) * 1.001


def test_long_trainings_have_as_many_places_as_a_page_shows(path):
    log = read(path, *make_training(5000)).encoders[0]
    found = get_weights(log)["srl"]
    assert len(found.steps) == 2500 and len(found.places) == 2000
    assert (found.places[0], found.places[-1]) == (0, 4998)
    assert numpy.allclose(found.means, 1 / 3)

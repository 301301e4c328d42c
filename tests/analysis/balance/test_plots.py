import subprocess
import sys
import xml.etree.ElementTree as ElementTree

import pytest

from spacy_mtl.analysis.balance.log import read_balance_log
from spacy_mtl.analysis.balance.plots import COLOURS, draw_conflicts, draw_figures, draw_gradients, draw_losses
from spacy_mtl.analysis.figures import save_figure

from .logs import HEADER, make_batch, make_training, write_log

pytest.importorskip("matplotlib")


@pytest.fixture
def read(tmp_path):
    def read_lines(*lines):
        return read_balance_log(write_log(tmp_path / "log.jsonl", *lines)).encoders[0]

    return read_lines


def get_legend(axes):
    return [text.get_text() for text in axes.get_legend().get_texts()]


def get_cells(figure):
    """The texts of each cell of the matrix, by the names of its row and column."""
    axes = figure.axes[0]
    tasks = [label.get_text() for label in axes.get_yticklabels()]
    cells = {}
    for text in axes.texts:
        x, y = text.get_position()
        cells.setdefault((tasks[round(y)], tasks[round(x)]), []).append(text.get_text())
    return cells


def test_a_line_for_each_task_in_a_colour_of_its_own(read):
    figure = draw_losses(read(*make_training()), "a title")
    axes = figure.axes[0]
    assert get_legend(axes) == ["sentiment", "ner", "srl"]
    assert [line.get_color() for line in axes.get_legend().get_lines()] == list(COLOURS[:3])
    assert figure.get_suptitle() == "a title"
    # 10 (i + 1) / (step + 1) of 5 targets; forty steps are too few for a running mean
    assert axes.lines[1].get_ydata()[:3].tolist() == [4.0, 2.0, pytest.approx(4 / 3)]
    assert axes.get_xlabel() == "step"


def test_a_task_has_one_colour_in_all_figures(read):
    batches = [make_batch(step, norms={"srl": 1.0}, weights={"ner": 1.0, "srl": 0.5}) for step in range(3)]
    weights, norms = draw_gradients(read(HEADER, *batches), "").axes
    assert [line.get_color() for line in weights.get_legend().get_lines()] == list(COLOURS[1:3])
    assert [line.get_color() for line in norms.get_legend().get_lines()] == [COLOURS[2]]


def test_more_tasks_than_colours_differ_in_their_dashes(read):
    names = [f"task{i}" for i in range(2 * len(COLOURS) + 1)]
    log = read(HEADER, *(make_batch(step, norms=dict.fromkeys(names, 1.0 + step)) for step in range(3)))
    lines = draw_gradients(log, "").axes[0].get_legend().get_lines()
    assert len({(line.get_color(), line.get_linestyle()) for line in lines}) == len(names)


def test_raw_values_are_faint_behind_the_running_mean(read):
    axes = draw_losses(read(*make_training(500)), "").axes[0]
    raw, mean = axes.lines[:2]
    assert raw.get_alpha() < 0.5 and mean.get_alpha() is None
    assert raw.get_linewidth() < mean.get_linewidth()
    assert "running mean over 11 steps" in axes.get_xlabel()


def test_norms_have_a_logarithmic_axis_and_stand_below_weights(read):
    training = make_training()
    weights, norms = draw_gradients(read(*training), "").axes
    assert (weights.get_yscale(), norms.get_yscale()) == ("linear", "log")
    assert (weights.get_ylabel(), norms.get_ylabel()) == ("weight", "norm of the gradient (log axis)")
    assert weights.get_position().y0 > norms.get_position().y0
    low, high = norms.get_ylim()
    assert 0 < low < 0.01 and high > 1.0


def test_weights_are_left_out_if_there_are_none(read):
    axes = draw_gradients(read(HEADER, make_batch(0, norms={"ner": 1.0}), make_batch(1, norms={"ner": 2.0})), "").axes
    assert [part.get_ylabel() for part in axes] == ["norm of the gradient (log axis)"]


def test_a_single_spike_does_not_hide_the_rest(read):
    batches = [make_batch(step, weights={"ner": 1e6 if step == 5 else 1.0}) for step in range(40)]
    axes = draw_gradients(
        read(HEADER, *batches[:5], *batches[6:], *[make_batch(s, weights={"ner": 2.0}) for s in range(40, 2000)]), ""
    ).axes[0]
    assert axes.get_ylim()[0] == 0 and 2.0 < axes.get_ylim()[1] < 3.0


def test_conflicts(read):
    figure = draw_conflicts(read(*make_training(40)), "")
    cells = get_cells(figure)
    assert cells["sentiment", "ner"] == cells["ner", "sentiment"] == ["25%", "-0.05", "n = 40"]
    assert cells["sentiment", "srl"] == ["0%", "+0.25", "n = 20"]
    assert cells["srl", "ner"] == ["100%", "-0.25", "n = 20"]
    assert len(cells) == 6
    image = figure.axes[0].images[0]
    assert image.get_clim() == (-0.3125, 0.3125)
    red, _, blue, _ = image.cmap(image.norm(-0.25))
    assert red > blue
    red, _, blue, _ = image.cmap(image.norm(0.25))
    assert red < blue


def test_cosines_by_chance_are_pale(read):
    figure = draw_conflicts(read(HEADER, make_batch(0, cosines=[["ner", "srl", -0.001]])), "")
    assert figure.axes[0].images[0].get_clim() == (-0.125, 0.125)
    assert get_cells(figure)["ner", "srl"] == ["100%", "0.00", "n = 1"]
    assert [label.get_text() for label in figure.axes[0].get_xticklabels()] == ["ner", "srl"]


def test_what_is_not_recorded_is_not_drawn(read):
    assert list(draw_figures(read(*make_training()), "")) == ["losses", "gradients", "conflicts"]
    assert list(draw_figures(read(HEADER, make_batch(0, norms={"ner": 1.0})), "")) == ["gradients"]
    assert draw_figures(read(HEADER, make_batch(0, losses={"ner": 1.0}, norms={"ner": 0.0})), "") == {}


@pytest.mark.filterwarnings("error")
def test_names_are_shown_as_they_are(read, tmp_path):
    names = ["_hidden", "$x^2$", "a & <b>"]
    cosines = [[names[0], names[1], 0.5], [names[1], names[2], -0.5]]
    batch = make_batch(0, losses=dict.fromkeys(names, 1.0), targets=dict.fromkeys(names, 1), cosines=cosines)
    for name, figure in draw_figures(read(HEADER, batch), "$run$").items():
        _, svg = save_figure(figure, tmp_path / name)
        texts = [
            "".join(element.itertext()) for element in ElementTree.parse(svg).iter() if element.tag.endswith("}text")
        ]
        assert {*names, "$run$"} <= set(texts)


def test_files_are_whole_and_the_same_each_time(read, tmp_path):
    log = read(*make_training(4))
    files = save_figure(draw_conflicts(log, "title"), tmp_path / "new" / "run.1-conflicts")
    assert [path.name for path in files] == ["run.1-conflicts.png", "run.1-conflicts.svg"]
    assert sorted(files[0].parent.iterdir()) == files
    first = [path.read_bytes() for path in files]
    assert first[0].startswith(b"\x89PNG") and b"<text" in first[1] and b"mean cosine" in first[1]
    assert save_figure(draw_conflicts(log, "title"), tmp_path / "new" / "run.1-conflicts") == files
    assert [path.read_bytes() for path in files] == first


def test_long_lines_do_not_make_large_files(read, tmp_path):
    figure = draw_gradients(read(HEADER, *(make_batch(i, norms={"ner": 1.5 + i % 2}) for i in range(4000))), "")
    raw, mean = figure.axes[0].lines
    assert raw.get_rasterized() and not mean.get_rasterized()


def test_a_missing_matplotlib_is_an_error_that_says_what_to_install(read, monkeypatch):
    log = read(*make_training(2))
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(ImportError, match=r"MTL-E744.*pip install spacy-mtl\[plot\]"):
        draw_figures(log, "")


IMPORTS = """
import sys
import spacy_mtl.cli.app, spacy_mtl.cli.plot
from spacy_mtl.analysis.balance.log import read_balance_log
from spacy_mtl.analysis.balance.plots import draw_figures
from spacy_mtl.analysis.figures import save_figure

assert "matplotlib" not in sys.modules
figures = draw_figures(read_balance_log(sys.argv[1]).encoders[0], "")
import matplotlib

before = matplotlib.rcParams.copy()
assert save_figure(figures["losses"], sys.argv[2])
assert matplotlib.rcParams.copy() == before
assert "matplotlib.pyplot" not in sys.modules
"""


def test_matplotlib_is_imported_late_and_nothing_global_is_changed(tmp_path):
    path = write_log(tmp_path / "log.jsonl", *make_training(3))
    subprocess.run([sys.executable, "-c", IMPORTS, path, tmp_path / "losses"], check=True)

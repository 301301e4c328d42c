"""The page of a comparison, and its plots."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spacy_mtl.analysis.comparison.page import render_comparison
from spacy_mtl.analysis.comparison.plots import MARGIN, WIDTH, choose_ticks, plot_differences, plot_seeds
from spacy_mtl.analysis.comparison.tables import lay_out_scores, lay_out_statistics

from ...cli.elements import Page
from .comparisons import make_comparison, make_score

HOSTILE = "</style><script>alert('1')</script>\"{x}&amp;"


def read(svg_or_page):
    # the parser of the tests knows no elements that close themselves
    return Page(re.sub(r"<(line|rect|circle|polygon)([^>]*)/>", r"<\1\2></\1>", svg_or_page)).root


def place(value, ticks):
    return MARGIN + (value - ticks[0]) / (ticks[-1] - ticks[0]) * (WIDTH - 2 * MARGIN)


def test_a_point_for_each_seed_where_it_belongs():
    svg = read(plot_seeds(make_score()))
    ticks = choose_ticks(60, 64)
    circles = [float(circle.attributes["cx"]) for circle in svg.find("circle", "joint")]
    assert circles == pytest.approx([place(62, ticks), place(64, ticks)], abs=0.1)
    diamonds = [polygon.attributes["points"].split()[0].split(",")[0] for polygon in svg.find("polygon", "alone")]
    assert [float(x) for x in diamonds] == pytest.approx([place(60, ticks), place(61, ticks)], abs=0.1)
    means = [float(line.attributes["x1"]) for line in svg.find("line", "mean")]
    assert means == pytest.approx([place(63, ticks), place(60.5, ticks)], abs=0.1)
    titles = [title.read() for title in svg.find("title")]
    assert titles == ["joint, seed 0: 62.00", "joint, seed 1: 64.00", "alone, seed 0: 60.00", "alone, seed 1: 61.00"]
    assert "entities, F" in svg.find("svg")[0].attributes["aria-label"]


def test_a_side_without_scores_has_no_points():
    svg = read(plot_seeds(make_score(single={})))
    assert len(svg.find("circle")) == 2 and not svg.find("polygon") and "alone" not in svg.read()


def test_bars_begin_at_zero_and_intervals_lie_where_they_should():
    gain = make_score()
    loss = make_score("topic", difference=-0.05, interval=None)
    svg = read(plot_differences([gain, loss]))
    ticks = choose_ticks(-5, 4.25)
    zero = place(0, ticks)
    bars = [
        (bar.kinds, float(bar.attributes["x"]), float(bar.attributes["x"]) + float(bar.attributes["width"]))
        for bar in svg.find("rect")
    ]
    assert [kinds for kinds, _, _ in bars] == [["gain"], ["loss"]]
    assert bars[0][1:] == pytest.approx((zero, place(2.5, ticks)), abs=0.15)
    assert bars[1][1:] == pytest.approx((place(-5, ticks), zero), abs=0.15)
    whiskers = svg.find("line", "whisker")
    assert len(whiskers) == 3, "none for the score without an interval"
    ends = [float(whiskers[0].attributes[name]) for name in ("x1", "x2")]
    assert ends == pytest.approx([place(1, ticks), place(4.25, ticks)], abs=0.1)


@given(st.floats(-1000, 1000), st.floats(0, 500))
def test_ticks_are_round_and_cover_the_range(low, width):
    high = low + width
    ticks = choose_ticks(low, high)
    assert ticks[0] <= low + 1e-9 and ticks[-1] >= high - 1e-9 and 2 <= len(ticks) <= 9
    step = ticks[1] - ticks[0]
    assert step > 0
    first = f"{step:.3e}"[0:5]
    assert first in ("1.000", "2.000", "5.000"), step


@pytest.mark.parametrize(
    "values", [{0: 0.0}, {0: 1.0}, {0: 0.123456, 1: 0.123457}, {0: 0.0, 1: 1.0}, {i: i / 97 for i in range(50)}]
)
def test_whatever_the_values_they_lie_between_the_margins(values):
    svg = read(plot_seeds(make_score(joint=values, single=dict(reversed(values.items())))))
    for circle in svg.find("circle"):
        assert MARGIN - 0.1 <= float(circle.attributes["cx"]) <= WIDTH - MARGIN + 0.1
    height = float(svg.find("svg")[0].attributes["viewbox"].split()[3])
    for text in svg.find("text"):
        assert 0 < float(text.attributes["y"]) <= height


def test_the_page_has_all_rows_and_a_plot_for_each_score():
    comparison = make_comparison()
    page = read(render_comparison(comparison))
    scores, statistics, costs, tests = page.find("table")
    rows = [[cell.read() for cell in row.find("td")] for row in scores.find("tr")[1:]]
    assert rows == [list(row) for row in lay_out_scores(comparison).rows]
    rows = [[cell.read() for cell in row.find("td")] for row in statistics.find("tr")[1:]]
    assert rows == [list(row) for row in lay_out_statistics(comparison).rows]
    assert len(costs.find("tr")) == 1 + 4 and len(tests.find("tr")) == 1 + 2
    assert len(page.find("div", "wide")) == 4, "wide tables scroll by themselves, the page does not"
    assert len(page.find("svg")) == 1 + 3, "the differences, and the seeds of each score"
    text = page.read()
    assert text.index(comparison.verdict) < text.index("Scores") < text.index("-2.46%")
    assert "-2.46%" in page.find("p", "sum")[0].read()
    for told in ("failed; log.txt", "shares no encoder", "A note on the whole.", "Noreen 1989"):
        assert told in page.read()


def test_long_names_may_break_and_figures_may_not():
    long = "entities_of_the_newspapers"
    page = render_comparison(make_comparison(scores=[make_score(long * 3)], undertrained={"joint": [0]}))
    assert "entities_<wbr>of_<wbr>the_<wbr>newspapers" in page
    cells = read(page).find("table")[0].find("td")
    assert [cell.attributes["data-label"] for cell in cells][:3] == ["task", "score", "joint"]
    (figure,) = cells[2].find("span", "figure")
    assert figure.read() == "63.00 ± 1.41" and cells[2].read() == "63.00 ± 1.41 (undertrained)"
    name, figures = (text.read() for text in read(page).find("text", "name")[:2])
    assert name.startswith(long) and name.endswith("entities, F") and len(name) <= 56
    assert figures == "+2.50 (+1.00 to +4.25)"


def test_the_page_says_what_intervals_are_about():
    (caption,) = [p.read() for p in read(render_comparison(make_comparison())).find("p", "note")]
    assert "95% intervals over texts and seeds" in caption
    one = make_score(joint={0: 0.62}, single={0: 0.6}, p_value_with_seeds=None)
    (caption,) = [p.read() for p in read(render_comparison(make_comparison(scores=[one]))).find("p", "note")]
    assert "95% intervals over texts alone" in caption


def test_a_page_without_any_finished_training():
    nothing = make_score(joint={}, single={}, difference=None, interval=None, p_value=None, p_value_with_seeds=None)
    page = read(render_comparison(make_comparison(scores=[nothing], delta_m=None, compared=[], undertrained={})))
    assert not page.find("svg") and "Nothing can be compared" in page.find("p", "verdict")[0].read()


def test_everything_from_outside_is_escaped():
    score = make_score(HOSTILE, title=HOSTILE, notes=[HOSTILE])
    text = render_comparison(make_comparison(config=HOSTILE, scores=[score], failures=[HOSTILE]))
    page = read(text)
    assert not page.find("script") and "<script" not in text.lower()
    assert HOSTILE in page.find("h1")[0].read()
    assert [cell.read() for cell in page.find("table")[0].find("td")][:2] == [HOSTILE, HOSTILE]
    assert any(HOSTILE in svg.attributes["aria-label"] for svg in page.find("svg"))


def test_the_page_needs_nothing_but_itself():
    text = render_comparison(make_comparison())
    page = read(text)
    names = {name for element in page.walk() for name in element.attributes}
    assert not names & {"src", "href", "srcset", "action"} and not any(name.startswith("on") for name in names)
    assert {"script", "link", "iframe", "image", "use"}.isdisjoint(element.tag for element in page.walk())
    assert not re.search(r"url\(|@import|https?:", text)
    (policy,) = [meta.attributes["content"] for meta in page.find("meta") if "http-equiv" in meta.attributes]
    assert policy == "default-src 'none'; style-src 'unsafe-inline'"

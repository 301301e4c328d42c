"""The layout of the training log: what fits, headings over several lines, and figures that are never cut."""

import pytest

from spacy_mtl.training.log_table import EPOCH, STEP, TIME, TOTAL, Column, Table, choose_columns, wrap_words

ROW = {"epoch": 3, "step": 200, "score": 0.5, "best": True, "seconds": 3661.0, "words_per_second": 12.0}


def loss(name):
    return Column("loss", name, name, "loss", 5)


@pytest.mark.parametrize(
    "text,width,lines",
    [
        ("loss", 5, ["loss"]),
        ("gold argument f", 8, ["gold", "argument", "f"]),
        ("gold argument f", 10, ["gold", "argument f"]),
        ("entities_of_news_2020", 13, ["entities_of_", "news_2020"]),
        ("Words/s", 6, ["Words/", "s"]),
        ("incomprehensibilities", 9, ["inco~ties"]),
        ("", 5, []),
    ],
)
def test_headings_are_broken_behind_words(text, width, lines):
    assert wrap_words(text, width) == lines


@pytest.mark.parametrize(
    "value,shown",
    [
        (None, "-"), (0.0, "0.000"), (0.12345, "0.123"), (9.8765, "9.877"), (28.5642, "28.56"), (182.34, "182.3"),
        (1324.4, "1324"), (99999.0, "99999"), (123456.0, "1.2e5"), (1.25e12, "1.2e12"), (-4.5, "-4.500"),
        (float("inf"), "inf"), (float("nan"), "nan"),
    ],
)  # fmt: skip
def test_losses(value, shown):
    table = Table([EPOCH, loss("ner"), TIME])
    assert table.row({**ROW, "losses": {"ner": value}}).split()[1] == shown


def test_a_figure_that_is_too_long_moves_no_other():
    table = Table([EPOCH, loss("ner"), loss("srl"), TIME])
    usual = table.row({**ROW, "losses": {"ner": 1.0, "srl": 2.0}})
    long = table.row({**ROW, "losses": {"ner": 1e12, "srl": 2.0}})
    assert len(usual) == len(long) == table.width
    assert usual.index("2.000") == long.index("2.000") and "1.0e12" in long


def test_names_stand_over_their_columns():
    score = Column("score", "found_f", "ner", "found f", 6)
    lines = Table([EPOCH, loss("ner"), score, TOTAL]).heading().splitlines()
    assert lines == [
        "            ner",
        "       -------------",
        "               found",
        "Epoch   loss       f   Score",
        "-----  -----  ------  ------",
    ]


def test_columns_by_importance_until_none_fits():
    columns = [EPOCH, STEP, loss("ner"), loss("srl"), TOTAL, TIME]
    wanted = [EPOCH, TOTAL, loss("srl"), TIME, STEP, loss("ner")]
    assert choose_columns(columns, wanted, 200) == columns
    assert choose_columns(columns, wanted, 30) == [EPOCH, loss("srl"), TOTAL, TIME]
    assert choose_columns(columns, wanted, 1) == [EPOCH]

"""Whether a training was long enough, by its log."""

import pytest

from spacy_mtl.analysis.comparison.learning_curves import find_rise, find_undertrained, is_undertrained, read_scores

OURS = """
ℹ Pipeline: ['tok2vec', 'ner']
                  Loss    Loss
Epoch    Step  tok2vec     ner  ents f    Score   Words/s     Time
-----  ------  -------  ------  -------  ------  -------  -------
    0       0    0.000   5.545    0.00*   0.00*      679  0:00:00
    1     200    0.000   5.528       -    0.00*      894  0:00:00
    4     400    0.000   5.405   75.00*  15.50*     1915  0:00:01
    4     600    0.000   5.405   74.00   15.25      1915  0:00:01
✔ Saved pipeline to output directory
"""
BY_COMPONENT = """
Not shown for want of room: loss_tok2vec. Widen the log by --training.logger.width.
                    ner
               --------------
                         ents
Epoch    Step   loss        f   Score  Words/s     Time
-----  ------  -----  -------  ------  -------  -------
    0       0  5.545    0.00*   0.00*      679  0:00:00
    1     200  5.528        -   0.00*      894  0:00:00
    4     400  5.405   75.00*  15.50* 12345678  0:00:01
    4     600 1.2e10   74.00   15.25      1915  0:00:01
✔ Saved pipeline to output directory
"""
STOCK = """
E    #       LOSS TOK2VEC  LOSS NER  ENTS_F  ENTS_P  ENTS_R  SCORE
---  ------  ------------  --------  ------  ------  ------  ------
  0       0          0.00     47.17    0.00    0.00    0.00    0.00
  6     200        124.10   3092.33   45.01   47.50   42.77    0.45
"""


@pytest.mark.parametrize(
    "log,scores",
    [
        (OURS, [0.0, 0.0, 0.155, 0.1525]),
        (BY_COMPONENT, [0.0, 0.0, 0.155, 0.1525]),
        (STOCK, [0.0, 0.45]),
        (STOCK + OURS, [0.0, 0.0, 0.155, 0.1525]),
        ("", []),
        ("A  B\n---  ---\n1  2\n", []),
        (OURS.replace("15.25 ", "what  "), []),
    ],
)
def test_scores_are_read_from_either_log(tmp_path, log, scores):
    (tmp_path / "log.txt").write_text(log, encoding="utf8")
    assert read_scores(tmp_path / "log.txt") == pytest.approx(scores)


def test_no_log(tmp_path):
    assert read_scores(tmp_path / "log.txt") == []


@pytest.mark.parametrize(
    "scores,expected",
    [
        ([0.0, 0.1, 0.3, 0.5, 0.6, 0.65, 0.7, 0.75], True),
        # the last is the best, if by little
        ([0.0, 0.7, 0.75, 0.76, 0.76, 0.765, 0.766, 0.767], True),
        # not the last, but still rising
        ([0.0, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.69], True),
        ([0.0, 0.7, 0.76, 0.77, 0.765, 0.77, 0.772, 0.768], False),
        ([0.0, 0.7, 0.76, 0.77, 0.74, 0.73, 0.72, 0.7], False),
        ([0.0, 0.0, 0.0, 0.0], True),
        ([0.1, 0.2, 0.3], True),
        ([0.1, 0.3, 0.2], False),
        ([0.1], False),
        ([], False),
    ],
)
def test_undertrained(scores, expected):
    assert is_undertrained(scores) == expected


def test_the_rise_of_the_last_quarter():
    assert find_rise([0.1, 0.2, 0.3, 0.4, 0.5, 0.4, 0.7, 0.6]) == pytest.approx(0.2)
    assert find_rise([0.5, 0.4, 0.3, 0.2]) == pytest.approx(-0.3)


def test_seeds(tmp_path):
    (tmp_path / "rising.txt").write_text(OURS.replace("15.25 ", "16.25*"), encoding="utf8")
    (tmp_path / "flat.txt").write_text(OURS, encoding="utf8")
    logs = [(7, tmp_path / "rising.txt"), (1, tmp_path / "flat.txt"), (0, tmp_path / "rising.txt")]
    assert find_undertrained(logs) == [0, 7]

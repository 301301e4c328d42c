"""Comparisons as they come out, without trainings."""

from spacy_mtl.analysis.comparison.aided import WithAids
from spacy_mtl.analysis.comparison.comparison import Comparison
from spacy_mtl.analysis.comparison.costs import Cost, add_costs
from spacy_mtl.analysis.comparison.gain import Gain
from spacy_mtl.analysis.comparison.planning import TaskTexts
from spacy_mtl.analysis.comparison.scores import ALONE, TaskScore


def make_score(task="ner", **changes):
    score = TaskScore(
        task,
        "ents_f",
        "entities, F",
        True,
        {0: 0.62, 1: 0.64},
        {0: 0.6, 1: 0.61},
        0.025,
        (0.01, 0.0425),
        0.0123,
        0.0456,
        [],
        1100,
    )
    return score._replace(**changes)


def make_comparison(**changes):
    costs = [
        Cost("joint", 101, 2000, 1_500_000, 60.4, 50.0, 800e6, 12_345.6),
        Cost("ner alone", 101, 1000, 1_000_000, 30.0, 20.0, 700e6, 20_000.0),
        Cost("topic alone", 51, 1100, 1_100_000, 31.0, 21.0, 600e6, 20_000.0),
    ]
    own = make_score(
        "own", score="tag_acc", title="tags", single={}, difference=None, interval=None, p_value=None, notes=[ALONE],
        p_value_with_seeds=None,
    )  # fmt: skip
    topic = make_score(
        "topic", score="topic_acc", title="accuracy", joint={0: 0.5}, single={0: 0.55}, difference=-0.05, interval=None,
        p_value=None, p_value_with_seeds=None, notes=["No test."], texts=None,
    )  # fmt: skip
    comparison = Comparison(
        "joint.cfg",
        [0, 1],
        "updates",
        10_000,
        {
            "ner": TaskTexts("test.spacy", 1200, 1100),
            "topic": TaskTexts("other.spacy", 10, None, ("It cannot be told.",)),
        },
        [make_score(), topic, own],
        -0.0246,
        ["ner", "topic"],
        [*costs, add_costs("all of them alone", costs[1:])],
        ["The training 'topic alone, seed 1' failed; log.txt says why."],
        ["A note on the whole."],
        delta_m_interval=(-0.04, -0.0101),
    )
    return comparison._replace(**changes)


def make_aided(**changes):
    """The same comparison where ner has a private path: with it alone, it is as good as jointly."""
    comparison = make_comparison()
    ner, *others = comparison.scores
    ner = ner._replace(
        single={0: 0.63, 1: 0.62}, difference=0.005, interval=(-0.01, 0.02), p_value=0.31, p_value_with_seeds=0.42
    )
    pipelines = {"ner": "ner alone with the same aids", "topic": "topic alone", "own": "own alone"}
    with_aids = WithAids(pipelines, [ner, *others], Gain(-0.0417, (-0.06, 0.01)))
    return comparison._replace(with_aids=with_aids)._replace(**changes)

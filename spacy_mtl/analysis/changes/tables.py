"""What sharing changed, in rows and sentences, for whatever shows it."""

from typing import List, Optional, Tuple

from ..tables import NOTHING, Table
from .changes import Changes
from .layers import sort_layers
from .predictions import Said

REFERENCES = (
    "Kornblith, S., Norouzi, M., Lee, H., and Hinton, G. (2019). Similarity of neural network representations "
    "revisited. ICML.",
    "Alain, G., and Bengio, Y. (2017). Understanding intermediate layers using linear classifier probes. ICLR.",
    "Rifkin, R., and Lippert, R. (2007). Notes on regularized least squares. MIT-CSAIL-TR-2007-025.",
)


def lay_out_predictions(changes: Changes) -> Table:
    """How many predictions differ.

    changes (Changes): The changes.
    RETURNS (Table): A row for each task.
    """
    header = ("task", "texts", "of which differ", "predictions alike", "joint only", "right", "alone only", "right")
    rows = []
    for change in changes.predictions:
        sides = [*change.count_own("joint"), *change.count_own("alone")]
        rows.append((change.task, *(str(n) for n in (change.texts, len(change.differing_texts), change.alike, *sides))))
    return Table(header, "lrrrrrrr", rows)


def lay_out_similarity(changes: Changes) -> Table:
    """How alike the encoders are.

    changes (Changes): The changes.
    RETURNS (Table): A row for each two encoders, a column for each layer.
    """
    layers = sort_layers(layer for of_pair in changes.similarity.values() for layer in of_pair)
    rows = [
        (pair, *(f"{of_pair[layer]:.2f}" if layer in of_pair else NOTHING for layer in layers))
        for pair, of_pair in changes.similarity.items()
    ]
    return Table(("encoders", *layers), "l" + "r" * len(layers), rows)


def lay_out_probes(changes: Changes) -> Table:
    """What the layers hold.

    changes (Changes): The changes.
    RETURNS (Table): A row for each probe and layer, a column for each encoder.
    """
    sides = list(dict.fromkeys(side for one in changes.probes for side in one.scores))
    rows: List[Tuple[str, ...]] = [
        (one.probe, one.layer, str(one.labels), *(_show(one.scores.get(side)) for side in sides))
        for one in changes.probes
    ]
    return Table(("probe", "layer", "labels", *sides), "llr" + "r" * len(sides), rows)


def tell_changes(changes: Changes) -> List[str]:
    """RETURNS (List[str]): What the tables mean and what not. changes (Changes): The changes."""
    told = [
        f"Pipelines of seed {changes.seed}, {len(changes.texts)} texts chosen at random with that seed.",
        "A prediction counts as right where the annotation has it; where the annotation says nothing, it does not.",
        "Similarity is linear CKA over the tokens: 1 for vectors that are alike up to a rotation. Measure a pair "
        "by the rows for another seed: more than two trainings of one pipeline have in common is not to be expected.",
        "Probes are ridge regressions to frozen vectors, fitted on two thirds of the texts and scored on the others: "
        "F1 in points, of a category or role its accuracy. They tell what one linear step can read, not what is used.",
    ]
    if changes.unexplained:
        told.append(f"Without probabilities, and not compared: {', '.join(changes.unexplained)}.")
    return told


def tell_said(said: Optional[Said], words: List[str]) -> str:
    """Say what a pipeline predicts.

    said (Optional[Said]): What it says.
    words (List[str]): The tokens of the text.
    RETURNS (str): A prediction, its probability, and whether it is right; "nothing" for none.
    """
    if said is None:
        return "nothing"
    judged = {True: ", right", False: f", wrong ({said.gold})", None: ""}[said.is_right]
    return f"{said.finding.name(words)} {said.finding.probability:.2f}{judged}"


def _show(score: Optional[float]) -> str:
    return NOTHING if score is None else f"{100 * score:.1f}"

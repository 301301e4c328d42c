"""How often a pipeline is right when it says how sure it is: entities, predicates, senses and arguments."""

from pathlib import Path
from typing import Annotated, Dict, List, Tuple

import numpy
import spacy
import typer
from wasabi import msg

from spacy_mtl.data.corpus import make_corpus
from spacy_mtl.frames import read_frame_spans

BINS = 10
Judged = List[Tuple[float, bool]]


def main(
    pipeline: Annotated[Path, typer.Argument(help="A trained pipeline with the components ner and srl")],
    corpus: Annotated[Path, typer.Argument(help="A .spacy file with gold annotation")],
) -> None:
    """Print, for bands of probability, the mean probability and the share that is right; and the expected calibration
    error (Naeini et al., 2015), the mean of their differences weighted by the size of the band."""
    nlp = spacy.load(pipeline)
    judged: Dict[str, Judged] = {"entities": [], "predicates": [], "senses": [], "arguments": []}
    examples = list(make_corpus(corpus)(nlp))
    for example, doc in zip(examples, nlp.pipe(example.predicted for example in examples)):
        if example.reference.has_annotation("ENT_IOB"):
            gold = {(entity.start, entity.end, entity.label_) for entity in example.reference.ents}
            judged["entities"] += [(e._.confidence, (e.start, e.end, e.label_) in gold) for e in doc.ents]
        if "srl" not in example.reference.spans:
            continue
        frames = {frame.start: frame for frame in read_frame_spans(example.reference)}
        for frame in read_frame_spans(doc):
            judged["predicates"].append((frame.probability, frame.start in frames))
            if frame.start in frames:
                gold_roles = {role[:3] for role in frames[frame.start].roles}
                judged["senses"].append((frame.sense_probability, frame.sense == frames[frame.start].sense))
                judged["arguments"] += [(role.probability, role[:3] in gold_roles) for role in frame.roles]
    for name, pairs in judged.items():
        rows, error = bands(pairs)
        msg.table(rows, header=(name, "found", "mean probability", "right"), aligns=("l", "r", "r", "r"), divider=True)
        print(f"Expected calibration error of {name}: {100 * error:.1f} points\n")


def bands(pairs: Judged) -> Tuple[List[Tuple[str, ...]], float]:
    """Sort into bands of equal width.

    pairs (List[Tuple[float, bool]]): Probability, and whether it was right.
    RETURNS (Tuple[List[Tuple[str, ...]], float]): A row for each band that has members, and the calibration error.
    """
    probabilities = numpy.array([probability for probability, _ in pairs])
    right = numpy.array([is_right for _, is_right in pairs], dtype=float)
    places = numpy.minimum((probabilities * BINS).astype(int), BINS - 1)
    rows, error = [], 0.0
    for band in range(BINS):
        members = places == band
        if members.any():
            mean, share = float(probabilities[members].mean()), float(right[members].mean())
            error += members.mean() * abs(mean - share)
            label = f"{band / BINS:.1f}-{(band + 1) / BINS:.1f}"
            rows.append((label, f"{members.sum():,}", f"{100 * mean:.1f}", f"{100 * share:.1f}"))
    return rows, error


if __name__ == "__main__":
    typer.run(main)

"""What was measured of pipelines, as a table and in sentences."""

from statistics import median
from typing import Any, Dict, List, Mapping, Sequence

from pipeline_runs import Side
from pipeline_timing import EPOCH, SHARE, SPEED, SPEED_OF_TWO, START, TIMED_UPDATES

from spacy_mtl.analysis.tables import NOTHING, Table

FIGURES = ("ents_f", "genre_acc", "srl_argument_f")
MEBIBYTE = 2**20


def lay_out(sides: Sequence[Side], rows: Mapping[str, Mapping[str, Any]]) -> Table:
    """A row for each pipeline: medians over turns, and the slowest and fastest turn in brackets."""
    header = ("encoder", "pipeline", *FIGURES, "s an epoch", "words/s", "words/s, 2 processes", "their start, s")
    header += ("encoder's share", "memory, MiB", "memory in training, MiB", "disk, MiB")
    table = []
    for side in sides:
        row = rows[side.run.name]
        times = row["times"]
        table.append(
            (
                side.encoder,
                side.name if side.group != "alone" else f"alone: {side.name}",
                *(f"{100 * row['scores'][name]:.1f}" if name in row["scores"] else NOTHING for name in FIGURES),
                show(times[EPOCH], ",.1f"),
                show(times[SPEED], ",.0f"),
                show(times[SPEED_OF_TWO], ",.0f"),
                show(times[START], ".1f"),
                show([100 * share for share in times[SHARE]], ".0f"),
                f"{row['peak_bytes'] / MEBIBYTE:,.0f}",
                f"{row['training_peak_bytes'] / MEBIBYTE:,.0f}",
                f"{row['disk_bytes'] / MEBIBYTE:,.0f}",
            )
        )
    return Table(header, "ll" + "r" * (len(header) - 2), table)


def show(values: Sequence[float], form: str) -> str:
    """A median, and the ends of what it is of."""
    return f"{median(values):{form}} ({min(values):{form}}-{max(values):{form}})"


def tell(sides: Sequence[Side], rows: Mapping[str, Mapping[str, Any]]) -> List[str]:
    """What the figures say of each encoder, and how they were made."""
    sentences = []
    for encoder in dict.fromkeys(side.encoder for side in sides):
        of_encoder = [side for side in sides if side.encoder == encoder]
        sentences += [compare_joint(encoder, of_encoder, rows), compare_entities(encoder, of_encoder, rows)]
    sentences += [
        "Quality is that of one training each, on the test part, of the pipeline that was best on the development "
        "part. Times are medians over turns (slowest and fastest in brackets) on one thread; an epoch is reckoned from "
        f"{TIMED_UPDATES} batches of texts drawn at random. The speed of two processes is without their start.",
        "Memory is the most that a process holds which loads the pipeline and annotates the test part.",
    ]
    return sentences


def compare_joint(encoder: str, sides: Sequence[Side], rows: Mapping[str, Mapping[str, Any]]) -> str:
    """How much longer the single-task pipelines take, one after the other, turn by turn."""
    groups: Dict[str, List[Side]] = {}
    for side in sides:
        groups.setdefault(side.group, []).append(side)
    (joint,) = groups.get("joint", [None])
    alone = groups.get("alone", [])
    if joint is None or len(alone) < len(joint.run.config["nlp"]["pipeline"]) - 1:
        return f"{encoder}: not all pipelines are there that are to be compared."
    own = rows[joint.run.name]
    slower = compare_times(own, [rows[side.run.name] for side in alone], SPEED)
    longer = compare_times(own, [rows[side.run.name] for side in alone], EPOCH)
    seconds = sum(rows[side.run.name]["training_processor_seconds"] for side in alone)
    return (
        f"{encoder}: the single-task pipelines, one after the other, take {show(slower, '.2f')} times as long as the "
        f"joint one to annotate a text, {show(longer, '.2f')} times for an epoch, and took "
        f"{seconds / own['training_processor_seconds']:.2f} times its processor time to train."
    )


def compare_times(own: Mapping[str, Any], others: Sequence[Mapping[str, Any]], kind: str) -> List[float]:
    """By turn, the sum of what others take in units of what one takes."""

    def seconds(row: Mapping[str, Any]) -> List[float]:
        return [1 / value if kind == SPEED else value for value in row["times"][kind]]

    return [sum(of_turn) / one for one, of_turn in zip(seconds(own), zip(*(seconds(row) for row in others)))]


def compare_entities(encoder: str, sides: Sequence[Side], rows: Mapping[str, Mapping[str, Any]]) -> str:
    """`mtl_ner` against stock `ner`, each alone on its own copy of the encoder."""
    found = {side.group: side for side in sides if side.name in ("ner", "stock ner")}
    if set(found) != {"alone", "stock separate"}:
        return f"{encoder}: no recognizers to compare."
    ours, stock = (rows[found[group].run.name] for group in ("alone", "stock separate"))
    faster = compare_times(ours, [stock], SPEED)
    return (
        f"{encoder}: stock ner takes {show(faster, '.2f')} times as long as mtl_ner on its own copy of the encoder; "
        f"F {100 * stock['scores']['ents_f']:.1f} against {100 * ours['scores']['ents_f']:.1f}."
    )

"""What a pipeline rests on over a corpus, as tables."""

from typing import Dict, List

from ..analysis.explanation.corpus import CorpusExplanation, Evidence, LabelEvidence
from ..analysis.tables import NOTHING, Table

WORDS = 5
LABELS = 12
ERRORS = 15


def lay_out_corpus(found: CorpusExplanation) -> Dict[str, List[Table]]:
    """Lay out what a corpus's predictions rest on.

    found (CorpusExplanation): What was found.
    RETURNS (Dict[str, List[Table]]): Tables, by their headings.
    """
    groups: Dict[str, List[LabelEvidence]] = {}
    for one in found.labels:
        groups.setdefault(f"{one.component}, {one.kind}", []).append(one)
    tables = {f"What carries the labels of {name}": [_lay_out_labels(labels)] for name, labels in groups.items()}
    if found.shared:
        rows = [(*pair, f"{share:.2f}") for pair, share in found.shared.items()]
        tables["Which tasks rest on the same words"] = [Table(("Task", "Task", "Shared"), "llr", rows)]
    tables["What predictions lose without their words"] = [_lay_out_faithfulness(found)]
    if found.errors:
        tables["What errors rest on"] = [
            Table(
                ("Component", "Found", "Annotated", "Count", "Words"),
                "lllrl",
                [
                    (group.component, group.label, group.gold, f"{group.number:,}", _count_words(group.words))
                    for group in found.errors[:ERRORS]
                ],
            )
        ]
    return tables


def _lay_out_labels(labels: List[LabelEvidence]) -> Table:
    rows = [
        (
            one.label,
            f"{one.number:,}",
            _name([evidence for evidence in one.words if evidence.weight > 0][:WORDS]),
            _name([evidence for evidence in reversed(one.words) if evidence.weight < 0][:WORDS]),
            _name([evidence for evidence in one.shapes if evidence.weight > 0][:2]),
        )
        for one in labels[:LABELS]
    ]
    return Table(("Label", "Count", "For it", "Against it", "Shapes"), "lrlll", rows)


def _lay_out_faithfulness(found: CorpusExplanation) -> Table:
    header = ("Predictions", "Count", "Without them", "At random", "By them alone", "At random")
    rows = [
        (
            kind,
            f"{one.number:,}",
            f"{one.comprehensiveness:.2f}",
            f"{one.random_comprehensiveness:.2f}",
            f"{one.sufficiency:.2f}",
            f"{one.random_sufficiency:.2f}",
        )
        for kind, one in found.faithfulness.items()
    ]
    return Table(header, "lrrrrr", rows)


def _name(evidence: List[Evidence]) -> str:
    return ", ".join(f"{one.word} {one.mean:+.1f} ({one.number:,})" for one in evidence) or NOTHING


def _count_words(words: List) -> str:
    return ", ".join(f"{word} ({count:,})" for word, count in words)

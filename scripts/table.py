"""Print the figures of evaluations, one column a file, as a table or as Markdown."""

import json
from pathlib import Path
from typing import Annotated, Any, Dict, List, Optional, Tuple

import typer
from wasabi import MarkdownRenderer, msg

FIGURES = (
    ("Entities, precision", "ents_p"),
    ("Entities, recall", "ents_r"),
    ("Entities, F", "ents_f"),
    ("Predicates, F", "srl_predicate_f"),
    ("Senses, accuracy", "srl_sense_acc"),
    ("Arguments, precision", "srl_argument_p"),
    ("Arguments, recall", "srl_argument_r"),
    ("Arguments, F", "srl_argument_f"),
    ("Arguments without labels, F", "srl_argument_unlabelled_f"),
    ("Senses given gold predicates, accuracy", "srl_gold_sense_acc"),
    ("Arguments given gold predicates, F", "srl_gold_argument_f"),
    ("Genre, accuracy", "genre_acc"),
    ("Genre, macro F", "genre_macro_f"),
    ("Words a second", "speed"),
)


def main(
    metrics: Annotated[List[Path], typer.Argument(help="JSON files written by `spacy mtl evaluate --output`")],
    markdown: Annotated[bool, typer.Option("--markdown", help="Print Markdown")] = False,
) -> None:
    """Print the figures of evaluations side by side, in percent."""
    columns = [read_metrics(path) for path in metrics]
    rows = make_rows(columns)
    header = ["", *(path.stem for path in metrics)]
    aligns = ["l", *("r" for _ in metrics)]
    if markdown:
        renderer = MarkdownRenderer()
        renderer.add(renderer.table(rows, header=header, aligns=aligns))
        print(renderer.text)
    else:
        msg.table(rows, header=header, aligns=aligns, divider=True)


def read_metrics(path: Path) -> Dict[str, Any]:
    """Read one file. A file that is missing or no JSON object ends the program."""
    try:
        scores = json.loads(path.read_text(encoding="utf8"))
    except (OSError, ValueError) as error:
        msg.fail(f"The metrics {path} cannot be read", str(error), exits=1)
    if not isinstance(scores, dict):
        msg.fail(f"The metrics {path} cannot be read", f"Expected an object, found {type(scores).__name__}", exits=1)
    return scores


def make_rows(columns: List[Dict[str, Any]]) -> List[Tuple[str, ...]]:
    """The rows of those figures that at least one file has."""
    rows = []
    for name, key in FIGURES:
        values = [scores.get(key) for scores in columns]
        if any(value is not None for value in values):
            rows.append((name, *(format_value(key, value) for value in values)))
    return rows


def format_value(key: str, value: Optional[float]) -> str:
    """A share in percent, a speed in whole numbers, nothing as a dash."""
    if value is None:
        return "-"
    return f"{value:,.0f}" if key == "speed" else f"{100 * value:.2f}"


if __name__ == "__main__":
    typer.run(main)

"""`spacy mtl plot`."""

from pathlib import Path
from typing import Annotated, List

import typer

from ..group import QUESTIONS, app

EXAMPLE = "Example: python -m spacy mtl plot out/balance.jsonl --output figures"


@app.command("plot", epilog=EXAMPLE, rich_help_panel=QUESTIONS)
def plot_command(
    runs: Annotated[
        List[Path], typer.Argument(help="Trainings: balance logs (JSONL), or folders with a file balance.jsonl")
    ],
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder for the figures, as PNG and as SVG")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of tables")] = False,
) -> None:
    """Draw what balancers did in trainings.

    Losses, weights, norms of gradients, and conflicts between tasks."""
    from ..plot import plot

    plot(runs, output, as_json=as_json)

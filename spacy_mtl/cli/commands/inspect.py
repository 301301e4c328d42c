"""`spacy mtl inspect`."""

from typing import Annotated

import typer

from ..group import DATA, app
from ..options import Corpora

EXAMPLE = "Example: python -m spacy mtl inspect train.spacy dev.spacy"


@app.command("inspect", epilog=EXAMPLE, rich_help_panel=DATA)
def inspect_command(
    corpora: Corpora,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of tables")] = False,
    spans_key: Annotated[str, typer.Option("--spans-key", help="The span group of the frames")] = "srl",
) -> None:
    """Show what corpora hold.

    For each: what is annotated for which task, with which labels, and which texts they share."""
    from ..inspect import inspect

    inspect(corpora, as_json=as_json, spans_key=spans_key)

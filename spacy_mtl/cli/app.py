"""`spacy mtl ...`: spaCy imports this file for every command, so that it imports nothing but typer and spaCy."""

from typing import Annotated, List, Optional

import typer
from spacy.cli._util import app as spacy_app

app = typer.Typer(name="mtl", help="Commands of spacy-mtl: multi-task pipelines.", no_args_is_help=True)


@app.callback()
def main() -> None:
    """Commands of spacy-mtl: multi-task pipelines."""


@app.command("show")
def show_command(
    pipeline: Annotated[str, typer.Argument(help="A trained pipeline: a folder or the name of a package")],
    texts: Annotated[
        Optional[List[str]], typer.Argument(help="Texts to read; '-' or none for one text a line from stdin")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object a text")] = False,
) -> None:
    """Show what a pipeline finds in texts: categories, entities and frames, with their probabilities."""
    from .show import show

    show(pipeline, texts or ["-"], as_json=as_json)


spacy_app.add_typer(app)

"""`spacy mtl changed`."""

from pathlib import Path
from typing import Annotated, Optional

import typer

from ..group import QUESTIONS, app
from ..options import Code

EXAMPLE = "Example: python -m spacy mtl changed compared --test test.spacy"


@app.command("changed", epilog=EXAMPLE, rich_help_panel=QUESTIONS)
def changed_command(
    compared: Annotated[Path, typer.Argument(help="The folder that `spacy mtl compare` has written")],
    test: Annotated[Path, typer.Option("--test", help="An annotated .spacy file or a folder with such files")],
    output: Annotated[
        Optional[Path], typer.Option("--output", "-o", help="Folder for the files; that of the comparison by default")
    ] = None,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Seed of the pipelines, and of the choice of texts")] = 0,
    tasks: Annotated[str, typer.Option("--tasks", "-t", help="Names of tasks, with commas; all by default")] = "",
    limit: Annotated[int, typer.Option("--limit", min=0, help="Texts chosen at random; 0 for all")] = 200,
    explained: Annotated[
        int, typer.Option("--explain", min=0, help="Differing texts that are explained, for each task")
    ] = 5,
    code: Code = None,
) -> None:
    """Show what sharing an encoder changed.

    For a joint pipeline and those for each task alone: which predictions differ and what each rests on, how alike
    the encoders are by layer, and what a linear probe for each task reads from each layer."""
    from spacy.cli._util import import_code

    from ..changed import changed

    import_code(code)
    changed(compared, test, output, seed=seed, tasks=tasks, limit=limit, explained=explained)

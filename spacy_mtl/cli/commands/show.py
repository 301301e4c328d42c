"""`spacy mtl show`."""

from pathlib import Path
from typing import Annotated, List, Optional

import typer

from ..group import PIPELINES, app
from ..options import Code, Pipeline

EXAMPLE = "Example: python -m spacy mtl show out/model-best 'Amina repaired the old bike.'"


@app.command("show", epilog=EXAMPLE, rich_help_panel=PIPELINES)
def show_command(
    pipeline: Pipeline,
    texts: Annotated[
        Optional[List[str]], typer.Argument(help="Texts to read; '-' or none for one text a line from stdin")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object a text")] = False,
    html: Annotated[Optional[Path], typer.Option("--html", help="Write what is found to this page as well")] = None,
    min_probability: Annotated[
        float,
        typer.Option(
            "--min-probability",
            "-p",
            min=0.0,
            max=1.0,
            help="Leave out arguments below this probability (grey on the page; JSON has all)",
        ),
    ] = 0.0,
    explain: Annotated[
        bool, typer.Option("--explain/--no-explain", help="On the page, which words each prediction rests on")
    ] = True,
    code: Code = None,
) -> None:
    """Show what a pipeline finds in texts, and how sure it is."""
    from spacy.cli._util import import_code

    from ..show import show

    import_code(code)
    show(pipeline, texts or ["-"], as_json=as_json, html=html, min_probability=min_probability, explain=explain)

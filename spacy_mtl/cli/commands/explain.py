"""`spacy mtl explain`."""

from pathlib import Path
from typing import Annotated, Optional

import typer

from ..group import PIPELINES, app
from ..options import Code, Pipeline

EXAMPLE = "Example: python -m spacy mtl explain out/model-best 'Amina repaired the old bike.'"


@app.command("explain", epilog=EXAMPLE, rich_help_panel=PIPELINES)
def explain_command(
    pipeline: Pipeline,
    text: Annotated[Optional[str], typer.Argument(help="The text; none with --corpus")] = None,
    component: Annotated[Optional[str], typer.Option("--component", help="Only this component")] = None,
    target: Annotated[
        Optional[str], typer.Option("--target", help="Only this, as in PER:Ana or 'gave>ARG0:Ana'; or a translation")
    ] = None,
    against: Annotated[
        Optional[str], typer.Option("--against", help="Why not this label? Explains the difference to it")
    ] = None,
    method: Annotated[str, typer.Option("--method", help="auto, occlusion or integrated")] = "auto",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON")] = False,
    html: Annotated[Optional[Path], typer.Option("--html", help="Write it to this page as well")] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Show as well what becomes of it without three random words")
    ] = False,
    corpus: Annotated[
        Optional[Path], typer.Option("--corpus", help="A .spacy file: which words carry each label in it")
    ] = None,
    limit: Annotated[int, typer.Option("--limit", min=0, help="Texts of the corpus; 0 for all")] = 0,
    code: Code = None,
) -> None:
    """Show which words a pipeline's predictions rest on.

    In the terminal words in green speak for a prediction, those in red against it; without colours the parts in its
    log-odds stand behind the words."""
    from spacy.cli._util import import_code

    from ..explain import explain_corpus, explain_text

    import_code(code)
    if (text is None) == (corpus is None):
        raise typer.BadParameter("expected a text or --corpus, and not both")
    if corpus is not None:
        explain_corpus(pipeline, corpus, component=component, method=method, as_json=as_json, limit=limit)
    else:
        settings = {"component": component, "target": target, "against": against, "method": method}
        explain_text(pipeline, str(text), settings, as_json=as_json, html=html, check=check)

"""`spacy mtl ...`: spaCy imports this file for every command, so that it imports nothing but typer and spaCy."""

from pathlib import Path
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


@app.command("evaluate")
def evaluate_command(
    pipeline: Annotated[str, typer.Argument(help="A trained pipeline: a folder or the name of a package")],
    corpus: Annotated[Path, typer.Argument(help="A .spacy file or a folder with such files")],
    output: Annotated[Optional[Path], typer.Option("--output", "-o", help="Write all scores to this JSON file")] = None,
    own_tokens: Annotated[bool, typer.Option("--own-tokens", help="Let the pipeline tokenize the text")] = False,
    limit: Annotated[int, typer.Option("--limit", help="Read only the first Docs; 0 for all")] = 0,
    gpu_id: Annotated[int, typer.Option("--gpu-id", "-g", help="GPU to use; -1 for the CPU")] = -1,
) -> None:
    """Score a pipeline on a corpus, by default on the corpus's own tokens.

    `spacy evaluate` gives the same scores for the pipeline's tokens; its --gold-preproc splits Docs into sentences and
    thereby loses frames and categories.
    """
    from spacy.cli._util import setup_gpu

    from .evaluate import evaluate

    setup_gpu(gpu_id, silent=True)
    evaluate(pipeline, corpus, gold_tokens=not own_tokens, limit=limit, output=output)


@app.command("calibrate")
def calibrate_command(
    pipeline: Annotated[str, typer.Argument(help="A trained pipeline: a folder or the name of a package")],
    corpus: Annotated[Path, typer.Argument(help="Held-out annotation: a .spacy file or a folder with such files")],
    output: Annotated[Path, typer.Argument(help="Folder for the calibrated pipeline; it must not exist")],
) -> None:
    """Make a pipeline's probabilities mean what they say: fit one temperature for each kind on held-out annotation."""
    from .calibrate import calibrate

    calibrate(pipeline, corpus, output)


spacy_app.add_typer(app)

"""`spacy mtl evaluate`."""

from pathlib import Path
from typing import Annotated, Optional

import typer

from ..group import PIPELINES, app
from ..options import Code, Corpora, GpuId, Pipeline

EXAMPLE = "Example: python -m spacy mtl evaluate out/model-best test.spacy --output scores.json"


@app.command("evaluate", epilog=EXAMPLE, rich_help_panel=PIPELINES)
def evaluate_command(
    pipeline: Pipeline,
    corpora: Corpora,
    output: Annotated[Optional[Path], typer.Option("--output", "-o", help="Write all scores to this JSON file")] = None,
    own_tokens: Annotated[bool, typer.Option("--own-tokens", help="Let the pipeline tokenize the text")] = False,
    limit: Annotated[int, typer.Option("--limit", help="Read only the first Docs of each; 0 for all")] = 0,
    join: Annotated[
        int, typer.Option("--join", help="Join so many Docs, such as sentences, to one text; 0 for whole documents")
    ] = 1,
    all_labels: Annotated[bool, typer.Option("--all", "-a", help="Show every label, however rare")] = False,
    gpu_id: GpuId = -1,
    code: Code = None,
) -> None:
    """Score a pipeline on one corpus or several.

    First the score that matters of each task, then all, then labels, the most frequent first. The tokens are the
    corpora's own. `spacy evaluate` gives the same scores for the pipeline's tokens; its
    --gold-preproc splits Docs into sentences and thereby loses frames and categories.
    """
    from spacy.cli._util import import_code, setup_gpu

    from ..evaluate import evaluate

    import_code(code)
    setup_gpu(gpu_id, silent=True)
    evaluate(
        pipeline, corpora, gold_tokens=not own_tokens, limit=limit, join=join, output=output, all_labels=all_labels
    )

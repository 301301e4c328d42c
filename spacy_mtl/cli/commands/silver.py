"""`spacy mtl silver`."""

from pathlib import Path
from typing import Annotated, Optional

import typer

from ..group import DATA, app
from ..options import Code, GpuId, Pipeline

EXAMPLE = "Example: python -m spacy mtl silver en_core_web_sm train.spacy silver.spacy --layers tags,parse"


@app.command("silver", epilog=EXAMPLE, rich_help_panel=DATA)
def silver_command(
    pipeline: Pipeline,
    corpus: Annotated[Path, typer.Argument(help="A .spacy file or a folder with such files")],
    output: Annotated[Path, typer.Argument(help="The .spacy file to write")],
    layers: Annotated[str, typer.Option("--layers", help="Layers that the pipeline is to give, with commas")],
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace what the corpus has of these layers; else it is kept")
    ] = False,
    batch_size: Annotated[
        Optional[int], typer.Option("--batch-size", help="Texts that the pipeline reads at once")
    ] = None,
    n_process: Annotated[int, typer.Option("--n-process", help="Processes that annotate")] = 1,
    gpu_id: GpuId = -1,
    code: Code = None,
) -> None:
    """Annotate a corpus by a pipeline, where it has no gold.

    Layers: tags, pos, morphology, lemmas, parse (or trees), borders, entities, frames (or roles), translations, spans,
    categories.
    The corpus keeps its tokens, its other layers, and what it has of these.
    """
    from spacy.cli._util import import_code, setup_gpu

    from ..silver import silver

    import_code(code)
    setup_gpu(gpu_id, silent=True)
    silver(pipeline, corpus, output, layers=layers, overwrite=overwrite, batch_size=batch_size, n_process=n_process)

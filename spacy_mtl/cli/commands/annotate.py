"""`spacy mtl annotate`."""

from pathlib import Path
from typing import Annotated, List, Optional

import typer

from ..group import PIPELINES, app
from ..options import Address, Code, Engine, GpuId, Pipeline

EXAMPLE = "Example: python -m spacy mtl annotate out/model-best texts.jsonl annotated --workers 2"


@app.command("annotate", epilog=EXAMPLE, rich_help_panel=PIPELINES)
def annotate_command(
    pipeline: Pipeline,
    inputs: Annotated[
        List[Path], typer.Argument(help="Files with texts (.txt, .jsonl, .csv, .tsv, .parquet, .spacy), or folders")
    ],
    output: Annotated[Path, typer.Argument(help="Folder to write to; one that was begun is gone on with")],
    format: Annotated[str, typer.Option("--format", "-f", help="How it is written: jsonl, parquet or spacy")] = "jsonl",
    workers: Annotated[int, typer.Option("--workers", "-w", help="Processes that annotate")] = 1,
    text_column: Annotated[str, typer.Option("--text-column", help="Field or column of the text")] = "text",
    input_format: Annotated[
        Optional[str], typer.Option("--input-format", help="Format of the files, if their ending does not tell it")
    ] = None,
    delimiter: Annotated[
        Optional[str], typer.Option("--delimiter", help="csv, tsv: what keeps columns apart; also 'tab'")
    ] = None,
    whole_files: Annotated[
        bool, typer.Option("--whole-files", help="txt: each file is one text, and not each line")
    ] = False,
    shard_size: Annotated[int, typer.Option("--shard-size", help="Texts in a file that is written, at most")] = 2000,
    batch_size: Annotated[
        Optional[int], typer.Option("--batch-size", help="Texts that the pipeline reads at once, at most")
    ] = None,
    max_length: Annotated[
        Optional[int], typer.Option("--max-length", help="Characters that a text may have; longer ones are set aside")
    ] = None,
    engine: Engine = "local",
    address: Address = None,
    gpu_id: GpuId = -1,
    code: Code = None,
) -> None:
    """Annotate texts of any number, by several processes.

    Each text is annotated once. A run that was stopped or killed is gone on with by the same command. Texts that cannot
    be annotated are set aside, in _failed, with the reason.
    """
    from spacy.cli._util import import_code

    from ..annotate import annotate

    import_code(code)
    annotate(
        pipeline,
        inputs,
        output,
        format=format,
        workers=workers,
        text_column=text_column,
        input_format=input_format,
        delimiter=delimiter,
        whole_files=whole_files,
        shard_size=shard_size,
        batch_size=batch_size,
        max_length=max_length,
        engine=engine,
        address=address,
        gpu_id=gpu_id,
        code=code,
    )

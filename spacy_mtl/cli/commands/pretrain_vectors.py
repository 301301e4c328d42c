"""`spacy mtl pretrain-vectors`."""

from pathlib import Path
from typing import Annotated, List, Optional

import typer

from ..group import DATA, app
from ..options import Lang

EXAMPLE = "Example: python -m spacy mtl pretrain-vectors reviews.jsonl train.spacy vectors"


@app.command("pretrain-vectors", epilog=EXAMPLE, rich_help_panel=DATA)
def pretrain_vectors_command(
    inputs: Annotated[
        List[Path], typer.Argument(help="Files with texts (.txt, .jsonl, .csv, .tsv, .parquet, .spacy), or folders")
    ],
    output: Annotated[Path, typer.Argument(help="Folder for the vectors; it must not exist")],
    lang: Lang = "en",
    text_column: Annotated[str, typer.Option("--text-column", help="Field or column of the text")] = "text",
    input_format: Annotated[
        Optional[str], typer.Option("--input-format", help="Format of the files, if their ending does not tell it")
    ] = None,
    width: Annotated[int, typer.Option("--width", "-w", help="Width of the vectors")] = 100,
    rows: Annotated[int, typer.Option("--rows", help="Rows of the table; more for more text")] = 20_000,
    hashes: Annotated[int, typer.Option("--hashes", help="Rows that are summed for a word or a part of one")] = 2,
    shortest: Annotated[int, typer.Option("--shortest", help="Letters of the shortest parts of words")] = 3,
    longest: Annotated[int, typer.Option("--longest", help="Letters of the longest parts of words")] = 5,
    min_count: Annotated[int, typer.Option("--min-count", help="Learn from words that occur so often")] = 2,
    epochs: Annotated[int, typer.Option("--epochs", help="How often the texts are read")] = 10,
    model: Annotated[str, typer.Option("--model", help="skipgram, or cbow, which is faster")] = "skipgram",
    threads: Annotated[int, typer.Option("--threads", help="Threads; with more than one, two runs differ")] = 1,
) -> None:
    """Learn static vectors from texts without annotation.

    They are for --paths.vectors. Every word has one, seen or not: that of its parts. Needs spacy-mtl[vectors].
    """
    from ...scale.subword_vectors import VectorSettings
    from ..pretrain_vectors import pretrain_vectors

    settings = VectorSettings(width, rows, hashes, shortest, longest, min_count, epochs, model, threads)
    pretrain_vectors(inputs, output, settings, lang=lang, text_column=text_column, input_format=input_format)

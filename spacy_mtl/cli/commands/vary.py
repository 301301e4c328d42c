"""`spacy mtl vary`."""

from pathlib import Path
from typing import Annotated, Optional

import typer

from ..group import DATA, app

EXAMPLE = "Example: python -m spacy mtl vary train.spacy variants.spacy --vectors assets/vectors"


@app.command("vary", epilog=EXAMPLE, rich_help_panel=DATA)
def vary_command(
    corpus: Annotated[Path, typer.Argument(help="A .spacy file or a folder with such files")],
    output: Annotated[Path, typer.Argument(help="The .spacy file to write")],
    vectors: Annotated[
        Optional[str], typer.Option("--vectors", help="A pipeline with static vectors, whose neighbours are exchanged")
    ] = None,
    copies: Annotated[int, typer.Option("--copies", help="Variants of each text")] = 3,
    share: Annotated[float, typer.Option("--share", help="Share of words that are exchanged")] = 0.25,
    seed: Annotated[int, typer.Option("--seed", help="Of the words that are drawn")] = 0,
) -> None:
    """Write variants of texts for teachers to read.

    Words of letters are exchanged for neighbours among the vectors, and for words with the same tag where the corpus
    has tags. The variants have no annotation: see `distill --text`.
    """
    from ..vary import vary_corpus

    vary_corpus(corpus, output, vectors=vectors, copies=copies, share=share, seed=seed)

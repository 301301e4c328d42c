"""`spacy mtl join`."""

from pathlib import Path
from typing import Annotated, List, Optional

import typer

from ..group import DATA, app

EXAMPLE = "Example: python -m spacy mtl join sentiment.spacy entities.spacy --output joined.spacy"


@app.command("join", epilog=EXAMPLE, rich_help_panel=DATA)
def join_command(
    corpora: Annotated[
        List[str],
        typer.Argument(help=".spacy files or folders; the first gives texts and tokens; name=path to give a name"),
    ],
    output: Annotated[Path, typer.Option("--output", "-o", help="The .spacy file to write")],
    by: Annotated[str, typer.Option("--by", help="What tells that Docs belong together: 'text' or 'id'")] = "text",
    layers: Annotated[
        Optional[str], typer.Option("--layers", help="Layers to join to the first corpus, with commas; all by default")
    ] = None,
    sentences: Annotated[
        bool, typer.Option("--sentences", help="Make a Doc of each sentence first, where sentences are known")
    ] = False,
) -> None:
    """Join what several corpora annotate on the same texts.

    Layers are put on the texts of the first corpus. Layers: tags, pos, morphology, lemmas, parse, borders,
    entities, frames, translations, spans, categories. Where two corpora have one, the earlier is kept; what disagrees
    or does not fit the tokens is counted.
    """
    from ..join import join

    join(corpora, output, by=by, layers=layers, sentences=sentences)

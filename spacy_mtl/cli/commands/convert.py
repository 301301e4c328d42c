"""`spacy mtl convert`."""

from pathlib import Path
from typing import Annotated, List, Optional

import typer

from ..group import DATA, app
from ..options import (
    Delimiter,
    Format,
    Header,
    LabelColumns,
    LabelNames,
    Lang,
    Separator,
    SkipBad,
    TargetColumn,
    TargetLang,
    Targets,
    TextColumn,
    Votes,
)

EXAMPLE = "Example: python -m spacy mtl convert reviews.csv reviews.spacy --dev 0.1 --test 0.1"


@app.command("convert", epilog=EXAMPLE, rich_help_panel=DATA)
def convert_command(
    inputs: Annotated[List[Path], typer.Argument(help="Files, or folders with files of the format")],
    output: Annotated[Path, typer.Argument(help="The .spacy file to write")],
    format: Format = None,
    lang: Lang = "en",
    labels: Annotated[
        Optional[str], typer.Option("--labels", help="All categories, with commas; by default those of the inputs")
    ] = None,
    label_names: LabelNames = None,
    text_column: TextColumn = None,
    label_columns: LabelColumns = None,
    header: Header = None,
    delimiter: Delimiter = None,
    quotes: Annotated[
        Optional[bool],
        typer.Option("--quotes/--no-quotes", help="csv, tsv: whether quotes around cells are taken off"),
    ] = None,
    separator: Separator = None,
    votes: Votes = None,
    target_lang: TargetLang = None,
    targets: Targets = None,
    target_column: TargetColumn = None,
    tokens: Annotated[
        Optional[bool],
        typer.Option("--tokens", help="csv, tsv, jsonl: the text is tokens with blanks between them"),
    ] = None,
    word_column: Annotated[
        Optional[int], typer.Option("--word-column", help="iob2, conll2003: index of the tokens' column")
    ] = None,
    tag_column: Annotated[
        Optional[int], typer.Option("--tag-column", help="iob2, conll2003: index of the tags' column; -1 is the last")
    ] = None,
    repair: Annotated[
        Optional[bool],
        typer.Option("--repair", help="intents, iob2, conll2003: read an I- that continues nothing as B-"),
    ] = None,
    words: Annotated[
        Optional[Path],
        typer.Option("--words", help="conll2005, propositions, iob2, conll2003: the file with the words"),
    ] = None,
    surface: Annotated[
        Optional[bool],
        typer.Option("--surface", help="conllu, propositions, iob2, conll2003: 'do' is a token, not 'de' and 'o'"),
    ] = None,
    heads_only: Annotated[
        Optional[bool], typer.Option("--heads-only", help="propositions: an argument is the token of its head")
    ] = None,
    keep_roles: Annotated[
        Optional[bool], typer.Option("--keep-roles", help="conll2005, propositions: keep names such as A0 and AM-TMP")
    ] = None,
    dev: Annotated[
        Optional[str], typer.Option("--dev", help="Hold out a share of the documents for development, such as 10%")
    ] = None,
    dev_output: Annotated[
        Optional[Path], typer.Option("--dev-output", help="Its file; by default OUTPUT's with 'dev' for 'train'")
    ] = None,
    test: Annotated[
        Optional[str], typer.Option("--test", help="Hold out a share of the documents for testing, such as 10%")
    ] = None,
    test_output: Annotated[
        Optional[Path], typer.Option("--test-output", help="Its file; by default OUTPUT's with 'test' for 'train'")
    ] = None,
    seed: Annotated[int, typer.Option("--seed", help="Of the choice for --dev and --test")] = 0,
    skip_bad: SkipBad = False,
) -> None:
    """Convert a corpus to a .spacy file.

    Formats: markup, csv, tsv, jsonl, intents (SNIPS, ATIS), iob2, conllu, conll2003, conll2005, conll2012,
    propbank, propositions (Universal Propositions), parallel and tmx (translations), spacy (to hold out parts). Files
    may be compressed by gzip (.gz).
    """
    from ..convert import convert

    convert(
        inputs,
        output,
        format,
        lang,
        dev=dev,
        dev_output=dev_output,
        test=test,
        test_output=test_output,
        seed=seed,
        skip_bad=skip_bad,
        labels=labels,
        label_names=label_names,
        text_column=text_column,
        label_columns=label_columns,
        header=header,
        delimiter=delimiter,
        quotes=quotes,
        separator=separator,
        votes=votes,
        target_lang=target_lang,
        targets=targets,
        target_column=target_column,
        split_words=tokens,
        word_column=word_column,
        tag_column=tag_column,
        repair=repair,
        words=words,
        surface=surface,
        heads_only=heads_only,
        keep_roles=keep_roles,
    )

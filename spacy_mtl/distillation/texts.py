"""Texts without annotation, streamed from files."""

import warnings
from pathlib import Path
from typing import Iterator, Sequence

from spacy.language import Language
from spacy.training import Example

from ..annotation import copy_tokens
from ..data.sources import SOURCE_KEY
from ..errors import Errors, Warnings
from ..scale.inputs import FileReader, ReadSettings, find_files
from ..scale.records import read_record

SOURCE = "texts"
"""The name of the source that these texts are for samplers."""


def read_texts(paths: Sequence[Path], nlp: Language, folder: Path, max_length: int = 0) -> Iterator[Example]:
    """The texts of files, as `spacy mtl annotate` reads them. Those of `.spacy` files keep their tokens.

    paths (Sequence[Path]): Files or folders: .txt with a text a line, .jsonl, .csv, .tsv or .parquet with a field
        "text", .spacy.
    nlp (Language): Gives the tokenizer.
    folder (Path): The folder that is written to.
    max_length (int): The number of tokens that a text may have; 0 for no limit.
    YIELDS (Example): The texts, without annotation. Empty ones are left out, and so are longer ones (W751), and what
        cannot be read (W752).
    RAISES (OSError, ValueError): What finding and opening the files raises; E705 if no text is left.
    """
    found = long = number = 0
    faults = []
    settings = ReadSettings()
    for number, record in enumerate(FileReader(find_files(paths, folder), settings, nlp), start=1):
        try:
            text = read_record(record, number, settings.text_column, nlp.max_length)
        except ValueError as error:
            faults.append(f"{record.source}, line {record.line}: {error}")
            continue
        doc = text.make_doc(nlp.vocab) or nlp.make_doc(text.text)
        if max_length and len(doc) > max_length:
            long += 1
        elif any(not token.is_space for token in doc):
            found += 1
            reference = copy_tokens(doc)
            reference.user_data[SOURCE_KEY] = SOURCE
            yield Example(copy_tokens(doc), reference)
    shown = ", ".join(map(str, paths))
    if not found:
        counts = {"count": number, "long": long, "length": max_length, "faulty": len(faults)}
        raise ValueError(Errors.E705.format(path=shown, **counts))
    if faults:
        warnings.warn(Warnings.W752.format(path=shown, count=len(faults), first=faults[0], left=found), stacklevel=2)
    if long:
        warnings.warn(Warnings.W751.format(path=shown, count=long, length=max_length, left=found), stacklevel=2)

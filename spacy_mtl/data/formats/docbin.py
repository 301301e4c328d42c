"""spaCy's own format, to be split into parts or put together."""

from pathlib import Path
from typing import Iterator

from spacy.language import Language
from spacy.tokens import Doc

from ..category_values import find_bad_categories
from ..decoding import decode_file
from .remarks import Remarks


def read_docbin_docs(path: Path, nlp: Language, *, remarks: Remarks) -> Iterator[Doc]:
    """Read a DocBin as it is; Docs without tokens are left out.

    path (Path): The `.spacy` file.
    nlp (Language): Gives the vocabulary.
    remarks (Remarks): Takes what is left out.
    YIELDS (Doc): The Docs.
    RAISES (ValueError): E122 for a file that is no DocBin, E190 for a Doc with invalid categories.
    """
    for number, doc in enumerate(decode_file(path, nlp.vocab), start=1):
        with remarks.skipping():
            problem = find_bad_categories(doc, number, path)
            if problem:
                raise ValueError(problem)
            if len(doc):
                yield doc

"""Texts without annotation, streamed."""

import json
import warnings
from pathlib import Path
from typing import Iterator, Sequence

from spacy.language import Language
from spacy.tokens import Doc
from spacy.training import Example

from ..annotation import copy_tokens
from ..data.corpus import find_files
from ..data.decoding import decode_file
from ..data.writing import FILE_TYPE
from ..errors import Errors, Warnings

JSONL = ".jsonl"


def check_texts(paths: Sequence[Path]) -> None:
    """paths (Sequence[Path]): Files or folders of texts. RAISES (FileNotFoundError): E705 for one that is not there."""
    for path in paths:
        if not path.exists():
            raise FileNotFoundError(Errors.E705.format(path=path, problem="it is not there"))


def read_texts(paths: Sequence[Path], nlp: Language, max_length: int = 0) -> Iterator[Example]:
    """Texts of files: `.spacy` with their tokens, `.jsonl` with a "text" in each line, others with a text a line.

    paths (Sequence[Path]): The files, or folders of `.spacy` files.
    nlp (Language): Gives the tokenizer.
    max_length (int): The number of tokens that a text may have; 0 for no limit. Longer ones are left out (W751), and
        so are empty ones.
    YIELDS (Example): The texts, without annotation.
    RAISES (FileNotFoundError): E705 for a path that is not there.
    RAISES (ValueError): E705 for a line that cannot be read, and if no text is left.
    """
    check_texts(paths)
    found = long = 0
    for path in paths:
        for doc in _read_docs(path, nlp):
            if max_length and len(doc) > max_length:
                long += 1
            elif any(not token.is_space for token in doc):
                found += 1
                yield Example(copy_tokens(doc), copy_tokens(doc))
    shown = ", ".join(map(str, paths))
    if not found:
        problem = f"no text is left of it; {long:,} are longer than {max_length:,} tokens"
        raise ValueError(Errors.E705.format(path=shown, problem=problem))
    if long:
        warnings.warn(Warnings.W751.format(path=shown, count=long, length=max_length, left=found), stacklevel=2)


def _read_docs(path: Path, nlp: Language) -> Iterator[Doc]:
    if path.is_dir() or path.suffix == FILE_TYPE:
        for file in find_files(path):
            yield from decode_file(file, nlp.vocab)
        return
    with path.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            try:
                text = line.decode("utf-8-sig" if number == 1 else "utf8").strip()
                if path.suffix == JSONL and text:
                    text = json.loads(text)["text"]
                    # what is no string is no text
                    text.encode("utf8")
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                problem = f"line {number} is {type(error).__name__}: {error}"
                raise ValueError(Errors.E705.format(path=path, problem=problem)) from error
            if len(text) <= nlp.max_length:
                yield nlp.make_doc(text)
            else:
                raise ValueError(Errors.E705.format(path=path, problem=f"line {number} has {len(text):,} characters"))

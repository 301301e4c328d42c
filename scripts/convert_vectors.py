"""Turn a text file of word vectors into a folder that `--paths.vectors` takes."""

import gzip
from pathlib import Path
from typing import Annotated, Dict, List, TextIO, Tuple, cast

import numpy
import spacy
import typer
from spacy.vectors import Vectors
from tqdm import tqdm
from wasabi import msg

from spacy_mtl.data.writing import whole_folder


def main(
    source: Annotated[Path, typer.Argument(help="Text file, plain or gzip: a word and its numbers a line")],
    output: Annotated[Path, typer.Argument(help="Folder for a pipeline without components that has the vectors")],
    lang: Annotated[str, typer.Option(help="Language of the pipeline")] = "en",
    limit: Annotated[int, typer.Option(help="At most so many words, 0 for all")] = 0,
    uncased: Annotated[bool, typer.Option(help="Whether Word and WORD have the vector of word")] = True,
) -> None:
    """Turn a text file of word vectors (word2vec's format, with a header or without) into a folder for
    `--paths.vectors`. `spacy init vectors --attr LOWER` would do for uncased ones, but loses the attribute when it
    saves; here each spelling is a key instead."""
    try:
        words, data = read_vectors(source, limit)
    except (OSError, ValueError) as error:
        msg.fail("The vectors cannot be read", str(error), exits=1)
    nlp = spacy.blank(lang)
    rows = find_rows(words, uncased)
    keys = [nlp.vocab.strings.add(spelling) for spelling in rows]
    nlp.vocab.vectors = Vectors(strings=nlp.vocab.strings, data=data, name=f"{lang}_vectors")
    for key, row in zip(keys, rows.values()):
        nlp.vocab.vectors.add(key, row=row)
    try:
        with whole_folder(output) as temporary:
            nlp.to_disk(temporary)
    except (OSError, ValueError) as error:
        msg.fail("The vectors cannot be written", str(error), exits=1)
    msg.good(f"Wrote {len(words)} vectors of width {data.shape[1]} under {len(rows)} spellings to {output}")


def read_vectors(path: Path, limit: int = 0) -> Tuple[List[str], numpy.ndarray]:
    """RETURNS (Tuple[List[str], numpy.ndarray]): The words, and their vectors of shape (words, width)."""
    words: List[str] = []
    vectors: List[numpy.ndarray] = []
    with _open(path) as lines:
        for number, line in enumerate(tqdm(lines, unit=" words", disable=None, leave=False), start=1):
            word, *values = line.rstrip("\n").rstrip(" ").split(" ")
            if number == 1 and len(values) == 1:
                continue
            try:
                vector = numpy.array(values, dtype="float32")
            except ValueError:
                found = line[:60].strip()
                raise ValueError(f"{path}, line {number}: expected a word and numbers, found '{found}'") from None
            if not len(vector) or vectors and len(vector) != len(vectors[0]) or not numpy.isfinite(vector).all():
                expected = f"{len(vectors[0])} finite numbers" if vectors else "numbers"
                raise ValueError(f"{path}, line {number}: expected {expected} behind the word, found {len(vector)}")
            words.append(word)
            vectors.append(vector)
            if len(words) == limit:
                break
    if not words:
        raise ValueError(f"{path} has no vectors: expected a word and its numbers in each line")
    return words, numpy.vstack(vectors)


def find_rows(words: List[str], uncased: bool) -> Dict[str, int]:
    """RETURNS (Dict[str, int]): The row of each spelling. A spelling of its own goes before one that is made."""
    rows = {word: row for row, word in reversed(list(enumerate(words)))}
    if uncased:
        for row, word in enumerate(words):
            if word != word.lower():
                continue
            for spelling in (word.title(), word.capitalize(), word.upper()):
                rows.setdefault(spelling, row)
    return rows


def _open(path: Path) -> TextIO:
    return cast(
        TextIO,
        gzip.open(path, "rt", encoding="utf8") if path.suffix == ".gz" else path.open(encoding="utf8"),
    )


if __name__ == "__main__":
    typer.run(main)

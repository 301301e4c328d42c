"""Static vectors of words and parts of words, from texts without annotation."""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Iterable, NamedTuple

from spacy.language import Language
from spacy.training.initialize import convert_vectors

from ..errors import Errors
from .records import Record, read_record

MODELS = ("skipgram", "cbow")
# floret's word for the end of a line
END_OF_TEXT = "</s>"


class VectorSettings(NamedTuple):
    """How vectors are learned.

    width (int): Width of the vectors.
    rows (int): Rows of the one table that words and parts of words share.
    hashes (int): Rows whose sum is the vector of a word or a part, 1 to 4.
    shortest (int): Letters of the shortest part of a word.
    longest (int): Letters of the longest.
    min_count (int): How often a word must occur to be learned from.
    epochs (int): How often the texts are read.
    model (str): "skipgram", or "cbow", which is faster.
    threads (int): Threads. With more than one, two runs differ.
    """

    width: int = 100
    rows: int = 20_000
    hashes: int = 2
    shortest: int = 3
    longest: int = 5
    min_count: int = 2
    epochs: int = 10
    model: str = "skipgram"
    threads: int = 1


class TextCounts(NamedTuple):
    """What was learned from.

    texts (int): The texts.
    words (int): Their tokens.
    failed (int): What could not be read as a text.
    """

    texts: int
    words: int
    failed: int


def import_floret() -> Any:
    """RETURNS (Any): The module `floret`. RAISES (ImportError): E470 if it is not installed."""
    try:
        import floret
    except ImportError as error:
        raise ImportError(Errors.E470.format(problem=error)) from error
    return floret


def check_vector_settings(settings: VectorSettings) -> None:
    """Refuse settings that cannot be.

    settings (VectorSettings): The settings.
    RAISES (ValueError): E471 for the first that is out of its range.
    """
    for name in ("width", "rows", "hashes", "shortest", "longest", "min_count", "epochs", "threads"):
        if getattr(settings, name) < 1:
            _refuse(name, settings, "1 or more")
    if settings.hashes > 4:
        _refuse("hashes", settings, "4 or fewer")
    if settings.longest < settings.shortest:
        _refuse("longest", settings, f"as many letters as the shortest part ({settings.shortest}), or more")
    if settings.model not in MODELS:
        _refuse("model", settings, " or ".join(MODELS))


def learn_vectors(
    nlp: Language, records: Iterable[Record], settings: VectorSettings, *, text_column: str = "text"
) -> TextCounts:
    """Give a pipeline static vectors that were learned from texts, by floret, in place of those that it has: each word
    has one, seen or not, that of its parts. (Bojanowski et al. 2017, "Enriching Word Vectors with Subword Information";
    in a table of hashes, Svenstrup et al. 2017, "Hash Embeddings for Efficient Word Representations".)

    nlp (Language): The pipeline, whose tokenizer cuts the texts that come without tokens.
    records (Iterable[Record]): The texts.
    settings (VectorSettings): How they are learned.
    text_column (str): The field of the text, where a record has several.
    RETURNS (TextCounts): What they were learned from.
    RAISES (ImportError): E470 if floret is not installed.
    RAISES (ValueError): E471 for a setting out of its range, E472 if no word occurs often enough.
    """
    check_vector_settings(settings)
    floret = import_floret()
    with TemporaryDirectory() as folder:
        corpus, table = Path(folder) / "texts.txt", Path(folder) / "vectors.floret"
        counts = _write_tokens(nlp, records, corpus, text_column)
        try:
            model = floret.train_unsupervised(
                str(corpus),
                mode="floret",
                model=settings.model,
                dim=settings.width,
                bucket=settings.rows,
                hashCount=settings.hashes,
                minn=settings.shortest,
                maxn=settings.longest,
                minCount=settings.min_count,
                epoch=settings.epochs,
                thread=settings.threads,
                verbose=2 if sys.stderr.isatty() else 0,
            )
        except (RuntimeError, ValueError) as error:
            raise _nothing_learned(settings, counts, str(error)) from error
        if set(model.get_words()) <= {END_OF_TEXT}:
            raise _nothing_learned(settings, counts, "no word occurs often enough.")
        model.save_floret_vectors(str(table))
        convert_vectors(nlp, table, truncate=0, prune=-1, name=f"{nlp.lang}_vectors", mode="floret")
    return counts


def _nothing_learned(settings: VectorSettings, counts: TextCounts, problem: str) -> ValueError:
    found = f"{counts.words:,} words in {counts.texts:,} texts, and {counts.failed:,} that could not be read"
    return ValueError(Errors.E472.format(min_count=settings.min_count, found=found, problem=problem))


def _write_tokens(nlp: Language, records: Iterable[Record], path: Path, text_column: str) -> TextCounts:
    texts = words = failed = 0
    with path.open("w", encoding="utf8") as corpus:
        for number, record in enumerate(records):
            try:
                text = read_record(record, number, text_column, nlp.max_length)
            except ValueError:
                failed += 1
                continue
            tokens = text.words if text.words is not None else [token.text for token in nlp.tokenizer(text.text)]
            # floret takes white space for a border of words
            whole = ["".join(token.split()) for token in tokens if token.strip()]
            corpus.write(" ".join(whole) + "\n")
            texts += 1
            words += len(whole)
    return TextCounts(texts, words, failed)


def _refuse(name: str, settings: VectorSettings, expected: str) -> None:
    raise ValueError(Errors.E471.format(setting=name, found=getattr(settings, name), expected=expected))

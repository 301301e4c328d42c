"""Wordpieces: how many a token has, tokens cut short, and texts cut into windows and batches by them."""

from threading import Lock
from typing import Any, Callable, Dict, List, NamedTuple, Sequence, Union

import numpy
from spacy.tokens import Doc
from spacy.training import Example
from spacy.vocab import Vocab

from ..torch_layer import require_transformers
from ..windows import bucket_sizes
from .tokenizer import load_tokenizer

COUNTED_WORDS = 200_000
_SETTING_UP = Lock()


class PieceCounter:
    """Counts the wordpieces of words, each word once.

    A word is counted by itself, with a space before it. A tokenizer that looks across spaces may cut a text otherwise;
    the counts are for planning, and nothing breaks where they are off by a little.
    """

    def __init__(self, tokenizer: Any) -> None:
        """Create a counter.

        tokenizer (transformers.PreTrainedTokenizerBase): The tokenizer.
        """
        self._tokenizer = tokenizer
        self._counts: Dict[str, int] = {}
        # a tokenizer keeps the way of padding that it was asked for last, and cannot change it while a thread uses it
        with _SETTING_UP:
            self._count_pieces(["a"])

    def count(self, words: Sequence[str]) -> numpy.ndarray:
        """Count the pieces of words.

        words (Sequence[str]): The words.
        RETURNS (numpy.ndarray): The number of pieces of each, zero for white space that the tokenizer drops, shape
            (words,).
        """
        # another thread may begin anew
        counts = self._counts
        unknown = list({word for word in words if word not in counts})
        if unknown:
            if len(counts) + len(unknown) > COUNTED_WORDS:
                counts = self._counts = {}
                unknown = list(set(words))
            counts.update(zip(unknown, self._count_pieces(unknown)))
        return numpy.array([counts[word] for word in words], dtype="int64")

    def _count_pieces(self, words: Sequence[str]) -> List[int]:
        spaced = [" " + word for word in words]
        # padded as spacy-transformers does; verbose: warns of words longer than the transformer reads, and those are
        # shortened
        encoded = self._tokenizer(
            spaced, add_special_tokens=False, padding="longest", return_attention_mask=True, verbose=False
        )
        return [sum(mask) for mask in encoded["attention_mask"]]

    def shorten(self, word: str, limit: int) -> str:
        """Cut a word so that it has few pieces.

        word (str): The word.
        limit (int): Most pieces, at least 1.
        RETURNS (str): A beginning of the word, of one character at least.
        """
        while len(word) > 1:
            found = int(self.count([word])[0])
            if found <= limit:
                break
            word = word[: max(1, min(len(word) - 1, len(word) * limit // found))]
        return word


class Passage(NamedTuple):
    """A part of a Doc that the transformer reads at once.

    doc (int): Which Doc of the batch.
    start (int): Its first token.
    end (int): The token after its last.
    kept_start (int): The first token that takes its vector from this passage.
    kept_end (int): The token after the last of those.
    pieces (int): Its wordpieces, without special ones.
    """

    doc: int
    start: int
    end: int
    kept_start: int
    kept_end: int
    pieces: int


def cut_passages(doc: int, pieces: numpy.ndarray, window: int, overlap: int) -> List[Passage]:
    """Cut a Doc into passages that overlap, between tokens, each with a bounded number of wordpieces.

    Of two passages that share tokens, each keeps those that are nearer to its middle.

    doc (int): Which Doc of the batch it is.
    pieces (numpy.ndarray): The wordpieces of its tokens, none more than a window has beyond the overlap, shape
        (tokens,).
    window (int): Most pieces of a passage.
    overlap (int): Most pieces that neighbours share, less than a window.
    RETURNS (List[Passage]): The passages, in order; none for an empty Doc.
    """
    # ends[i]: pieces before token i
    ends = numpy.concatenate([[0], numpy.cumsum(pieces)])
    n_tokens = len(pieces)
    if n_tokens == 0:
        return []
    borders = []
    start = 0
    while True:
        end = int(numpy.searchsorted(ends, ends[start] + window, side="right")) - 1
        end = min(max(end, start + 1), n_tokens)
        borders.append((start, end))
        if end == n_tokens:
            break
        start = max(start + 1, int(numpy.searchsorted(ends, ends[end] - overlap, side="left")))
    middles = [(start + end) // 2 for (start, _), (_, end) in zip(borders[1:], borders)]
    kept_starts, kept_ends = [0, *middles], [*middles, n_tokens]
    return [
        Passage(doc, start, end, kept_start, kept_end, int(ends[end] - ends[start]))
        for (start, end), kept_start, kept_end in zip(borders, kept_starts, kept_ends)
    ]


def batch_passages(passages: Sequence[Passage], limit: int, is_mixed: bool = False) -> List[List[Passage]]:
    """Put passages of like length together.

    passages (Sequence[Passage]): The passages.
    limit (int): Most pieces of a batch, padding included. A passage that is longer is a batch by itself.
    is_mixed (bool): Whether the lengths in a batch may be as unlike as they come.
    RETURNS (List[List[Passage]]): The batches, longest passages first.
    """
    ordered = sorted(passages, key=lambda passage: -passage.pieces)
    # two special pieces go with each passage
    lengths = numpy.array([passage.pieces + 2 for passage in ordered], dtype="int64")
    batches = []
    start = 0
    for size in [len(ordered)] if is_mixed else bucket_sizes(lengths):
        end = start + size
        while start < end:
            fitting = min(end, start + max(1, limit // int(lengths[start])))
            batches.append(ordered[start:fitting])
            start = fitting
    return batches


def make_passage_doc(doc: Doc, passage: Passage, pieces: numpy.ndarray, limit: int, counter: PieceCounter) -> Doc:
    """The text of a passage as a Doc of its own.

    doc (Doc): The whole Doc.
    passage (Passage): The passage.
    pieces (numpy.ndarray): The wordpieces of the Doc's tokens, before any was shortened, shape (tokens,).
    limit (int): Tokens with more wordpieces are shortened.
    counter (PieceCounter): Counts the pieces.
    RETURNS (Doc): The Doc itself if it can be read as it is.
    """
    start, end = passage.start, passage.end
    is_short = pieces[start:end] <= limit
    if is_short.all() and end - start == len(doc):
        return doc
    tokens = list(doc[start:end])
    words = [token.text if fits else counter.shorten(token.text, limit) for token, fits in zip(tokens, is_short)]
    # a vocabulary of its own: shortened words are no words
    return Doc(Vocab(), words=words, spaces=[bool(token.whitespace_) for token in tokens])


def make_piece_count(name: str, max_token_pieces: int = 16) -> Callable[[Union[Doc, Example]], int]:
    """Make a length for spaCy's batchers: the wordpieces of a text, as `spacy-mtl.PretrainedEncoder.v1` reads it.

    name (str): The name of a pretrained model or the folder it lies in. Its tokenizer is loaded at the first count.
    max_token_pieces (int): Wordpieces of a token count up to this.
    RETURNS (Callable[[Union[Doc, Example]], int]): Counts the wordpieces of a Doc, or of an Example's predicted Doc.
    RAISES (ImportError): E411 if spacy-transformers is not installed.
    """
    require_transformers("spacy-mtl.count_wordpieces.v1")
    return _PieceCount(name, max_token_pieces)


class _PieceCount:
    def __init__(self, name: str, max_token_pieces: int) -> None:
        self._name = name
        self._limit = max_token_pieces
        self._counter: Union[PieceCounter, None] = None

    def __call__(self, item: Union[Doc, Example]) -> int:
        if self._counter is None:
            self._counter = PieceCounter(load_tokenizer(self._name))
        doc = item.predicted if isinstance(item, Example) else item
        pieces = self._counter.count([token.text for token in doc])
        return int(numpy.minimum(pieces, self._limit).sum())

"""Long Docs in parts that keep their frames."""

from typing import Iterator, Tuple

from spacy.tokens import Doc

from ..frames import slice_doc


def split_doc(doc: Doc, max_length: int) -> Iterator[Doc]:
    """The parts of a Doc that is longer than a limit: its sentences where they are known, and pieces of what is
    still too long. What a piece cuts off a frame is dropped (W001).

    doc (Doc): The Doc, left as it is.
    max_length (int): The number of tokens that a part may have; 0 for no limit.
    YIELDS (Doc): The Doc itself if it is short enough, else its parts in the order of the text.
    """
    if max_length == 0 or len(doc) <= max_length:
        yield doc
        return
    for start, end in _sentence_bounds(doc):
        for piece in range(start, end, max_length):
            yield slice_doc(doc, piece, min(piece + max_length, end))


def _sentence_bounds(doc: Doc) -> Iterator[Tuple[int, int]]:
    if doc.has_annotation("SENT_START"):
        yield from ((sentence.start, sentence.end) for sentence in doc.sents)
    else:
        yield 0, len(doc)

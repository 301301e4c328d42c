"""Docs of a sentence each, joined to texts of several."""

import random
from itertools import accumulate
from typing import Any, Iterable, Iterator, List, Optional, Sequence

from spacy.tokens import Doc

from ..errors import Errors
from ..frames import join_frames, read_frame_spans, set_frames
from ..joining import join_groups
from ..sentences import sentence_starts
from ..translations import TRANSLATIONS_KEY, get_translations, join_translations, set_translations
from ..types import FrameSpans
from .masking import CATEGORIES, mask

DOCUMENT_ID = "doc_id"
WHOLE_DOCUMENTS = 0
CATEGORY_SETTINGS = ("equal", "apart", "any")


def join_texts(
    docs: Iterable[Doc],
    size: int,
    *,
    categories: str = "equal",
    max_length: int = 0,
    share: float = 1.0,
    rng: Optional[random.Random] = None,
) -> Iterator[Doc]:
    """Join consecutive Docs. No annotation is lost but what `categories` says: only Docs that are annotated for the
    same things are joined, and only those of one document, where they say which in `user_data["doc_id"]`.

    docs (Iterable[Doc]): The Docs.
    size (int): How many Docs make a text, at most; 0 for whole documents.
    categories (str): "equal" joins only Docs with the same categories, which the text has too. "apart" joins others as
        well, to a text without categories, and gives each of these Docs once more, with its categories alone. "any"
        does so without giving them once more.
    max_length (int): The number of tokens that a text of several Docs may have; 0 for no limit.
    share (float): The share of the Docs that are joined, `size` at a time; the others stay alone.
    rng (Optional[random.Random]): Draws which. None to join them all.
    YIELDS (Doc): The texts, with borders between the sentences, in the order of the Docs.
    RAISES (ValueError): E511 for whole documents if a Doc does not say which one it is of.
    """
    group: List[Doc] = []
    group_key: Any = None
    wanted = length = alone = 0
    for number, doc in enumerate(docs, start=1):
        if size == WHOLE_DOCUMENTS and DOCUMENT_ID not in doc.user_data:
            raise ValueError(Errors.E511.format(number=number, text=doc[:12].text))
        key = _annotated_for(doc, categories)
        is_full = wanted and len(group) == wanted or max_length and length + len(doc) > max_length
        if group and (is_full or key != group_key):
            yield from _join_group(group, categories)
            group, length = [], 0
        if not group:
            if rng is not None and not alone and rng.random() >= share:
                alone = size
            wanted, alone = (1, alone - 1) if alone else (size, 0)
        group_key = key
        group.append(doc)
        length += len(doc)
    if group:
        yield from _join_group(group, categories)


def join_sentences(docs: Sequence[Doc]) -> Doc:
    """Join Docs to one text that says where its sentences begin. Those of a Doc without borders are found by
    punctuation.

    docs (Sequence[Doc]): The Docs, at least one, annotated for the same things.
    RETURNS (Doc): The text with all their annotation; categories and document id only if all have the same.
    """
    text = Doc.from_docs(list(docs), exclude=["spans", "tensor", "user_data"])  # type: ignore[call-arg]
    text.has_unknown_spaces = any(doc.has_unknown_spaces for doc in docs)
    text.cats = dict(docs[0].cats) if all(doc.cats == docs[0].cats for doc in docs) else {}
    if all(doc.user_data.get(DOCUMENT_ID) == docs[0].user_data.get(DOCUMENT_ID, "") for doc in docs):
        text.user_data[DOCUMENT_ID] = docs[0].user_data[DOCUMENT_ID]
    texts = join_translations(docs)
    if texts is not None:
        set_translations(text, texts)
    for key in [key for key in docs[0].spans if key != TRANSLATIONS_KEY]:
        if any(len(doc.spans[key]) for doc in docs) and all(frames_or_none(doc, key) is not None for doc in docs):
            set_frames(text, join_frames(docs, key), key)
        else:
            text.spans[key] = join_groups(docs, key, text)
    # a tree sets the borders itself, and lets nobody else
    if not text.has_annotation("DEP"):
        offsets = accumulate(map(len, docs), initial=0)
        starts = {offset + start for offset, doc in zip(offsets, docs) for start in sentence_starts(doc).tolist()}
        for token in text:
            token.is_sent_start = token.i in starts
    return text


def frames_or_none(doc: Doc, key: str) -> Optional[List[FrameSpans]]:
    """The frames of a span group.

    doc (Doc): The Doc.
    key (str): The name of the group.
    RETURNS (Optional[List[FrameSpans]]): The frames; None if it is a group of another kind, or broken.
    """
    try:
        return read_frame_spans(doc, key)
    except ValueError:
        return None


def _join_group(docs: Sequence[Doc], categories: str) -> Iterator[Doc]:
    text = join_sentences(docs)
    yield text
    if categories == "apart" and not text.cats:
        yield from (mask(doc, [CATEGORIES]) for doc in docs if doc.cats)


def _annotated_for(doc: Doc, categories: str) -> Any:
    """What Docs must have in common to be joined."""
    return (
        doc.user_data.get(DOCUMENT_ID),
        dict(doc.cats) if categories == "equal" else None,
        set(doc.spans),
        set(get_translations(doc) or ()),
        doc.has_annotation("ENT_IOB"),
        doc.has_annotation("DEP"),
    )

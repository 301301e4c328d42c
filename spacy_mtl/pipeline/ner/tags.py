"""Between Docs and tags: which tokens have tags, and which tags an annotation leaves possible."""

from typing import Collection, List, NamedTuple, Optional, Sequence, Tuple

import numpy
from spacy.tokens import Doc, Span
from spacy.training import Example
from thinc.types import Array2d, Ints1d

from ...annotation import annotated_entity_tags
from ...heads.crf.chain import TagScores
from ...heads.ner.tagging_scheme import OUTSIDE, TagSet, allowed_tags, drop_tokens, span_tags


def solid_tokens(doc: Doc) -> Ints1d:
    """RETURNS (Ints1d): The indices of the tokens that are not whitespace."""
    return numpy.flatnonzero(doc.to_array("IS_SPACE") == 0)


def select_tokens(scores: TagScores, kept: Sequence[Ints1d]) -> Tuple[TagScores, Ints1d]:
    """The scores of some tokens of each Doc.

    scores (TagScores): The scores of all tokens, on the host.
    kept (Sequence[Ints1d]): For each Doc, the indices of the tokens to keep.
    RETURNS (Tuple[TagScores, Ints1d]): Their scores, and their rows among all; the same scores if nothing is dropped.
    """
    offsets = numpy.cumsum(scores.lengths) - scores.lengths
    rows = numpy.concatenate([indices + offset for indices, offset in zip(kept, offsets)])
    if len(rows) == scores.emissions.shape[0]:
        return scores, rows
    lengths = numpy.array([len(indices) for indices in kept], dtype=scores.lengths.dtype)
    return scores._replace(emissions=scores.emissions[rows], lengths=lengths), rows


class GoldTags(NamedTuple):
    """What the annotation of a text leaves possible.

    allowed (Array2d): Boolean, shape (kept tokens, tags): the possible tags.
    crossing (int): How many entities cross a border of sentences. Their tokens are open.
    """

    allowed: Array2d
    crossing: int


def gold_tags(example: Example, kept: Ints1d, tag_set: TagSet, outside: Collection[str] = ()) -> GoldTags:
    """The tags that the annotation of an Example leaves possible on the tokens of its predicted Doc.

    example (Example): The Example.
    kept (Ints1d): The indices of the tokens that have tags.
    tag_set (TagSet): The tags.
    outside (Collection[str]): Labels of other components: their entities are none here, where those of unknown labels
        are open.
    RETURNS (GoldTags): The tags.
    """
    biluo = annotated_entity_tags(example)
    if outside:
        biluo = [OUTSIDE if tag and tag[2:] in outside else tag for tag in biluo]
    if len(kept) < len(biluo):
        biluo = drop_tokens(biluo, numpy.isin(numpy.arange(len(biluo)), kept).tolist())
    crossing = 0
    for border in sentence_borders(example.predicted, kept).tolist():
        start, end = border, border
        while end < len(biluo) and (biluo[end] or "O")[0] in "IL":
            end += 1
        if end > border:
            while start > 0 and (biluo[start] or "O")[0] != "B" and (biluo[start - 1] or "O")[0] in "BI":
                start -= 1
            biluo[start:end] = [None] * (end - start)
            crossing += 1
    return GoldTags(allowed_tags(tag_set, biluo), crossing)


def sentence_borders(doc: Doc, kept: Ints1d) -> Ints1d:
    """The tokens that begin a sentence, as far as the Doc has borders of sentences, the first left out.

    doc (Doc): The Doc.
    kept (Ints1d): The indices of the tokens that have tags. One that is left out leaves its border to the next.
    RETURNS (Ints1d): Their places among the kept tokens.
    """
    places = numpy.unique(numpy.searchsorted(kept, numpy.flatnonzero(doc.to_array("SENT_START") == 1)))
    return places[(places > 0) & (places < len(kept))]


def possible_tags(docs: Sequence[Doc], kept: Sequence[Ints1d], tag_set: TagSet) -> Optional[Array2d]:
    """The tags of entities that lie within their sentences.

    docs (Sequence[Doc]): The Docs.
    kept (Sequence[Ints1d]): For each Doc, the indices of the tokens that have tags.
    tag_set (TagSet): The tags.
    RETURNS (Optional[Array2d]): Boolean, shape (kept tokens, tags); None if no Doc has borders.
    """
    borders = [sentence_borders(doc, indices) for doc, indices in zip(docs, kept)]
    if not any(len(places) for places in borders):
        return None
    offsets = numpy.cumsum([0, *(len(indices) for indices in kept)])
    rows = numpy.concatenate([places + offset for places, offset in zip(borders, offsets)])
    possible = numpy.ones((int(offsets[-1]), len(tag_set.tags)), dtype="bool")
    continuing = numpy.array([tag[0] in "IL" for tag in tag_set.tags])
    possible[rows] &= ~continuing
    return possible


def preset_spans(doc: Doc) -> Tuple[List[Span], List[Span]]:
    """RETURNS (Tuple[List[Span], List[Span]]): A Doc's entities, and the tokens that are blocked for entities."""
    if not doc.has_annotation("ENT_IOB"):
        return [], []
    iob, label = doc.to_array(["ENT_IOB", "ENT_TYPE"]).T
    blocked = numpy.flatnonzero((iob == 3) & (label == 0)).tolist()
    return list(doc.ents), [doc[i : i + 1] for i in blocked]


def open_tags(
    docs: Sequence[Doc], kept: Sequence[Ints1d], tag_set: TagSet, keep_entities: bool = True
) -> Optional[Array2d]:
    """The tags to choose from: entities lie within their sentences, and outside of blocked tokens.

    docs (Sequence[Doc]): The Docs.
    kept (Sequence[Ints1d]): For each Doc, the indices of the tokens that have tags.
    tag_set (TagSet): The tags.
    keep_entities (bool): Whether to leave the Docs' entities as they are.
    RETURNS (Optional[Array2d]): Boolean, shape (kept tokens, tags); None for all.
    """
    possible = possible_tags(docs, kept, tag_set)
    presets = [preset_spans(doc) for doc in docs]
    if not any((spans and keep_entities) or blocked for spans, blocked in presets):
        return possible
    allowed = []
    for doc, indices, (spans, blocked) in zip(docs, kept, presets):
        biluo: List[Optional[str]] = [None] * len(doc)
        for span in blocked:
            biluo[span.start] = OUTSIDE
        for span in spans if keep_entities else ():
            is_known = span.label_ in tag_set.labels
            biluo[span.start : span.end] = (
                span_tags("biluo", span.label_, len(span)) if is_known else [OUTSIDE] * len(span)
            )
        allowed.append(allowed_tags(tag_set, drop_tokens(biluo, numpy.isin(numpy.arange(len(doc)), indices).tolist())))
    preset = numpy.concatenate(allowed)
    if possible is None:
        return preset
    # an entity that is there may cross a border
    return preset & (possible | (preset.sum(axis=1, keepdims=True) == 1))

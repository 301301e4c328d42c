"""Between Docs and tags: which tokens have tags, and which tags an annotation leaves possible."""

from typing import List, Optional, Sequence, Tuple

import numpy
from spacy.tokens import Doc, Span
from spacy.training import Example
from thinc.api import get_array_module
from thinc.types import Array2d, Ints1d

from ..annotation import annotated_entity_tags
from ..heads.chain import TagScores
from ..heads.tagging_scheme import OUTSIDE, TagSet, allowed_tags, drop_tokens, span_tags


def solid_tokens(doc: Doc) -> Ints1d:
    """RETURNS (Ints1d): The indices of the tokens that are not whitespace."""
    return numpy.flatnonzero(doc.to_array("IS_SPACE") == 0)


def select_tokens(scores: TagScores, kept: Sequence[Ints1d]) -> Tuple[TagScores, Ints1d]:
    """The scores of some tokens of each Doc.

    scores (TagScores): The scores of all tokens.
    kept (Sequence[Ints1d]): For each Doc, the indices of the tokens to keep.
    RETURNS (Tuple[TagScores, Ints1d]): Their scores, and their rows among all; the same scores if nothing is dropped.
    """
    offsets = numpy.cumsum(scores.lengths) - scores.lengths
    rows = numpy.concatenate([indices + offset for indices, offset in zip(kept, offsets)])
    if len(rows) == scores.emissions.shape[0]:
        return scores, rows
    lengths = numpy.array([len(indices) for indices in kept], dtype=scores.lengths.dtype)
    xp = get_array_module(scores.emissions)
    return scores._replace(emissions=scores.emissions[xp.asarray(rows)], lengths=lengths), rows


def gold_tags(example: Example, kept: Ints1d, tag_set: TagSet) -> Array2d:
    """RETURNS (Array2d): Boolean, shape (kept tokens, tags): the tags that the annotation leaves possible."""
    biluo = annotated_entity_tags(example)
    if len(kept) < len(biluo):
        biluo = drop_tokens(biluo, numpy.isin(numpy.arange(len(biluo)), kept).tolist())
    return allowed_tags(tag_set, biluo)


def preset_spans(doc: Doc) -> Tuple[List[Span], List[Span]]:
    """RETURNS (Tuple[List[Span], List[Span]]): A Doc's entities, and the tokens that are blocked for entities."""
    if not doc.has_annotation("ENT_IOB"):
        return [], []
    iob, label = doc.to_array(["ENT_IOB", "ENT_TYPE"]).T
    blocked = numpy.flatnonzero((iob == 3) & (label == 0)).tolist()
    return list(doc.ents), [doc[i : i + 1] for i in blocked]


def preset_tags(docs: Sequence[Doc], kept: Sequence[Ints1d], tag_set: TagSet) -> Optional[Array2d]:
    """The tags that leave the Docs' entities and blocked tokens as they are.

    docs (Sequence[Doc]): The Docs.
    kept (Sequence[Ints1d]): For each Doc, the indices of the tokens that have tags.
    tag_set (TagSet): The tags.
    RETURNS (Optional[Array2d]): Boolean, shape (kept tokens, tags); None if no Doc has any.
    """
    presets = [preset_spans(doc) for doc in docs]
    if not any(spans or blocked for spans, blocked in presets):
        return None
    allowed = []
    for doc, indices, (spans, blocked) in zip(docs, kept, presets):
        biluo: List[Optional[str]] = [None] * len(doc)
        for span in blocked:
            biluo[span.start] = OUTSIDE
        for span in spans:
            is_known = span.label_ in tag_set.labels
            biluo[span.start : span.end] = (
                span_tags("biluo", span.label_, len(span)) if is_known else [OUTSIDE] * len(span)
            )
        allowed.append(allowed_tags(tag_set, drop_tokens(biluo, numpy.isin(numpy.arange(len(doc)), indices).tolist())))
    return numpy.concatenate(allowed)

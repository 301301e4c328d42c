"""Entities from the scores of a CRF, each with its exact probability."""

from typing import List, Optional, Tuple

import numpy
from thinc.types import Array2d, Floats1d

from ..crf.chain import TagScores, select_sequences
from ..crf.forward_backward import forward_backward, segment_probabilities
from ..crf.viterbi import viterbi
from .tagging_scheme import EntitySpan, TagSet, read_entities, span_tags


def decode_entities(scores: TagScores, tag_set: TagSet, allowed: Optional[Array2d] = None) -> List[List[EntitySpan]]:
    """The entities of the best tag sequences.

    scores (TagScores): The scores.
    tag_set (TagSet): The tags.
    allowed (Optional[Array2d]): Boolean, shape (tokens, tags): tags to choose from; all if None.
    RETURNS (List[List[EntitySpan]]): For each sequence its entities, in the order of the text.
    """
    entities: List[List[EntitySpan]] = [[] for _ in scores.lengths]
    # Where no sequence is legal the tags are -1: no entity.
    tags = numpy.maximum(viterbi(scores, tag_set.legal, allowed), 0)
    # A legal sequence neither starts inside an entity nor leaves one open, so none crosses into the next sequence.
    found = read_entities(tag_set, tags)
    if not found:
        return entities
    sequence = numpy.repeat(numpy.arange(len(scores.lengths)), scores.lengths)
    owners = sequence[[entity.start for entity in found]]
    has_entities = numpy.zeros(len(scores.lengths), dtype="bool")
    has_entities[owners] = True
    chosen, rows = select_sequences(scores, has_entities)
    moved = numpy.cumsum(numpy.isin(numpy.arange(len(sequence)), rows)) - 1
    spans = [(label, int(moved[start]), int(moved[end - 1]) + 1) for label, start, end, _ in found]
    probabilities = entity_probabilities(chosen, tag_set, spans, None if allowed is None else allowed[rows])
    offsets = numpy.cumsum(scores.lengths) - scores.lengths
    for (label, start, end, _), owner, probability in zip(found, owners.tolist(), probabilities.tolist()):
        offset = int(offsets[owner])
        entities[owner].append(EntitySpan(label, start - offset, end - offset, probability))
    return entities


def entity_probabilities(
    scores: TagScores, tag_set: TagSet, spans: List[Tuple[str, int, int]], allowed: Optional[Array2d] = None
) -> Floats1d:
    """The exact probability of each entity: that its tokens are this entity, no more and no less.

    scores (TagScores): The scores.
    tag_set (TagSet): The tags.
    spans (List[Tuple[str, int, int]]): The label, first row and row after the last of each entity, counted over all
        sequences. No entity crosses into another sequence.
    allowed (Optional[Array2d]): Boolean, shape (tokens, tags): tags to sum over; all if None.
    RETURNS (Floats1d): One probability for each entity.
    """
    posteriors = forward_backward(scores, tag_set.legal, allowed)
    index = {tag: i for i, tag in enumerate(tag_set.tags)}
    named = [span_tags(tag_set.scheme, label, end - start) for label, start, end in spans]
    paths = [numpy.array([index[tag] for tag in tags]) for tags in named]
    starts = numpy.array([start for _, start, _ in spans], dtype="int64")
    probabilities = segment_probabilities(scores, posteriors, starts, paths)
    if tag_set.scheme == "bio":
        # B I I is as well the beginning of a longer entity, which is another one.
        ends = numpy.array([end for _, _, end in spans], dtype="int64")
        longer = numpy.flatnonzero(~numpy.isin(ends, numpy.cumsum(scores.lengths)))
        longer_paths = [numpy.append(paths[i], index[f"I-{spans[i][0]}"]) for i in longer]
        probabilities[longer] -= segment_probabilities(scores, posteriors, starts[longer], longer_paths)
    return numpy.clip(probabilities, 0.0, 1.0)

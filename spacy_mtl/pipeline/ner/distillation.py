"""Entities of teachers: what a chain of tags says of a text, and what another learns from it."""

from typing import Any, List, Optional, Sequence, Tuple

import numpy
from spacy.training import Example
from thinc.types import Array2d, Ints1d

from ...heads.crf.chain import TagScores, cool, select_sequences
from ...heads.crf.forward_backward import forward_backward
from ...heads.crf.soft_targets import SMALLEST, expected_crf_loss, pack_rows, unpack_rows
from ...heads.host import bring_to_host, send_back
from ...heads.ner.tagging_scheme import OUTSIDE, TagSet, make_tag_set
from ..distillation.learning import Group, LearnsFromTeachers
from ..distillation.lessons import Lesson, find_places, join_labels
from .tags import possible_tags, select_tokens, solid_tokens

SCHEME = "biluo"
"""The tags of lessons. Every sequence of "bio" is one of "biluo", so that nothing is lost either way."""
TO_BIO = {"L": "I", "U": "B"}


class TeachesEntities(LearnsFromTeachers):
    """Mixed into a recognizer of entities. A lesson is what determines the distribution over tag sequences: the
    probabilities of tags, and the expected numbers of transitions. The entities of labels that the learner does not
    have are none to it; the teacher has no say about labels that it does not have itself."""

    model: Any
    cfg: Any
    tag_set: Any

    def make_lessons(self, examples: Sequence[Example], temperature: float, top_k: int) -> List[Optional[Lesson]]:
        """RETURNS (List[Optional[Lesson]]): "tags", the probabilities of tags as `pack_rows` keeps them, and "moves",
        "counts": transitions as numbers `from * tags + to`, and how often they are expected. None without tokens."""
        lessons: List[Optional[Lesson]] = [None] * len(examples)
        docs = [example.predicted for example in examples]
        if not any(len(doc) for doc in docs):
            return lessons
        tag_set = make_tag_set(SCHEME, self.labels)
        kept = [solid_tokens(doc) for doc in docs]
        scores, _ = select_tokens(cool(bring_to_host(self.model.predict(docs)), temperature), kept)
        scores = widen(scores, self.tag_set, tag_set)
        possible = possible_tags(docs, kept, tag_set)
        for i, (doc, indices) in enumerate(zip(docs, kept)):
            if not len(indices):
                continue
            chosen = numpy.arange(len(docs)) == i
            own, rows = select_sequences(scores, chosen)
            posteriors = forward_backward(own, tag_set.legal, None if possible is None else possible[rows])
            tags = numpy.zeros((len(doc), len(tag_set.tags)), dtype="float32")
            tags[indices] = posteriors.marginals
            counts = posteriors.transitions.ravel()
            moves = numpy.flatnonzero(counts >= SMALLEST)
            lessons[i] = {
                "labels": join_labels(self.labels),
                "temperature": temperature,
                "tags": pack_rows(tags, top_k),
                "moves": moves.astype("uint32"),
                "counts": counts[moves].astype("float32"),
            }
        return lessons

    def get_lesson_loss(self, examples: Sequence[Example], scores: TagScores, group: Group) -> Tuple[float, TagScores]:
        """RETURNS (Tuple[float, TagScores]): The cross-entropy of the chain of the tags that the teacher has, and its
        gradient."""
        tag_set = self.tag_set
        docs = [example.predicted for example in examples]
        kept = [solid_tokens(doc) for doc in docs]
        solid, rows = select_tokens(bring_to_host(scores), kept)
        chosen = numpy.array([lesson is not None and len(i) > 0 for lesson, i in zip(group.lessons, kept)])
        own, own_rows = select_sequences(cool(solid, group.temperature), chosen)
        known = numpy.array([tag == OUTSIDE or tag[2:] in group.labels for tag in tag_set.tags])
        possible = numpy.broadcast_to(known, (len(own_rows), len(known)))
        within = possible_tags(docs, kept, tag_set)
        if within is not None:
            possible = possible & within[own_rows]
        places = find_tags(group.labels, tag_set)
        taught = [(group.lessons[i], kept[i]) for i in numpy.flatnonzero(chosen)]
        expected = _expect(taught, places, own, possible)
        loss, gradient = expected_crf_loss(own, expected, tag_set.legal, possible)
        d_emissions = numpy.zeros(scores.emissions.shape, dtype=gradient.emissions.dtype)
        d_emissions[rows[own_rows]] = gradient.emissions
        gradient = cool(gradient._replace(emissions=d_emissions, lengths=scores.lengths), group.temperature)
        return loss, send_back(self.model.ops, gradient, scores)


def _expect(taught: Sequence[Tuple[Any, Ints1d]], places: Ints1d, scores: TagScores, possible: Array2d) -> TagScores:
    """What teachers expect of each sequence of the scores, in the tags of the learner."""
    n_tags, n_theirs = len(scores.start), len(places)
    emissions = numpy.concatenate([unpack_rows(lesson["tags"], places, n_tags)[i] for lesson, i in taught])
    emissions = numpy.where(possible, emissions, 0.0)
    total = emissions.sum(axis=1, keepdims=True)
    emissions /= numpy.where(total > 0, total, 1)
    transitions = numpy.zeros((n_tags, n_tags), dtype="float32")
    for lesson, _ in taught:
        before, after = numpy.divmod(lesson["moves"].astype("int64"), n_theirs)
        numpy.add.at(transitions, (places[before], places[after]), lesson["counts"])
    ends = numpy.cumsum(scores.lengths)
    first, last = ends - scores.lengths, ends - 1
    return TagScores(emissions, scores.lengths, transitions, emissions[first].sum(axis=0), emissions[last].sum(axis=0))


def find_tags(labels: Tuple[str, ...], tag_set: TagSet) -> Ints1d:
    """Where the tags of a teacher's labels are among a component's; those of labels that it lacks are outside."""
    tags = make_tag_set(SCHEME, labels).tags
    if tag_set.scheme != SCHEME:
        tags = tuple(TO_BIO.get(tag[0], tag[0]) + tag[1:] for tag in tags)
    return find_places(tags, tag_set.tags, tag_set.tags.index(OUTSIDE))


def widen(scores: TagScores, own: TagSet, wide: TagSet) -> TagScores:
    """The same chain in the tags of lessons: each sequence of entities has the same score."""
    if own.scheme == wide.scheme:
        return scores
    tags = tuple(TO_BIO.get(tag[0], tag[0]) + tag[1:] for tag in wide.tags)
    places = find_places(tags, own.tags)
    return scores._replace(
        emissions=scores.emissions[:, places],
        transitions=scores.transitions[places][:, places],
        start=scores.start[places],
        end=scores.end[places],
    )

"""Frames of teachers: what a labeller of semantic roles learns from another."""

from typing import Any, Dict, List, NamedTuple, Optional, Sequence, Tuple

import numpy
from spacy.training import Example
from thinc.types import Floats1d, Floats2d, Ints1d

from ...annotation import has_frames
from ...heads.crf.soft_targets import unpack_rows
from ...heads.host import bring_to_host, send_back
from ...heads.srl.model import SRLScores
from ...heads.srl.role_crf import ILLEGAL, forward_backward
from ...heads.srl.role_tags import constrain_predicates
from ...heads.srl.senses import segment_softmax
from ...heads.windows import Windows
from ..distillation.learning import Group, LearnsFromTeachers
from ..distillation.lessons import Lesson, find_places, split_labels
from .gold import SRLGold, collect_gold, predicate_loss, weigh_gold
from .teaching import make_frame_lessons


class Taught(NamedTuple):
    """A predicate of the batch that a teacher says something of.

    packed (int): Its number among the packed windows.
    place (int): Its number in the order of the batch.
    rows (Ints1d): The rows of its window.
    roles (Floats2d): The probabilities of the learner's role tags, shape (rows, tags).
    senses (Dict[str, float]): Those of the teacher's candidates.
    """

    packed: int
    place: int
    rows: Ints1d
    roles: Floats2d
    senses: Dict[str, float]


class TeachesFrames(LearnsFromTeachers):
    """Mixed into a labeller of semantic roles. A lesson is the probability of each token heading a predicate, and for
    those that the teacher finds or the gold has, the probabilities of role tags, which determine the distribution over
    taggings, and of senses. The roles that the learner does not have are none to it; the teacher has no say about roles
    that it does not have itself. Senses are compared over the candidates that both have."""

    model: Any
    cfg: Any
    predictor: Any
    _gold: Optional[SRLGold]
    _sentences: Any

    def make_lessons(self, examples: Sequence[Example], temperature: float, top_k: int) -> List[Optional[Lesson]]:
        """RETURNS (List[Optional[Lesson]]): As `make_frame_lessons` gives them."""
        return make_frame_lessons(self.predictor, examples, self.cfg["spans_key"], temperature, top_k)

    def has_gold(self, example: Example) -> bool:
        """RETURNS (bool): Whether an Example is annotated with frames."""
        return has_frames(example, self.cfg["spans_key"])

    def count_taught(self, example: Example) -> int:
        """RETURNS (int): 0, for what teachers say is among the batch's targets."""
        return 0

    def get_training_loss(self, examples: Sequence[Example], scores: SRLScores) -> Tuple[float, SRLScores]:
        """RETURNS (Tuple[float, SRLScores]): As every head's, of the batch that `begin_update` scored."""
        try:
            return super().get_training_loss(examples, scores)
        finally:
            self._gold = None

    def get_gold_loss(
        self, examples: Sequence[Example], scores: SRLScores, weights: Sequence[float]
    ) -> Tuple[float, SRLScores]:
        """RETURNS (Tuple[float, SRLScores]): The loss of gold, weighed by Example, and its gradient."""
        gold = self._gold
        if gold is not None:
            of_docs = [w if self.has_gold(example) else 0.0 for example, w in zip(examples, weights)]
            self._gold = weigh_gold(gold, numpy.repeat(of_docs, [len(example.predicted) for example in examples]))
        found = self.get_loss(examples, scores)
        # the lessons are of the same batch
        self._gold = gold
        return found

    def get_lesson_loss(self, examples: Sequence[Example], scores: SRLScores, group: Group) -> Tuple[float, SRLScores]:
        """RETURNS (Tuple[float, SRLScores]): The cross-entropies of predicates, arguments and senses, summed, and their
        gradient."""
        gold, temperature, own = self._gold, group.temperature, bring_to_host(scores)
        assert gold is not None
        lengths = [len(example.predicted) for example in examples]
        offsets = numpy.cumsum([0, *lengths]).tolist()
        chances, counts = numpy.zeros(sum(lengths), dtype="float32"), numpy.zeros(sum(lengths), dtype="float32")
        for offset, length, lesson in zip(offsets, lengths, group.lessons):
            if lesson is not None:
                chances[offset : offset + length], counts[offset : offset + length] = lesson["predicates"], 1
        scheme = self.predictor.scheme
        places = _find_tags(group.labels, scheme.roles)
        taught = _place(group.lessons, offsets, gold.windows, places, scheme.size)
        soft = gold._replace(is_predicate=chances, is_annotated=counts)
        loss, d_predicates = predicate_loss(soft, own.predicates / temperature)
        d_arguments, d_senses = numpy.zeros_like(own.arguments), numpy.zeros_like(own.senses)
        if taught:
            role_loss, d_arguments = self._get_role_loss(taught, own.arguments / temperature, gold, group.labels)
            names = self._name_candidates(examples, offsets, gold.senses.predicates)
            sense_loss, d_senses = _get_sense_loss(taught, own.senses / temperature, gold, names)
            loss += role_loss + sense_loss
        gradient = SRLScores(d_predicates / temperature, d_arguments / temperature, d_senses / temperature)
        return loss, send_back(self.model.ops, gradient, scores)

    def _collect_gold(self, examples: Sequence[Example]) -> SRLGold:
        predictor, key, window = self.predictor, self.cfg["spans_key"], self.cfg["window"]
        named = [_name_predicates(lessons) for lessons in self.read_lessons(examples)]
        return collect_gold(examples, predictor.scheme, predictor.table, key, window, self._sentences, named)

    def _get_role_loss(
        self, taught: Sequence[Taught], scores: Floats2d, gold: SRLGold, labels: Sequence[str]
    ) -> Tuple[float, Floats2d]:
        """The chain over role tags has no transition weights, so that the tags' probabilities are all that counts."""
        roles = self.predictor.scheme.roles
        constrained = constrain_predicates(scores, gold.windows, self.predictor.predicate_role)
        untold = numpy.flatnonzero([role not in labels for role in roles])
        constrained[:, numpy.concatenate([1 + untold, 1 + len(roles) + untold])] = ILLEGAL
        target = numpy.zeros(scores.shape, dtype="float32")
        counts = numpy.zeros(len(gold.windows.order), dtype="float32")
        for predicate in taught:
            target[predicate.rows] = predicate.roles
            counts[predicate.packed] = 1
        target = numpy.where(constrained > ILLEGAL / 2, target, 0)
        own = forward_backward(constrained, gold.windows.sizes)
        loss = float((own.log_z * counts).sum() - (target * constrained).sum(dtype="float64"))
        gradient = (own.marginals() - target) * counts[gold.windows.owners][:, None]
        return loss, gradient.astype(scores.dtype)

    def _name_candidates(
        self, examples: Sequence[Example], offsets: Sequence[int], predicates: Ints1d
    ) -> List[List[str]]:
        """The candidate senses of each predicate of the batch."""
        table = self.predictor.table
        names = []
        for token in predicates.tolist():
            i = int(numpy.searchsorted(offsets, token, side="right")) - 1
            head = examples[i].predicted[token - offsets[i]]
            names.append(table[head.text, head.lemma_].names)
        return names


def _get_sense_loss(
    taught: Sequence[Taught], scores: Floats1d, gold: SRLGold, names: Sequence[Sequence[str]]
) -> Tuple[float, Floats1d]:
    """A softmax over the candidates that both have, where there are any."""
    ends = numpy.cumsum(gold.senses.sizes).tolist()
    target, known = numpy.zeros(len(scores), dtype="float32"), numpy.zeros(len(scores), dtype="bool")
    for predicate in taught:
        shared = [name in predicate.senses for name in names[predicate.place]]
        values = numpy.asarray([predicate.senses.get(name, 0.0) for name in names[predicate.place]], dtype="float32")
        if values.sum() > 0:
            own = slice(ends[predicate.place] - len(values), ends[predicate.place])
            target[own], known[own] = values / values.sum(), shared
    told = numpy.where(known, scores, ILLEGAL)
    probabilities = segment_softmax(told, gold.senses.sizes)
    loss = -float((target * numpy.log(numpy.maximum(probabilities, 1e-10))).sum())
    return loss, ((probabilities - target) * known).astype("float32")


def _place(
    lessons: Sequence[Optional[Lesson]], offsets: Sequence[int], windows: Windows, places: Ints1d, width: int
) -> List[Taught]:
    """The predicates of lessons that are in the batch, with the same window."""
    packed_by_token = {token: packed for packed, token in enumerate(windows.predicates.tolist())}
    bounds = list(zip(windows.starts.tolist(), windows.lengths().tolist()))
    found: List[Tuple[int, Floats2d, Dict[str, float]]] = []
    for offset, lesson in zip(offsets, lessons):
        if lesson is None:
            continue
        rows = unpack_rows(lesson["rows"], places, width)
        names, values = split_labels(lesson["senses"]), lesson["sense_values"].tolist()
        row = sense = 0
        parts = (lesson[part].tolist() for part in ("heads", "starts", "ends", "sense_sizes"))
        for head, start, end, size in zip(*parts):
            packed = packed_by_token.get(offset + head)
            if packed is not None and bounds[packed] == (offset + start, end - start):
                senses = dict(zip(names[sense : sense + size], values[sense : sense + size]))
                found.append((packed, rows[row : row + end - start], senses))
            row, sense = row + end - start, sense + size
    of_windows = windows.rows_of(packed for packed, *_ in found)
    return [
        Taught(packed, int(windows.order[packed]), of_window, roles, senses)
        for (packed, roles, senses), of_window in zip(found, of_windows)
    ]


def _name_predicates(lessons: Sequence[Lesson]) -> List[Tuple[int, int, int]]:
    """Each predicate that one of several teachers names, and its window."""
    named: Dict[int, Tuple[int, int, int]] = {}
    for lesson in lessons:
        for head, start, end in zip(*(lesson[part].tolist() for part in ("heads", "starts", "ends"))):
            named.setdefault(head, (head, start, end))
    return [named[head] for head in sorted(named)]


def _find_tags(labels: Tuple[str, ...], roles: Tuple[str, ...]) -> Ints1d:
    """Where the tags of a teacher's roles are among a learner's; those of roles that it lacks are outside."""
    places = find_places(labels, roles)
    begins = numpy.where(places >= 0, 1 + places, 0)
    insides = numpy.where(places >= 0, 1 + len(roles) + places, 0)
    return numpy.concatenate([[0], begins, insides])

"""Gold frames of a batch in the shape of the model's scores, and the loss against them."""

import warnings
from collections import Counter
from typing import Callable, Dict, Iterable, List, Mapping, NamedTuple, Optional, Sequence, Tuple
from typing import Counter as CounterType

import numpy
from spacy.training import Example
from thinc.types import Floats1d, Floats2d, Ints1d

from ...alignment import align_frames
from ...annotation import has_frames
from ...errors import Errors, Warnings
from ...frames import read_frame_spans
from ...heads.srl.model import SRLScores
from ...heads.srl.role_crf import ILLEGAL, forward_backward
from ...heads.srl.role_tags import OPEN, RoleTagScheme, constrain_predicates, open_continuations, pack_tags
from ...heads.srl.rolesets import AnnotatedPredicate
from ...heads.srl.senses import SenseInput, segment_softmax
from ...heads.windows import Windows, argument_bounds, pack_windows
from ..sentences import SentenceFinder
from .senses import NO_SENSE, Candidates, CandidateTable, make_sense_input

NO_TARGET = -1


class SRLGold(NamedTuple):
    """Targets of a batch of N tokens, P gold predicates, R rows, C candidate senses.

    is_predicate (Floats1d): 1 for a token that heads a predicate, 0 for one that does not, shape (N,).
    is_annotated (Floats1d): 1 where `is_predicate` counts, else 0, shape (N,).
    windows (Windows): The predicates and where their arguments may lie.
    tags (Ints1d): The role tag of each row, OPEN where it is not known, shape (R,).
    senses (SenseInput): The candidates of each predicate, without vectors.
    gold_candidates (Ints1d): Index of the gold sense in the list of all candidates, or NO_TARGET, shape (P,).
    weights (Optional[Floats1d]): The weight of each packed predicate's arguments and sense, shape (P,); None for 1.
    """

    is_predicate: Floats1d
    is_annotated: Floats1d
    windows: Windows
    tags: Ints1d
    senses: SenseInput
    gold_candidates: Ints1d
    weights: Optional[Floats1d] = None


def collect_labels(
    examples: Iterable[Example], spans_key: str
) -> Optional[Tuple[CounterType[str], List[AnnotatedPredicate]]]:
    """The roles and predicates of a corpus.

    examples (Iterable[Example]): The corpus.
    spans_key (str): The span group of the frames.
    RETURNS (Optional[Tuple[Counter[str], List[AnnotatedPredicate]]]): How often each role occurs, and the predicates;
        None if no Example is annotated.
    """
    roles: CounterType[str] = Counter()
    predicates: List[AnnotatedPredicate] = []
    annotated = 0
    for example in examples:
        if not has_frames(example, spans_key):
            continue
        annotated += 1
        for frame in read_frame_spans(example.reference, spans_key):
            token = example.reference[frame.start]
            predicates.append(AnnotatedPredicate(token.text, token.lemma_, frame.sense))
            roles.update(role.role for role in frame.roles)
    if not annotated:
        return None
    return roles, predicates


def choose_roles(counts: Mapping[str, int], freq: int, name: str) -> List[str]:
    """The roles to learn. A warning names the others (W501): whoever copied the setting must not wonder about zeros.

    counts (Mapping[str, int]): How often each role occurs.
    freq (int): How often one must.
    name (str): The name of the component, for messages.
    RETURNS (List[str]): Those that occur as often.
    RAISES (ValueError): E507 if there are roles and none does.
    """
    rare = [f"{role} ({count})" for role, count in sorted(counts.items()) if count < freq]
    frequent = [role for role, count in counts.items() if count >= freq]
    if rare and not frequent:
        raise ValueError(Errors.E507.format(name=name, freq=freq, roles=", ".join(rare)))
    if rare:
        warnings.warn(Warnings.W501.format(name=name, freq=freq, roles=", ".join(rare)), stacklevel=3)
    return frequent


def collect_gold(
    examples: Sequence[Example],
    scheme: RoleTagScheme,
    table: CandidateTable,
    spans_key: str,
    window: int,
    sentences: SentenceFinder,
    named: Optional[Sequence[Sequence[Tuple[int, int, int]]]] = None,
) -> SRLGold:
    """Bring the gold frames of a batch to arrays. Docs without annotation give no target of any kind.

    examples (Sequence[Example]): The batch.
    scheme (RoleTagScheme): The role tags.
    table (CandidateTable): Gives the candidate senses.
    spans_key (str): The span group of the frames.
    window (int): Tokens on either side of a predicate; 0 for no limit.
    sentences (SentenceFinder): Finds the sentences that arguments stay in.
    named (Optional[Sequence[Sequence[Tuple[int, int, int]]]]): For each Doc the predicates that are scored where there
        is no annotation, each with its window.
    RETURNS (SRLGold): The targets.
    """
    role_index = {role: i for i, role in enumerate(scheme.roles)}
    total = sum(len(example.predicted) for example in examples)
    is_predicate = numpy.zeros(total, dtype="float32")
    is_annotated = numpy.zeros(total, dtype="float32")
    predicates: List[int] = []
    starts: List[int] = []
    ends: List[int] = []
    tags: List[Ints1d] = []
    candidates: List[Candidates] = []
    gold_candidates: List[int] = []
    n_candidates = 0
    offset = 0
    for i, example in enumerate(examples):
        doc = example.predicted
        if has_frames(example, spans_key):
            aligned = align_frames(example, spans_key)
            sentence_starts = sentences.find_gold(example)
            is_annotated[offset : offset + len(doc)] = 1
            for first, after in aligned.unaligned_predicates:
                is_annotated[offset + first : offset + after] = 0
            for frame in aligned.frames:
                is_predicate[offset + frame.start] = 1
                is_annotated[offset + frame.start] = 1
                start, end = argument_bounds(sentence_starts, len(doc), frame.start, window)
                spans = [(role_index["V"], frame.start, frame.end)]
                spans += [(role_index.get(role.role, OPEN), role.start, role.end) for role in frame.roles]
                spans += [(OPEN, *touched) for touched in aligned.unaligned_roles.get(frame.start, [])]
                tags.append(scheme.encode(spans, start, end))
                predicates.append(offset + frame.start)
                starts.append(offset + start)
                ends.append(offset + end)
                token = doc[frame.start]
                names = table[token.text, token.lemma_].names
                known = frame.sense != NO_SENSE and frame.sense in names
                gold_candidates.append(n_candidates + names.index(frame.sense) if known else NO_TARGET)
                n_candidates += len(names)
                candidates.append(table[token.text, token.lemma_])
        else:
            for head, start, end in named[i] if named else ():
                of_token = table[doc[head].text, doc[head].lemma_]
                tags.append(numpy.zeros(end - start, dtype="int32"))
                predicates.append(offset + head)
                starts.append(offset + start)
                ends.append(offset + end)
                gold_candidates.append(NO_TARGET)
                n_candidates += len(of_token.names)
                candidates.append(of_token)
        offset += len(doc)
    windows = pack_windows(predicates, starts, ends)
    return SRLGold(
        is_predicate,
        is_annotated,
        windows,
        pack_tags(tags, windows),
        make_sense_input(predicates, candidates),
        numpy.asarray(gold_candidates, dtype="int32"),
    )


def weigh_gold(gold: SRLGold, weights: Floats1d) -> SRLGold:
    """Weigh the targets of a batch.

    gold (SRLGold): The targets.
    weights (Floats1d): The weight of each token, and of the predicate that it heads, shape (N,).
    RETURNS (SRLGold): The targets with their weights.
    """
    weights = weights.astype("float32")
    return gold._replace(is_annotated=gold.is_annotated * weights, weights=weights[gold.windows.predicates])


def srl_loss(gold: SRLGold, scores: SRLScores, predicate_role: int) -> Tuple[float, SRLScores]:
    """Negative log likelihood of predicates (sigmoid), senses (softmax) and arguments (chain), each summed.

    gold (SRLGold): The targets.
    scores (SRLScores): The model's scores, on the host.
    predicate_role (int): Index of the role V.
    RETURNS (Tuple[float, SRLScores]): The loss and its gradient.
    """
    loss, d_predicates = predicate_loss(gold, scores.predicates)
    if not len(gold.windows.order):
        return loss, SRLScores(d_predicates, numpy.zeros_like(scores.arguments), scores.senses)
    argument_loss, d_arguments = _argument_loss(gold, scores.arguments, predicate_role)
    sense_loss, d_senses = _sense_loss(gold, scores.senses)
    return loss + argument_loss + sense_loss, SRLScores(d_predicates, d_arguments, d_senses)


def srl_losses(gold: SRLGold, scores: SRLScores, predicate_role: int) -> Dict[str, Callable[[float], float]]:
    """The three losses of `srl_loss`, each as a function of the temperature that its scores are divided by.

    gold (SRLGold): The targets.
    scores (SRLScores): The model's scores, on the host.
    predicate_role (int): Index of the role V.
    RETURNS (Dict[str, Callable[[float], float]]): "predicates", "senses" and "arguments".
    """
    if not len(gold.windows.order):
        return {"predicates": lambda t: predicate_loss(gold, scores.predicates / t)[0]}
    return {
        "predicates": lambda t: predicate_loss(gold, scores.predicates / t)[0],
        "senses": lambda t: _sense_loss(gold, scores.senses / t)[0],
        "arguments": lambda t: _argument_loss(gold, scores.arguments / t, predicate_role)[0],
    }


def predicate_loss(gold: SRLGold, scores: Floats1d) -> Tuple[float, Floats1d]:
    """The sigmoid cross-entropy of the tokens that head predicates.

    gold (SRLGold): The targets, of which a token may be one in part.
    scores (Floats1d): The scores, on the host, shape (N,).
    RETURNS (Tuple[float, Floats1d]): The loss and its gradient.
    """
    target, counts = gold.is_predicate, gold.is_annotated
    # log(1 + exp(x)) - target * x, in the form that cannot overflow
    losses = numpy.maximum(scores, 0) + numpy.log1p(numpy.exp(-numpy.abs(scores))) - target * scores
    gradient = (1 / (1 + numpy.exp(-numpy.clip(scores, -50, 50))) - target) * counts
    return float((losses * counts).sum()), gradient.astype(scores.dtype)


def _argument_loss(gold: SRLGold, scores: Floats2d, predicate_role: int) -> Tuple[float, Floats2d]:
    constrained = constrain_predicates(scores, gold.windows, predicate_role)
    everything = forward_backward(constrained, gold.windows.sizes)
    tags = gold.tags
    rows = numpy.flatnonzero(tags != OPEN)
    is_whole = len(rows) == len(tags)
    if is_whole:
        gold_log = constrained[rows, tags]
        gradient = everything.marginals()
        gradient[rows, tags] -= 1
    else:
        allowed = constrained.copy()
        allowed[rows] = ILLEGAL
        allowed[rows, tags[rows]] = constrained[rows, tags[rows]]
        open_rows, inside = open_continuations(tags, gold.windows, (scores.shape[1] - 1) // 2)
        allowed[open_rows, inside] = ILLEGAL
        consistent = forward_backward(allowed, gold.windows.sizes)
        gold_log = consistent.log_z
        gradient = everything.marginals() - consistent.marginals()
    if gold.weights is None:
        return float(everything.log_z.sum() - gold_log.sum()), gradient
    weights, owners = gold.weights, gold.windows.owners
    # known tags have a score a row, and what is summed over open ones has one a predicate
    of_gold = weights[owners] if is_whole else weights
    loss = float((everything.log_z * weights).sum() - (gold_log * of_gold).sum())
    return loss, gradient * weights[owners][:, None]


def _sense_loss(gold: SRLGold, scores: Floats1d) -> Tuple[float, Floats1d]:
    sizes = gold.senses.sizes
    probabilities = segment_softmax(scores, sizes)
    has_target = gold.gold_candidates != NO_TARGET
    weights = numpy.ones(len(sizes), dtype="float32")
    if gold.weights is not None:
        weights[gold.windows.order] = gold.weights
    counts = numpy.repeat(has_target * weights, sizes).astype("float32")
    targets = gold.gold_candidates[has_target]
    gradient = probabilities * counts
    gradient[targets] -= weights[has_target]
    loss = -(numpy.log(numpy.maximum(probabilities[targets], 1e-10)) * weights[has_target]).sum()
    return float(loss), gradient.astype(scores.dtype)


def count_cut_arguments(examples: Iterable[Example], sentences: SentenceFinder, spans_key: str) -> Tuple[int, int]:
    """How many gold arguments do not lie in the sentence of their predicate: training leaves them open.

    examples (Iterable[Example]): The corpus.
    sentences (SentenceFinder): Finds the sentences that arguments stay in.
    spans_key (str): The span group of the frames.
    RETURNS (Tuple[int, int]): The number of such arguments, and of all.
    """
    cut = total = 0
    for doc in (example.reference for example in examples if has_frames(example, spans_key)):
        frames = [frame for frame in read_frame_spans(doc, spans_key) if frame.roles]
        starts = sentences(doc) if frames else numpy.zeros(1, dtype="int32")
        for frame in frames:
            start, end = argument_bounds(starts, len(doc), frame.start, window=0)
            total += len(frame.roles)
            cut += sum(role.start < start or role.end > end for role in frame.roles)
    return cut, total

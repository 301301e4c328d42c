"""Scores of semantic roles, by the definition of the CoNLL-2005 shared task (Carreras and Marquez, 2005).

An argument is right when its predicate, its role and all its boundaries are right. `V` is not an argument. A span `C-X`
joins the nearest span `X` before it to one argument of several parts, which is right when all parts are; without such
an `X` it counts as an argument `X` of its own. (`srl-eval.pl` does the same.) A predicate is right when its first token
is; a sense is right when its predicate is and the roleset is the same. Docs without frames in the reference do not
count.

The script `srl-eval.pl` of the shared task leaves out every predicted predicate that gold does not have, with all its
arguments, and so forgives invented predicates; "srl_argument_*" counts their arguments as wrong. "srl_conll05_*" is the
script's figure. (The script compares the base form of the verb too, which frames do not have.)
"""

from collections import Counter
from typing import Any, Callable, Dict, Iterable, List, NamedTuple, Optional, Sequence, Set, Tuple
from typing import Counter as CounterType

from spacy.scorer import PRFScore
from spacy.tokens import Doc
from spacy.training import Example

from ..annotation import has_frames
from ..frames import PREDICATE, SPANS_KEY, read_frame_spans
from ..types import FrameSpans, RoleSpan

CONTINUATION = "C-"

Parts = Tuple[Tuple[int, int], ...]


class ScoredArgument(NamedTuple):
    """An argument as the score compares it.

    predicate (int): Where its predicate begins.
    role (str): Its role, without "C-".
    parts (Parts): Begin and end of each part.
    """

    predicate: int
    role: str
    parts: Parts


def make_srl_scorer() -> Callable:
    """RETURNS (Callable): `score_srl`, for the registry."""
    return score_srl


def score_srl(
    examples: Iterable[Example],
    *,
    spans_key: str = SPANS_KEY,
    labels: Optional[Sequence[str]] = None,
    **kwargs: Any,
) -> Dict[str, Any]:
    """Score the frames of predicted Docs. An argument with a role that the component does not know is one that it
    misses, and so is a sense that it does not know.

    examples (Iterable[Example]): The Examples.
    spans_key (str): The span group of the frames.
    labels (Optional[Sequence[str]]): The component's roles.
    RETURNS (Dict[str, Any]): "srl_predicate_p/r/f"; "srl_sense_acc", the share of gold predicates with a sense that
        were found with that sense; "srl_argument_p/r/f"; "srl_conll05_p/r/f", as `srl-eval.pl` counts them;
        "srl_argument_unlabelled_p/r/f", roles ignored; "srl_argument_per_role", role to p, r and f; None where no
        Example is annotated. "srl_texts", the number of Examples that are; "srl_unknown", the roles of gold arguments
        that the component does not have, with the number of arguments.
    """
    predicates, arguments, unlabelled, official = PRFScore(), PRFScore(), PRFScore(), PRFScore()
    per_role: Dict[str, PRFScore] = {}
    unknown: CounterType[str] = Counter()
    senses = right_senses = annotated = 0
    for example in examples:
        if not has_frames(example, spans_key):
            continue
        annotated += 1
        gold = _comparable_frames(example.reference, spans_key)
        predicted = _comparable_frames(example.predicted, spans_key)
        gold_senses = {frame.start: frame.sense for frame in gold}
        predicted_senses = {frame.start: frame.sense for frame in predicted}
        predicates.score_set(set(predicted_senses), set(gold_senses))
        with_sense = {start: sense for start, sense in gold_senses.items() if sense}
        senses += len(with_sense)
        right_senses += sum(predicted_senses.get(start) == sense for start, sense in with_sense.items())
        gold_arguments = {argument for frame in gold for argument in join_continuations(frame)}
        predicted_arguments = {argument for frame in predicted for argument in join_continuations(frame)}
        arguments.score_set(predicted_arguments, gold_arguments)
        official.score_set({one for one in predicted_arguments if one.predicate in gold_senses}, gold_arguments)
        if labels is not None:
            roles = (role.role for frame in gold for role in frame.roles)
            unknown.update(role for role in roles if role not in labels)
        _score_unlabelled(unlabelled, predicted_arguments, gold_arguments)
        for role in {argument.role for argument in gold_arguments | predicted_arguments}:
            score = per_role.setdefault(role, PRFScore())
            score.score_set(_with_role(predicted_arguments, role), _with_role(gold_arguments, role))
    counts = {"srl_texts": annotated, "srl_unknown": dict(sorted(unknown.items()))}
    if not annotated:
        names = ["predicate", "argument", "conll05", "argument_unlabelled"]
        nothing: Dict[str, Any] = {f"srl_{name}_{letter}": None for name in names for letter in "prf"}
        return {**nothing, "srl_sense_acc": None, "srl_argument_per_role": None, **counts}
    return {
        **_named("srl_predicate", predicates),
        "srl_sense_acc": right_senses / senses if senses else None,
        **_named("srl_argument", arguments),
        **_named("srl_conll05", official),
        **_named("srl_argument_unlabelled", unlabelled),
        "srl_argument_per_role": {role: score.to_dict() for role, score in sorted(per_role.items())},
        **counts,
    }


def join_continuations(frame: FrameSpans) -> List[ScoredArgument]:
    """The arguments of a frame with their continuations joined to them, the predicate's own left out.

    frame (FrameSpans): The frame.
    RETURNS (List[ScoredArgument]): The arguments in the order of their first parts.
    """
    latest: Dict[str, int] = {PREDICATE: -1}
    roles: List[str] = []
    parts: List[List[Tuple[int, int]]] = []
    for role in sorted(frame.roles, key=lambda span: (span.start, -span.end)):
        name = role.role
        if name.startswith(CONTINUATION):
            name = name[len(CONTINUATION) :]
            if name == PREDICATE:
                continue
            if name in latest:
                parts[latest[name]].append((role.start, role.end))
                continue
        latest[name] = len(parts)
        roles.append(name)
        parts.append([(role.start, role.end)])
    return [ScoredArgument(frame.start, role, tuple(spans)) for role, spans in zip(roles, parts)]


def _score_unlabelled(score: PRFScore, predicted: Set[ScoredArgument], gold: Set[ScoredArgument]) -> None:
    # a multiset: two roles on one span are two arguments
    predicted_parts = Counter((argument.predicate, argument.parts) for argument in predicted)
    gold_parts = Counter((argument.predicate, argument.parts) for argument in gold)
    right = sum((predicted_parts & gold_parts).values())
    score.tp += right
    score.fp += sum(predicted_parts.values()) - right
    score.fn += sum(gold_parts.values()) - right


def _with_role(arguments: Set[ScoredArgument], role: str) -> Set[ScoredArgument]:
    return {argument for argument in arguments if argument.role == role}


def _named(prefix: str, score: PRFScore) -> Dict[str, float]:
    return {f"{prefix}_p": score.precision, f"{prefix}_r": score.recall, f"{prefix}_f": score.fscore}


def _comparable_frames(doc: Doc, spans_key: str) -> List[FrameSpans]:
    """The frames in offsets that two tokenizations of one text share: characters, white space not counted."""
    frames = read_frame_spans(doc, spans_key)
    if not frames:
        return frames
    begins = _character_offsets(doc)
    return [
        FrameSpans(
            begins[frame.start],
            begins[frame.end],
            frame.sense,
            tuple(RoleSpan(role.role, begins[role.start], begins[role.end]) for role in frame.roles),
        )
        for frame in frames
    ]


def _character_offsets(doc: Doc) -> Sequence[int]:
    begins = [0]
    for token in doc:
        begins.append(begins[-1] + sum(not character.isspace() for character in token.text))
    return begins

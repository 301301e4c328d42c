"""Each task's score as counts by Doc: true positives, false positives and false negatives, whose sums give the score.

A Doc that is not annotated for the task counts nothing. The predicted Docs have the reference's tokens.
"""

from typing import (
    AbstractSet,
    Any,
    Callable,
    Dict,
    FrozenSet,
    Hashable,
    List,
    Mapping,
    NamedTuple,
    Optional,
    Sequence,
    Tuple,
)

import numpy
from numpy.typing import NDArray
from spacy.language import Language
from spacy.scorer import MISSING_VALUES
from spacy.tokens import Doc
from spacy.training import Example

from ..annotation import annotated_categories, has_entities, has_frames
from ..frames import read_frame_spans
from ..scorers.srl import ScoredArgument, join_continuations
from .derived_configs import Task, find_own_scores, get_default_weights

DocCounts = Tuple[int, int, int]
RIGHT: DocCounts = (1, 0, 0)
# what was chosen should not have been, and what should have been was not
WRONG: DocCounts = (0, 1, 1)
NOTHING: DocCounts = (0, 0, 0)

Counter = Callable[[Language, str, Sequence[Example]], List[DocCounts]]


class Metric(NamedTuple):
    """A score of a task.

    score (str): Its name in what `nlp.evaluate` gives.
    title (str): What it is, for people.
    counter (Optional[Counter]): Gives the counts of each Example for a pipeline, the name of the component and Examples
        that the pipeline has annotated; None if the score is not made of such counts.
    """

    score: str
    title: str
    counter: Optional[Counter] = None


def find_metrics(nlp: Language, task: Task, weights: Mapping[str, Optional[float]]) -> List[Metric]:
    """The scores by which a task is compared.

    nlp (Language): The pipeline.
    task (Task): The task.
    weights (Mapping[str, Optional[float]]): The score weights of the joint config.
    RETURNS (List[Metric]): The scores, the main one first. Of a component that is not known here, the one score of its
        own that weighs most, without counts; empty if it has none.
    """
    if task.factory == "mtl_textcat":
        return [Metric(f"{task.name}_acc", "accuracy", count_categories)]
    if task.factory == "mtl_srl":
        gold = [Metric("srl_gold_argument_f", "arguments of gold predicates, F", count_gold_predicate_arguments)]
        is_scored = getattr(nlp.get_pipe(task.name), "cfg", {}).get("score_gold_predicates", False)
        return [Metric("srl_argument_f", "arguments, F", count_arguments), *(gold if is_scored else [])]
    if task.factory in METRICS:
        return [METRICS[task.factory]]
    defaults = get_default_weights(nlp, task.name)
    own = find_own_scores(nlp, task, [*weights, *(name for name in defaults if name not in weights)])
    if not own:
        return []
    best = max(own, key=lambda name: (weights.get(name) or 0.0, defaults.get(name) or 0.0))
    return [Metric(best, best)]


def count_by_doc(metric: Metric, nlp: Language, task: str, examples: Sequence[Example]) -> Optional[NDArray]:
    """The counts of all Examples.

    metric (Metric): The score.
    nlp (Language): The pipeline that annotated the Examples.
    task (str): The name of the component.
    examples (Sequence[Example]): The Examples.
    RETURNS (Optional[NDArray]): Shape (Examples, 3); None if the score is not made of counts.
    """
    if metric.counter is None:
        return None
    return numpy.asarray(metric.counter(nlp, task, examples), dtype="int64").reshape(len(examples), 3)


def count_entities(nlp: Language, task: str, examples: Sequence[Example]) -> List[DocCounts]:
    """Exact entities. One that covers a token whose annotation is missing is neither right nor wrong."""
    counts = []
    for example in examples:
        if not has_entities(example):
            counts.append(NOTHING)
            continue
        open_tokens = {token.i for token in example.reference if token.ent_iob == 0}
        predicted = {
            (entity.label_, entity.start, entity.end)
            for entity in example.predicted.ents
            if open_tokens.isdisjoint(range(entity.start, entity.end))
        }
        counts.append(
            _count_sets(predicted, {(entity.label_, entity.start, entity.end) for entity in example.reference.ents})
        )
    return counts


def count_categories(nlp: Language, task: str, examples: Sequence[Example]) -> List[DocCounts]:
    """Docs with the right category; without exclusion, with every annotated category decided rightly. The component is
    a `mtl_textcat`; see `spacy_mtl.scorers.textcat.score_textcat`."""
    pipe: Any = nlp.get_pipe(task)
    labels, exclusive, threshold = pipe.labels, pipe.cfg["exclusive"], pipe.cfg["threshold"]
    counts = []
    for example in examples:
        expected = annotated_categories(example, labels)
        predicted: Dict[str, float] = {label: example.predicted.cats.get(label, 0.0) for label in labels}
        if not expected or (exclusive and not any(expected.values())):
            counts.append(NOTHING)
        elif exclusive:
            counts.append(RIGHT if _best(predicted) == _best(expected) else WRONG)
        else:
            is_right = all((predicted[label] >= threshold) == (value >= 0.5) for label, value in expected.items())
            counts.append(RIGHT if is_right else WRONG)
    return counts


def count_arguments(nlp: Language, task: str, examples: Sequence[Example]) -> List[DocCounts]:
    """Arguments end to end, by the definition of `spacy_mtl.scorers.srl`. The component is a `mtl_srl`; if it takes
    predicates from the Doc, one without any has the gold ones."""
    pipe: Any = nlp.get_pipe(task)
    key = pipe.cfg["spans_key"]
    if pipe.cfg["predicates"] != "doc":
        return _count_arguments(examples, key)
    lacking = [
        i for i, example in enumerate(examples) if has_frames(example, key) and key not in example.predicted.spans
    ]
    labelled = list(examples)
    for i, example in zip(lacking, pipe.predictor.label_gold_predicates([examples[i] for i in lacking], key)):
        labelled[i] = example
    return _count_arguments(labelled, key)


def count_gold_predicate_arguments(nlp: Language, task: str, examples: Sequence[Example]) -> List[DocCounts]:
    """Arguments of the gold predicates, by the same definition."""
    pipe: Any = nlp.get_pipe(task)
    key = pipe.cfg["spans_key"]
    annotated = [i for i, example in enumerate(examples) if has_frames(example, key)]
    labelled = pipe.predictor.label_gold_predicates([examples[i] for i in annotated], key)
    counts = [NOTHING] * len(examples)
    for i, found in zip(annotated, _count_arguments(labelled, key)):
        counts[i] = found
    return counts


def count_token_attribute(attribute: str) -> Counter:
    """Make a counter of tokens with the right value, as `spacy.scorer.Scorer.score_token_attr` counts them.

    attribute (str): The attribute, such as "tag".
    RETURNS (Counter): Counts tokens whose value is annotated.
    """

    def count(nlp: Language, task: str, examples: Sequence[Example]) -> List[DocCounts]:
        counts = []
        for example in examples:
            values = [getattr(token, attribute) for token in example.reference]
            expected = {(i, value) for i, value in enumerate(values) if value not in MISSING_VALUES}
            predicted = {
                (token.i, getattr(token, attribute))
                for token in example.predicted
                if not token.is_space and values[token.i] not in MISSING_VALUES
            }
            counts.append(_count_sets(predicted, expected))
        return counts

    return count


METRICS: Dict[str, Metric] = {
    **dict.fromkeys(("mtl_ner", "ner", "beam_ner"), Metric("ents_f", "entities, F", count_entities)),
    "tagger": Metric("tag_acc", "tags, accuracy", count_token_attribute("tag")),
    "morphologizer": Metric("pos_acc", "parts of speech, accuracy", count_token_attribute("pos")),
    "trainable_lemmatizer": Metric("lemma_acc", "lemmas, accuracy", count_token_attribute("lemma")),
}


def _count_arguments(examples: Sequence[Example], key: str) -> List[DocCounts]:
    return [
        _count_sets(_read_arguments(example.predicted, key), _read_arguments(example.reference, key))
        if has_frames(example, key)
        else NOTHING
        for example in examples
    ]


def _read_arguments(doc: Doc, key: str) -> FrozenSet[ScoredArgument]:
    frames = read_frame_spans(doc, key)
    return frozenset(argument for frame in frames for argument in join_continuations(frame))


def _count_sets(predicted: AbstractSet[Hashable], gold: AbstractSet[Hashable]) -> DocCounts:
    return len(predicted & gold), len(predicted - gold), len(gold - predicted)


def _best(values: Mapping[str, float]) -> str:
    return max(values, key=lambda label: values[label])

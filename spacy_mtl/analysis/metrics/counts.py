"""Each task's score as counts by Doc: true positives, false positives and false negatives, or those of BLEU and chrF,
whose sums give the score.

A Doc that is not annotated for the task counts nothing. The predicted Docs have the reference's tokens.
"""

from functools import partial
from typing import Any, Callable, Dict, FrozenSet, List, Mapping, Optional, Sequence, Tuple

import numpy
from numpy.typing import NDArray
from spacy.language import Language
from spacy.tokens import Doc
from spacy.training import Example

from ...annotation import has_annotation, has_frames, is_for
from ...frames import SPANS_KEY, read_frame_spans
from ...pipeline.ner.gold import restrict_examples
from ...scorers.categories import judge_categories
from ...scorers.dependency import read_scored_tree
from ...scorers.srl import ScoredArgument, join_continuations
from ...scorers.translation import make_bleu, read_pairs
from ...scorers.translation_counts import (
    BLEU_WIDTH,
    CHRF_WIDTH,
    count_bleu,
    count_chrf,
    score_bleu,
    score_chrf,
    sum_counts,
)
from .metrics import NOTHING, RIGHT, WRONG, DocCounts, Metric, count_sets
from .stock_counts import PARSE, STOCK_METRICS, count_entities, find_stock_metric
from .tasks import Task, find_own_scores, get_default_weights


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
    if task.factory == "mtl_translate":
        if _is_only(nlp, task.name, ["mtl_translate"]):
            return TRANSLATION_METRICS
        own = [metric.score.replace("translation_", f"{task.name}_", 1) for metric in TRANSLATION_METRICS]
        return [metric._replace(score=score) for metric, score in zip(TRANSLATION_METRICS, own)]
    if task.factory == "mtl_srl":
        family = "srl" if _has_all(nlp, task.name, ["mtl_srl"], SPANS_KEY) else task.name
        gold = [Metric(f"{family}_gold_argument_f", "arguments of gold predicates, F", count_gold_predicate_arguments)]
        is_scored = getattr(nlp.get_pipe(task.name), "cfg", {}).get("score_gold_predicates", False)
        return [Metric(f"{family}_argument_f", "arguments, F", count_arguments), *(gold if is_scored else [])]
    if task.factory == "mtl_ner":
        if _has_all(nlp, task.name, ENTITIES, None):
            return [METRICS[task.factory]]
        return [Metric(f"{task.name}_f", "its own entities, F", count_own_entities)]
    known = METRICS.get(task.factory) or find_stock_metric(nlp, task.name, task.factory)
    if known is not None:
        return [known]
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
    RETURNS (Optional[NDArray]): Shape (Examples, counts), of most scores three; None if it is not made of counts.
    """
    if metric.counter is None:
        return None
    return numpy.asarray(metric.counter(nlp, task, examples), dtype="int64").reshape(len(examples), metric.width)


def count_categories(nlp: Language, task: str, examples: Sequence[Example]) -> List[DocCounts]:
    """Docs with the right category; without exclusion, with every annotated category decided rightly. The component is
    a `mtl_textcat`; see `spacy_mtl.scorers.textcat.score_textcat`."""
    pipe: Any = nlp.get_pipe(task)
    settings = {"exclusive": pipe.cfg["exclusive"], "threshold": pipe.cfg["threshold"]}
    judgements = judge_categories(examples, pipe.labels, name=task, **settings)
    return [NOTHING if judged is None else RIGHT if judged.is_right else WRONG for judged in judgements]


def count_arguments(nlp: Language, task: str, examples: Sequence[Example]) -> List[DocCounts]:
    """Arguments end to end, by the definition of `spacy_mtl.scorers.srl`. The component is a `mtl_srl`; if it takes
    predicates from the Doc, one without any has the gold ones."""
    pipe: Any = nlp.get_pipe(task)
    key = pipe.cfg["spans_key"]
    if pipe.cfg["predicates"] != "doc":
        return _count_arguments(examples, task, key)
    lacking = [
        i for i, example in enumerate(examples) if has_frames(example, key) and key not in example.predicted.spans
    ]
    labelled = list(examples)
    for i, example in zip(lacking, pipe.predictor.label_gold_predicates([examples[i] for i in lacking], key)):
        labelled[i] = example
    return _count_arguments(labelled, task, key)


def count_gold_predicate_arguments(nlp: Language, task: str, examples: Sequence[Example]) -> List[DocCounts]:
    """Arguments of the gold predicates, by the same definition."""
    pipe: Any = nlp.get_pipe(task)
    key = pipe.cfg["spans_key"]
    annotated = [i for i, example in enumerate(examples) if has_frames(example, key)]
    labelled = pipe.predictor.label_gold_predicates([examples[i] for i in annotated], key)
    counts = [NOTHING] * len(examples)
    for i, found in zip(annotated, _count_arguments(labelled, task, key)):
        counts[i] = found
    return counts


def count_own_entities(nlp: Language, task: str, examples: Sequence[Example]) -> List[DocCounts]:
    """The entities of one of several components, as it scores them under its own name: of its labels, its sources and
    its span group. The component is a `mtl_ner`."""
    pipe: Any = nlp.get_pipe(task)
    own = [i for i, example in enumerate(examples) if is_for(example, task)]
    restricted = restrict_examples(
        [examples[i] for i in own], pipe.labels, pipe.cfg.get("left_out", ()), pipe.cfg["spans_key"]
    )
    counts = [NOTHING] * len(examples)
    for i, found in zip(own, count_entities(nlp, task, restricted)):
        counts[i] = found
    return counts


def count_arcs(nlp: Language, task: str, examples: Sequence[Example]) -> List[DocCounts]:
    """Tokens with the right head and relation, without punctuation and without those whose head is not annotated. The
    component is a `mtl_dependency`; see `spacy_mtl.scorers.dependency`."""
    counts = []
    for example in examples:
        if not (is_for(example, task) and has_annotation(example.reference, "DEP")):
            counts.append(NOTHING)
            continue
        tree = read_scored_tree(example)
        right, wrong, missed = count_sets(tree.predicted, tree.gold)
        counts.append((right, wrong + tree.astray, missed))
    return counts


def count_translation_words(nlp: Language, task: str, examples: Sequence[Example]) -> List[Tuple[int, ...]]:
    """What BLEU is computed from; see `spacy_mtl.scorers.translation_counts`. The component is a `mtl_translate`."""
    pipe: Any = nlp.get_pipe(task)
    bleu = make_bleu(pipe.language, **_read_scorer_settings(pipe, "tokenize", "lowercase"))
    return _count_pairs(examples, pipe.language, task, partial(count_bleu, bleu), BLEU_WIDTH)


def count_translation_characters(nlp: Language, task: str, examples: Sequence[Example]) -> List[Tuple[int, ...]]:
    """What chrF is computed from, likewise."""
    pipe: Any = nlp.get_pipe(task)
    counter = partial(count_chrf, **_read_scorer_settings(pipe, "lowercase"))
    return _count_pairs(examples, pipe.language, task, counter, CHRF_WIDTH)


TRANSLATION_METRICS = [
    Metric("translation_bleu", "translations, BLEU", count_translation_words, measure=score_bleu, width=BLEU_WIDTH),
    Metric(
        "translation_chrf", "translations, chrF", count_translation_characters, measure=score_chrf, width=CHRF_WIDTH
    ),
]
ENTITIES = ("mtl_ner", "ner", "beam_ner")
METRICS: Dict[str, Metric] = {
    **STOCK_METRICS,
    "mtl_ner": Metric("ents_f", "entities, F", count_entities),
    "mtl_dependency": Metric("dep_las", PARSE.title, count_arcs, PARSE.layers),
}


def _has_all(nlp: Language, name: str, factories: Sequence[str], spans_key: Optional[str]) -> bool:
    """Whether a component is the only one of its kind, and works on what the kind's shared scores are of."""
    pipe: Any = nlp.get_pipe(name)
    return _is_only(nlp, name, factories) and pipe.cfg["spans_key"] == spans_key


def _is_only(nlp: Language, name: str, factories: Sequence[str]) -> bool:
    return [one for one in nlp.component_names if nlp.get_pipe_meta(one).factory in factories] == [name]


def _read_scorer_settings(pipe: Any, *names: str) -> Dict[str, Any]:
    return {name: getattr(pipe.scorer, name) for name in names if hasattr(pipe.scorer, name)}


def _count_pairs(
    examples: Sequence[Example],
    language: Optional[str],
    task: str,
    counter: Callable[[str, str], Tuple[int, ...]],
    width: int,
) -> List[Tuple[int, ...]]:
    pairs = [read_pairs(example, language) if is_for(example, task) else [] for example in examples]
    return [sum_counts([counter(*pair) for pair in found], width) for found in pairs]


def _count_arguments(examples: Sequence[Example], task: str, key: str) -> List[DocCounts]:
    return [
        count_sets(_read_arguments(example.predicted, key), _read_arguments(example.reference, key))
        if is_for(example, task) and has_frames(example, key)
        else NOTHING
        for example in examples
    ]


def _read_arguments(doc: Doc, key: str) -> FrozenSet[ScoredArgument]:
    frames = read_frame_spans(doc, key)
    return frozenset(argument for frame in frames for argument in join_continuations(frame))

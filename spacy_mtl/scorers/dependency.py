"""Scores of dependency trees, and of tags that come with them."""

from collections import Counter
from typing import Any, Callable, Dict, FrozenSet, Iterable, NamedTuple, Tuple
from typing import Counter as CounterType

from spacy.scorer import PRFScore, Scorer
from spacy.training import Example

from ..annotation import has_annotation

PUNCTUATION = ("p", "punct")
"""Relations that are not scored, as in spaCy's parser."""

ScoredArc = Tuple[int, int, str]
"""A dependent and its head in the reference, and the relation in lower case."""


class ScoredTree(NamedTuple):
    """The arcs of an Example that count.

    gold (FrozenSet[ScoredArc]): Those of the reference.
    predicted (FrozenSet[ScoredArc]): Those of the predicted Doc on tokens whose gold head is known.
    astray (int): Predicted arcs of tokens, or to tokens, that the reference does not have.
    """

    gold: FrozenSet[ScoredArc]
    predicted: FrozenSet[ScoredArc]
    astray: int


def make_dependency_scorer() -> Callable[..., Dict[str, Any]]:
    """RETURNS (Callable[..., Dict[str, Any]]): The scorer of `mtl_dependency`."""
    return score_dependencies


def score_dependencies(examples: Iterable[Example], *, tags: bool = True, **settings: Any) -> Dict[str, Any]:
    """Attachment scores without punctuation, as spaCy's for texts that are annotated whole. Tokens whose head is not
    annotated do not count, whatever is predicted.

    examples (Iterable[Example]): The Examples.
    tags (bool): Whether to score tags too.
    **settings (Any): Ignored; spaCy passes the component's.
    RETURNS (Dict[str, Any]): The keys "dep_uas", "dep_las" and "dep_las_per_type", None if nothing counts; "dep_texts",
        the number of Docs with trees; "tag_acc" if tags are scored.
    """
    examples = list(examples)
    annotated = [example for example in examples if has_annotation(example.reference, "DEP")]
    unlabelled, labelled = PRFScore(), PRFScore()
    per_type: Dict[str, PRFScore] = {}
    for tree in map(read_scored_tree, annotated):
        labelled.score_set(set(tree.predicted), set(tree.gold))
        unlabelled.score_set({arc[:2] for arc in tree.predicted}, {arc[:2] for arc in tree.gold})
        labelled.fp += tree.astray
        unlabelled.fp += tree.astray
        right, wrong, missed = (
            _count_relations(tree.predicted & tree.gold),
            _count_relations(tree.predicted - tree.gold),
            _count_relations(tree.gold - tree.predicted),
        )
        for relation in {*right, *wrong, *missed}:
            score = per_type.setdefault(relation, PRFScore())
            score.tp += right[relation]
            score.fp += wrong[relation]
            score.fn += missed[relation]
    scores: Dict[str, Any] = {"dep_uas": None, "dep_las": None, "dep_las_per_type": None}
    if len(unlabelled):
        types = {relation: per_type[relation].to_dict() for relation in sorted(per_type)}
        scores = {"dep_uas": unlabelled.fscore, "dep_las": labelled.fscore, "dep_las_per_type": types}
    scores["dep_texts"] = len(annotated)
    return {**scores, **Scorer.score_token_attr(examples, "tag")} if tags else scores


def read_scored_tree(example: Example) -> ScoredTree:
    """The arcs of an Example, in the reference's tokens.

    example (Example): The Example.
    RETURNS (ScoredTree): Its arcs.
    """
    reference = example.reference
    known = {token.i: token for token in reference if token.dep}
    gold = {
        (i, token.head.i, token.dep_.lower()) for i, token in known.items() if token.dep_.lower() not in PUNCTUATION
    }
    alignment = example.alignment.x2y
    places = [int(alignment[i][0]) if length == 1 else None for i, length in enumerate(alignment.lengths)]
    predicted = set()
    astray = 0
    for token in example.predicted:
        place, head, relation = places[token.i], places[token.head.i], token.dep_.lower()
        if token.is_space or relation in PUNCTUATION or place is not None and place not in known:
            continue
        if place is None or head is None:
            astray += 1
        else:
            predicted.add((place, head, relation))
    return ScoredTree(frozenset(gold), frozenset(predicted), astray)


def _count_relations(arcs: FrozenSet[ScoredArc]) -> CounterType[str]:
    return Counter(relation for _, _, relation in arcs)

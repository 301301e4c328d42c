"""The scores of spaCy's own components as counts by Doc, whose sums give what `spacy.scorer.Scorer` gives.

What a Doc is not annotated for counts nothing, but where spaCy's scorer does otherwise: a text categorizer whose
categories exclude each other has chosen wrongly where none is annotated.
"""

from typing import Any, Dict, Hashable, Iterable, List, Optional, Sequence, Set, Tuple

from spacy.language import Language
from spacy.scorer import MISSING_VALUES
from spacy.tokens import Span
from spacy.training import Example

from ...annotation import has_entities
from .metrics import NOTHING, RIGHT, Counter, DocCounts, Metric, count_sets

# what spaCy's parser does not score
PUNCTUATION = ("p", "punct")
PARSE_GAPS = (
    "spaCy's score of a parse takes a token without a head in one text as one without in all texts after it, whose "
    "heads at the same place then count as not found. Test on texts that are parsed whole."
)
CATEGORY_GAPS = (
    "spaCy's score of categories that exclude each other counts a text without any as a wrong choice, and falls "
    "accordingly. Test on texts that all have one."
)


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
            count_sets(predicted, {(entity.label_, entity.start, entity.end) for entity in example.reference.ents})
        )
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
            counts.append(count_sets(predicted, expected))
        return counts

    return count


def count_dependencies(nlp: Language, task: str, examples: Sequence[Example]) -> List[DocCounts]:
    """Tokens with the right head and label, without punctuation, as `spacy.scorer.Scorer.score_deps` counts them."""
    counts = []
    # spaCy keeps these from one Doc to the next
    missing: Set[Optional[int]] = set()
    for example in examples:
        gold: Set[Hashable] = set()
        for token in example.reference:
            label = token.dep_.lower()
            if not label:
                missing.add(token.i)
            elif label not in PUNCTUATION:
                gold.add((token.i, token.head.i, label))
        places = _find_places(example)
        predicted: Set[Hashable] = set()
        astray = 0
        for token in example.predicted:
            label, place, head = token.dep_.lower(), places[token.i], places[token.head.i]
            if token.is_space or label in PUNCTUATION or place in missing:
                continue
            if place is None or head is None:
                astray += 1
            else:
                predicted.add((place, head, label))
        right, wrong, lacking = count_sets(predicted, gold)
        counts.append((right, wrong + astray, lacking))
    return counts


def count_exclusive_categories(nlp: Language, task: str, examples: Sequence[Example]) -> List[DocCounts]:
    """Docs with the right category among those of a `textcat`, as `spacy.scorer.Scorer.score_cats` counts them."""
    labels = set(_get_pipe(nlp, task).labels)
    counts: List[DocCounts] = []
    for example in examples:
        predicted, gold = (_choose(doc.cats, labels) for doc in (example.predicted, example.reference))
        if predicted and predicted == gold:
            counts.append(RIGHT)
        else:
            counts.append((0, int(predicted is not None), int(gold is not None)))
    return counts


def count_categories_each(nlp: Language, task: str, examples: Sequence[Example]) -> List[DocCounts]:
    """Categories of a `textcat_multilabel`, each decided alone, as `spacy.scorer.Scorer.score_cats` counts them."""
    pipe = _get_pipe(nlp, task)
    threshold = pipe.cfg["threshold"]
    counts = []
    for example in examples:
        annotated = {label: example.reference.cats.get(label) for label in pipe.labels}
        gold = {label for label, value in annotated.items() if value}
        predicted = {
            label
            for label, value in annotated.items()
            if value is not None and example.predicted.cats.get(label, 0.0) >= threshold
        }
        counts.append(count_sets(predicted, gold))
    return counts


def count_span_group(is_labelled: bool) -> Counter:
    """Make a counter of exact spans in the component's group, as `spacy.scorer.Scorer.score_spans` counts them.

    is_labelled (bool): Whether labels count.
    RETURNS (Counter): Counts spans in Docs whose reference has the group, be it empty.
    """

    def count(nlp: Language, task: str, examples: Sequence[Example]) -> List[DocCounts]:
        settings = _get_pipe(nlp, task).cfg
        key, allow_overlap = settings["spans_key"], settings.get("allow_overlap", True)
        counts = []
        for example in examples:
            if key not in example.reference.spans:
                counts.append(NOTHING)
                continue
            spans: Sequence[Span] = example.predicted.spans.get(key, [])
            found = example.get_aligned_spans_x2y(spans, allow_overlap)
            counts.append(
                count_sets(_describe(found, is_labelled), _describe(example.reference.spans[key], is_labelled))
            )
        return counts

    return count


def count_sentences(nlp: Language, task: str, examples: Sequence[Example]) -> List[DocCounts]:
    """Exact sentences, as `spacy.scorer.Scorer.score_spans` counts them."""
    counts = []
    for example in examples:
        if not example.reference.has_annotation("SENT_START"):
            counts.append(NOTHING)
            continue
        is_split = example.predicted.has_annotation("SENT_START")
        found = example.get_aligned_spans_x2y(example.predicted.sents) if is_split else []
        counts.append(count_sets(_describe(found), _describe(example.reference.sents)))
    return counts


PARSE = Metric("dep_las", "labelled attachment, F", count_dependencies, ("token.dep",), PARSE_GAPS)
CATEGORIES = "cats_micro_f", "categories, micro F"
STOCK_METRICS: Dict[str, Metric] = {
    **dict.fromkeys(("ner", "beam_ner"), Metric("ents_f", "entities, F", count_entities)),
    **dict.fromkeys(("parser", "beam_parser"), PARSE),
    "tagger": Metric("tag_acc", "tags, accuracy", count_token_attribute("tag")),
    "morphologizer": Metric(
        "pos_acc", "parts of speech, accuracy", count_token_attribute("pos"), layers=("token.pos",)
    ),
    "trainable_lemmatizer": Metric("lemma_acc", "lemmas, accuracy", count_token_attribute("lemma")),
    "senter": Metric("sents_f", "sentences, F", count_sentences),
    "textcat": Metric(*CATEGORIES, count_exclusive_categories, gaps=CATEGORY_GAPS),
    "textcat_multilabel": Metric(*CATEGORIES, count_categories_each),
}
# by factory, the title and the counter of a score that has the name of a span group
SPAN_COUNTERS: Dict[str, Tuple[str, Counter]] = {
    **dict.fromkeys(("spancat", "spancat_singlelabel"), ("spans, F", count_span_group(True))),
    "span_finder": ("spans without labels, F", count_span_group(False)),
}


def find_stock_metric(nlp: Language, task: str, factory: str) -> Optional[Metric]:
    """The score of one of spaCy's components.

    nlp (Language): The pipeline.
    task (str): The name of the component.
    factory (str): Its factory.
    RETURNS (Optional[Metric]): The score; None for a component that is not known here.
    """
    if factory in SPAN_COUNTERS:
        title, counter = SPAN_COUNTERS[factory]
        return Metric(f"spans_{_get_pipe(nlp, task).cfg['spans_key']}_f", title, counter)
    return STOCK_METRICS.get(factory)


def _get_pipe(nlp: Language, task: str) -> Any:
    return nlp.get_pipe(task)


def _find_places(example: Example) -> List[Optional[int]]:
    """For each predicted token the one of the reference that is the same; None where there is not exactly one."""
    alignment = example.alignment.x2y
    return [int(alignment[i][0]) if length == 1 else None for i, length in enumerate(alignment.lengths)]


def _choose(categories: Dict[str, float], labels: Set[str]) -> Optional[str]:
    """The best of the known categories, the first if some are equal; None without any."""
    known = {label: value for label, value in categories.items() if label in labels}
    return max(known, key=lambda label: known[label]) if known else None


def _describe(spans: Iterable[Span], is_labelled: bool = True) -> Set[Hashable]:
    return {(span.label_ if is_labelled else None, span.start, span.end) for span in spans}

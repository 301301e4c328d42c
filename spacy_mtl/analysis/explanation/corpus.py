"""What a pipeline rests on over a corpus: which words carry each label, which tasks share them, what errors rest on."""

from collections import Counter
from itertools import combinations
from typing import Any, Dict, Iterable, List, NamedTuple, Optional, Tuple

import numpy
from spacy.lang.lex_attrs import word_shape
from spacy.language import Language
from spacy.training import Example
from thinc.types import Floats1d

from ...errors import Errors
from .annotating import has_words
from .explain import AUTO, LIMITS, Explainer, choose_method
from .faithfulness import Faithfulness, average, erase
from .gold import find_gold
from .results import INTEGRATED, Explanation

PRIOR = 2.0
"""Occurrences that are added, with no part: a word that was seen once has little to say."""
TOP_WORDS = 3


class Evidence(NamedTuple):
    """A word, or the shape of words, over a corpus.

    word (str): The word in lower case, or its shape.
    number (int): In how many predictions of the label it stands in the text.
    mean (float): Its mean part in their log-odds.
    weight (float): The sum of its parts, divided by the count and two more: what words are ranked by.
    """

    word: str
    number: int
    mean: float
    weight: float


class LabelEvidence(NamedTuple):
    """What carries a label.

    component (str): The component.
    kind (str): The kind of prediction.
    label (str): The label.
    number (int): How often it is predicted.
    words (List[Evidence]): The words, from those that speak for it most to those that speak against it most.
    shapes (List[Evidence]): The shapes of words, likewise.
    """

    component: str
    kind: str
    label: str
    number: int
    words: List[Evidence]
    shapes: List[Evidence]


class ErrorGroup(NamedTuple):
    """Errors of one kind.

    component (str): The component.
    kind (str): The kind of prediction.
    label (str): What was predicted.
    gold (str): What the annotation has there; "none" where it has nothing.
    number (int): How many.
    words (List[Tuple[str, int]]): The words with the largest part in one of them, and in how many, most frequent first.
    """

    component: str
    kind: str
    label: str
    gold: str
    number: int
    words: List[Tuple[str, int]]


class CorpusExplanation(NamedTuple):
    """What a pipeline rests on over a corpus.

    texts (int): How many texts were explained.
    skipped (int): How many were not: without words, or too long.
    labels (List[LabelEvidence]): What carries each label, the most frequent labels of a component first.
    shared (Dict[Tuple[str, str], float]): For two components how much of what they rest on is the same words, from 0 to
        1: the mean over texts of the sum, over words, of the smaller of their shares.
    faithfulness (Dict[str, Faithfulness]): By kind of prediction, whether the words are what it rests on.
    errors (List[ErrorGroup]): The errors, largest groups first.
    """

    texts: int
    skipped: int
    labels: List[LabelEvidence]
    shared: Dict[Tuple[str, str], float]
    faithfulness: Dict[str, Faithfulness]
    errors: List[ErrorGroup]

    def to_dict(self) -> Dict[str, Any]:
        """RETURNS (Dict[str, Any]): All of it as plain data."""
        return {
            "texts": self.texts,
            "skipped": self.skipped,
            "labels": [
                {
                    **one._asdict(),
                    "words": [evidence._asdict() for evidence in one.words],
                    "shapes": [evidence._asdict() for evidence in one.shapes],
                }
                for one in self.labels
            ],
            "shared": [{"components": list(pair), "share": share} for pair, share in self.shared.items()],
            "faithfulness": {kind: figures._asdict() for kind, figures in self.faithfulness.items()},
            "errors": [{**group._asdict(), "words": dict(group.words)} for group in self.errors],
        }


def explain_examples(
    nlp: Language, examples: Iterable[Example], component: Optional[str] = None, method: str = AUTO
) -> CorpusExplanation:
    """Explain all predictions of a corpus.

    nlp (Language): The pipeline.
    examples (Iterable[Example]): The corpus; the references' annotation tells errors.
    component (Optional[str]): The component; None for all.
    method (str): As `explain` takes it.
    RETURNS (CorpusExplanation): What the predictions rest on.
    RAISES (ValueError): E810 if no text can be explained, or nothing is predicted; what `explain` raises otherwise.
    """
    explainer, gathered = Explainer(nlp), _Gathered()
    for example in examples:
        doc = example.predicted
        if not has_words(doc) or len(doc) > LIMITS[INTEGRATED]:
            gathered.skipped += 1
            continue
        with explainer.opened(doc, component) as (queries, text):
            chosen = [choose_method(method, query, text, len(queries)) for query in queries]
            if any(len(text) > LIMITS[one] for one in chosen):
                gathered.skipped += 1
                continue
            found = explainer.describe(queries, text, method)
            erased = erase(queries, found, seed=gathered.texts)
        gold = [find_gold(one.finding, example, nlp.get_pipe(one.finding.component)) for one in queries]
        gathered.add(found, gold, erased)
    if not gathered.by_label:
        raise ValueError(Errors.E810.format(texts=gathered.texts, skipped=gathered.skipped))
    return gathered.sum_up()


class _Gathered:
    """What was found in texts so far."""

    def __init__(self) -> None:
        self.texts = self.skipped = 0
        self.by_label: Dict[Tuple[str, str, str], List[Explanation]] = {}
        self.errors: Dict[Tuple[str, str, str, str], List[str]] = {}
        self.erased: Dict[str, List[Tuple[float, ...]]] = {}
        self.shared: Dict[Tuple[str, str], List[float]] = {}

    def add(self, found: List[Explanation], gold: List[Optional[str]], erased: List[Tuple[float, ...]]) -> None:
        self.texts += 1
        for one, in_its_place, figures in zip(found, gold, erased):
            self.by_label.setdefault((one.component, one.kind, one.label), []).append(one)
            self.erased.setdefault(one.kind, []).append(figures)
            if in_its_place not in (None, one.label):
                top = max(range(len(one.words)), key=one.parts.__getitem__)
                key = (one.component, one.kind, one.label, str(in_its_place))
                self.errors.setdefault(key, []).append(one.words[top].lower())
        shares = _shares(found)
        for pair in combinations(shares, 2):
            common = float(numpy.minimum(shares[pair[0]], shares[pair[1]]).sum())
            self.shared.setdefault(pair, []).append(common)

    def sum_up(self) -> CorpusExplanation:
        order = list(dict.fromkeys((component, kind) for component, kind, _ in self.by_label))
        labels = [
            LabelEvidence(*key, len(found), _rank(found, str.lower), _rank(found, word_shape))
            for key, found in self.by_label.items()
        ]
        labels.sort(key=lambda one: (order.index((one.component, one.kind)), -one.number, one.label))
        errors = [
            ErrorGroup(*key, len(words), Counter(words).most_common(TOP_WORDS)) for key, words in self.errors.items()
        ]
        errors.sort(key=lambda group: -group.number)
        shared = {pair: float(numpy.mean(of_texts)) for pair, of_texts in self.shared.items()}
        return CorpusExplanation(self.texts, self.skipped, labels, shared, average(self.erased), errors)


def _rank(found: List[Explanation], form: Any) -> List[Evidence]:
    """The forms of words in texts of a label, by what they do for it. A word counts once for a prediction."""
    counts: Dict[str, int] = {}
    totals: Dict[str, float] = {}
    for one in found:
        by_form: Dict[str, float] = {}
        for word, part in zip(one.words, one.parts):
            if not word.isspace():
                by_form[form(word)] = by_form.get(form(word), 0.0) + part
        for key, part in by_form.items():
            counts[key] = counts.get(key, 0) + 1
            totals[key] = totals.get(key, 0.0) + part
    ranked = [Evidence(key, n, totals[key] / n, totals[key] / (n + PRIOR)) for key, n in counts.items()]
    return sorted(ranked, key=lambda evidence: -evidence.weight)


def _shares(found: List[Explanation]) -> Dict[str, Floats1d]:
    """For each component the share that each word of a text has in what its predictions rest on."""
    shares: Dict[str, Floats1d] = {}
    for one in found:
        parts = numpy.abs(numpy.array(one.parts))
        if parts.sum() > 0:
            shares[one.component] = shares.get(one.component, 0.0) + parts / parts.sum()
    return {component: parts / parts.sum() for component, parts in shares.items()}

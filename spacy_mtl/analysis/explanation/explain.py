"""Why a pipeline says what it says of a text: the part of every word in each of its predictions."""

import random
from contextlib import contextmanager
from typing import Dict, Iterator, List, Optional, Tuple, Union

import numpy
from spacy.language import Language
from spacy.tokens import Doc

from ...errors import Errors
from .annotating import annotate, passing_words
from .attribution import Query, integrate, measure_many, occlude
from .finding_inputs import WordReaders
from .making_readings import make_readings
from .results import INTEGRATED, METHODS, OCCLUSION, Attribution, Check, Explanation
from .targets import choose_findings
from .tasks import Finding, check_rival, probability
from .undisturbed import single_precision, undisturbed

AUTO = "auto"
AUTO_TOKENS = 64
"""Up to so many for each prediction it takes less time to hide each word than to integrate."""
LIMITS = {OCCLUSION: 512, INTEGRATED: 4096}
TOP = 3
TOLERANCE = 1e-3


def explain(
    nlp: Language,
    doc: Union[str, Doc],
    component: Optional[str] = None,
    target: Optional[str] = None,
    against: Optional[str] = None,
    method: str = AUTO,
    *,
    check: bool = False,
) -> List[Explanation]:
    """Say what predictions of a pipeline rest on.

    The text is annotated anew; neither the pipeline nor the Doc is changed, and the training goes on as it would have.

    nlp (Language): The pipeline.
    doc (Union[str, Doc]): The text, or a Doc, of which the tokens are taken, borders of sentences where no component
        finds any, and predicates where the component takes them from the Doc.
    component (Optional[str]): The component; None for all.
    target (Optional[str]): The prediction: a category, or a label, words or both, as in "PER:Ana"; of a role also with
        the predicate, as in "gave>ARG0:Ana". Of a translation a word, or all of it; where the component is named, also
        a translation that it has not found. None for all that is predicted.
    against (Optional[str]): A label to set it against: why PER, and not ORG?
    method (str): "occlusion" hides the words one by one, "integrated" integrates the gradient; "auto" chooses occlusion
        for components without gradients, and up to 64 tokens for each prediction that is asked about, 512 in all, where
        it is as fast and as faithful.
    check (bool): Whether to see as well what becomes of each prediction without its most important words.
    RETURNS (List[Explanation]): One for each prediction, in the order of the pipeline and of its predictions.
    RAISES (ValueError): E801 for a component that cannot be explained, E802, E803 for a target that fits none or
        several, E804 for a text without words, E805 for one that is too long, E806 for a label that `against` does not
        know, E807, E808 for a method that is unknown or does not fit, E809 if the pipeline is not deterministic, E812
        for a translation that the component cannot write.
    """
    return Explainer(nlp).explain(doc, component, target, against, method, check=check)


class Explainer:
    """Explains any number of texts. The vectors that hide a word are computed once: make a new one when the pipeline
    has been trained or changed."""

    def __init__(self, nlp: Language) -> None:
        """nlp (Language): The pipeline."""
        self.nlp = nlp
        self._readers = WordReaders(nlp)

    def explain(
        self,
        doc: Union[str, Doc],
        component: Optional[str] = None,
        target: Optional[str] = None,
        against: Optional[str] = None,
        method: str = AUTO,
        *,
        check: bool = False,
    ) -> List[Explanation]:
        """As the function `explain`. RETURNS (List[Explanation]): The explanations."""
        with self.opened(doc, component, target, against) as (queries, text):
            return self.describe(queries, text, method, check=check)

    @contextmanager
    def opened(
        self,
        doc: Union[str, Doc],
        component: Optional[str] = None,
        target: Optional[str] = None,
        against: Optional[str] = None,
    ) -> Iterator[Tuple[List[Query], Doc]]:
        """In the block predictions of a text can be measured where words of it are hidden.

        doc (Union[str, Doc]): The text.
        component (Optional[str]): The component; None for all.
        target (Optional[str]): The prediction; None for all.
        against (Optional[str]): A label to set it against.
        YIELDS (Tuple[List[Query], Doc]): The predictions, and the text, annotated.
        """
        with passing_words(self.nlp), single_precision(self._readers.nodes):
            text, tasks = annotate(self.nlp, doc, component)
            words = [token.text for token in text]
            where = "" if component is None else f" by '{component}'"
            findings = [finding for task in tasks.values() for finding in task.findings]
            propose = tasks[component].propose if component is not None else (lambda target: [])
            chosen = choose_findings(findings, target, words, where, propose)
            for finding in chosen:
                check_rival(finding, words, against, tasks[finding.component].list_rivals(finding))
            with undisturbed(self._readers.nodes):
                names = dict.fromkeys(one.component for one in chosen)
                readings = make_readings(self.nlp, tasks, names, self._readers)
                yield [Query(readings[one.component], one, against) for one in chosen], text

    def describe(
        self, queries: List[Query], text: Doc, method: str = AUTO, *, check: bool = False
    ) -> List[Explanation]:
        """Explain predictions.

        queries (List[Query]): What `opened` gave, in its block.
        text (Doc): The text.
        method (str): The method.
        check (bool): Whether to see what becomes of them without some words.
        RETURNS (List[Explanation]): The explanations.
        """
        by_method: Dict[str, List[int]] = {}
        for i, query in enumerate(queries):
            chosen = choose_method(method, query, text, len(queries))
            check_length(chosen, query, text)
            by_method.setdefault(chosen, []).append(i)
        found: Dict[int, Explanation] = {}
        for chosen, places in by_method.items():
            attribute = occlude if chosen == OCCLUSION else integrate
            of_method = [queries[i] for i in places]
            attributions = attribute(of_method, len(text))
            _check_probabilities(of_method, attributions, text)
            checks = hide_words(of_method, attributions, text) if check else [None] * len(places)
            for i, attribution, of_query in zip(places, attributions, checks):
                found[i] = _explanation(queries[i], attribution, of_query, text, chosen)
        return [found[i] for i in range(len(queries))]


def choose_method(method: str, query: Query, text: Doc, together: int) -> str:
    """Choose how a prediction is explained. To hide each word takes one pass over as many copies as there are words,
    however many predictions are read from them; to integrate takes a gradient for each.

    method (str): "auto", or what was chosen.
    query (Query): The prediction.
    text (Doc): The text.
    together (int): How many predictions are asked about at once.
    RETURNS (str): "occlusion" or "integrated".
    RAISES (ValueError): E807 if it is unknown, E808 if it needs a gradient that the component does not have.
    """
    if method not in (AUTO, *METHODS):
        raise ValueError(Errors.E807.format(method=method, expected=", ".join([AUTO, *METHODS])))
    problem = query.reading.problem
    chosen = method
    if method == AUTO:
        longest = min(AUTO_TOKENS * together, LIMITS[OCCLUSION])
        chosen = OCCLUSION if len(text) <= longest or problem else INTEGRATED
    if chosen == INTEGRATED and problem:
        name = query.finding.name([token.text for token in text])
        raise ValueError(Errors.E808.format(target=name, problem=problem))
    return chosen


def check_length(method: str, query: Query, text: Doc) -> None:
    """Refuse a text that is too long.

    method (str): "occlusion" or "integrated".
    query (Query): The prediction.
    text (Doc): The text.
    RAISES (ValueError): E805 if it is longer than the method's limit.
    """
    limit, found = LIMITS[method], len(text)
    if found > limit:
        advice = ", or take the method 'integrated'" if method == OCCLUSION and not query.reading.problem else ""
        raise ValueError(Errors.E805.format(method=method, limit=limit, found=found, advice=advice))


def hide_words(queries: List[Query], attributions: List[Attribution], text: Doc) -> List[Check]:
    """See what becomes of predictions without their most important words, and without others.

    queries (List[Query]): The predictions.
    attributions (List[Attribution]): The parts of the words in each.
    text (Doc): The text.
    RETURNS (List[Check]): Of each prediction.
    """
    candidates = [token.i for token in text if not token.is_space]
    chance = random.Random(0)
    kept = numpy.ones((2 * len(queries), len(text)), dtype="f")
    hidden = []
    for i, attribution in enumerate(attributions):
        top = sorted(candidates, key=attribution.parts.__getitem__, reverse=True)[:TOP]
        others = chance.sample(candidates, len(top))
        kept[2 * i, top] = 0
        kept[2 * i + 1, others] = 0
        hidden.append((tuple(sorted(top)), tuple(sorted(others))))
    values = measure_many(queries, kept) if queries else []
    return [
        Check(top, float(of_query[2 * i]), others, float(of_query[2 * i + 1]))
        for i, ((top, others), of_query) in enumerate(zip(hidden, values))
    ]


def _check_probabilities(queries: List[Query], attributions: List[Attribution], text: Doc) -> None:
    for query, attribution in zip(queries, attributions):
        shown, found = query.finding.probability, probability(attribution.log_odds)
        if query.against is None and abs(shown - found) > TOLERANCE:
            name = query.finding.name([token.text for token in text])
            raise ValueError(Errors.E809.format(target=name, shown=shown, found=found))


def _explanation(
    query: Query, attribution: Attribution, checked: Optional[Check], text: Doc, method: str
) -> Explanation:
    finding: Finding = query.finding
    return Explanation(
        *finding[:6],
        against=query.against,
        probability=finding.probability,
        log_odds=attribution.log_odds,
        baseline=attribution.baseline,
        encoder=tuple(attribution.encoder),
        own=tuple(attribution.own) if query.reading.splits else None,
        method=method,
        gap=attribution.gap if method == INTEGRATED else None,
        check=checked,
        words=tuple(token.text for token in text),
        offsets=tuple(token.idx for token in text),
        written=finding.written,
    )

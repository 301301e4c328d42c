"""Which rolesets a predicate can have: counts by word form and by lemma, and how far they reach."""

from collections import Counter, defaultdict
from math import log
from string import ascii_lowercase
from typing import Dict, Iterable, Iterator, List, Mapping, NamedTuple, Optional, Tuple

MAX_SUFFIX = 5
MIN_SUPPORT = 5

FORM, LEMMA, ENDING = "form", "lemma", "ending"
"""What known candidates come from: the word form, the lemma that the Doc gives, a lemma guessed by the ending."""
FIRST_SENSE = ".01"
"""Added to `LEMMA` or `ENDING` where the lemma is unknown, so that the only candidate is its first sense."""
NOTHING = ""

Counts = Dict[str, Dict[str, int]]


class AnnotatedPredicate(NamedTuple):
    """What a predicate of a corpus teaches about rolesets.

    form (str): The word.
    lemma (str): Its lemma; "" if unknown.
    sense (str): Its roleset; "" if not annotated.
    """

    form: str
    lemma: str
    sense: str


class Candidate(NamedTuple):
    """A roleset that a predicate may have.

    sense (str): The roleset, such as "give.01".
    log_prior (float): Log of its share among the candidates, before the context is read.
    """

    sense: str
    log_prior: float


class RolesetLexicon:
    """Rolesets by word form, learned from annotated predicates.

    A roleset's own lemma is the part before its last dot. For a form seen in training the candidates are the rolesets
    of the form and, with the weight of `smoothing` observations, those of the own lemmas that the form had. For an
    unseen form they are the rolesets of the lemma that the Doc gives. Where it gives none that is known, the lemma is
    guessed, if that is wished, from the endings that forms of the training data had against their rolesets' lemmas
    ("-ied": "-y"). Where no lemma is known, the candidate is "<lemma>.01"; without any lemma there is none, nor
    for a guess with punctuation, or with a letter beyond a-z that no lemma of the training data has.

    counts (Optional[Mapping[str, Mapping[str, int]]]): Lower-cased form to roleset to count.
    lemmas (Optional[Mapping[str, Mapping[str, int]]]): Lower-cased lemma, as Docs gave it, to roleset to count.
    smoothing (float): Weight of the lemma's rolesets beside those of the form.
    guess_lemmas (bool): Whether to guess lemmas from endings.
    """

    def __init__(
        self,
        counts: Optional[Mapping[str, Mapping[str, int]]] = None,
        lemmas: Optional[Mapping[str, Mapping[str, int]]] = None,
        *,
        smoothing: float = 0.5,
        guess_lemmas: bool = True,
    ) -> None:
        self.smoothing = smoothing
        self.guess_lemmas = guess_lemmas
        self.counts: Dict[str, Counter] = {}
        self.lemmas: Dict[str, Counter] = {lemma: Counter(senses) for lemma, senses in (lemmas or {}).items()}
        self._own_lemmas: Dict[str, Counter] = {}
        self._endings: Dict[str, Counter] = {}
        for form, senses in (counts or {}).items():
            for sense, count in senses.items():
                self._count_form(form, sense, count)

    @classmethod
    def from_predicates(
        cls, predicates: Iterable[AnnotatedPredicate], *, smoothing: float = 0.5, guess_lemmas: bool = True
    ) -> "RolesetLexicon":
        """Count forms, lemmas and rolesets.

        predicates (Iterable[AnnotatedPredicate]): The predicates.
        smoothing (float): As in the constructor.
        guess_lemmas (bool): As in the constructor.
        RETURNS (RolesetLexicon): The lexicon.
        """
        lexicon = cls(smoothing=smoothing, guess_lemmas=guess_lemmas)
        for form, lemma, sense in predicates:
            if sense:
                lexicon.add(form, lemma, sense)
        return lexicon

    def add(self, form: str, lemma: str, sense: str, count: int = 1) -> None:
        """Count an annotated predicate, or take one back.

        form (str): The word.
        lemma (str): Its lemma where the Doc has one, else "".
        sense (str): Its roleset.
        count (int): How often; negative to take back what was added.
        """
        self._count_form(form.lower(), sense, count)
        if lemma:
            _count(self.lemmas, lemma.lower(), sense, count)

    @property
    def senses(self) -> List[str]:
        """RETURNS (List[str]): All rolesets seen, sorted."""
        return sorted({sense for senses in self.counts.values() for sense in senses})

    def to_counts(self) -> Counts:
        """RETURNS (Dict[str, Dict[str, int]]): The rolesets by form, ready for JSON."""
        return _sorted_counts(self.counts)

    def to_lemmas(self) -> Counts:
        """RETURNS (Dict[str, Dict[str, int]]): The rolesets by the Docs' lemmas, ready for JSON."""
        return _sorted_counts(self.lemmas)

    def candidates(self, form: str, lemma: str = "") -> List[Candidate]:
        """The rolesets a predicate may have.

        form (str): The word.
        lemma (str): Its lemma where the Doc has one, else "".
        RETURNS (List[Candidate]): By falling prior, ties in the order of the alphabet; empty where nothing is known.
        """
        form, lemma = form.lower(), lemma.lower()
        weights = self._weigh(form, lemma, self.evidence(form, lemma))
        mass = sum(weights.values())
        ordered = sorted(weights.items(), key=lambda item: (-item[1], item[0]))
        return [Candidate(sense, log(weight / mass)) for sense, weight in ordered]

    def evidence(self, form: str, lemma: str = "") -> str:
        """What the candidates of a predicate come from.

        form (str): The word.
        lemma (str): Its lemma where the Doc has one, else "".
        RETURNS (str): FORM, LEMMA, ENDING, either of the last two with FIRST_SENSE behind it, or NOTHING.
        """
        form, lemma = form.lower(), lemma.lower()
        if form in self.counts:
            return FORM
        if lemma and self._senses_of(lemma):
            return LEMMA
        if self.guess_lemmas and self.guess_lemma(form) in self._own_lemmas:
            return ENDING
        if lemma:
            return LEMMA + FIRST_SENSE
        return ENDING + FIRST_SENSE if self.guess_lemmas and self._is_spelled(self.guess_lemma(form)) else NOTHING

    def _is_spelled(self, lemma: str) -> bool:
        """Whether a guess has only the letters a-z and characters of known lemmas, as a word of their language has."""
        return not set(lemma).difference(ascii_lowercase, *self._own_lemmas)

    def guess_lemma(self, form: str) -> str:
        """The most likely lemma of an unseen form: the longest known ending whose replacement gives a known lemma.

        If none does, the longest ending seen on MIN_SUPPORT forms gets its most common replacement.

        form (str): The word.
        RETURNS (str): A lemma; the form itself if no ending is known.
        """
        form = form.lower()
        if form in self._own_lemmas:
            return form
        unknown = ""
        for length in range(min(MAX_SUFFIX, len(form) - 1), -1, -1):
            replacements: Mapping[str, int] = self._endings.get(form[len(form) - length :], Counter())
            for replacement in sorted(replacements, key=lambda one: (-replacements[one], one)):
                guess = form[: len(form) - length] + replacement
                if guess in self._own_lemmas:
                    return guess
                if not unknown and sum(replacements.values()) >= MIN_SUPPORT:
                    unknown = guess
        return unknown or form

    def _weigh(self, form: str, lemma: str, evidence: str) -> Mapping[str, float]:
        if evidence == NOTHING:
            return {}
        if evidence == LEMMA:
            return self._senses_of(lemma)
        if evidence == ENDING:
            return self._own_lemmas[self.guess_lemma(form)]
        if evidence != FORM:
            unknown = lemma if evidence == LEMMA + FIRST_SENSE else self.guess_lemma(form)
            return {unknown + FIRST_SENSE: 1.0}
        weights: Dict[str, float] = defaultdict(float, self.counts[form])
        total = sum(self.counts[form].values())
        for sense, count in self.counts[form].items():
            of_lemma = self._own_lemmas[lemma_of(sense)]
            size = sum(of_lemma.values())
            for other, other_count in of_lemma.items():
                weights[other] += self.smoothing * count / total * other_count / size
        return weights

    def _senses_of(self, lemma: str) -> Mapping[str, int]:
        return self.lemmas.get(lemma) or self._own_lemmas.get(lemma) or Counter()

    def _count_form(self, form: str, sense: str, count: int) -> None:
        known = sense in self.counts.get(form, ())
        _count(self.counts, form, sense, count)
        own = lemma_of(sense)
        _count(self._own_lemmas, own, sense, count)
        change = (sense in self.counts.get(form, ())) - known
        if change:
            for ending, replacement in _endings(form, own):
                _count(self._endings, ending, replacement, change)


def lemma_of(sense: str) -> str:
    """RETURNS (str): The lemma of a roleset: "give" for "give.01"."""
    return sense.rpartition(".")[0] or sense


def _count(table: Dict[str, Counter], key: str, value: str, count: int) -> None:
    """Count without leaving zeros behind, so that `in` tells what was seen."""
    row = table.setdefault(key, Counter())
    row[value] += count
    if not row[value]:
        del row[value]
    if not row:
        del table[key]


def _endings(form: str, lemma: str) -> Iterator[Tuple[str, str]]:
    """The endings of a form, each with what the lemma has in its place."""
    for start in range(min(len(form), len(lemma)) + 1):
        if len(form) - start <= MAX_SUFFIX:
            yield form[start:], lemma[start:]
        if form[start : start + 1] != lemma[start : start + 1]:
            return


def _sorted_counts(table: Mapping[str, Mapping[str, int]]) -> Counts:
    return {key: dict(sorted(row.items())) for key, row in sorted(table.items())}

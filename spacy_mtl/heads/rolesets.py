"""Which rolesets a predicate can have: counts by word form and by lemma, and a guess where neither is known."""

from collections import Counter, defaultdict
from math import log
from typing import Dict, Iterable, List, NamedTuple, Optional, Tuple

MAX_SUFFIX = 5
MIN_SUPPORT = 5


class Candidate(NamedTuple):
    """A roleset that a predicate may have.

    sense (str): The roleset, such as "give.01".
    log_prior (float): Log of its share among the candidates, before the context is read.
    """

    sense: str
    log_prior: float


class RolesetLexicon:
    """Rolesets by word form, learned from annotated predicates.

    A roleset's lemma is the part before its last dot. For a form seen in training the candidates are the rolesets of
    the form and, with the weight of `smoothing` observations, those of the lemmas that the form had. For an unseen form
    the lemma comes from the Doc if it has lemmas, else from the endings that forms of the training data had against
    their lemmas ("-ied": "-y"). If that lemma has no known roleset either, the candidate is "<lemma>.01".

    counts (Dict[str, Dict[str, int]]): Lower-cased form to roleset to count.
    smoothing (float): Weight of the lemma's rolesets beside those of the form.
    """

    def __init__(self, counts: Optional[Dict[str, Dict[str, int]]] = None, smoothing: float = 0.5) -> None:
        self.counts: Dict[str, Counter] = {form: Counter(senses) for form, senses in (counts or {}).items()}
        self.smoothing = smoothing
        self._rebuild()

    @classmethod
    def from_predicates(cls, predicates: Iterable[Tuple[str, str]], smoothing: float = 0.5) -> "RolesetLexicon":
        """Count forms and rolesets.

        predicates (Iterable[Tuple[str, str]]): Word form and roleset of each annotated predicate.
        smoothing (float): As in the constructor.
        RETURNS (RolesetLexicon): The lexicon.
        """
        counts: Dict[str, Dict[str, int]] = defaultdict(Counter)
        for form, sense in predicates:
            if sense:
                counts[form.lower()][sense] += 1
        return cls(counts, smoothing)

    @property
    def senses(self) -> List[str]:
        """RETURNS (List[str]): All rolesets seen, sorted."""
        return sorted({sense for senses in self.counts.values() for sense in senses})

    def to_counts(self) -> Dict[str, Dict[str, int]]:
        """RETURNS (Dict[str, Dict[str, int]]): What the constructor takes, ready for JSON."""
        return {form: dict(sorted(senses.items())) for form, senses in sorted(self.counts.items())}

    def candidates(self, form: str, lemma: str = "") -> List[Candidate]:
        """The rolesets a predicate may have.

        form (str): The word.
        lemma (str): Its lemma where the Doc has one, else "".
        RETURNS (List[Candidate]): At least one, by falling prior, ties in the order of the alphabet.
        """
        weights = self._weigh(form.lower(), lemma.lower())
        mass = sum(weights.values())
        ordered = sorted(weights.items(), key=lambda item: (-item[1], item[0]))
        return [Candidate(sense, log(weight / mass)) for sense, weight in ordered]

    def guess_lemma(self, form: str) -> str:
        """The most likely lemma of an unseen form: the longest known ending whose replacement gives a known lemma.

        If none does, the longest ending seen on MIN_SUPPORT forms gets its most common replacement.

        form (str): The word.
        RETURNS (str): A lemma; the form itself if no ending is known.
        """
        form = form.lower()
        if form in self._lemmas:
            return form
        unknown = ""
        for length in range(min(MAX_SUFFIX, len(form) - 1), -1, -1):
            ending = form[len(form) - length :]
            for replacement, _ in self._endings[ending].most_common() if ending in self._endings else ():
                guess = form[: len(form) - length] + replacement
                if guess in self._lemmas:
                    return guess
                if not unknown and sum(self._endings[ending].values()) >= MIN_SUPPORT:
                    unknown = guess
        return unknown or form

    def _weigh(self, form: str, lemma: str) -> Dict[str, float]:
        weights: Dict[str, float] = defaultdict(float)
        lemmas: Counter = Counter()
        if form in self.counts:
            weights.update(self.counts[form])
            for sense, count in self.counts[form].items():
                lemmas[lemma_of(sense)] += count
        else:
            known = lemma if lemma in self._lemmas else self.guess_lemma(form)
            lemmas[known] = 1
        total = sum(lemmas.values())
        for name, count in lemmas.items():
            of_lemma = self._lemmas.get(name)
            if of_lemma is None:
                continue
            size = sum(of_lemma.values())
            for sense, sense_count in of_lemma.items():
                weights[sense] += self.smoothing * count / total * sense_count / size
        if not weights:
            weights[f"{lemma or next(iter(lemmas))}.01"] = 1.0
        return weights

    def _rebuild(self) -> None:
        self._lemmas: Dict[str, Counter] = defaultdict(Counter)
        self._endings: Dict[str, Counter] = defaultdict(Counter)
        for form, senses in self.counts.items():
            for sense, count in senses.items():
                lemma = lemma_of(sense)
                self._lemmas[lemma][sense] += count
                shared = _shared_prefix(form, lemma)
                for start in range(shared + 1):
                    if len(form) - start <= MAX_SUFFIX:
                        self._endings[form[start:]][lemma[start:]] += 1


def lemma_of(sense: str) -> str:
    """RETURNS (str): The lemma of a roleset: "give" for "give.01"."""
    return sense.rpartition(".")[0] or sense


def _shared_prefix(form: str, lemma: str) -> int:
    length = 0
    while length < min(len(form), len(lemma)) and form[length] == lemma[length]:
        length += 1
    return length

"""How often the sense of a predicate is among the candidates that a lexicon gives: counts over predicates held out.

A lexicon that has counted a predicate gives its sense among the candidates, always: what it gives for the next one
can only be seen on one that it has not counted. So each predicate of the corpus is taken out, looked up, and counted
again (leave-one-out, as in Good, 1953). A form that occurs once is unseen when it is taken out; thus the corpus says
what to think of forms, frequent ones, rare ones and unseen ones, that it does not hold.
"""

from collections import Counter
from typing import Dict, Iterable, Iterator, List

from .rolesets import ENDING, FIRST_SENSE, FORM, LEMMA, NOTHING, AnnotatedPredicate, RolesetLexicon

Shares = Dict[str, List[int]]


def held_out_coverage(predicates: Iterable[AnnotatedPredicate]) -> Shares:
    """Look each predicate up among the others.

    predicates (Iterable[AnnotatedPredicate]): The predicates.
    RETURNS (Dict[str, List[int]]): Kind of evidence (see `evidence_kind`) to how many predicates had their sense among
        the candidates, and how many there were.
    """
    occurrences = Counter((form.lower(), lemma.lower(), sense) for form, lemma, sense in predicates if sense)
    lexicon = RolesetLexicon()
    for (form, lemma, sense), count in occurrences.items():
        lexicon.add(form, lemma, sense, count)
    shares: Shares = {}
    for (form, lemma, sense), count in occurrences.items():
        lexicon.add(form, lemma, sense, -1)
        # an unseen form counts twice: a text to come may give its lemma or not
        for given in {lemma, ""} if form not in lexicon.counts else {lemma}:
            kind = evidence_kind(lexicon, form, given)
            found, total = shares.get(kind, (0, 0))
            covered = any(candidate.sense == sense for candidate in lexicon.candidates(form, given))
            shares[kind] = [found + covered * count, total + count]
        lexicon.add(form, lemma, sense)
    return dict(sorted(shares.items()))


def evidence_kind(lexicon: RolesetLexicon, form: str, lemma: str = "") -> str:
    """What the candidates come from; of a seen form also how often it was seen, as a power of two.

    lexicon (RolesetLexicon): Gives the candidates.
    form (str): The word.
    lemma (str): Its lemma where the Doc has one, else "".
    RETURNS (str): Such as "form-4", for a form seen four to seven times, "lemma", "ending.01", or "lemma-ending" where
        the lemma was given and not known.
    """
    evidence = lexicon.evidence(form, lemma)
    if evidence == FORM:
        return _form_kind(sum(lexicon.counts[form.lower()].values()))
    return f"{LEMMA}-{evidence}" if lemma and evidence == ENDING else evidence


def coverage(kind: str, shares: Shares) -> float:
    """The probability that the sense of a predicate is among its candidates.

    kind (str): What the candidates come from, as `evidence_kind` gives it.
    shares (Dict[str, List[int]]): What `held_out_coverage` counted.
    RETURNS (float): The share held out, with one half added to either outcome. Where none was held out, that of forms
        seen less often, or of guessed lemmas for given ones.
    """
    if kind == NOTHING:
        return 0.0
    for similar in _similar_kinds(kind):
        if similar in shares:
            found, total = shares[similar]
            return (found + 0.5) / (total + 1)
    return 0.5


def _form_kind(count: int) -> str:
    return f"{FORM}-{1 << (count.bit_length() - 1)}"


def _similar_kinds(kind: str) -> Iterator[str]:
    yield kind
    if kind.startswith(FORM):
        count = int(kind.rpartition("-")[2])
        while count > 1:
            count //= 2
            yield _form_kind(count)
    else:
        yield ENDING + FIRST_SENSE if kind.endswith(FIRST_SENSE) else ENDING

"""Candidate senses of predicates, in the shape of the sense scorer's input."""

from typing import Any, Dict, List, Mapping, NamedTuple, Sequence, Tuple

import numpy
from thinc.types import Floats1d, Ints1d

from ...heads.srl.roleset_coverage import Shares, coverage, evidence_kind, held_out_coverage
from ...heads.srl.rolesets import FORM, AnnotatedPredicate, RolesetLexicon
from ...heads.srl.senses import UNKNOWN, SenseInput

NO_SENSE = ""


class Candidates(NamedTuple):
    """The rolesets that a word can have.

    names (List[str]): Their names; only NO_SENSE where none is known.
    senses (Ints1d): Their numbers; UNKNOWN for one that training did not see.
    priors (Floats1d): Their log priors.
    coverage (float): Probability that the sense is one of them.
    """

    names: List[str]
    senses: Ints1d
    priors: Floats1d
    coverage: float


class CandidateTable:
    """The candidates of word forms as arrays, each looked up in the lexicon once.

    Those of an unseen form are left out where the sense is more likely none of them.

    lexicon (RolesetLexicon): Gives the candidates.
    shares (Shares): How often predicates held out had their sense among the candidates.
    """

    def __init__(self, lexicon: RolesetLexicon, shares: Shares) -> None:
        self.lexicon = lexicon
        self.shares = shares
        self.sense_index: Dict[str, int] = {sense: i for i, sense in enumerate(lexicon.senses)}
        self._found: Dict[Tuple[str, str], Candidates] = {}

    def __getitem__(self, key: Tuple[str, str]) -> "Candidates":
        """RETURNS (Candidates): Of a word form and its lemma, which may be ""."""
        if key not in self._found:
            covered = coverage(evidence_kind(self.lexicon, *key), self.shares)
            known = covered > 0.5 or self.lexicon.evidence(*key) == FORM
            names, priors = zip(*self.lexicon.candidates(*key)) if known else ((NO_SENSE,), (0.0,))
            senses = [self.sense_index.get(sense, UNKNOWN) for sense in names]
            arrays = numpy.asarray(senses, dtype="int32"), numpy.asarray(priors, dtype="float32")
            self._found[key] = Candidates(list(names), *arrays, covered)
        return self._found[key]


def learn_rolesets(predicates: Sequence[AnnotatedPredicate]) -> Dict[str, Any]:
    """What is kept of the annotated predicates of a corpus, ready for JSON.

    predicates (Sequence[AnnotatedPredicate]): The predicates.
    RETURNS (Dict[str, Any]): "rolesets" and "roleset_lemmas", roleset counts by form and by lemma; "roleset_coverage",
        how far they reach.
    """
    lexicon = RolesetLexicon.from_predicates(predicates)
    return {
        "rolesets": lexicon.to_counts(),
        "roleset_lemmas": lexicon.to_lemmas(),
        "roleset_coverage": held_out_coverage(predicates),
    }


def make_table(learned: Mapping[str, Any], guess_lemmas: bool) -> CandidateTable:
    """The candidates by what was learned.

    learned (Mapping[str, Any]): What `learn_rolesets` gave; "roleset_lemmas" and "roleset_coverage" may be missing.
    guess_lemmas (bool): Whether to guess lemmas from endings.
    RETURNS (CandidateTable): The table.
    """
    counts = learned["rolesets"]
    shares = learned.get("roleset_coverage") or held_out_coverage(
        AnnotatedPredicate(form, "", sense)
        for form, senses in counts.items()
        for sense, count in senses.items()
        for _ in range(count)
    )
    return CandidateTable(RolesetLexicon(counts, learned.get("roleset_lemmas"), guess_lemmas=guess_lemmas), shares)


def make_sense_input(predicates: Sequence[int], candidates: Sequence[Candidates]) -> SenseInput:
    """Put the candidates of predicates one after the other.

    predicates (Sequence[int]): Token of each predicate, as an index into the batch's tokens.
    candidates (Sequence[Candidates]): The candidates of each.
    RETURNS (SenseInput): The input of the sense scorer, with an empty array in place of the vectors.
    """
    nothing = Candidates([], numpy.zeros(0, dtype="int32"), numpy.zeros(0, dtype="float32"), 0.0)
    columns = [*candidates, nothing]
    return SenseInput(
        numpy.zeros((0, 0), dtype="float32"),
        numpy.asarray(predicates, dtype="int32"),
        numpy.concatenate([of_predicate.senses for of_predicate in columns]),
        numpy.asarray([len(of_predicate.names) for of_predicate in candidates], dtype="int32"),
        numpy.concatenate([of_predicate.priors for of_predicate in columns]),
    )

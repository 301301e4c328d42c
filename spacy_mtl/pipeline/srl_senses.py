"""Candidate senses of predicates, in the shape of the sense scorer's input."""

from typing import Dict, List, NamedTuple, Sequence, Tuple

import numpy
from thinc.types import Floats1d, Ints1d

from ..heads.rolesets import RolesetLexicon
from ..heads.senses import UNKNOWN, SenseInput


class Candidates(NamedTuple):
    """The rolesets that a word can have.

    names (List[str]): Their names.
    senses (Ints1d): Their numbers; UNKNOWN for one that training did not see.
    priors (Floats1d): Their log priors.
    """

    names: List[str]
    senses: Ints1d
    priors: Floats1d


class CandidateTable:
    """The candidates of word forms as arrays, each looked up in the lexicon once.

    lexicon (RolesetLexicon): Gives the candidates.
    """

    def __init__(self, lexicon: RolesetLexicon) -> None:
        self.lexicon = lexicon
        self.sense_index: Dict[str, int] = {sense: i for i, sense in enumerate(lexicon.senses)}
        self._found: Dict[Tuple[str, str], Candidates] = {}

    def __getitem__(self, key: Tuple[str, str]) -> "Candidates":
        """RETURNS (Candidates): Of a word form and its lemma, which may be ""."""
        if key not in self._found:
            names, priors = zip(*self.lexicon.candidates(*key))
            senses = [self.sense_index.get(sense, UNKNOWN) for sense in names]
            arrays = numpy.asarray(senses, dtype="int32"), numpy.asarray(priors, dtype="float32")
            self._found[key] = Candidates(list(names), *arrays)
        return self._found[key]


def make_sense_input(predicates: Sequence[int], candidates: Sequence[Candidates]) -> SenseInput:
    """Put the candidates of predicates one after the other.

    predicates (Sequence[int]): Token of each predicate, as an index into the batch's tokens.
    candidates (Sequence[Candidates]): The candidates of each.
    RETURNS (SenseInput): The input of the sense scorer, with an empty array in place of the vectors.
    """
    nothing = Candidates([], numpy.zeros(0, dtype="int32"), numpy.zeros(0, dtype="float32"))
    columns = [*candidates, nothing]
    return SenseInput(
        numpy.zeros((0, 0), dtype="float32"),
        numpy.asarray(predicates, dtype="int32"),
        numpy.concatenate([of_predicate.senses for of_predicate in columns]),
        numpy.asarray([len(of_predicate.names) for of_predicate in candidates], dtype="int32"),
        numpy.concatenate([of_predicate.priors for of_predicate in columns]),
    )

import pytest

from spacy_mtl.heads.srl.roleset_coverage import coverage, evidence_kind, held_out_coverage
from spacy_mtl.heads.srl.rolesets import AnnotatedPredicate, RolesetLexicon


def predicates(*triples):
    return [AnnotatedPredicate(*triple) for triple in triples]


def test_each_predicate_is_looked_up_among_the_others():
    shares = held_out_coverage(
        predicates(
            *[("ran", "", "run.01")] * 3,
            ("ran", "", "run.02"),
            ("Gave", "", "give.01"),
            ("gave", "", "give.08"),
            ("blorbed", "", "blorb.01"),
        )
    )
    # run.01 is found among two others of the form and run.02; run.02 among none. Of "gave" one is left, with the other
    # sense. "blorbed" is unseen, and no ending is frequent enough to guess from.
    assert shares == {"ending.01": [0, 1], "form-1": [0, 2], "form-2": [3, 4]}


def test_a_sense_of_the_same_lemma_is_found():
    shares = held_out_coverage(
        predicates(("gave", "", "give.01"), ("gave", "", "give.08"), *[("gives", "", "give.08")] * 2)
    )
    assert shares["form-1"] == [3, 4], "give.01 is nowhere else; give.08 of 'gave' is one of 'gives'"


def test_unseen_forms_are_counted_with_their_lemma_and_without():
    shares = held_out_coverage(
        predicates(
            ("disse", "dizer", "say.01"),
            ("diziam", "dizer", "say.01"),
            ("dava", "dar", "give.01"),
            ("run", "run", "run.01"),
        )
    )
    assert shares["lemma"] == [2, 2]
    assert shares["lemma.01"] == [1, 2], "of the lemmas that are left alone, run.01 is right and dar.01 is not"
    assert shares["ending.01"] == [1, 4]


def test_probabilities_are_the_shares_held_out():
    shares = {"form-2": [8, 9], "ending": [1, 3], "ending.01": [0, 1], "lemma.01": [4, 4]}
    assert coverage("form-2", shares) == pytest.approx(0.85)
    assert coverage("form-16", shares) == coverage("form-2", shares), "no form so frequent was held out"
    assert coverage("form-1", shares) == 0.5, "nothing is known of rarer ones"
    assert coverage("lemma", shares) == coverage("lemma-ending", shares) == coverage("ending", shares) == 0.375
    assert coverage("lemma.01", shares) == 0.9
    assert coverage("", shares) == 0.0


def test_kinds_of_evidence():
    lexicon = RolesetLexicon.from_predicates(
        predicates(*[("talked", "talk", "talk.01")] * 5, ("talks", "talk", "talk.01"), ("walks", "walk", "walk.01"))
    )
    assert evidence_kind(lexicon, "Talked") == "form-4"
    assert evidence_kind(lexicon, "talks", "anything") == "form-1"
    assert evidence_kind(lexicon, "talking", "talk") == "lemma"
    assert evidence_kind(lexicon, "walked") == "ending"
    assert evidence_kind(lexicon, "walked", "walked") == "lemma-ending"
    assert evidence_kind(lexicon, "kneel") == "ending.01"
    assert evidence_kind(lexicon, "kneel", "kneel") == "lemma.01"
    lexicon.guess_lemmas = False
    assert evidence_kind(lexicon, "walked") == ""

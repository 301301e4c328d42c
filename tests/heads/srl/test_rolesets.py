from math import exp, log

import pytest

from spacy_mtl.heads.srl.rolesets import NOTHING, AnnotatedPredicate, RolesetLexicon, lemma_of

PAIRS = [
    ("gives", "give.01"),
    ("gave", "give.01"),
    ("gave", "give.08"),
    ("walked", "walk.01"),
    ("talked", "talk.01"),
    ("parked", "park.01"),
    ("asked", "ask.01"),
    ("worked", "work.09"),
    ("Made", "make.02"),
    ("make", "make.01"),
]
PREDICATES = [AnnotatedPredicate(form, "", sense) for form, sense in PAIRS]


@pytest.fixture
def lexicon():
    return RolesetLexicon.from_predicates(PREDICATES, smoothing=0.5)


def test_a_seen_form_has_its_own_rolesets_and_a_little_of_its_lemma(lexicon):
    senses = {candidate.sense: candidate.log_prior for candidate in lexicon.candidates("gives")}
    # 1 observation of give.01, and half an observation spread as the lemma's 2 : 1
    assert senses == pytest.approx({"give.01": log((1 + 0.5 * 2 / 3) / 1.5), "give.08": log(0.5 / 3 / 1.5)})


def test_priors_sum_to_one_and_fall(lexicon):
    for form in ("gave", "made", "MAKE", "walking", "xyz"):
        priors = [candidate.log_prior for candidate in lexicon.candidates(form)]
        assert sum(exp(prior) for prior in priors) == pytest.approx(1.0)
        assert priors == sorted(priors, reverse=True)


def test_an_unseen_form_of_a_known_lemma_is_traced_by_its_ending(lexicon):
    assert lexicon.guess_lemma("talks") == "talk", "'gives' taught that -s goes"
    assert [c.sense for c in lexicon.candidates("talks")] == ["talk.01"]
    assert lexicon.guess_lemma("give") == "give"


def test_the_lemma_of_the_doc_wins_for_an_unseen_form(lexicon):
    assert {c.sense for c in lexicon.candidates("given", lemma="give")} == {"give.01", "give.08"}


def test_an_unknown_lemma_gets_a_first_sense(lexicon):
    assert [c.sense for c in lexicon.candidates("barked")] == ["bark.01"], "five forms taught -ed"
    assert [c.sense for c in lexicon.candidates("blorb")] == ["blorb.01"]
    assert [c.sense for c in lexicon.candidates("blorbs", lemma="blorb")] == ["blorb.01"]


def test_an_empty_lexicon_still_answers():
    assert RolesetLexicon(guess_lemmas=False).candidates("run") == []
    assert [c.sense for c in RolesetLexicon().candidates("run")] == ["run.01"]


def test_without_guessing_an_unseen_form_has_no_candidates():
    lexicon = RolesetLexicon.from_predicates(PREDICATES, guess_lemmas=False)
    assert lexicon.candidates("talks") == lexicon.candidates("blorb") == []
    assert [c.sense for c in lexicon.candidates("talked")] == ["talk.01"]
    assert [c.sense for c in lexicon.candidates("talks", lemma="talk")] == ["talk.01"], "a lemma is no guess"
    assert [c.sense for c in lexicon.candidates("blorbs", lemma="blorb")] == ["blorb.01"]


def test_a_lemma_leads_to_the_rolesets_it_had_whatever_their_names():
    seen = [AnnotatedPredicate("disse", "dizer", "say.01"), AnnotatedPredicate("disseram", "dizer", "say.01")]
    lexicon = RolesetLexicon.from_predicates(seen, guess_lemmas=False)
    again = RolesetLexicon(lexicon.to_counts(), lexicon.to_lemmas(), guess_lemmas=False)
    for one in (lexicon, again):
        assert [c.sense for c in one.candidates("diz", lemma="dizer")] == ["say.01"]
        assert one.candidates("diz") == []


def test_what_is_taken_back_leaves_nothing_behind():
    lexicon = RolesetLexicon.from_predicates(PREDICATES)
    before = lexicon.to_counts(), lexicon.to_lemmas(), lexicon.candidates("barked"), lexicon.candidates("kneels")
    lexicon.add("Kneeling", "kneel", "kneel.01", 2)
    assert lexicon.candidates("kneels", "kneel")[0].sense == "kneel.01"
    lexicon.add("kneeling", "kneel", "kneel.01", -2)
    after = lexicon.to_counts(), lexicon.to_lemmas(), lexicon.candidates("barked"), lexicon.candidates("kneels")
    assert before == after


def test_counts_survive_a_round_trip(lexicon):
    again = RolesetLexicon(lexicon.to_counts())
    assert again.to_counts() == lexicon.to_counts()
    assert again.senses == lexicon.senses
    assert again.candidates("gave") == lexicon.candidates("gave")


def test_a_predicate_without_a_sense_is_not_counted():
    assert RolesetLexicon.from_predicates([AnnotatedPredicate("runs", "run", "")]).to_counts() == {}


def test_lemma_of():
    assert lemma_of("light_up.02") == "light_up"
    assert lemma_of("strange") == "strange"


@pytest.mark.parametrize("form", ["¿", "dr.", "comió", "वह", "25", "r."])
def test_what_is_no_word_of_the_language_gets_no_sense(form):
    predicates = [AnnotatedPredicate(word, "", sense) for word, sense in [("gave", "give.01"), ("ran", "run.02")]]
    lexicon = RolesetLexicon.from_predicates(predicates)
    assert lexicon.evidence(form) == NOTHING and lexicon.candidates(form) == []

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spacy_mtl.heads.srl import unique_roles
from spacy_mtl.heads.srl.role_crf import ILLEGAL, viterbi
from spacy_mtl.heads.srl.unique_roles import decode_unique, repeated_roles

from .test_role_crf import enumerate_taggings, is_legal


def score_of(scores, tags):
    return float(sum(scores[i, tag] for i, tag in enumerate(tags)))


def best_of(scores):
    return viterbi(scores, [1] * len(scores))[0]


def begins_once(tags, unique):
    return all(list(tags).count(1 + role) <= 1 for role in unique)


def draw_scores(rng, length, roles, bonus=0.0):
    """Scores that make many spans, and so break the constraint often."""
    scores = rng.normal(size=(length, 2 * roles + 1)) * 3
    scores[:, 1 : roles + 1] += bonus
    return scores


@settings(max_examples=80, deadline=None)
@given(
    st.integers(0, 2**16),
    st.lists(st.integers(1, 5), min_size=1, max_size=4),
    st.sampled_from([(2, [0]), (2, [0, 1]), (2, []), (3, [2, 0])]),
    st.sampled_from([0.0, 4.0]),
)
def test_it_is_the_best_of_all_taggings_without_repetition(seed, lengths, roles_and_unique, bonus):
    roles, unique = roles_and_unique
    rng = numpy.random.default_rng(seed)
    scores = [draw_scores(rng, min(length, 7 - roles), roles, bonus) for length in lengths]
    found = decode_unique(scores, [best_of(one) for one in scores], unique)
    for one, tags in zip(scores, found):
        allowed = [(t, s) for t, s in enumerate_taggings(one, roles) if begins_once(t, unique)]
        best, best_score = max(allowed, key=lambda item: item[1])
        assert score_of(one, tags) == pytest.approx(best_score, abs=1e-9)
        assert tuple(tags) == best


def test_the_other_way_to_choose_is_found_too():
    # the later span of the role is the better one, and where the earlier one was, another role is next best
    scores = numpy.zeros((3, 5))
    scores[0, 1], scores[0, 2], scores[2, 1] = 5, 4, 6
    (found,) = decode_unique([scores], [best_of(scores)], [0])
    assert found.tolist() == [2, 0, 1]


def test_a_role_that_is_repeated_only_after_a_repair_is_repaired_as_well():
    # without the second ARG0 the second ARG1 comes in
    scores = numpy.zeros((3, 5))
    scores[0, 1], scores[2, 1], scores[2, 2], scores[1, 2] = 9, 8, 7, 5
    (found,) = decode_unique([scores], [best_of(scores)], [0, 1])
    assert repeated_roles(best_of(scores), [0, 1]) == [0]
    assert found.tolist() == [1, 0, 2]


@pytest.mark.parametrize("max_states", [1, 64, 2**17])
def test_groups_change_nothing(max_states, monkeypatch):
    rng = numpy.random.default_rng(4)
    scores = [draw_scores(rng, int(length), 4, 3.0).astype("float32") for length in rng.integers(1, 30, size=40)]
    before = [best_of(one) for one in scores]
    alone = [decode_unique([one], [tags], [0, 1, 2, 3])[0] for one, tags in zip(scores, before)]
    monkeypatch.setattr(unique_roles, "MAX_STATES", max_states)
    for one, expected, found in zip(scores, alone, decode_unique(scores, before, [0, 1, 2, 3])):
        assert found.tolist() == expected.tolist()
        assert is_legal(tuple(found.tolist()), 4) and begins_once(found, [0, 1, 2, 3])
        assert score_of(one, found) <= score_of(one, best_of(one)) + 1e-3


def test_forbidden_tags_stay_forbidden():
    scores = numpy.full((4, 5), ILLEGAL, dtype="float32")
    scores[:, 1] = 3
    scores[[0, 1, 3], 0] = 0
    scores[2, 2] = -50
    (found,) = decode_unique([scores], [best_of(scores)], [0])
    assert found.tolist().count(1) == 1
    assert score_of(scores, found) > ILLEGAL / 2


def test_a_text_of_spans_alone_is_decoded_in_one_go():
    rng = numpy.random.default_rng(0)
    scores = [draw_scores(rng, 200, 20, 5.0).astype("float32") for _ in range(8)]
    found = decode_unique(scores, [best_of(one) for one in scores], list(range(7)))
    assert all(begins_once(tags, range(7)) for tags in found)


def test_nothing_to_decode():
    assert decode_unique([], [], [0]) == []

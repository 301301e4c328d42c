from itertools import product

import pytest

torch = pytest.importorskip("torch")

from spacy_mtl.heads.translation.search import search  # noqa: E402
from spacy_mtl.heads.translation.subwords import END, START  # noqa: E402

from .tiny_decoder import LENGTHS, WORDS, log_probability, make_decoder, make_tokens  # noqa: E402

LIMITS = [4, 2, 3]


def has_repeat(text, size):
    ngrams = [tuple(text[i : i + size]) for i in range(len(text) - size + 1)]
    return bool(size) and len(set(ngrams)) < len(ngrams)


def find_all(decoder, tokens, limit, penalty, no_repeat_ngram_size=0):
    """Every text that the decoder can write, with its score, the best first."""
    texts = [list(text) for length in range(limit) for text in product(WORDS, repeat=length)]
    texts = [text for text in texts if not has_repeat(text, no_repeat_ngram_size)]
    scored = [(log_probability(decoder, tokens, text) / (len(text) + 1) ** penalty, text) for text in texts]
    return sorted(scored, reverse=True)


@pytest.mark.parametrize("penalty", [0.0, 1.0])
@pytest.mark.parametrize("seed", range(3))
def test_a_wide_beam_finds_what_a_search_of_all_texts_finds(seed, penalty):
    decoder, tokens = make_decoder(seed), make_tokens(seed)
    # as many hypotheses as there are texts
    found = search(decoder, tokens, LENGTHS, LIMITS, 40, penalty, 40)
    for own, limit, hypotheses in zip(tokens.split(LENGTHS), LIMITS, found):
        expected = find_all(decoder, own, limit, penalty)
        assert [hypothesis.subwords for hypothesis in hypotheses] == [text for _, text in expected]
        scores = [score for score, _ in expected]
        assert [hypothesis.score for hypothesis in hypotheses] == pytest.approx(scores, rel=1e-4)
    # it stops early when fewer are wanted, and finds the same
    few = search(decoder, tokens, LENGTHS, LIMITS, 40, penalty, 3)
    assert [[h.subwords for h in own] for own in few] == [[h.subwords for h in own[:3]] for own in found]


@pytest.mark.parametrize("size", [1, 2, 3])
@pytest.mark.parametrize("seed", range(3))
def test_without_repeated_ngrams_a_wide_beam_finds_all_other_texts(seed, size):
    decoder, tokens = make_decoder(seed), make_tokens(seed)
    limits = [5, 2, 4]
    # more hypotheses than there are texts
    found = search(decoder, tokens, LENGTHS, limits, 130, 1.0, 130, no_repeat_ngram_size=size)
    for own, limit, hypotheses in zip(tokens.split(LENGTHS), limits, found):
        expected = find_all(decoder, own, limit, 1.0, size)
        assert [hypothesis.subwords for hypothesis in hypotheses] == [text for _, text in expected]
        assert [hypothesis.score for hypothesis in hypotheses] == pytest.approx([s for s, _ in expected], rel=1e-4)


def test_which_ngrams_count_as_repeated():
    """In 4 5 4 no two adjacent words come twice, in 4 5 4 5 and in 4 4 4 they do."""
    decoder, tokens = make_decoder(), make_tokens()[:3]
    texts = {size: find(decoder, tokens, 5, 130, 130, size) for size in (0, 1, 2, 3, 5)}
    assert [4, 5, 4] in texts[2] and [4, 5, 4, 5] not in texts[2] and [4, 4, 4] not in texts[2]
    assert [4, 4] in texts[2] and [4, 4] not in texts[1] and [4, 5, 4] not in texts[1]
    assert [4, 4, 4] in texts[3] and [4, 4, 4, 4] not in texts[3]
    # no text is so long that five words could come twice
    assert texts[5] == texts[0] and len(texts[0]) == 121


def find(decoder, tokens, limit, beam, best, size):
    (own,) = search(decoder, tokens, [len(tokens)], [limit], beam, 1.0, best, no_repeat_ngram_size=size)
    return [hypothesis.subwords for hypothesis in own]


def follow(decoder, tokens, limit, no_repeat_ngram_size=0):
    """The most probable subword at each place, without anything kept."""
    memory = decoder.remember(tokens, [len(tokens)])
    text = [START]
    while len(text) < limit:
        own = [(keys[:, :, :0], keys[:, :, :0]) for keys, _ in memory.keys_values]
        for position, subword in enumerate(text):
            scores, own = decoder.step(torch.tensor([[subword]]), position, own, memory)
        allowed = [word for word in WORDS if not has_repeat([*text, word], no_repeat_ngram_size)]
        best = max((*allowed, END), key=scores[0, 0].tolist().__getitem__)
        if best == END:
            break
        text.append(best)
    return text[1:]


@pytest.mark.parametrize("size", [0, 1, 2])
@pytest.mark.parametrize("seed", range(4))
def test_a_beam_of_one_is_greedy(seed, size):
    decoder, tokens = make_decoder(seed), make_tokens(seed)
    limits = [7, 6, 5]
    found = [own[0].subwords for own in search(decoder, tokens, LENGTHS, limits, 1, no_repeat_ngram_size=size)]
    assert found == [follow(decoder, own, limit, size) for own, limit in zip(tokens.split(LENGTHS), limits)]


@pytest.mark.parametrize("beam,size", [(1, 0), (3, 0), (1, 2), (3, 2)])
def test_texts_of_a_batch_are_searched_as_each_alone(beam, size):
    decoder, tokens = make_decoder(2), make_tokens()
    limits = [9, 3, 6]
    together = search(decoder, tokens, LENGTHS, limits, beam, 1.0, beam, no_repeat_ngram_size=size)
    for own, length, limit, hypotheses in zip(tokens.split(LENGTHS), LENGTHS, limits, together):
        (alone,) = search(decoder, own, [length], [limit], beam, 1.0, beam, no_repeat_ngram_size=size)
        assert [h.subwords for h in alone] == [h.subwords for h in hypotheses]
        assert [h.score for h in alone] == pytest.approx([h.score for h in hypotheses], rel=1e-5)
        assert 1 <= len(hypotheses) <= beam and all(len(h.subwords) < limit for h in hypotheses)
        own_scores = [log_probability(decoder, own, h.subwords) / (len(h.subwords) + 1) for h in hypotheses]
        assert own_scores == pytest.approx([h.score for h in hypotheses], rel=1e-4)


def test_poor_texts_that_end_early_do_not_stop_a_better_one():
    """A text that the decoder is sure of takes long, and its beginnings end as poor hypotheses."""
    decoder, tokens = make_decoder(), make_tokens()[:3]
    text = [4, 5, 6, 4, 4, 5, 6, 6, 5]
    parameters = [parameter.requires_grad_() for parameter in decoder.parameters()]
    optimizer = torch.optim.Adam(parameters, 0.02)
    target = torch.tensor([[START, *text, END]])
    for _ in range(80):
        optimizer.zero_grad()
        decoder(tokens, [3], target).sum().backward()
        optimizer.step()
    for beam in (1, 5, 12):
        assert search(decoder, tokens, [3], [20], beam)[0][0].subwords == text


def test_a_penalty_makes_texts_longer():
    lengths = []
    for penalty in (0.0, 1.0, 2.0):
        found = [search(make_decoder(seed), make_tokens(), LENGTHS, [8, 8, 8], 8, penalty) for seed in range(5)]
        lengths.append(sum(len(own[0].subwords) for texts in found for own in texts))
    assert lengths[0] < lengths[1] <= lengths[2]


def test_a_text_at_its_limit_is_empty_or_ends_there():
    decoder, tokens = make_decoder(), make_tokens()
    assert [own[0].subwords for own in search(decoder, tokens, LENGTHS, [1, 1, 1], 4)] == [[], [], []]


def test_scores_that_are_not_finite_give_nothing():
    decoder, tokens = make_decoder(), make_tokens()
    with torch.no_grad():
        decoder.bias.fill_(float("nan"))
    assert search(decoder, tokens, LENGTHS, LIMITS, 2) == [[], [], []]

import math

import pytest

torch = pytest.importorskip("torch")

from torch.nn.functional import cross_entropy  # noqa: E402

from spacy_mtl.heads.translation.loss import score_gold  # noqa: E402
from spacy_mtl.heads.translation.search import search  # noqa: E402
from spacy_mtl.heads.translation.subwords import PADDING  # noqa: E402

from .test_decoder import TEXTS, pad  # noqa: E402
from .tiny_decoder import LENGTHS, SPELLING, log_probability, make_decoder, make_spelling, make_tokens, step_through  # noqa: E402


@pytest.mark.parametrize("smoothing", [0.0, 0.3])
def test_losses_and_gradients_are_those_of_torch(smoothing):
    torch.manual_seed(0)
    shapes = [(5, 4), (7, 4), (7,)]
    gold = torch.tensor([0, 6, 6, 2, 3])
    found = []
    for by_torch in (False, True):
        torch.manual_seed(1)
        rows, weight, bias = (torch.randn(shape, dtype=torch.float64, requires_grad=True) for shape in shapes)
        if by_torch:
            losses = cross_entropy(rows @ weight.T + bias, gold, reduction="none", label_smoothing=smoothing)
        else:
            logs, means = score_gold(rows, weight, bias, gold)
            losses = (smoothing - 1) * logs - smoothing * means
        (losses * torch.arange(5)).sum().backward()
        found.append([losses.detach(), rows.grad, weight.grad, bias.grad])
    for own, expected in zip(*found):
        assert torch.allclose(own, expected)


def test_a_mixture_by_hand():
    decoder, tokens, spelling = make_decoder(copies=True), make_tokens(), make_spelling()
    memory = decoder.remember(tokens, LENGTHS, spelling)
    plain = memory._replace(spelled=None)
    rows = torch.randn(3, 2, decoder.width)
    written, mixed = decoder.score(rows, plain).softmax(2), decoder.score(rows, memory).softmax(2)
    pointer, normalized = decoder.pointer, decoder.norm(rows)
    for text, of_text in enumerate(SPELLING):
        for place in range(2):
            row = normalized[text, place]
            gate = torch.sigmoid(pointer.gate(row)).item() if of_text else 0.0
            weights = [math.exp((pointer.queries(row) @ key).item() / 8**0.5) for key in memory.spelled.keys[text]]
            weights = weights[: len(of_text)]
            expected = written[text, place] * (1 - gate)
            for (subword, _, _), weight in zip(of_text, weights):
                expected[subword] += gate * weight / sum(weights)
            assert mixed[text, place].tolist() == pytest.approx(expected.tolist(), rel=1e-4)


def test_step_by_step_is_the_same_as_at_once():
    decoder, tokens, spelling = make_decoder(copies=True), make_tokens(), make_spelling()
    losses = decoder(tokens, LENGTHS, pad(TEXTS), spelling)
    memory = decoder.remember(tokens, LENGTHS, spelling)
    for i, text in enumerate(TEXTS):
        scores = step_through(decoder, memory.select(torch.tensor([i])), text)
        assert losses[i].item() == pytest.approx(
            cross_entropy(scores, torch.tensor(text[1:]), reduction="sum").item(), rel=1e-4
        )


def test_texts_and_padding_do_not_change_one_another(monkeypatch):
    decoder, tokens, spelling = make_decoder(copies=True), make_tokens(), make_spelling()
    together = decoder(tokens, LENGTHS, pad(TEXTS), spelling).tolist()
    padded = torch.nn.functional.pad(spelling, (0, 0, 0, 3), value=PADDING)
    assert decoder(tokens, LENGTHS, pad(TEXTS), padded).tolist() == pytest.approx(together, rel=1e-5)
    for i, part in enumerate(tokens.split(LENGTHS)):
        alone = decoder(part, [len(part)], pad([TEXTS[i]]), make_spelling(SPELLING[i : i + 1]))
        assert alone.item() == pytest.approx(together[i], rel=1e-5)
    # the second has nothing to copy, and is as probable as without
    assert together[1] == pytest.approx(decoder(tokens, LENGTHS, pad(TEXTS))[1].item(), rel=1e-5)
    assert together[2] != pytest.approx(decoder(tokens, LENGTHS, pad(TEXTS))[2].item(), rel=1e-4)


def test_gradients_by_finite_differences():
    decoder = make_decoder(smoothing=0.1, copies=True).double()
    tokens, spelling = make_tokens().double().requires_grad_(), make_spelling()
    weights = [decoder.pointer.of_subwords.weight, decoder.pointer.gate.weight, decoder.embedding.weight]

    def find_loss(vectors, *ignored):
        return decoder(vectors, LENGTHS, pad(TEXTS), spelling).sum()

    assert torch.autograd.gradcheck(find_loss, (tokens, *weights), eps=1e-6, atol=1e-6)


def test_a_wide_beam_finds_the_most_probable_text():
    decoder, tokens = make_decoder(copies=True), make_tokens()[:3]
    spelling = make_spelling(SPELLING[:1])
    (found,) = search(decoder, tokens, [3], [3], 40, penalty=0.0, best=40, spelling=spelling)
    texts = [[], *([a] for a in (4, 5, 6)), *([a, b] for a in (4, 5, 6) for b in (4, 5, 6))]
    scores = {tuple(text): log_probability(decoder, tokens, text, spelling) for text in texts}
    assert {tuple(one.subwords) for one in found} == set(scores)
    assert [one.score for one in found] == pytest.approx(sorted(scores.values(), reverse=True), rel=1e-4)

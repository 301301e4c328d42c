import pytest

torch = pytest.importorskip("torch")

from torch.nn.functional import cross_entropy  # noqa: E402

from spacy_mtl.heads.translation.subwords import END, PADDING, START  # noqa: E402

from .tiny_decoder import LENGTHS, WIDTH, make_decoder, make_tokens, step_through  # noqa: E402

TEXTS = [[START, 4, 5, 4, 6, END], [START, END], [START, 6, 6, END]]


def pad(texts):
    return torch.nn.utils.rnn.pad_sequence([torch.tensor(text) for text in texts], True, PADDING)


@pytest.mark.parametrize("smoothing", [0.0, 0.2])
def test_step_by_step_is_the_same_as_at_once(smoothing):
    decoder, tokens = make_decoder(smoothing=smoothing), make_tokens()
    losses = decoder(tokens, LENGTHS, pad(TEXTS))
    memory = decoder.remember(tokens, LENGTHS)
    for i, text in enumerate(TEXTS):
        scores = step_through(decoder, memory.select(torch.tensor([i])), text)
        expected = cross_entropy(scores, torch.tensor(text[1:]), reduction="sum", label_smoothing=smoothing)
        assert losses[i].item() == pytest.approx(expected.item(), rel=1e-5)


def test_texts_of_a_batch_do_not_see_one_another():
    decoder, tokens = make_decoder(), make_tokens()
    together = decoder(tokens, LENGTHS, pad(TEXTS)).tolist()
    alone = [decoder(part, [len(part)], pad([text])).item() for part, text in zip(tokens.split(LENGTHS), TEXTS)]
    assert together == pytest.approx(alone, rel=1e-5)
    assert decoder(tokens, LENGTHS, torch.nn.functional.pad(pad(TEXTS), (0, 4))).tolist() == pytest.approx(together)


def test_losses_are_the_same_in_groups(monkeypatch):
    decoder, tokens = make_decoder(), make_tokens()
    at_once = decoder(tokens, LENGTHS, pad(TEXTS)).tolist()
    monkeypatch.setattr("spacy_mtl.heads.translation.decoder.TOGETHER", 2)
    assert decoder(tokens, LENGTHS, pad(TEXTS)).tolist() == pytest.approx(at_once, rel=1e-5)


def test_a_subword_sees_only_those_before_it():
    decoder, tokens = make_decoder(), make_tokens()[:3]
    memory = decoder.remember(tokens, [3])
    one, other = (step_through(decoder, memory, [START, 4, last, END]) for last in (5, 6))
    assert torch.equal(one[:2], other[:2]) and not torch.allclose(one[2], other[2])


def test_gradients_by_finite_differences():
    decoder, tokens = make_decoder(smoothing=0.1).double(), make_tokens().double().requires_grad_()
    weights = torch.tensor([1.0, 0.0, 2.0], dtype=torch.float64)

    def find_loss(vectors):
        return (decoder(vectors, LENGTHS, pad(TEXTS)) * weights).sum()

    assert torch.autograd.gradcheck(find_loss, (tokens,), eps=1e-6, atol=1e-6)
    find_loss(tokens).backward()
    # the second text counts for nothing
    assert tokens.grad[:3].any() and not tokens.grad[3].any() and tokens.grad[4:].any()


def test_weights_bring_their_shape():
    decoder, other = make_decoder(), make_decoder(seed=5)
    other.shape(1, 1)
    other.load_state_dict(decoder.state_dict())
    assert other.embedding.weight.shape == (7, 8) and other.source_norm.weight.shape == (WIDTH,)
    tokens = make_tokens()
    assert torch.equal(decoder(tokens, LENGTHS, pad(TEXTS)), other.eval()(tokens, LENGTHS, pad(TEXTS)))

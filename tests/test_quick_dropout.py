"""Dropout by random numbers made several at a time."""

import pytest

torch = pytest.importorskip("torch")

from spacy_mtl.quick_dropout import drop, make_generator  # noqa: E402


@pytest.mark.parametrize("rate", [0.0, 0.1, 0.5, 0.999, 1.0])
@pytest.mark.parametrize("kind", [torch.float32, torch.bfloat16])
def test_drops_the_rate_and_scales_the_rest(rate, kind):
    torch.manual_seed(0)
    vectors = torch.full((301, 333), 2.0, dtype=kind, requires_grad=True)
    found = drop(vectors, rate, make_generator())
    assert found.shape == vectors.shape and found.dtype == kind
    is_dropped = found == 0
    # five standard deviations
    assert abs(is_dropped.float().mean() - rate) <= 5 * (rate * (1 - rate) / vectors.numel()) ** 0.5
    if rate < 1:
        torch.testing.assert_close(found[~is_dropped].float(), torch.tensor(2 / (1 - rate)).expand((~is_dropped).sum()),
                                   rtol=0.01, atol=0.0)  # fmt: skip
    found.sum().backward()
    torch.testing.assert_close(vectors.grad * 2, found.detach())


def test_follows_the_seed():
    vectors, found = torch.ones(1000), []
    for seed in (3, 3, 4):
        torch.manual_seed(seed)
        found.append(drop(vectors, 0.5, make_generator()))
    assert torch.equal(found[0], found[1])
    assert not torch.equal(found[0], found[2])


def test_neighbours_are_independent():
    torch.manual_seed(0)
    found = (drop(torch.ones(200_000), 0.5, make_generator()) == 0).float() - 0.5
    assert all(abs((found[step:] * found[:-step]).mean()) < 0.003 for step in (1, 2, 3, 4, 8))

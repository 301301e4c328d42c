"""A decoder of a few subwords, small enough to ask of every text that it can write."""

import pytest

torch = pytest.importorskip("torch")

from spacy_mtl.heads.translation.decoder import Decoder  # noqa: E402
from spacy_mtl.heads.translation.subwords import END, START  # noqa: E402

WIDTH = 6
WORDS = (4, 5, 6)
LENGTHS = [3, 1, 5]
# of each text some tokens in subwords: itself, the one before, the token; the second has none
SPELLING = [[(4, START, 0), (5, 4, 0), (4, START, 2)], [], [(6, START, 1), (6, 6, 1), (4, 6, 1), (5, START, 4)]]


def make_decoder(seed=0, smoothing=0.0, depth=2, copies=False):
    """Its weights are large, so that texts differ in their probability."""
    torch.manual_seed(seed)
    decoder = Decoder(8, depth, 2, 12, 0.0, smoothing, copies)
    decoder.shape(len(WORDS) + 4, WIDTH)
    with torch.no_grad():
        for parameter in decoder.parameters():
            parameter.add_(0.3 * torch.randn_like(parameter))
    return decoder.eval()


def make_tokens(seed=1):
    torch.manual_seed(seed)
    return torch.randn(sum(LENGTHS), WIDTH)


def make_spelling(spelling=SPELLING):
    rows = [torch.tensor(of_text).reshape(-1, 3).long() for of_text in spelling]
    return torch.nn.utils.rnn.pad_sequence(rows, batch_first=True)


def step_through(decoder, memory, text):
    """The scores of what comes next at each place, found one by one."""
    own = [(keys[:, :, :0], keys[:, :, :0]) for keys, _ in memory.keys_values]
    scores = []
    for position, subword in enumerate(text[:-1]):
        found, own = decoder.step(torch.tensor([[subword]]), position, own, memory)
        scores.append(found[0, 0])
    return torch.stack(scores)


def log_probability(decoder, tokens, subwords, spelling=None):
    """Of one text given the tokens of one source, by the decoder's loss."""
    targets = torch.tensor([[START, *subwords, END]])
    return -float(decoder(tokens, [len(tokens)], targets, spelling)[0].detach())

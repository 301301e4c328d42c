"""Words hidden from a pretrained transformer in training, so that it learns what their surroundings say of them."""

from typing import Any

import numpy
import torch

# How the common tokenizers mark wordpieces: WordPiece those that go on with a word, BPE and SentencePiece those that
# begin one.
GOING_ON = "##"
BEGINNING = ("Ġ", "▁")


class WordHider:
    """Puts the mask in the place of words, drawn at random, all wordpieces of each.

    Which wordpieces are a word, their marks tell. Without marks each is one. In vocabularies that mark beginnings,
    punctuation goes with the word before it.
    """

    def __init__(self, tokenizer: Any) -> None:
        """Look through the vocabulary of a tokenizer.

        tokenizer (transformers.PreTrainedTokenizerBase): The tokenizer. It has a mask.
        """
        pieces = tokenizer.convert_ids_to_tokens(range(len(tokenizer)))
        special = set(tokenizer.all_special_ids)
        self._mask = int(tokenizer.mask_token_id)
        self._is_special = torch.tensor([i in special for i in range(len(pieces))])
        begins = torch.tensor([str(piece).startswith(BEGINNING) for piece in pieces])
        if begins.any():
            self._begins = begins | self._is_special
        else:
            self._begins = torch.tensor([not str(piece).startswith(GOING_ON) for piece in pieces])

    def hide(self, ids: torch.Tensor, rate: float, generator: numpy.random.Generator) -> torch.Tensor:
        """Hide words.

        ids (torch.Tensor): The wordpieces of passages, shape (passages, longest).
        rate (float): The probability with which a word is hidden.
        generator (numpy.random.Generator): The source of random numbers.
        RETURNS (torch.Tensor): Wordpieces of the same shape; special ones stay.
        """
        begins, is_special = (flags.to(ids.device)[ids] for flags in (self._begins, self._is_special))
        # what comes after a special one begins a word, whatever its mark
        begins[:, 1:] |= is_special[:, :-1]
        words = begins.cumsum(dim=1)
        drawn = generator.random((len(ids), ids.shape[1] + 1)) < rate
        is_hidden = torch.from_numpy(drawn).to(ids.device).gather(1, words) & ~is_special
        return ids.masked_fill(is_hidden, self._mask)

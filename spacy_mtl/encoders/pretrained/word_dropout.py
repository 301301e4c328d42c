"""Words hidden from a pretrained transformer in training, so that it learns what their surroundings say of them."""

import unicodedata
from typing import Any, List, Tuple

import numpy
import torch

from ...setting_checks import check_setting

# How tokenizers mark wordpieces: WordPiece those that go on with a word, BPE and SentencePiece those behind a space.
GOING_ON = "##"
BEHIND_SPACE = ("Ġ", "▁")
# Every vocabulary may have a few pieces that only look like marked ones.
LEAST_SHARE = 0.001
# Scripts in which words are not told apart by spaces: each piece is one.
UNSPACED = ("CJK", "HIRAGANA", "KATAKANA", "THAI", "LAO", "KHMER", "MYANMAR", "TIBETAN", "BOPOMOFO", "YI")


class WordHider:
    """Puts the mask in the place of words, drawn at random, all wordpieces of each.

    A wordpiece goes on with the one before it where the marks say so, and letters or digits of scripts that have spaces
    meet. In vocabularies without marks each is a word.
    """

    def __init__(self, tokenizer: Any) -> None:
        """Look through the vocabulary of a tokenizer.

        tokenizer (transformers.PreTrainedTokenizerBase): The tokenizer.
        RAISES (ValueError): E409 if it has no mask.
        """
        name = getattr(tokenizer, "name_or_path", "")
        mask = tokenizer.mask_token_id
        expected = f"0: the tokenizer of '{name}' has no mask"
        check_setting("spacy-mtl.PretrainedEncoder.v1", "word_dropout", "above 0", mask is not None, expected)
        self._mask = int(mask)
        vocabulary = tokenizer.get_vocab()
        special = set(tokenizer.all_special_ids)
        size = max(*vocabulary.values(), *special, len(tokenizer) - 1) + 1
        # a column each: goes on with a word, lets one go on, is special
        self._flags = torch.zeros((size, 3), dtype=torch.bool)
        self._flags[list(vocabulary.values()), :2] = torch.tensor(_read_pieces(tokenizer, list(vocabulary)))
        self._flags[list(special)] = torch.tensor([False, False, True])

    def hide(self, ids: torch.Tensor, rate: float, generator: numpy.random.Generator) -> torch.Tensor:
        """Hide words.

        ids (torch.Tensor): The wordpieces of passages, shape (passages, longest).
        rate (float): The probability with which a word is hidden.
        generator (numpy.random.Generator): The source of random numbers.
        RETURNS (torch.Tensor): Wordpieces of the same shape; special ones stay.
        """
        goes_on, is_open, is_special = self._flags.to(ids.device)[ids].unbind(dim=-1)
        goes_on[:, 1:] &= is_open[:, :-1]
        words = (~goes_on).cumsum(dim=1)
        drawn = generator.random((len(ids), ids.shape[1] + 1)) < rate
        is_hidden = torch.from_numpy(drawn).to(ids.device).gather(1, words) & ~is_special
        return ids.masked_fill(is_hidden, self._mask)


def _read_pieces(tokenizer: Any, pieces: List[str]) -> List[Tuple[bool, bool]]:
    """For each piece of a vocabulary, whether it goes on with a word before it, and whether it lets one go on."""
    least = LEAST_SHARE * len(pieces)
    is_marked = [piece.startswith(GOING_ON) and len(piece) > len(GOING_ON) for piece in pieces]
    if sum(is_marked) > least:
        texts = [piece[len(GOING_ON) :] if marked else piece for piece, marked in zip(pieces, is_marked)]
        return [(marked and _is_of_word(text[0]), _is_of_word(text[-1:])) for text, marked in zip(texts, is_marked)]
    is_behind = [piece.startswith(BEHIND_SPACE) for piece in pieces]
    if sum(is_behind) <= least:
        return [(False, False)] * len(pieces)
    # what the bytes of a piece are in text, its own string does not show
    texts = [tokenizer.convert_tokens_to_string([piece]) for piece in pieces]
    return [
        (not behind and _is_of_word(text[:1]), piece in BEHIND_SPACE or _is_of_word(text[-1:]))
        for piece, text, behind in zip(pieces, texts, is_behind)
    ]


def _is_of_word(character: str) -> bool:
    """Whether a character belongs to the word that the one before it belongs to."""
    # a part of a character, of which nothing is known
    if character == "\N{REPLACEMENT CHARACTER}":
        return True
    is_of_word = character.isalnum() or unicodedata.category(character or " ").startswith("M") or character in "'’"
    return bool(character) and is_of_word and not unicodedata.name(character, "").startswith(UNSPACED)

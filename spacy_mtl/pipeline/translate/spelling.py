"""The words of a text in the subwords of its translation, so that they can be copied."""

from functools import lru_cache
from typing import Any, Iterable, List, Sequence, Tuple

from spacy.tokens import Doc
from thinc.api import Model

from ...heads.translation.subwords import START, Subwords

# a subword, the one before it in its token (START for the first), and the token's place in the text
Spelling = List[Tuple[int, int, int]]


def spell_docs(decoder: Model, docs: Iterable[Doc]) -> List[Spelling]:
    """Spell the tokens of Docs.

    decoder (Model): The decoder, a layer of what `spacy-mtl.TransformerDecoder.v1` builds.
    docs (Iterable[Doc]): The Docs.
    RETURNS (List[Spelling]): A spelling for each Doc; empty ones for a decoder that does not copy.
    """
    if not decoder.attrs["copies"] or not decoder.attrs["subwords"]:
        return [[] for _ in docs]
    subwords = _load_subwords(decoder.attrs["subwords"])
    return [_spell_doc(doc, subwords) for doc in docs]


def pad_spellings(spellings: Sequence[Spelling], device: Any) -> Any:
    """Spellings for the decoder.

    spellings (Sequence[Spelling]): One for each text, one text at least.
    device (torch.device): Where they are wanted.
    RETURNS (torch.Tensor): Shape (texts, longest, 3), padded.
    """
    import torch

    rows = [torch.tensor(spelling).reshape(-1, 3).long() for spelling in spellings]
    return torch.nn.utils.rnn.pad_sequence(rows, batch_first=True).to(device)


def _spell_doc(doc: Doc, subwords: Subwords) -> Spelling:
    words = [token.text for token in doc]
    after_space = [True, *(bool(token.whitespace_) for token in doc)]
    spelling: Spelling = []
    for place, spelled in enumerate(subwords.divide(words, after_space[: len(words)])):
        spelling.extend((own, before, place) for own, before in zip(spelled, [START, *spelled]))
    return spelling


@lru_cache(maxsize=8)
def _load_subwords(model: bytes) -> Subwords:
    return Subwords(model)

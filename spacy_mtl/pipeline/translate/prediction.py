"""Translations from the model, searched in groups of Docs of like length."""

from typing import Dict, Iterator, List, NamedTuple, Optional, Sequence

from thinc.api import Model, xp2torch
from thinc.types import Floats2d

from ...errors import Errors
from ...heads.translation.subwords import Subwords
from ...translations import Candidate
from .spelling import Spelling, pad_spellings

# tokens of a group, padding counted: more are no faster
MOST_AT_ONCE = 1500
# subwords that a translation may have besides those that the source's length grants
GRANTED = 10


class SearchSettings(NamedTuple):
    """How translations are searched.

    beam (int): How many hypotheses of a text go on at once.
    penalty (float): The power of the length that log probabilities are divided by.
    ratio (float): How many subwords a translation may have for each token of its source; GRANTED more are allowed.
    best (int): How many translations of a text are wanted.
    no_repeat_ngram_size (int): How many subwords in a row are never written twice in a translation; 0 for no limit.
    """

    beam: int
    penalty: float
    ratio: float
    best: int
    no_repeat_ngram_size: int = 0


def find_translations(
    decoder: Model,
    vectors: Sequence[Floats2d],
    subwords: Subwords,
    settings: SearchSettings,
    name: str,
    spellings: Optional[Sequence[Spelling]] = None,
) -> List[List[Candidate]]:
    """Translate texts.

    decoder (Model): The decoder, a layer of what `spacy-mtl.TransformerDecoder.v1` builds.
    vectors (Sequence[Floats2d]): Vectors of each text's tokens, shape (tokens, width), one token or more.
    subwords (Subwords): What is written.
    settings (SearchSettings): How to search.
    name (str): The name of the component, for messages.
    spellings (Optional[Sequence[Spelling]]): What can be copied of each text; None for nothing.
    RETURNS (List[List[Candidate]]): The best translations of each text, which differ in their text.
    RAISES (ValueError): E1007 if scores are not finite.
    """
    from ...heads.translation.search import search

    shim = decoder.shims[0]
    shim._model.eval()
    found: List[List[Candidate]] = [[] for _ in vectors]
    for group in _group_by_length([len(of_text) for of_text in vectors]):
        own = [vectors[i] for i in group]
        lengths = [len(of_text) for of_text in own]
        limits = [int(settings.ratio * length) + GRANTED for length in lengths]
        tokens = xp2torch(decoder.ops.flatten(own), device=shim.device)
        spelling = pad_spellings([spellings[i] for i in group], shim.device) if spellings else None
        best = search(
            shim._model,
            tokens,
            lengths,
            limits,
            settings.beam,
            settings.penalty,
            settings.best,
            spelling,
            settings.no_repeat_ngram_size,
        )
        for i, hypotheses in zip(group, best):
            if not hypotheses:
                raise ValueError(Errors.E1007.format(name=name))
            texts = subwords.decode([hypothesis.subwords for hypothesis in hypotheses])
            scores: Dict[str, float] = {}
            for text, hypothesis in zip(texts, hypotheses):
                # one text may be divided in several ways, of which the best comes first
                scores.setdefault(text, hypothesis.score)
            found[i] = [Candidate(text, score) for text, score in scores.items()]
    return found


def _group_by_length(lengths: Sequence[int]) -> Iterator[List[int]]:
    """Groups of texts, as their indices, that take up at most MOST_AT_ONCE places with padding, or of one text."""
    group: List[int] = []
    for i in sorted(range(len(lengths)), key=lambda i: lengths[i]):
        if group and (len(group) + 1) * lengths[i] > MOST_AT_ONCE:
            yield group
            group = []
        group.append(i)
    if group:
        yield group

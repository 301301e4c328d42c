"""Heads that do not read the vectors of their encoder: spaCy hands them what there is, or zeros, and says nothing."""

import warnings
from typing import Any, Collection, Dict, List, Set, Union

from spacy.language import Language
from spacy.pipeline.tok2vec import Tok2Vec
from spacy.tokens import Doc

from ...errors import Warnings
from ..tok2vec.upstreams import find_upstreams


def find_silent(nlp: Language, disabled: Collection[str] = ()) -> Dict[str, List[str]]:
    """The encoders whose vectors do not reach the heads that listen to them.

    A Doc has room for the vectors of one encoder, so that a head reads those of the last one before it. That one may
    go by another name than the head knows, as where it was taken from another pipeline.

    nlp (Language): The pipeline.
    disabled (Collection[str]): Components that are disabled besides those that the pipeline has disabled.
    RETURNS (Dict[str, List[str]]): By the name of such an encoder, or "*" for any, its heads that are not disabled.
    """
    upstreams = find_upstreams(nlp)
    encoders = {name for name, pipe in nlp.components if isinstance(pipe, Tok2Vec)}.union(*upstreams.values())
    found: Dict[str, List[str]] = {}
    last = None
    for name in nlp.pipe_names:
        if name in disabled:
            continue
        for upstream in sorted(upstreams.get(name, ())):
            is_here = upstream in nlp.component_names
            if last is None or (is_here and upstream != last):
                found.setdefault(upstream, []).append(name)
        if name in encoders:
            last = name
    return found


class SilenceCheck:
    """Tells once, of each selection of components, of heads in it that do not read their encoder's vectors."""

    def __init__(self) -> None:
        self._seen: Set[Any] = set()

    def check(self, nlp: Language, given: Union[str, Doc], disabled: Collection[str] = ()) -> bool:
        """Look at what is to annotate a text. Warns with W424.

        nlp (Language): The pipeline.
        given (Union[str, Doc]): The text. A Doc with vectors was read before, and needs no encoder.
        disabled (Collection[str]): Components that are disabled for this text.
        RETURNS (bool): Whether all is told of these components, whatever the text.
        """
        if isinstance(given, Doc) and (given.tensor.size or not len(given)):
            return False
        key = (tuple(nlp.pipe_names), tuple(disabled))
        if key not in self._seen:
            self._seen.add(key)
            for encoder, heads in find_silent(nlp, disabled).items():
                warnings.warn(Warnings.W424.format(heads=", ".join(heads), encoder=encoder), stacklevel=4)
        return True

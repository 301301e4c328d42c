"""Encoders that do not read while their heads annotate: spaCy gives the heads zeros and says nothing."""

import warnings
from typing import Any, Collection, Dict, List, Set, Union

from spacy.language import Language
from spacy.pipeline.tok2vec import Tok2Vec
from spacy.tokens import Doc

from ...errors import Warnings
from ..tok2vec.upstreams import find_upstreams

ANY = "*"


def find_silent(nlp: Language, disabled: Collection[str] = ()) -> Dict[str, List[str]]:
    """The encoders that heads listen to and that do not read before them.

    nlp (Language): The pipeline.
    disabled (Collection[str]): Components that are disabled besides those that the pipeline has disabled.
    RETURNS (Dict[str, List[str]]): The heads that are not disabled, by the encoder that is, is not there, or comes
        after them. "*" stands for any encoder, where the pipeline has none.
    """
    active = [name for name in nlp.pipe_names if name not in disabled]
    upstreams = find_upstreams(nlp)
    encoders = [name for name, pipe in nlp.components if isinstance(pipe, Tok2Vec)]
    found: Dict[str, List[str]] = {}
    for place, name in enumerate(active):
        before = active[:place]
        for upstream in sorted(upstreams.get(name, ())):
            choices = (encoders or [ANY]) if upstream == ANY else [upstream]
            if not any(choice in before for choice in choices):
                found.setdefault(choices[0], []).append(name)
    return found


class SilenceCheck:
    """Tells once, of each selection of components, that encoders of heads in it do not read."""

    def __init__(self) -> None:
        self._seen: Set[Any] = set()

    def check(self, nlp: Language, given: Union[str, Doc], disabled: Collection[str] = ()) -> bool:
        """Look at what is to annotate a text. Warns with W424.

        nlp (Language): The pipeline.
        given (Union[str, Doc]): The text. A Doc with vectors was read before, and needs no encoder.
        disabled (Collection[str]): Components that are disabled for this text.
        RETURNS (bool): Whether all is told of these components, whatever the text.
        """
        if isinstance(given, Doc) and given.tensor.size:
            return False
        key = (tuple(nlp.pipe_names), tuple(disabled))
        if key not in self._seen:
            self._seen.add(key)
            for encoder, heads in find_silent(nlp, disabled).items():
                named = ", ".join(heads)
                enabled = [encoder, *heads]
                warnings.warn(Warnings.W424.format(heads=named, encoder=encoder, enabled=enabled), stacklevel=4)
        return True

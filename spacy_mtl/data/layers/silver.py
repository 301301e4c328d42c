"""Silver annotation: what a pipeline says, on Docs that are not annotated for it."""

from collections import Counter
from typing import Counter as CounterType
from typing import Dict, Iterable, Iterator, List, Sequence, Tuple

from spacy.tokens import Doc

from ...annotation import copy_tokens
from ...errors import Errors
from .characters import Characters, DoesNotFit, Mapping
from .layers import LAYERS, Layer

OTHER_NAMES = {"trees": "parse", "roles": "frames"}
ADDED, KEPT, REPLACED, NOT_GIVEN, MISFIT = "added", "kept", "replaced", "not given", "do not fit"
_SHOWN = 60


def choose_layers(names: Sequence[str]) -> List[Layer]:
    """The layers of some names, in the order in which they are written.

    names (Sequence[str]): The names; "trees" and "roles" are other names for "parse" and "frames".
    RETURNS (List[Layer]): The layers.
    RAISES (ValueError): E650 for a name that is none, or for no name.
    """
    known = [layer.name for layer in LAYERS]
    chosen = [OTHER_NAMES.get(name, name) for name in names]
    wrong = [name for name in chosen if name not in known]
    if wrong or not chosen:
        raise ValueError(Errors.E650.format(found=", ".join(wrong) or "no layer", expected=", ".join(known)))
    return [layer for layer in LAYERS if layer.name in chosen]


def copy_for_prediction(doc: Doc) -> Doc:
    """The tokens of a Doc for a pipeline to annotate, with the borders of sentences where the Doc says them.

    doc (Doc): The Doc.
    RETURNS (Doc): Another Doc of the same tokens.
    """
    copy = copy_tokens(doc)
    if len(doc) > 1 and doc.has_annotation("SENT_START"):
        for token, own in zip(copy, doc):
            token.is_sent_start = own.is_sent_start
    return copy


class Silver:
    """Brings layers from annotated copies to the Docs that they are copies of, and counts what became of them."""

    def __init__(self, layers: Sequence[Layer], *, overwrite: bool = False) -> None:
        """Choose what is brought.

        layers (Sequence[Layer]): The layers.
        overwrite (bool): Whether it takes the place of what is there.
        """
        self.layers = list(layers)
        self.overwrite = overwrite
        self.counts: Dict[str, CounterType[str]] = {layer.name: Counter() for layer in layers}

    def annotate(self, pairs: Iterable[Tuple[Doc, Doc]]) -> Iterator[Doc]:
        """Annotate Docs.

        pairs (Iterable[Tuple[Doc, Doc]]): A copy that a pipeline has annotated, and the Doc, which is changed.
        YIELDS (Doc): The Doc. Spans of tokens, and whatever of the layer it has, stay, unless they are overwritten.
        RAISES (ValueError): E652 if a layer was given to no Doc at all, E653 if the copy has other tokens.
        """
        for copy, doc in pairs:
            if [token.orth for token in copy] != [token.orth for token in doc]:
                raise ValueError(Errors.E653.format(text=doc.text[:_SHOWN], expected=len(doc), found=len(copy)))
            characters = Characters(doc)
            same = Mapping(characters, characters)
            for layer in self.layers:
                self.counts[layer.name][self._annotate(doc, copy, layer, same)] += 1
            yield doc
        for name, counts in self.counts.items():
            if set(counts) == {NOT_GIVEN}:
                raise ValueError(Errors.E652.format(layer=name, count=counts[NOT_GIVEN]))

    def _annotate(self, doc: Doc, copy: Doc, layer: Layer, same: Mapping) -> str:
        if not layer.is_in(copy):
            return NOT_GIVEN
        value = layer.read(copy, same)
        was_in = layer.is_in(doc)
        try:
            if not self.overwrite:
                return ADDED if layer.complete(doc, value) else KEPT
            if isinstance(value, dict) and was_in:
                # of what a Doc can have in parts, the other parts stay
                value = {**layer.read(doc, same), **value}
            layer.write(doc, value)
        except (DoesNotFit, ValueError):
            return MISFIT
        return REPLACED if was_in else ADDED

"""Heads that take a column, or mix experts, of an encoder: that it has as many as they think."""

from typing import Any, Iterator, List, Tuple

from spacy.pipeline.tok2vec import Tok2Vec, Tok2VecListener
from thinc.api import Model

from ..encoders.columns import find_columns
from ..encoders.expert_gate import READS_COLUMNS
from ..errors import Errors


def check_columns(components: List[Tuple[str, Any]]) -> None:
    """See that layers that read columns listen to an encoder that has them.

    components (List[Tuple[str, Any]]): The components of a pipeline, with their names, linked to each other.
    RAISES (ValueError): E460 for an encoder with another number of columns.
    """
    models = {name: pipe.model for name, pipe in components if isinstance(getattr(pipe, "model", None), Model)}
    for encoder, pipe in components:
        if not isinstance(pipe, Tok2Vec):
            continue
        found = find_columns(pipe.model)
        for name, listeners in pipe.listener_map.items():
            for layer, listener in _find_readers(models[name]) if name in models else ():
                expected = layer.attrs[READS_COLUMNS]
                if listener in listeners and expected != found:
                    place = f"'{name}' listens to '{encoder}', which has {found}"
                    raise ValueError(Errors.E460.format(layer=layer.name, expected=expected, found=place))


def _find_readers(model: Model) -> Iterator[Tuple[Model, Tok2VecListener]]:
    for node in model.walk():
        if READS_COLUMNS in node.attrs and isinstance(node.get_ref("shared"), Tok2VecListener):
            yield node, node.get_ref("shared")

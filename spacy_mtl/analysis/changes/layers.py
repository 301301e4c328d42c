"""The vectors that the layers of an encoder give."""

from contextlib import ExitStack
from typing import Any, Callable, Dict, Iterable, List, Sequence, Tuple

import numpy
from spacy.tokens import Doc
from thinc.api import Model
from thinc.types import Floats2d

from ..explanation.undisturbed import replaced, undisturbed
from ..explanation.window_layers import find_residual_layers

EMBEDDING, OUTPUT = "embedding", "output"
Layers = Dict[str, Floats2d]


def read_layers(model: Model, docs: Sequence[Doc]) -> Layers:
    """Run an encoder and keep what its layers give.

    model (Model): The encoder.
    docs (Sequence[Doc]): The texts.
    RETURNS (Layers): By the name of the layer, in their order, the vectors of all tokens, shape (tokens, width):
        "embedding", "layer 1" and so on, and "output", which is the last layer. A layer whose rows are no tokens, such
        as one over wordpieces, is not read.
    """
    found: Dict[str, List[Floats2d]] = {}
    with undisturbed(model.walk(), gradients=False), ExitStack() as stack:
        seen: Layers = {}
        _watch(model, seen, stack)
        for doc in docs:
            seen.clear()
            output = _to_numpy(model.predict([doc])[0])
            kept = {name: _cut(rows, len(doc)) for name, rows in seen.items()}
            for name, rows in [*kept.items(), (OUTPUT, output)]:
                if len(rows) == len(doc):
                    found.setdefault(name, []).append(rows)
    whole = [name for name in found if len(found[name]) == len(docs)]
    layers = {name: numpy.concatenate(found[name]) for name in whole if found[name]}
    inner = [name for name in sorted(layers, key=_order) if name != OUTPUT]
    last = layers[inner[-1]] if inner else None
    if last is not None and last.shape == layers[OUTPUT].shape and numpy.allclose(last, layers[OUTPUT], atol=1e-5):
        inner.pop()
    return {name: layers[name] for name in [*inner, OUTPUT]}


def sort_layers(names: Iterable[str]) -> List[str]:
    """Bring the names of layers of several encoders in one order.

    names (Iterable[str]): The names, those of each encoder in their order.
    RETURNS (List[str]): Each name once, as they first come, but the output last.
    """
    found = dict.fromkeys(names)
    return sorted(found, key=OUTPUT.__eq__)


def _order(name: str) -> Tuple[bool, int]:
    return name != EMBEDDING, int(name.rpartition(" ")[2]) if name.startswith("layer ") else 0


def _watch(model: Model, seen: Layers, stack: ExitStack) -> None:
    """Have the layers of an encoder write what they give of a text."""
    node = next((one for one in model.walk() if one.has_ref("embed") and one.has_ref("encode")), None)
    if node is None:
        return
    stack.enter_context(replaced(node.get_ref("embed"), _recording(node.get_ref("embed"), EMBEDDING, seen)))
    encode = node.get_ref("encode")
    for i, layer in enumerate(find_residual_layers(encode), start=1):
        stack.enter_context(replaced(layer, _recording(layer, f"layer {i}", seen)))
    modules = [shim._model for one in encode.walk() for shim in one.shims if hasattr(shim, "_model")]
    for i, module in enumerate(_find_modules(modules), start=1):
        handle = module.register_forward_hook(_make_hook(f"layer {i}", seen))
        stack.callback(handle.remove)


def _find_modules(modules: Sequence[Any]) -> List[Any]:
    """The layers of torch modules that hold them as `layers`, with their normalizations, if they have some, behind."""
    found: List[Any] = []
    for module in modules:
        layers, norms = getattr(module, "layers", None), getattr(module, "norms", None)
        if layers is not None:
            found += list(norms if norms is not None and len(norms) == len(layers) else layers)
    return found


def _recording(node: Model, name: str, seen: Layers) -> Callable:
    forward = node._func

    def record(model: Model, X: Any, is_train: bool) -> Tuple[Any, Callable]:
        output, backprop = forward(model, X, is_train)
        seen[name] = _to_numpy(output[0] if isinstance(output, list) else output)
        return output, backprop

    return record


def _make_hook(name: str, seen: Layers) -> Callable:
    def hook(module: Any, inputs: Any, output: Any) -> None:
        first = output[0] if isinstance(output, tuple) else output
        # packed sequences of one text are in its order
        seen[name] = (first.data if hasattr(first, "batch_sizes") else first).detach().cpu().numpy()

    return hook


def _to_numpy(rows: Any) -> Floats2d:
    rows = getattr(rows, "dataXd", rows)
    return numpy.asarray(rows.get() if hasattr(rows, "get") else rows)


def _cut(rows: Floats2d, length: int) -> Floats2d:
    """Rows without the padding that thinc's `with_array` puts before and behind a text."""
    padding = (len(rows) - length) // 2
    return rows[padding : padding + length].copy() if padding >= 0 else rows

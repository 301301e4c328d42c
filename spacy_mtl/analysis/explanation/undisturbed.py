"""Models that are run and backpropagated, and are afterwards as if nobody had."""

from contextlib import ExitStack, contextmanager
from typing import Any, Callable, Iterable, Iterator, List, Tuple

from spacy.tokens import Doc
from thinc.api import Model, PyTorchShim
from thinc.backends import ParamServer

from ...encoders.stack_propagation import DecisionReader
from ...pipeline.tok2vec.parameter_gradients import kept_graphs
from ...types import TokenVectors
from ..random_state import kept_random_state


class _ReadOnly(ParamServer):
    """Parameters whose gradients go nowhere."""

    def inc_grad(self, model_id: int, name: str, value: Any) -> None:
        pass


@contextmanager
def undisturbed(nodes: Iterable[Model], gradients: bool = True) -> Iterator[None]:
    """In the block layers give gradients of what they read, in evaluation mode: without dropout, without gradients of
    parameters, and without a trace in them or in the random states, also after an exception.

    thinc's layers backpropagate what they predict. Torch modules do so only when they are run for training, and so they
    are, while they are kept in evaluation mode.

    nodes (Iterable[Model]): The layers, those within others as well, each once.
    gradients (bool): Whether they are backpropagated.
    """
    nodes = list(nodes)
    with ExitStack() as stack:
        stack.enter_context(kept_random_state())
        stack.enter_context(_read_only(nodes))
        for node in nodes:
            if isinstance(node, DecisionReader):
                stack.enter_context(replaced(node, _read_decisions))
            for shim in node.shims:
                if isinstance(shim, PyTorchShim) and shim._model is not None:
                    stack.enter_context(kept_graphs(node))
                    stack.enter_context(_evaluating(shim))
                    # a transformer is run to predict: for training it would set which of its parameters learn
                    if gradients and not hasattr(shim, "_hfmodel"):
                        stack.enter_context(replaced(node, _run_for_training(node._func)))
        yield


@contextmanager
def single_precision(nodes: Iterable[Model]) -> Iterator[None]:
    """In the block pretrained encoders compute in single precision, whatever they are set to: in half of it a
    probability depends on what else is in the batch, and small parts of words drown.

    nodes (Iterable[Model]): The layers, those within others as well.
    """
    shims: List[Any] = [shim for node in nodes for shim in node.shims if hasattr(shim, "tuning")]
    kept = [(shim, shim.tuning) for shim in shims]
    for shim, tuning in kept:
        shim.tuning = tuning._replace(precision="float32")
    try:
        yield
    finally:
        for shim, tuning in kept:
            shim.tuning = tuning


@contextmanager
def _read_only(nodes: List[Model]) -> Iterator[None]:
    kept = [(node, node._params) for node in nodes if node.param_names]
    for node, parameters in kept:
        node._params = _ReadOnly(parameters._params, proxy=parameters.proxy)
    try:
        yield
    finally:
        for node, parameters in kept:
            node._params = parameters


@contextmanager
def replaced(node: Model, forward: Callable) -> Iterator[None]:
    """In the block a layer does something else.

    node (Model): The layer.
    forward (Callable): What it does: as thinc's, of the layer, its input and whether it is for training.
    """
    kept = node._func
    node._func = forward
    try:
        yield
    finally:
        node._func = kept


def _read_decisions(model: Model, docs: List[Doc], is_train: bool) -> Tuple[TokenVectors, Callable]:
    """What a layer does that reads the decisions of another head; the gradient goes through these in any case."""
    assert isinstance(model, DecisionReader)
    decisions, backprop_source = model.require_source().read(docs, False)
    vectors, backprop_shared = model.layers[0](docs, False)
    ops, width = model.ops, vectors[0].shape[1]

    def backprop(d_joined: TokenVectors) -> Any:
        backprop_source([ops.as_contig(part[:, width:]) for part in d_joined])
        return backprop_shared([ops.as_contig(part[:, :width]) for part in d_joined])

    return [ops.xp.hstack(pair) for pair in zip(vectors, decisions)], backprop


def _run_for_training(forward: Callable) -> Callable:
    return lambda model, X, is_train: forward(model, X, True)


@contextmanager
def _evaluating(shim: PyTorchShim) -> Iterator[None]:
    module: Any = shim._model
    modes = [(part, part.training) for part in module.modules()]
    learning: List[Tuple[Any, bool]] = [(part, part.requires_grad) for part in module.parameters()]
    scaler = dict(shim._grad_scaler.__dict__)
    module.eval()
    # thinc's shim calls it before each pass
    module.__dict__["train"] = lambda mode=True: module
    for parameter, _ in learning:
        parameter.requires_grad_(False)
    try:
        yield
    finally:
        del module.__dict__["train"]
        for part, mode in modes:
            part.training = mode
        for parameter, learns in learning:
            parameter.requires_grad_(learns)
        shim._grad_scaler.__dict__.update(scaler)

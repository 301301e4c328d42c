"""The gradients of all parameters of a model as one row: what a balancer at the level of the parameters sees."""

from contextlib import contextmanager
from functools import partial
from typing import Any, Callable, Iterator, List, NamedTuple, Set, Tuple

from thinc.api import ArgsKwargs, Model, PyTorchShim, torch2xp, xp2torch
from thinc.types import Floats2d
from thinc.util import iterate_recursive

from ...encoders.torch_layer import TorchShim
from ...errors import Errors


class ParameterGradients:
    """Takes the gradients that wait in a model's parameters out of it, and puts others in.

    Parameters that no backward pass has reached since the object was made are not given a gradient: an optimizer moves
    weights by momentum also where the gradient is zero.

    reached (Set[int]): The numbers of the parameters that one has reached.
    """

    def __init__(self, model: Model) -> None:
        """Look for the parameters of a model that learn: those of its layers, and those of torch modules in it.

        model (Model): The model, initialized.
        RAISES (ValueError): E406 if parts of it belong to another framework.
        """
        self._ops = model.ops
        self._slots: List[Any] = [*find_slots(model)]
        self.reached: Set[int] = set()

    def read(self) -> Iterator[Any]:
        """YIELDS (FloatsXd): The gradients that wait, parameter by parameter; not copies."""
        for slot in self._slots:
            gradient = slot.get()
            if gradient is not None:
                yield gradient

    def take(self) -> Floats2d:
        """Empty the gradients.

        RETURNS (Floats2d): What they were, in one fixed order, zeros where there was none; shape (1, parameters).
        """
        parts = []
        for i, slot in enumerate(self._slots):
            gradient = slot.get()
            if gradient is None:
                parts.append(self._ops.alloc1f(slot.size))
            else:
                self.reached.add(i)
                # a copy: the array is used again by the next backward pass
                parts.append(self._ops.xp.array(gradient, dtype="float32").ravel())
                slot.clear()
        row = self._ops.xp.concatenate(parts) if parts else self._ops.alloc1f(0)
        return row.reshape((1, -1))  # [1, parameters]

    def put(self, row: Floats2d) -> None:
        """Make a row the gradients.

        row (Floats2d): In the order of `take`, shape (1, parameters).
        """
        start = 0
        for i, slot in enumerate(self._slots):
            if i in self.reached:
                slot.set(row[0, start : start + slot.size].reshape(slot.shape))
            start += slot.size


@contextmanager
def kept_graphs(model: Model) -> Iterator[None]:
    """What the torch modules of a model compute in the block can be backpropagated more than once, as thinc's own
    layers can. Those of thinc's wrapper lose their graph in the first pass otherwise.

    model (Model): The model, initialized.
    """
    shims = [shim for node in model.walk() for shim in node.shims if isinstance(shim, PyTorchShim)]
    # ours keep it by themselves
    wrapped = [shim for shim in shims if not isinstance(shim, TorchShim)]
    for shim in wrapped:
        shim.__dict__["begin_update"] = partial(_begin_update, shim.begin_update)
    try:
        yield
    finally:
        for shim in wrapped:
            shim.__dict__.pop("begin_update", None)


def _begin_update(begin_update: Callable, inputs: ArgsKwargs) -> Tuple[Any, Callable]:
    output, backprop = begin_update(inputs)

    def backprop_again(gradients: ArgsKwargs) -> ArgsKwargs:
        gradients.kwargs["retain_graph"] = True
        d_inputs = backprop(gradients)
        for tensor in iterate_recursive(lambda value: hasattr(value, "grad"), inputs):
            # the next pass would add to it, in the array that was handed back
            tensor.grad = None
        return d_inputs

    return output, backprop_again


class _LayerSlot(NamedTuple):
    """A parameter of a thinc layer."""

    node: Model
    name: str
    shape: Any
    size: int

    def get(self) -> Any:
        return self.node.get_grad(self.name) if self.node.has_grad(self.name) else None

    def clear(self) -> None:
        self.node.get_grad(self.name).fill(0)

    def set(self, gradient: Any) -> None:
        self.node.set_grad(self.name, gradient.copy())

    def adopt(self, gradient: Any) -> None:
        self.node.set_grad(self.name, gradient)


class _TorchSlot(NamedTuple):
    """A parameter of a torch module."""

    parameter: Any
    shape: Any
    size: int

    def get(self) -> Any:
        return None if self.parameter.grad is None else torch2xp(self.parameter.grad)

    def clear(self) -> None:
        self.parameter.grad = None

    def set(self, gradient: Any) -> None:
        self.adopt(gradient.copy())

    def adopt(self, gradient: Any) -> None:
        self.parameter.grad = xp2torch(gradient, device=self.parameter.device).to(self.parameter.dtype)


def find_slots(model: Model) -> Iterator[Any]:
    """The parameters of a model that learn, layer by layer.

    model (Model): The model, initialized.
    YIELDS (Any): Each with the `shape` and `size` of its gradient, which it gets, sets, adopts as it is, and clears.
    RAISES (ValueError): E406 if parts of it belong to another framework.
    """
    for node in model.walk():
        for name in node.param_names:
            if node.has_param(name):
                value = node.get_param(name)
                yield _LayerSlot(node, name, value.shape, value.size)
        for shim in node.shims:
            if not isinstance(shim, PyTorchShim):
                raise ValueError(Errors.E406.format(layer=node.name, framework=type(shim).__name__))
            if shim._model is not None:
                if isinstance(shim, TorchShim):
                    # a loaded one may not have been trained yet
                    shim.prepare()
                for parameter in shim._model.parameters():
                    if parameter.requires_grad:
                        yield _TorchSlot(parameter, tuple(parameter.shape), parameter.numel())

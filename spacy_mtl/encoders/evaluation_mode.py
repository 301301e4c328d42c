"""Torch modules that several threads can predict with.

Importing this module does not need torch.
"""

from typing import Any, Callable, Dict, Tuple, Type

from thinc.api import ArgsKwargs, Model
from thinc.shims import PyTorchShim


class EvaluatingShim(PyTorchShim):
    """thinc's shim for torch modules, with the module in evaluation mode at all times but while it is run for training.

    thinc 8.3 puts a module into training mode after each prediction. A thread that is still predicting with it is then
    given dropout.
    """

    _mixed_precision: bool

    def predict(self, inputs: ArgsKwargs) -> Any:
        """Run the module. Several threads may do so at once.

        inputs (ArgsKwargs): Its arguments.
        RETURNS (Any): What it gives.
        """
        import torch

        self._model.eval()
        # a module that was trained in mixed precision on a GPU may predict on a CPU
        is_mixed = self._mixed_precision and self.device.type != "cpu"
        with torch.no_grad(), torch.autocast(device_type="cuda", enabled=is_mixed):
            return self._model(*inputs.args, **inputs.kwargs)

    def begin_update(self, inputs: ArgsKwargs) -> Tuple[Any, Callable]:
        """Run the module for training.

        inputs (ArgsKwargs): Its arguments.
        RETURNS (Tuple[Any, Callable]): What it gives, and a callback that takes the gradients.
        """
        try:
            return super().begin_update(inputs)
        finally:
            self._model.eval()


def keep_evaluating(model: Model) -> None:
    """Let the torch modules of a model stay in evaluation mode while it is not trained, also those that thinc's shim
    and its subclasses wrap. Changes the class of such shims.

    model (Model): The model.
    """
    for node in model.walk():
        for shim in node.shims:
            if isinstance(shim, PyTorchShim) and not isinstance(shim, EvaluatingShim):
                shim.__class__ = _evaluating(type(shim))


_classes: Dict[type, Type[EvaluatingShim]] = {PyTorchShim: EvaluatingShim}


def _evaluating(base: type) -> Type[EvaluatingShim]:
    if base not in _classes:
        _classes[base] = type(base.__name__, (EvaluatingShim, base), {"__reduce_ex__": _reduce, "__module__": __name__})
    return _classes[base]


def _reduce(shim: Any, protocol: int) -> Any:
    return _make, (type(shim).__mro__[2],), shim.__dict__


def _make(base: type) -> Any:
    made = _evaluating(base)
    return made.__new__(made)

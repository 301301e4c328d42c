"""Torch modules over the tokens of a batch as thinc layers, converted once a batch.

Importing this module does not need torch; building a layer does.
"""

from contextlib import contextmanager
from typing import Any, Callable, Dict, Iterator, List, Optional, Tuple

import numpy
from thinc.api import ArgsKwargs, Model, Optimizer, torch2xp, xp2torch
from thinc.layers.pytorchwrapper import forward
from thinc.shims import PyTorchShim, Shim
from thinc.types import Floats2d

from ..errors import Errors
from .evaluation_mode import EvaluatingShim


class TorchShim(EvaluatingShim):
    """thinc's shim for torch modules, mended in four places: threads can predict with it, averaged parameters are used
    (thinc 8.3 looks for them under other keys than the optimizer's), a copy of the layer does not share the
    optimizer's state, and Adam is quick on a CPU."""

    def prepare(self) -> None:
        """Say which parameters learn, by their `requires_grad`. Those of a module as it is made do; a shim that
        chooses overrides this."""

    def finish_update(self, optimizer: Optimizer) -> None:
        """Update the parameters.

        optimizer (Optimizer): The optimizer.
        """
        from .fused_step import fuse

        super().finish_update(fuse(optimizer))

    @contextmanager
    def use_params(self, params: Dict) -> Iterator[None]:
        """Use other parameters within a context.

        params (Dict[Tuple[int, str], FloatsXd]): Arrays by the id of the shim and the name of the parameter, such as
            the averages of an optimizer. Parameters without an array stay as they are.
        """
        own = dict(self._model.named_parameters())
        replaced = {name: parameter.data for name, parameter in own.items() if (self.id, name) in params}
        for name in replaced:
            # a copy, so that nothing done to the module changes the optimizer's averages
            own[name].data = xp2torch(params[self.id, name].copy(), device=own[name].device)
        try:
            yield
        finally:
            for name, data in replaced.items():
                own[name].data = data

    def copy(self) -> "TorchShim":
        """RETURNS (TorchShim): A copy of the shim and its module, with an id of its own."""
        copied = super().copy()
        _renew_id(copied)
        return copied


def wrap_token_module(name: str, module: Any, width: int) -> Model[List[Floats2d], List[Floats2d]]:
    """Wrap a torch module that maps all tokens of a batch at once.

    The Docs of a batch become one tensor without padding; what the module needs to know of their borders it is told by
    their lengths. The layer can be backpropagated more than once after a forward, as thinc's own layers can.

    name (str): The registered name of the layer, for messages.
    module (torch.nn.Module): Called with the tokens' vectors, shape (tokens, width), and the lengths of the Docs, an
        integer array of shape (docs,); gives vectors of the same shape. Its submodules are reset by their
        `reset_parameters` when the layer is initialized.
    width (int): Width of the vectors, in and out.
    RETURNS (Model[List[Floats2d], List[Floats2d]]): The layer; arrays of shape (tokens, width), one a Doc.
    RAISES (ValueError): E410, when called, for vectors of another width.
    """
    return Model(
        name,
        forward,
        init=_init,
        attrs={"convert_inputs": _join_docs, "convert_outputs": _split_docs},
        dims={"nI": width, "nO": width},
        shims=[TorchShim(module)],
    )


def renew_modules(model: Model) -> None:
    """Make the torch modules of a copied layer independent of those that they were copied from: weights of their own,
    and a state of their own in the optimizer.

    model (Model): The copy.
    RAISES (ValueError): E463 for a pretrained encoder.
    """
    for node in model.walk():
        for shim in node.shims:
            if hasattr(shim, "_hfmodel"):
                raise ValueError(Errors.E463.format(layer=model.name))
            if isinstance(shim, PyTorchShim):
                _renew_id(shim)
                _reset(shim._model)


def require_torch(name: str) -> None:
    """Fail with advice where torch is not installed.

    name (str): The registered name of the layer that needs it.
    RAISES (ImportError): E408 if torch cannot be imported.
    """
    try:
        import torch  # noqa: F401
    except ImportError as error:
        raise ImportError(Errors.E408.format(name=name)) from error


def require_transformers(name: str) -> None:
    """Fail with advice where spacy-transformers is not installed.

    name (str): The registered name of what needs it.
    RAISES (ImportError): E411 if spacy-transformers cannot be imported.
    """
    try:
        import spacy_transformers  # noqa: F401
    except ImportError as error:
        raise ImportError(Errors.E411.format(name=name)) from error


def _init(model: Model, X: Optional[List[Floats2d]] = None, Y: Optional[List[Floats2d]] = None) -> None:
    if X:
        _check_width(model, X[0])
    _reset(model.shims[0]._model)


def _reset(module: Any) -> None:
    for part in module.modules():
        if hasattr(part, "reset_parameters"):
            part.reset_parameters()


def _renew_id(shim: Shim) -> None:
    with Shim.global_id_lock:
        Shim.global_id += 1
        shim.id = Shim.global_id


def _join_docs(model: Model, X: List[Floats2d], is_train: bool) -> Tuple[ArgsKwargs, Callable]:
    for of_doc in X:
        _check_width(model, of_doc)
    lengths = numpy.array([len(of_doc) for of_doc in X], dtype="int64")
    joined = model.ops.xp.concatenate(X) if X else model.ops.alloc2f(0, model.get_dim("nI"))
    tokens = xp2torch(joined, requires_grad=is_train, device=model.shims[0].device)  # [tokens, width]

    def split_gradient(d_inputs: ArgsKwargs) -> List[Floats2d]:
        d_tokens = torch2xp(d_inputs.args[0])
        # the next backward pass over this graph would add to it
        tokens.grad = None
        return _split(d_tokens, lengths)

    return ArgsKwargs(args=(tokens, lengths), kwargs={}), split_gradient


def _split_docs(model: Model, inputs_outputs: Tuple[List[Floats2d], Any], is_train: bool) -> Tuple[List, Callable]:
    X, encoded = inputs_outputs  # encoded: [tokens, width]
    lengths = numpy.array([len(of_doc) for of_doc in X], dtype="int64")

    def join_gradient(d_docs: List[Floats2d]) -> ArgsKwargs:
        joined = model.ops.asarray2f(model.ops.xp.concatenate(d_docs)) if d_docs else model.ops.alloc2f(0, 0)
        d_encoded = xp2torch(joined, device=encoded.device).reshape(encoded.shape)
        return ArgsKwargs(args=((encoded,),), kwargs={"grad_tensors": (d_encoded,), "retain_graph": True})

    return _split(torch2xp(encoded), lengths), join_gradient


def _split(rows: Floats2d, lengths: numpy.ndarray) -> List[Floats2d]:
    ends = numpy.cumsum(lengths).tolist()
    return [rows[end - length : end] for end, length in zip(ends, lengths.tolist())]


def _check_width(model: Model, of_doc: Floats2d) -> None:
    if of_doc.shape[1] != model.get_dim("nI"):
        raise ValueError(Errors.E410.format(name=model.name, expected=model.get_dim("nI"), found=of_doc.shape[1]))

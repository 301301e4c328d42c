"""A pretrained transformer trained on at rates of its own, and run in the precision and the order that suit a CPU."""

import warnings
from contextlib import ExitStack, contextmanager
from threading import Lock
from typing import Any, Callable, Dict, Iterator, List, Optional, Tuple, Type, TypeVar

import srsly
import torch
from spacy_transformers.layers.hf_shim import HFShim
from thinc.api import ArgsKwargs, Optimizer
from transformers.utils import ModelOutput

from ...quick_dropout import make_generator
from ..fused_step import fuse
from ..torch_layer import TorchShim
from .file_parts import read_fields
from .levels import find_levels
from .lora import add_adapters, find_adapted, without_adapters
from .packing import Pack, PackedReading, can_pack, find_first_position, make_pack, pack_inputs, unpack_output
from .precision import check_precision, copy_in_bfloat16, is_reduced
from .sparse_gradients import make_gradients_dense, sparse_gradients
from .tuning import FineTuning
from .weights import EMPTY_STATE, load_weights
from .word_dropout import WordHider
from .wordpieces import PieceCounter

UPDATES = "updates"
STATE = "state"
_COPYING = Lock()
Made = TypeVar("Made", PieceCounter, WordHider)


class FineTunedShim(TorchShim, HFShim):
    """spacy-transformers' shim with learning rates by layer, frozen layers and steps, averaged parameters, and a graph
    that can be backpropagated more than once.

    Discriminative learning rates: Howard and Ruder 2018.
    """

    takes_parts = True

    def __init__(self, shim: HFShim, tuning: FineTuning) -> None:
        """Take over another shim's model.

        shim (HFShim): The shim.
        tuning (FineTuning): How it is trained on.
        """
        super().__init__(shim._hfmodel, mixed_precision=shim._mixed_precision)
        self._grad_scaler = shim._grad_scaler
        self.tuning = tuning
        self.updates = 0
        self._prepared: Any = None
        self._of_tokenizer: Dict[type, Tuple[Any, Any]] = {}
        self._packing: Optional[Tuple[Any, bool, int]] = None
        self._copy: Optional[Tuple[Any, Any]] = None
        self._levels: Dict[str, int] = {}
        self._embeddings: List[torch.nn.Embedding] = []

    @property
    def is_frozen(self) -> bool:
        """RETURNS (bool): Whether it does not learn, or not yet."""
        return self.tuning.learn_rate_factor == 0 or self.updates < self.tuning.frozen_steps

    @property
    def is_packed(self) -> bool:
        """RETURNS (bool): Whether it reads passages of any length together, without padding them to the longest."""
        if self._packing is None or self._packing[0] is not self._model:
            self._packing = (self._model, can_pack(self._model), find_first_position(self._model))
        return self._packing[1]

    @property
    def is_reduced(self) -> bool:
        """RETURNS (bool): Whether it computes in bfloat16."""
        return self.device.type == "cpu" and is_reduced(self.tuning.precision)

    @property
    def precision(self) -> str:
        """RETURNS (str): What it computes in on this machine, for predictions."""
        return "bfloat16" if self.is_reduced else "float32"

    def get_counter(self) -> PieceCounter:
        """RETURNS (PieceCounter): Counts the pieces of words, for the tokenizer it has now."""
        return self._make_of_tokenizer(PieceCounter)

    def get_hider(self) -> WordHider:
        """What hides words, for the tokenizer it has now.

        RETURNS (WordHider): It.
        RAISES (ValueError): E409 if the tokenizer has no mask.
        """
        return self._make_of_tokenizer(WordHider)

    def predict(self, inputs: ArgsKwargs) -> Any:
        """Run the transformer. Several threads may do so at once.

        inputs (ArgsKwargs): Its arguments, for passages padded to the longest.
        RETURNS (ModelOutput): What it gives.
        """
        pack = self._pack(inputs)
        inputs = self._get_inputs(inputs, pack)
        with ExitStack() as stack:
            if pack is not None:
                stack.enter_context(PackedReading(pack))
            if self.is_reduced:
                with torch.no_grad():
                    output = self._get_copy()(*inputs.args, **inputs.kwargs)
            else:
                output = super().predict(inputs)
        return _finish(output, pack)

    def begin_update(self, inputs: ArgsKwargs) -> Tuple[Any, Callable]:
        """Run the transformer for training. While it is frozen there is nothing to backpropagate, and no dropout,
        of words neither.

        inputs (ArgsKwargs): Its arguments.
        RETURNS (Tuple[ModelOutput, Callable]): What it gives, and a callback that may be called more than once.
        RAISES (ValueError): E413 for mixed precision without a GPU, E409 for word dropout without a mask.
        """
        check_precision(self)
        self.prepare()
        if self.is_frozen or not any(parameter.requires_grad for parameter in self._model.parameters()):
            return self.predict(inputs), _ignore
        inputs = self._hide_words(inputs)
        pack = self._pack(inputs)
        with ExitStack() as stack:
            if pack is not None:
                stack.enter_context(PackedReading(pack))
            if self.is_reduced:
                stack.enter_context(torch.autocast("cpu", dtype=torch.bfloat16))
            stack.enter_context(sparse_gradients(self._embeddings))
            output, backprop = super().begin_update(self._get_inputs(inputs, pack))

        def backprop_again(gradients: ArgsKwargs) -> Any:
            gradients.kwargs["retain_graph"] = True
            if not self._grad_scaler._enabled:
                make_gradients_dense(self._embeddings)
                return backprop(gradients)
            # thinc's shim takes the scale out of all that a parameter has, earlier passes' gradients too
            kept = [(parameter, parameter.grad) for parameter in self._model.parameters()]
            self._model.zero_grad(set_to_none=True)
            make_gradients_dense(self._embeddings)
            d_inputs = backprop(gradients)
            for parameter, gradient in kept:
                if gradient is not None:
                    parameter.grad = gradient if parameter.grad is None else parameter.grad + gradient
            return d_inputs

        return _finish(output, pack), backprop_again

    def finish_update(self, optimizer: Optimizer) -> None:
        """Update the parameters, each at the rate of its layer.

        optimizer (Optimizer): The optimizer.
        """
        self.updates += 1
        self._copy = None
        step = fuse(optimizer)

        def update(key: Tuple[int, str], weights: Any, gradient: Any) -> Any:
            return step(key, weights, gradient, lr_scale=self.get_rate(key[1]))

        super().finish_update(update)  # type: ignore[arg-type]

    @contextmanager
    def use_params(self, params: Dict) -> Iterator[None]:
        """Use other parameters within a context.

        params (Dict[Tuple[int, str], FloatsXd]): Arrays by the id of the shim and the name of the parameter.
        """
        self._copy = None
        try:
            with super().use_params(params):
                yield
        finally:
            self._copy = None

    def prepare(self) -> None:
        """Make the model ready to be trained, once: choose what learns, and put adapters into it.

        RAISES (ImportError, ValueError): As `add_adapters`.
        """
        if self._prepared is self._model:
            return
        lora = self.tuning.lora
        if lora is not None and not find_adapted(self._model):
            add_adapters(self._model, lora)
        adapters = {name for name, weights in self._model.named_parameters() if weights.requires_grad}
        self._levels = find_levels([name for name, _ in self._model.named_parameters()])
        lowest = 1 if self.tuning.freeze_embeddings or self.tuning.frozen_layers else 0
        for name, parameter in self._model.named_parameters():
            is_high = self._levels[name] >= lowest + self.tuning.frozen_layers
            parameter.requires_grad = is_high and (lora is None or name in adapters)
        self._embeddings = [
            part
            for part in self._model.modules()
            if isinstance(part, torch.nn.Embedding) and part.weight.requires_grad and not part.scale_grad_by_freq
        ]
        if self.device.type != "cpu":
            self._embeddings = []
        self._prepared = self._model

    def get_rate(self, name: str) -> float:
        """The share of the optimizer's learning rate that a parameter gets.

        name (str): Its name in the torch module.
        RETURNS (float): The share.
        """
        self.prepare()
        top = max(self._levels.values())
        return float(self.tuning.learn_rate_factor * self.tuning.layer_decay ** (top - self._levels[name]))

    def __getstate__(self) -> Dict[str, Any]:
        return {**self.__dict__, "_copy": None}

    def to_bytes(self) -> bytes:
        """RETURNS (bytes): The transformer, and how many updates it has seen."""
        return srsly.msgpack_dumps({**srsly.msgpack_loads(super().to_bytes()), UPDATES: self.updates})

    def from_bytes(self, bytes_data: Any) -> "FineTunedShim":
        """Load what `to_bytes` gave. Weights are read one by one, and become the model's without a copy.

        bytes_data (Union[bytes, FilePart]): The transformer.
        RETURNS (FineTunedShim): The shim itself. One that was saved without the number of updates has seen none.
        """
        saved = read_fields(bytes_data, STATE)
        weights = saved.pop(STATE)
        # spacy-transformers makes the model, with random weights, and the tokenizer
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="Error loading saved torch state_dict")
            super().from_bytes(srsly.msgpack_dumps({**saved, STATE: EMPTY_STATE}))
        if saved["config"] and not load_weights(self._model, weights):
            # of another version of transformers: it says so
            weights.seek(0)
            super().from_bytes(srsly.msgpack_dumps({**saved, STATE: weights.read()}))
        self._copy = None
        self.updates = saved.get(UPDATES, 0)
        return self

    def _pack(self, inputs: ArgsKwargs) -> Optional[Pack]:
        mask = inputs.kwargs.get("attention_mask")
        return make_pack(mask.numpy()) if mask is not None and self.is_packed else None

    def _get_inputs(self, inputs: ArgsKwargs, pack: Optional[Pack]) -> ArgsKwargs:
        if pack is None or self._packing is None:
            return inputs
        return pack_inputs(inputs, pack, self._packing[2])

    def _make_of_tokenizer(self, kind: Type[Made]) -> Made:
        """What is made of the tokenizer, anew when it has another."""
        tokenizer, made = self._hfmodel.tokenizer, self._of_tokenizer.get(kind)
        if made is None or made[0] is not tokenizer:
            made = self._of_tokenizer[kind] = (tokenizer, kind(tokenizer))  # type: ignore[call-arg]
        return made[1]

    def _hide_words(self, inputs: ArgsKwargs) -> ArgsKwargs:
        if not self.tuning.word_dropout:
            return inputs
        ids = inputs.kwargs["input_ids"]
        hidden = self.get_hider().hide(ids, self.tuning.word_dropout, make_generator())
        return ArgsKwargs(args=inputs.args, kwargs={**inputs.kwargs, "input_ids": hidden})

    def _get_copy(self) -> torch.nn.Module:
        """RETURNS (torch.nn.Module): The model with parameters in bfloat16, made anew when they have changed."""
        made = self._copy
        if made is None or made[0] is not self._model:
            with _COPYING:
                made = self._copy
                if made is None or made[0] is not self._model:
                    copied = without_adapters(copy_in_bfloat16(self._model), self._model)
                    made = self._copy = (self._model, copied)
        return made[1]


def _finish(output: Any, pack: Optional[Pack]) -> Any:
    if pack is not None:
        output = unpack_output(output, pack)
    return ModelOutput({name: _to_float32(value) for name, value in output.items()})


def _to_float32(value: Any) -> Any:
    if isinstance(value, (tuple, list)):
        return tuple(_to_float32(part) for part in value)
    return value.float() if isinstance(value, torch.Tensor) else value


def _ignore(gradients: Any) -> ArgsKwargs:
    return ArgsKwargs(args=(), kwargs={})

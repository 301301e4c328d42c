"""A pretrained transformer within a thinc model: loaded with advice, trained at rates of its own."""

import re
from typing import Any, Callable, Dict, Iterable, List, NamedTuple, Optional, Sequence, Tuple

import numpy
import srsly
from spacy.tokens import Doc
from spacy_transformers.layers.hf_shim import HFShim
from spacy_transformers.layers.transformer_model import TransformerModel
from thinc.api import ArgsKwargs, Model, Optimizer, get_torch_default_device

from ..errors import Errors
from .tokenizer import first_line
from .torch_layer import TorchShim
from .wordpieces import PieceCounter

LAYER = re.compile(r"(?:^|\.)(?:layer|layers|h|block|blocks|albert_layer_groups)\.(\d+)\.")

UPDATES = "updates"


class FineTuning(NamedTuple):
    """How a pretrained transformer is trained on.

    learn_rate_factor (float): The share of the optimizer's learning rate that its highest layer gets.
    layer_decay (float): What each layer gets of the rate of the layer above it.
    frozen_steps (int): Updates before it starts to learn.
    frozen_layers (int): How many of its layers never learn, from the lowest.
    freeze_embeddings (bool): Whether its embeddings never learn.
    """

    learn_rate_factor: float = 1.0
    layer_decay: float = 1.0
    frozen_steps: int = 0
    frozen_layers: int = 0
    freeze_embeddings: bool = False


class FineTunedShim(TorchShim, HFShim):
    """spacy-transformers' shim with learning rates by layer, frozen layers and steps, averaged parameters, and a graph
    that can be backpropagated more than once.

    Discriminative learning rates: Howard and Ruder 2018.
    """

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
        self._counter: Optional[Tuple[Any, PieceCounter]] = None
        self._levels: Dict[str, int] = {}

    @property
    def is_frozen(self) -> bool:
        """RETURNS (bool): Whether it does not learn, or not yet."""
        return self.tuning.learn_rate_factor == 0 or self.updates < self.tuning.frozen_steps

    def get_counter(self) -> PieceCounter:
        """RETURNS (PieceCounter): Counts the pieces of words, for the tokenizer it has now."""
        tokenizer, counter = self._hfmodel.tokenizer, self._counter
        if counter is None or counter[0] is not tokenizer:
            counter = self._counter = (tokenizer, PieceCounter(tokenizer))
        return counter[1]

    def begin_update(self, inputs: ArgsKwargs) -> Tuple[Any, Callable]:
        """Run the transformer for training. While it is frozen there is nothing to backpropagate, and no dropout.

        inputs (ArgsKwargs): Its arguments.
        RETURNS (Tuple[ModelOutput, Callable]): What it gives, and a callback that may be called more than once.
        RAISES (ValueError): E413 for mixed precision without a GPU.
        """
        check_precision(self)
        self._prepare()
        if self.is_frozen or not any(parameter.requires_grad for parameter in self._model.parameters()):
            return self.predict(inputs), _ignore
        output, backprop = super().begin_update(inputs)

        def backprop_again(gradients: ArgsKwargs) -> Any:
            gradients.kwargs["retain_graph"] = True
            if not self._grad_scaler._enabled:
                return backprop(gradients)
            # thinc's shim takes the scale out of all that a parameter has, earlier passes' gradients too
            kept = [(parameter, parameter.grad) for parameter in self._model.parameters()]
            self._model.zero_grad(set_to_none=True)
            d_inputs = backprop(gradients)
            for parameter, gradient in kept:
                if gradient is not None:
                    parameter.grad = gradient if parameter.grad is None else parameter.grad + gradient
            return d_inputs

        return output, backprop_again

    def finish_update(self, optimizer: Optimizer) -> None:
        """Update the parameters, each at the rate of its layer.

        optimizer (Optimizer): The optimizer.
        """
        self.updates += 1

        def update(key: Tuple[int, str], weights: Any, gradient: Any) -> Any:
            return optimizer(key, weights, gradient, lr_scale=self.get_rate(key[1]))

        super().finish_update(update)  # type: ignore[arg-type]

    def get_rate(self, name: str) -> float:
        """The share of the optimizer's learning rate that a parameter gets.

        name (str): Its name in the torch module.
        RETURNS (float): The share.
        """
        self._prepare()
        top = max(self._levels.values())
        return float(self.tuning.learn_rate_factor * self.tuning.layer_decay ** (top - self._levels[name]))

    def to_bytes(self) -> bytes:
        """RETURNS (bytes): The transformer, and how many updates it has seen."""
        return srsly.msgpack_dumps({**srsly.msgpack_loads(super().to_bytes()), UPDATES: self.updates})

    def from_bytes(self, bytes_data: bytes) -> "FineTunedShim":
        """Load what `to_bytes` gave.

        bytes_data (bytes): The transformer.
        RETURNS (FineTunedShim): The shim itself. One that was saved without the number of updates has seen none.
        """
        super().from_bytes(bytes_data)
        self.updates = srsly.msgpack_loads(bytes_data).get(UPDATES, 0)
        return self

    def _prepare(self) -> None:
        if self._prepared is self._model:
            return
        names = [name for name, _ in self._model.named_parameters()]
        self._levels = find_levels(names)
        lowest = 1 if self.tuning.freeze_embeddings or self.tuning.frozen_layers else 0
        for name, parameter in self._model.named_parameters():
            parameter.requires_grad = self._levels[name] >= lowest + self.tuning.frozen_layers
        self._prepared = self._model


def find_levels(names: Sequence[str]) -> Dict[str, int]:
    """Order the parameters of a transformer by depth.

    names (Sequence[str]): The names of its parameters.
    RETURNS (Dict[str, int]): 0 for what comes before the first layer, in the order of the names: embeddings; 1 for the
        first layer, and so on; for what comes after the layers, the highest layer's.
    """
    found = {name: LAYER.search(name) for name in names}
    depths = {name: int(match.group(1)) + 1 for name, match in found.items() if match}
    highest = max(depths.values(), default=0)
    levels = {}
    seen_layer = False
    for name in names:
        seen_layer = seen_layer or name in depths
        levels[name] = depths.get(name, highest if seen_layer else 0)
    return levels


def tune(model: Model, tuning: FineTuning) -> None:
    """Let the transformer of a model be trained in another way. Changes the model.

    model (Model): A model with a layer of spacy-transformers in it.
    tuning (FineTuning): How.
    RAISES (ValueError): E412 if there is none.
    """
    node = get_transformer(model).layers[0]
    node.shims[0] = FineTunedShim(node.shims[0], tuning)


class CopiedTransformer(Model):
    """What a layer of spacy-transformers is in a copy of a model: thinc makes plain Models of a copy's layers."""

    # only a class without slots of its own can be given to a Model
    __slots__ = ()

    tokenizer = TransformerModel.tokenizer
    transformer = TransformerModel.transformer
    _init_tokenizer_config = TransformerModel._init_tokenizer_config
    _init_transformer_config = TransformerModel._init_transformer_config


def get_transformer(model: Model) -> TransformerModel:
    """The layer of a model that holds the transformer.

    model (Model): The model.
    RETURNS (TransformerModel): The layer.
    RAISES (ValueError): E412 if there is none.
    """
    for node in model.walk():
        if node.shims and isinstance(node.shims[0], HFShim):
            continue
        if node.layers and node.layers[0].shims and isinstance(node.layers[0].shims[0], HFShim):
            if not isinstance(node, TransformerModel):
                node.__class__ = CopiedTransformer
            return node
    raise ValueError(Errors.E412.format(name=model.name))


def check_precision(shim: HFShim) -> None:
    """Refuse to train in mixed precision without a GPU.

    shim (HFShim): The transformer's.
    RAISES (ValueError): E413 if it would.
    """
    device = get_torch_default_device() if shim._model is None else shim.device
    if shim._mixed_precision and device.type == "cpu":
        raise ValueError(Errors.E413)


def load_transformer(model: Model) -> None:
    """Load the weights and the tokenizer, unless they are loaded already.

    model (Model): A model with a layer of spacy-transformers in it.
    RAISES (ValueError): E413 for mixed precision without a GPU, E414 if the model cannot be loaded.
    """
    node = get_transformer(model)
    check_precision(node.layers[0].shims[0])
    try:
        model.initialize()
    # the libraries that read the files have errors of their own
    except Exception as error:
        raise ValueError(Errors.E414.format(name=node.attrs["name"], reason=first_line(error))) from error


def count_positions(model: Model) -> int:
    """Count the wordpieces that a transformer can read at once.

    model (Model): A model with a layer of spacy-transformers in it, loaded.
    RETURNS (int): Most wordpieces, with the special ones.
    """
    node = get_transformer(model)
    positions = getattr(node.transformer.config, "max_position_embeddings", None) or 10**6
    for name, part in node.transformer.named_modules():
        # RoBERTa and its like number positions from the place after the padding's
        if name.endswith("position_embeddings") and getattr(part, "padding_idx", None) is not None:
            positions = part.num_embeddings - part.padding_idx - 1
    return int(min(node.tokenizer.model_max_length, positions))


def check_alignment(model: Model, batches: Iterable[List[Doc]], least_share: float) -> None:
    """Check that a tokenizer's pieces fall on the tokens.

    model (Model): A model with a layer of spacy-transformers in it, loaded.
    batches (Iterable[List[Doc]]): Texts that it can read.
    least_share (float): Of the tokens that are no white space, the share that must have wordpieces.
    RAISES (ValueError): E415 if fewer have.
    """
    node = get_transformer(model)
    words: List[Tuple[str, int]] = []
    for docs in batches:
        tokens = [token.text for doc in docs for token in doc]
        lengths = numpy.asarray(node.predict(docs).align.lengths).tolist()
        if len(lengths) == len(tokens):
            words.extend((text, length) for text, length in zip(tokens, lengths) if not text.isspace())
    missing = [word for word, length in words if not length]
    if len(missing) > (1 - least_share) * len(words):
        examples = ", ".join(repr(word) for word in list(dict.fromkeys(missing))[:5])
        raise ValueError(
            Errors.E415.format(name=node.attrs["name"], found=len(missing), total=len(words), examples=examples)
        )


def _ignore(gradients: Any) -> ArgsKwargs:
    return ArgsKwargs(args=(), kwargs={})

"""How a pretrained transformer is run and trained on."""

from typing import Any, NamedTuple, Optional

from thinc.api import Model

from .lora import LoRA


class FineTuning(NamedTuple):
    """How a pretrained transformer is run and trained on.

    learn_rate_factor (float): The share of the optimizer's learning rate that its highest layer gets.
    layer_decay (float): What each layer gets of the rate of the layer above it.
    frozen_steps (int): Updates before it starts to learn.
    frozen_layers (int): How many of its layers never learn, from the lowest.
    freeze_embeddings (bool): Whether its embeddings never learn.
    precision (str): In what it computes on a CPU: "float32", "bfloat16", or "auto" for the faster. Its parameters are
        float32 throughout.
    lora (Optional[LoRA]): Adapters that learn in its place; None if it learns itself.
    word_dropout (float): The probability with which a word is hidden from it while it learns.
    """

    learn_rate_factor: float = 1.0
    layer_decay: float = 1.0
    frozen_steps: int = 0
    frozen_layers: int = 0
    freeze_embeddings: bool = False
    precision: str = "float32"
    lora: Optional[LoRA] = None
    word_dropout: float = 0.0


def count_frozen_steps(model: Any) -> int:
    """How many updates it takes until the transformers of a model learn.

    model (Any): The model of a component.
    RETURNS (int): Updates from now on, of that which waits longest; 0 if none waits. One that is never to learn does
        not wait.
    """
    shims = [shim for node in model.walk() for shim in node.shims] if isinstance(model, Model) else []
    waiting = [
        shim.tuning.frozen_steps - shim.updates
        for shim in shims
        if isinstance(getattr(shim, "tuning", None), FineTuning) and shim.tuning.learn_rate_factor > 0
    ]
    return max(0, *waiting) if waiting else 0

"""Low-rank adapters in a pretrained transformer, by peft.

Importing this module needs neither torch nor peft.
"""

from importlib.util import find_spec
from typing import Any, Dict, List, NamedTuple, Optional

from ...errors import Errors
from ...setting_checks import check_setting
from .tokenizer import first_line

NAME = "spacy-mtl.LoRA.v1"


class LoRA(NamedTuple):
    """The settings of `make_lora`."""

    rank: int = 8
    alpha: float = 16.0
    dropout: float = 0.0
    targets: Optional[List[str]] = None


def make_lora(rank: int = 8, alpha: float = 16.0, dropout: float = 0.0, targets: Optional[List[str]] = None) -> LoRA:
    """Make `spacy-mtl.LoRA.v1`: of a pretrained transformer only low-rank adapters learn (LoRA, Hu et al. 2021).

    A matrix W of the transformer becomes W + alpha / rank * B A with A of shape (rank, inputs) and B of shape (outputs,
    rank). B begins with zeros, so that training begins with the transformer as it is. Saved are the sums.

    rank (int): The rank, 1 or more.
    alpha (float): By what, divided by the rank, the adapters are multiplied; above 0.
    dropout (float): The dropout rate of what adapters are given.
    targets (Optional[List[str]]): The names of the linear layers that are adapted, or how they end, such as "query" and
        "output.dense"; None for those that peft takes in a transformer of this type, mostly queries and values.
    RETURNS (LoRA): The settings, to be the `lora` of `spacy-mtl.PretrainedEncoder.v1`.
    RAISES (ValueError): E409 for a setting out of its range.
    """
    check_setting(NAME, "rank", rank, rank >= 1, "1 or more")
    check_setting(NAME, "alpha", alpha, alpha > 0, "above 0")
    check_setting(NAME, "dropout", dropout, 0 <= dropout < 1, "a rate, from 0 to below 1")
    check_setting(NAME, "targets", targets, targets is None or len(targets) > 0, "names of layers, or null")
    return LoRA(rank, alpha, dropout, targets)


def add_adapters(module: Any, lora: LoRA) -> None:
    """Put adapters into a transformer, which keeps its place. Nothing else in it learns any more, and its state dict is
    that of the same transformer without adapters: they are added to the matrices.

    module (torch.nn.Module): The transformer. Changes it.
    lora (LoRA): The settings.
    RAISES (ImportError): E444 if peft is not installed.
    RAISES (ValueError): E445 if there are no such layers.
    """
    if find_spec("peft") is None:
        raise ImportError(Errors.E444)
    from peft import LoraConfig, inject_adapter_in_model

    settings: Dict[str, Any] = {"r": lora.rank, "lora_alpha": lora.alpha, "lora_dropout": lora.dropout}
    try:
        inject_adapter_in_model(LoraConfig(target_modules=lora.targets, **settings), module)
    except ValueError as error:
        raise ValueError(Errors.E445.format(targets=lora.targets, reason=first_line(error))) from error
    module.register_state_dict_post_hook(_merge)


def find_adapted(module: Any) -> Dict[str, Any]:
    """The layers of a transformer with an adapter.

    module (torch.nn.Module): The transformer.
    RETURNS (Dict[str, peft.tuners.lora.LoraLayer]): By name; empty for a transformer without adapters.
    """
    return {name: part for name, part in module.named_modules() if hasattr(part, "get_delta_weight")}


def without_adapters(copied: Any, module: Any) -> Any:
    """Replace the layers with an adapter in a copy by plain ones, with the adapters added to their matrices.

    copied (torch.nn.Module): The copy. Changes it.
    module (torch.nn.Module): What it is a copy of.
    RETURNS (torch.nn.Module): The copy.
    """
    for name, part in find_adapted(module).items():
        place, _, last = name.rpartition(".")
        plain = copied.get_submodule(name).base_layer
        plain.weight.data = _add(part).to(plain.weight.dtype)
        setattr(copied.get_submodule(place), last, plain)
    return copied


def _merge(module: Any, state: Dict[str, Any], prefix: str, metadata: Any) -> None:
    adapted = {f"{prefix}{name}": part for name, part in find_adapted(module).items()}
    items = list(state.items())
    state.clear()
    for key, value in items:
        name = next((name for name in adapted if key.startswith(f"{name}.")), None)
        if name is None:
            state[key] = value
        elif key.startswith(f"{name}.base_layer."):
            rest = key[len(f"{name}.base_layer.") :]
            state[f"{name}.{rest}"] = _add(adapted[name]) if rest == "weight" else value
    # the versions of modules, by their names, which torch.save writes too
    versions = getattr(state, "_metadata", {})
    for key in [key for key in versions if key.startswith(tuple(f"{name}." for name in adapted))]:
        del versions[key]


def _add(part: Any) -> Any:
    (adapter,) = part.active_adapters
    return (part.base_layer.weight + part.get_delta_weight(adapter)).detach()

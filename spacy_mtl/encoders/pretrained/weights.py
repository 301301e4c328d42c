"""Weights of torch modules, read one by one."""

import io
from typing import BinaryIO

import torch
from thinc.api import get_torch_default_device


def load_weights(module: torch.nn.Module, file: BinaryIO) -> bool:
    """Give a module the weights that `torch.save` wrote, without holding two sets of them.

    module (torch.nn.Module): The module; its own weights are lost.
    file (BinaryIO): What was written of its state.
    RETURNS (bool): Whether they were those of this module, to the name and shape; else it has none now.
    """
    own = {**dict(module.named_parameters(remove_duplicate=False)), **dict(module.named_buffers())}
    shapes = {name: value.shape for name, value in module.state_dict().items()}
    for parameter in module.parameters():
        parameter.data = parameter.data.new_empty(0)
    state = torch.load(file, map_location=get_torch_default_device())
    if shapes != {name: value.shape for name, value in state.items()}:
        return False
    for name, value in state.items():
        own[name].data = value.to(own[name].dtype)
    return True


def _save_nothing() -> bytes:
    file = io.BytesIO()
    torch.save({}, file)
    return file.getvalue()


EMPTY_STATE = _save_nothing()

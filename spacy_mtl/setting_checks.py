"""Settings are looked at where they are given, before anything is built from them."""

from typing import Any, Optional

from thinc.api import Model

from .errors import Errors

PROBABILITY = "a probability from 0 to below 1"


def check_setting(name: str, setting: str, found: Any, is_right: bool, expected: str) -> None:
    """Refuse a wrong setting of a layer.

    name (str): The registered name of the layer.
    setting (str): The setting.
    found (Any): Its value.
    is_right (bool): Whether the value will do.
    expected (str): What values will, in words.
    RAISES (ValueError): E409 if it will not.
    """
    if not is_right:
        raise ValueError(Errors.E409.format(name=name, setting=setting, found=repr(found), expected=expected))


def check_size(name: str, setting: str, found: Optional[int], *, least: int = 1, otherwise: str = "") -> None:
    """Refuse a size that is too small; None stands for one that is yet to be found out.

    name (str): The registered name of the layer.
    setting (str): The setting.
    found (Optional[int]): Its value.
    least (int): The smallest size.
    otherwise (str): What 0 or None means, for the message.
    RAISES (ValueError): E409 if it is too small.
    """
    check_setting(name, setting, found, found is None or found >= least, f"{least} or more{otherwise}")


def fit_size(name: str, layer: Model, size: int, dim: str = "nO") -> None:
    """Give a layer of a component's model the width of its output.

    name (str): The name of the component.
    layer (Model): The layer.
    size (int): The width.
    dim (str): Its name in the layer.
    RAISES (ValueError): E436 if the layer was made for another.
    """
    found = layer.maybe_get_dim(dim)
    if found not in (None, size):
        raise ValueError(Errors.E436.format(name=name, layer=layer.name, dim=dim, found=found, expected=size))
    layer.set_dim(dim, size)


def set_input_width(layer: Model, width: int) -> None:
    """Give a layer the width of the vectors that it reads.

    layer (Model): The layer.
    width (int): The width.
    RAISES (ValueError): E409 if the layer was made for another.
    """
    given = layer.maybe_get_dim("nI")
    check_setting(layer.name, "nI", given, given in (None, width), f"{width}, the width of the vectors, or null")
    layer.set_dim("nI", width)


def check_component_setting(name: str, setting: str, found: Any, is_right: bool, expected: str) -> None:
    """Refuse a wrong setting of a component.

    name (str): The name of the component.
    setting (str): The setting.
    found (Any): Its value.
    is_right (bool): Whether the value will do.
    expected (str): What values will, in words.
    RAISES (ValueError): E435 if it will not.
    """
    if not is_right:
        raise ValueError(Errors.E435.format(name=name, setting=setting, found=repr(found), expected=expected))

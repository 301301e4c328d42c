"""How objects that a config makes show themselves in a notebook or a debugger."""

import reprlib
from inspect import signature
from pathlib import Path
from typing import Any


class ShowsSettings:
    """Shows an object by its class and those settings that are not the usual ones, as in `Temperature(tau=0.5)`."""

    def __repr__(self) -> str:
        shown = []
        for name, parameter in signature(type(self).__init__).parameters.items():
            # shown in a debugger it may not be made yet
            value = self.__dict__.get(name, self.__dict__.get(f"_{name}", parameter.default))
            is_usual = value is parameter.default or value == parameter.default
            is_empty = not value and parameter.default is None and not isinstance(value, (bool, int, float))
            if not (is_usual or is_empty):
                shown.append(f"{name}={_show(value)}")
        return f"{type(self).__name__}({', '.join(shown)})"


def _show(value: Any) -> str:
    if isinstance(value, Path):
        return f"'{value}'"
    return repr(value) if isinstance(value, (str, ShowsSettings)) else reprlib.repr(value)

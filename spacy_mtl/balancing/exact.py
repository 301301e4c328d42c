"""Numbers in a state that stay the same to the last bit: spaCy's JSON keeps ten digits of a float."""

from typing import Any, Dict, Mapping


def pack(value: Any) -> Any:
    """Write the floats in a value as strings.

    value (Any): Dicts, lists and tuples of anything.
    RETURNS (Any): The same with dicts, lists, and for each float its shortest exact text.
    """
    if isinstance(value, float):
        return repr(float(value))
    if isinstance(value, Mapping):
        return {name: pack(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [pack(item) for item in value]
    return value


def unpack_floats(values: Mapping[str, Any]) -> Dict[str, float]:
    """Read numbers by name.

    values (Mapping[str, Any]): Numbers, or what `pack` made of them.
    RETURNS (Dict[str, float]): The numbers.
    """
    return {name: float(value) for name, value in values.items()}

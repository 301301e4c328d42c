"""Numbers by name, as they are given on the command line: weights of tasks, shares of sources."""

import math
from typing import Dict, Mapping, Sequence

from ..errors import Errors
from ..name_lists import split_names


def parse_numbers(text: str, option: str) -> Dict[str, float]:
    """Read numbers by name.

    text (str): Names with their numbers, with commas between them: "ner=5,srl=1".
    option (str): The option that gave them, for messages.
    RETURNS (Dict[str, float]): The numbers.
    RAISES (ValueError): E797 for another form, for a number that is negative or not finite, and for a name that comes
        twice.
    """
    numbers: Dict[str, float] = {}
    for part in split_names(text):
        name, _, value = (piece.strip() for piece in part.partition("="))
        try:
            number = float(value)
        except ValueError:
            raise ValueError(Errors.E797.format(option=option, found=part)) from None
        if not name or name in numbers or not math.isfinite(number) or number < 0:
            raise ValueError(Errors.E797.format(option=option, found=part))
        numbers[name] = number
    return numbers


def check_names(numbers: Mapping[str, float], option: str, names: Sequence[str], *, each: bool = False) -> None:
    """See that numbers are those of names that there are.

    numbers (Mapping[str, float]): By name; none at all are right.
    option (str): The option that gave them, for messages.
    names (Sequence[str]): The names that there are.
    each (bool): Whether each of these must have a number, and one of them more than 0.
    RAISES (ValueError): E798 if they do not fit.
    """
    fits = set(numbers) <= set(names)
    if each:
        fits = fits and set(names) <= set(numbers) and any(numbers.values())
    if numbers and not fits:
        found = ", ".join(f"{name}={number:g}" for name, number in numbers.items())
        expected = f"{'each' if each else 'some'} of {', '.join(names)}" if names else "no name"
        raise ValueError(Errors.E798.format(option=option, found=found, expected=expected))

"""A table, for whatever shows it."""

from typing import NamedTuple, Sequence, Tuple

NOTHING = "-"


class Table(NamedTuple):
    """A table.

    header (Tuple[str, ...]): Names of the columns.
    aligns (str): For each column "l" or "r".
    rows (Sequence[Tuple[str, ...]]): The cells.
    """

    header: Tuple[str, ...]
    aligns: str
    rows: Sequence[Tuple[str, ...]]

"""Lays the rows of a training log out in columns, as many as fit, by component."""

from typing import Any, Dict, Iterable, List, NamedTuple, Optional, Sequence, Tuple

NOTHING = "-"
BEST_MARK = "*"
CUT_MARK = "~"
GAP = 2
LONGEST_WORD = 12
LOSS_WIDTH, SCORE_WIDTH, BALANCE_WIDTH = 5, 6, 6


class Column(NamedTuple):
    """A column of the log.

    kind (str): "epoch", "step", "loss", "balance", "score", "total", "speed" or "time".
    key (Any): What it shows: the name of a component or of a score, or the number of a column about the balancers.
    group (str): The component that it is about, "" for none.
    heading (str): What it shows of the component, in words.
    width (int): What its figures need.
    """

    kind: str
    key: Any
    group: str
    heading: str
    width: int

    @property
    def setting(self) -> str:
        """RETURNS (str): What `columns` in a config calls it."""
        names = {"loss": f"loss_{self.key}", "score": self.key, "speed": "words_per_second"}
        return names.get(self.kind, self.kind)


EPOCH = Column("epoch", None, "", "Epoch", 5)
STEP = Column("step", None, "", "Step", 6)
TOTAL = Column("total", None, "", "Score", SCORE_WIDTH)
SPEED = Column("speed", None, "", "Words/s", 7)
TIME = Column("time", None, "", "Time", 7)


class Table:
    """Columns under the names of the components that they are about, and rows of figures, which are never cut."""

    def __init__(self, columns: Sequence[Column]) -> None:
        """columns (Sequence[Column]): From left to right; those of a component stand together."""
        self.columns = list(columns)
        self._groups = _find_groups(self.columns)
        self._widths = [max(_measure(column.heading), column.width) for column in self.columns]
        for title, first, end in self._groups:
            # where there is less room than the longest word of the name, the first column makes it
            missing = min(_measure(title), LONGEST_WORD) - self._room(first, end)
            self._widths[first] += max(missing, 0)
        ends, position = [], -GAP
        for width in self._widths:
            position += GAP + width
            ends.append(position)
        self._ends = ends

    @property
    def width(self) -> int:
        """RETURNS (int): The number of characters in a line."""
        return self._ends[-1]

    def heading(self) -> str:
        """RETURNS (str): The names of components, a rule below each, the headings of the columns, and a rule below
        each, without a line break at the end."""
        upper = [(wrap_words(title, self._room(first, end)), first, end) for title, first, end in self._groups]
        lines = []
        for i in reversed(range(max((len(words) for words, _, _ in upper), default=0))):
            cells = [(words[-1 - i] if i < len(words) else "", first, end) for words, first, end in upper]
            lines.append(self._centred(cells))
        if upper:
            lines.append(self._centred([("-" * self._room(first, end), first, end) for _, first, end in upper]))
        lower = [wrap_words(column.heading, width) for column, width in zip(self.columns, self._widths)]
        for i in reversed(range(max(map(len, lower)))):
            lines.append(self._line((words[-1 - i] if i < len(words) else "", "") for words in lower))
        lines.append(self._line(("-" * width, "") for width in self._widths))
        return "\n".join(lines)

    def row(self, row: Dict[str, Any], balance: Sequence[Optional[float]] = ()) -> str:
        """A row as text.

        row (Dict[str, Any]): What `spacy_mtl.training.logger.RowMaker.make` gave.
        balance (Sequence[Optional[float]]): The values of all columns about the balancers.
        RETURNS (str): The line, without a line break at the end.
        """
        return self._line(_show(column, row, balance) for column in self.columns)

    def _room(self, first: int, end: int) -> int:
        return sum(self._widths[first:end]) + GAP * (end - first - 1)

    def _line(self, cells: Iterable[Tuple[str, str]]) -> str:
        line = ""
        for (cell, mark), end in zip(cells, self._ends):
            # a figure that is too long takes from the gap before it
            gap = max(end - len(cell) - len(line), 1 if line else 0)
            line += " " * gap + cell + mark
        return line.rstrip()

    def _centred(self, cells: Iterable[Tuple[str, int, int]]) -> str:
        line = ""
        for cell, first, end in cells:
            start = self._ends[first] - self._widths[first]
            line = line.ljust(start) + cell.center(self._room(first, end))
        return line.rstrip()


def choose_columns(columns: Sequence[Column], wanted: Sequence[Column], width: int) -> List[Column]:
    """The columns that fit.

    columns (Sequence[Column]): All, from left to right.
    wanted (Sequence[Column]): The same by importance, the most important first.
    width (int): The number of characters in a line.
    RETURNS (List[Column]): From left to right. The most important column is among them, whatever its width.
    """
    chosen: List[Column] = []
    for column in wanted:
        tried = [one for one in columns if one in chosen or one == column]
        if not chosen or Table(tried).width <= width:
            chosen = tried
    return chosen


def wrap_words(text: str, width: int) -> List[str]:
    """A heading in lines: broken behind spaces, underscores, hyphens and slashes, and where a single word is longer
    than a line its middle goes, since the ends tell columns apart.

    text (str): The heading.
    width (int): The most characters in a line.
    RETURNS (List[str]): The lines.
    """
    lines = [""]
    for word in _split_words(text):
        if len((lines[-1] + word).rstrip()) <= width:
            lines[-1] += word
        else:
            lines.append(word)
    return [_shorten(line.rstrip(), width) for line in lines if line.strip()]


def _split_words(text: str) -> List[str]:
    words, word = [], ""
    for letter in text:
        word += letter
        if letter in " _-/":
            words.append(word)
            word = ""
    return [*words, word]


def _measure(text: str) -> int:
    return min(max(len(word.rstrip()) for word in _split_words(text)), LONGEST_WORD)


def _shorten(word: str, width: int) -> str:
    if len(word) <= width:
        return word
    tail = (width - 1) // 2
    return word[: width - tail - 1] + CUT_MARK + word[len(word) - tail :]


def _find_groups(columns: Sequence[Column]) -> List[Tuple[str, int, int]]:
    groups: List[Tuple[str, int, int]] = []
    for i, column in enumerate(columns):
        if groups and groups[-1][0] == column.group:
            groups[-1] = (column.group, groups[-1][1], i + 1)
        else:
            groups.append((column.group, i, i + 1))
    return [group for group in groups if group[0]]


def _show(column: Column, row: Dict[str, Any], balance: Sequence[Optional[float]]) -> Tuple[str, str]:
    kind, key = column.kind, column.key
    if kind == "loss":
        return _short_number(row["losses"][key]), ""
    if kind == "balance":
        value = balance[key]
        # per cent of batches
        return (f"{value:.1f}" if value is not None and column.heading == "conflict" else _short_number(value)), ""
    if kind == "score":
        score = row["scores"][key]
        shown = NOTHING if score is None else f"{score:.0f}" if key == "speed" else f"{100 * score:.2f}"
        return shown, BEST_MARK if row["best_scores"][key] else ""
    if kind == "total":
        return f"{100 * row['score']:.2f}", BEST_MARK if row["best"] else ""
    if kind == "time":
        minutes, seconds = divmod(int(row["seconds"]), 60)
        hours, minutes = divmod(minutes, 60)
        return f"{hours}:{minutes:02d}:{seconds:02d}", ""
    return (f"{row['words_per_second']:.0f}" if kind == "speed" else str(row[kind])), ""


def _short_number(value: Optional[float]) -> str:
    """Four digits that count, three behind the point at most."""
    if value is None:
        return NOTHING
    size = abs(value)
    for bound, places in ((10, 3), (100, 2), (1000, 1), (100_000, 0)):
        if size < bound:
            return f"{value:.{places}f}"
    mantissa, _, exponent = f"{value:.1e}".partition("e")
    return f"{mantissa}e{int(exponent)}" if exponent else mantissa

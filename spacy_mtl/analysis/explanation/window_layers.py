"""Encoders of layers that see a window of tokens: of a copy of a text, only what a hidden word reaches is computed."""

from typing import List, NamedTuple, Optional, Tuple

import numpy
from thinc.api import Model
from thinc.types import Floats2d, Ints1d

from ...types import TokenVectors

# what reads each row on its own
BY_ROW = {"maxout", "mish", "relu", "gelu", "swish", "linear", "layernorm", "dropout"}
WINDOW = "expand_window"


class Layer(NamedTuple):
    """A layer of such an encoder, with a residual connection around it.

    model (Model): The layer, from rows to rows.
    by_row (List[Model]): What it does, one after the other, with each row's window.
    reach (int): How many tokens the window has on either side.
    """

    model: Model
    by_row: List[Model]
    reach: int

    def read(self, rows: Floats2d, centres: Ints1d) -> Floats2d:
        """RETURNS (Floats2d): What it gives of some rows. rows (Floats2d): What it reads. centres (Ints1d): Which."""
        ops = self.model.ops
        places = numpy.clip(centres[:, None] + numpy.arange(-self.reach, self.reach + 1), 0, len(rows) - 1)
        windows = ops.reshape2f(rows[ops.xp.asarray(places)], len(centres), -1)
        for model in self.by_row:
            windows = model.predict(windows)
        return rows[ops.asarray1i(centres)] + windows


class WindowLayers:
    """The layers over one text, with what they give where nothing is hidden."""

    def __init__(self, layers: List[Layer], pad: int, embedded: Floats2d) -> None:
        """Read the text.

        layers (List[Layer]): The layers.
        pad (int): How many rows of zeros stand before and behind a text.
        embedded (Floats2d): What the first layer reads, shape (tokens, width).
        """
        self.layers, self.pad = layers, pad
        xp = layers[0].model.ops.xp
        self.given = [xp.pad(embedded, ((pad, pad), (0, 0)))]
        for layer in layers:
            self.given.append(layer.model.predict(self.given[-1]))

    @property
    def vectors(self) -> Floats2d:
        """RETURNS (Floats2d): Of the text, shape (tokens, width)."""
        return self._trim(self.given[-1])

    def read(self, starts: Ints1d, ends: Ints1d, changed: Floats2d) -> TokenVectors:
        """Read copies in which a stretch of tokens is another.

        starts (Ints1d): The first token of each stretch.
        ends (Ints1d): The token after its last.
        changed (Floats2d): What the first layer reads of the stretches, one after the other, shape (tokens, width).
        RETURNS (TokenVectors): The vectors of each copy, shape (tokens, width).
        """
        starts, ends = starts + self.pad, ends + self.pad
        for layer, given in zip(self.layers, self.given):
            next_starts, next_ends = self._widen(starts, ends, layer.reach)
            seen_starts, seen_ends = self._widen(next_starts, next_ends, layer.reach)
            seen = given[layer.model.ops.asarray1i(_list_rows(seen_starts, seen_ends))]
            # row r of a copy lies at r + offset
            offsets = _offsets(seen_starts, seen_ends)
            seen[layer.model.ops.asarray1i(_list_rows(starts + offsets, ends + offsets))] = changed
            changed = layer.read(seen, _list_rows(next_starts + offsets, next_ends + offsets))
            starts, ends = next_starts, next_ends
        copies, row = [], 0
        for start, end in zip(starts.tolist(), ends.tolist()):
            copy = self.given[-1].copy()
            copy[start:end] = changed[row : row + end - start]
            copies.append(self._trim(copy))
            row += end - start
        return copies

    def _widen(self, starts: Ints1d, ends: Ints1d, reach: int) -> Tuple[Ints1d, Ints1d]:
        return numpy.maximum(starts - reach, 0), numpy.minimum(ends + reach, len(self.given[0]))

    def _trim(self, rows: Floats2d) -> Floats2d:
        return rows[self.pad : len(rows) - self.pad]


def find_window_layers(encode: Model) -> Optional[Tuple[List[Layer], int]]:
    """Take an encoder apart.

    encode (Model): The encoder, from vectors to vectors.
    RETURNS (Optional[Tuple[List[Layer], int]]): Its layers, and the padding of its texts; None if it has other layers.
    """
    layers = [_take_apart(model) for model in find_residual_layers(encode)]
    found = [layer for layer in layers if layer is not None]
    if not found or len(found) < len(layers) or not encode.name.startswith("with_array"):
        return None
    # with less padding texts that are read together would see each other
    pad = encode.attrs["pad"]
    return (found, pad) if pad >= sum(layer.reach for layer in found) else None


def find_residual_layers(encode: Model) -> List[Model]:
    """The layers of an encoder of thinc's: those that are chained in it, each with a residual connection.

    encode (Model): The encoder.
    RETURNS (List[Model]): The layers; none if it is made in another way.
    """
    node = encode
    while len(node.layers) == 1 and not node.name.startswith("residual"):
        node = node.layers[0]
    layers = [node] if len(node.layers) == 1 else list(node.layers)
    return layers if layers and all(layer.name.startswith("residual") for layer in layers) else []


def _take_apart(model: Model) -> Optional[Layer]:
    inner = model.layers[0]
    parts = inner.layers if ">>" in inner.name else []
    leaves = [node for part in parts[1:] for node in part.walk() if not node.layers]
    if not parts or parts[0].name != WINDOW or not all(leaf.name in BY_ROW for leaf in leaves):
        return None
    return Layer(model, list(parts[1:]), parts[0].attrs["window_size"])


def _offsets(starts: Ints1d, ends: Ints1d) -> Ints1d:
    """What to add to a row of each stretch where they lie one after the other."""
    lengths = ends - starts
    return numpy.cumsum(lengths) - lengths - starts


def _list_rows(starts: Ints1d, ends: Ints1d) -> Ints1d:
    """The rows of stretches, one stretch after the other."""
    offsets = _offsets(starts, ends)
    return numpy.arange(int((ends - starts).sum())) - numpy.repeat(offsets, ends - starts)

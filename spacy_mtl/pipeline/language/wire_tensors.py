"""`doc.tensor` of many Docs, packed as few arrays, and unpacked."""

from dataclasses import dataclass
from typing import Any, Dict, Iterator, List, Sequence, Tuple

import numpy


@dataclass
class PackedTensors:
    """The tensors of a batch.

    places (List[Tuple[Any, int]]): The kind of the tensor of each Doc, and the number of its rows.
    joined (Dict[Any, Any]): One array a kind, shape (rows of all, ...); a list for what is no array of numpy.
    """

    places: List[Tuple[Any, int]]
    joined: Dict[Any, Any]


def pack_tensors(tensors: Sequence[Any]) -> PackedTensors:
    """Join what is of one kind.

    tensors (Sequence[Any]): Arrays of any types and shapes.
    RETURNS (PackedTensors): Copies of them.
    """
    places = [_find_place(tensor) for tensor in tensors]
    kinds: Dict[Any, List[Any]] = {}
    for (kind, _), tensor in zip(places, tensors):
        kinds.setdefault(kind, []).append(tensor)
    joined = {kind: numpy.concatenate(found) if kind else found for kind, found in kinds.items()}
    return PackedTensors(places, joined)


def unpack_tensors(packed: PackedTensors) -> Iterator[Any]:
    """Take them apart.

    packed (PackedTensors): The tensors.
    YIELDS (Any): Views of the arrays of the batch, as those are that an encoder sets.
    """
    starts = dict.fromkeys(packed.joined, 0)
    for kind, rows in packed.places:
        start = starts[kind]
        starts[kind] = start + rows
        yield packed.joined[kind][start : start + rows] if kind else packed.joined[kind][start]


def _find_place(tensor: Any) -> Tuple[Any, int]:
    if type(tensor) is numpy.ndarray and tensor.ndim:
        return (tensor.dtype, tensor.shape[1:]), len(tensor)
    return None, 1

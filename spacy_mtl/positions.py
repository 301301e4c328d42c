"""What tells a transformer where a token stands. Import it where torch is known to be installed."""

from typing import Tuple

import torch
from torch import Tensor

# Vaswani et al. 2017 and Su et al. 2021 both use it: wavelengths go from 2 pi to 10,000 times 2 pi.
BASE = 10000.0


def angles(length: int, width: int, device: torch.device) -> Tensor:
    """The angles of positions at falling frequencies: position / 10000^(2i / width).

    length (int): Positions, from 0 on.
    width (int): Twice the number of frequencies.
    device (torch.device): The device.
    RETURNS (Tensor): Shape (length, width / 2).
    """
    frequencies = BASE ** (-torch.arange(0, width, 2, device=device, dtype=torch.float32) / width)
    return torch.arange(length, device=device, dtype=torch.float32)[:, None] * frequencies


def sinusoids(length: int, width: int, device: torch.device) -> Tensor:
    """Position vectors with sines at the even places and cosines at the odd ones (Vaswani et al. 2017, section 3.5).

    length (int): Positions, from 0 on.
    width (int): Width of the vectors, an even number.
    device (torch.device): The device.
    RETURNS (Tensor): Shape (length, width).
    """
    at = angles(length, width, device)
    return torch.stack([at.sin(), at.cos()], dim=2).reshape(length, width)  # [length, width / 2, 2] joined


def rotations(length: int, width: int, device: torch.device) -> Tuple[Tensor, Tensor]:
    """The cosines and sines by which rotary positions turn queries and keys (Su et al. 2021).

    length (int): Positions, from 0 on.
    width (int): Width of a head, an even number.
    device (torch.device): The device.
    RETURNS (Tuple[Tensor, Tensor]): Each of shape (length, width / 2).
    """
    at = angles(length, width, device)
    return at.cos(), at.sin()


def rotate(vectors: Tensor, rotation: Tuple[Tensor, Tensor]) -> Tensor:
    """Turn the pairs of places i and i + width / 2 of every vector by the angle of its position. The product of two
    turned vectors depends on the distance of their positions, not on the positions.

    vectors (Tensor): Shape (rows, heads, width).
    rotation (Tuple[Tensor, Tensor]): Cosines and sines of the rows' positions, each of shape (rows, 1, width / 2).
    RETURNS (Tensor): Shape (rows, heads, width).
    """
    cosines, sines = rotation
    left, right = vectors.chunk(2, dim=-1)
    return torch.cat([left * cosines - right * sines, left * sines + right * cosines], dim=-1)

"""Topology of solids of voxels: connected pieces, cavities, Betti numbers, by labels and by counting."""

import itertools
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import pad

AT_A_TIME = 16  # solids, so that they stay in the cache


class Betti(NamedTuple):
    """Betti numbers of N solids, each int64 [N].

    Attributes:
        b0: pieces.
        b1: tunnels, such as the hole of a ring.
        b2: cavities that are closed on all sides.
    """

    b0: Tensor
    b1: Tensor
    b2: Tensor


def betti_numbers(solids: Tensor) -> Betti:
    """b0 and b2 by counting pieces, and b1 = b0 + b2 - (V - E + F - C), the Euler characteristic.

    A solid is the union of its closed voxels, so that voxels which share a corner are one piece, and the outside is
    joined by faces only. V, E, F and C are its corners, edges, faces and cubes.

    Args:
        solids: bool [N, D, H, W].
    """
    b0 = piece_count(solids, corners=True)
    b2 = piece_count(~pad(solids, (1,) * 6), corners=False) - 1  # without the outside
    return Betti(b0, b0 + b2 - euler_characteristic(solids), b2)


def piece_count(solids: Tensor, *, corners: bool) -> Tensor:
    """The number of connected pieces [N]; `corners`: whether voxels that share only a corner or an edge are joined.

    The largest number of a voxel spreads through its piece until nothing changes, and each piece is counted at the
    voxel that keeps its own.

    Args:
        solids: bool [N, D, H, W].
        corners: joined by corners (26 neighbours) or by faces (6).
    """
    return torch.cat([pieces_of(part, corners=corners) for part in solids.split(AT_A_TIME)])


def pieces_of(solids: Tensor, *, corners: bool) -> Tensor:
    """`piece_count` of a few solids."""
    own = torch.arange(1, solids[0].numel() + 1).view(solids.shape[1:]).int() * solids
    labels = own
    while True:
        spread = labels
        for axis in (1, 2, 3):
            spread = largest_of_three(spread, axis)
            spread = spread if corners else spread * solids
        spread = spread * solids
        if torch.equal(spread, labels):
            return ((labels == own) & solids).flatten(1).sum(1)
        labels = spread


def largest_of_three(labels: Tensor, axis: int) -> Tensor:
    """The largest number among a voxel and its two neighbours along an axis."""
    found, length = labels.clone(), labels.shape[axis] - 1
    for place, other in ((0, 1), (1, 0)):
        mine = found.narrow(axis, place, length)
        torch.maximum(mine, labels.narrow(axis, other, length), out=mine)
    return found


def euler_characteristic(solids: Tensor) -> Tensor:
    """V - E + F - C of the union of closed voxels: [N].

    A cell of the grid, be it a corner, an edge, a face or a cube, is in the solid if one of the voxels around it is.

    Args:
        solids: bool [N, D, H, W].
    """
    total = torch.zeros(len(solids), dtype=torch.int64)
    for flat in itertools.product((False, True), repeat=3):  # along which axes the cell is a point
        cells = solids
        for axis, point in enumerate(flat, start=1):
            cells = either_side(cells, axis) if point else cells
        total += (-1) ** (3 - sum(flat)) * cells.flatten(1).sum(1)
    return total


def either_side(cells: Tensor, axis: int) -> Tensor:
    """Whether a cell is filled on one side of each border along an axis; the axis is longer by one."""
    none = torch.zeros_like(cells.narrow(axis, 0, 1))
    return torch.cat([none, cells], axis) | torch.cat([cells, none], axis)

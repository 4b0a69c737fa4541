"""Betti numbers of solids made by hand, and counts against scipy and scikit-image."""

from typing import Any

import numpy as np
import pytest
import torch
from scipy import ndimage  # type: ignore[import-untyped]
from skimage.measure import euler_number
from torch import Tensor

from ganvas.metrics.solids import betti_numbers, euler_characteristic, piece_count

Z, Y, X = torch.meshgrid(*[torch.arange(16) - 7.5] * 3, indexing="ij")
RADIUS = (Z**2 + Y**2 + X**2).sqrt()
BALL = RADIUS < 6
HOLLOW = BALL & (RADIUS > 3)
TORUS = ((X**2 + Y**2).sqrt() - 5) ** 2 + Z**2 < 4
FRAME = torch.zeros(5, 5, 5, dtype=torch.bool)  # the twelve edges of a cube
FRAME[[0, -1]] = True
FRAME[1:-1, 0, 0] = FRAME[1:-1, 0, -1] = FRAME[1:-1, -1, 0] = FRAME[1:-1, -1, -1] = True
FRAME[[0, -1], 1:-1, 1:-1] = False
TWO = torch.zeros(4, 4, 4, dtype=torch.bool)
TWO[0, 0, 0] = TWO[2, 2, 2] = True
CORNER = torch.zeros(4, 4, 4, dtype=torch.bool)
CORNER[1, 1, 1] = CORNER[2, 2, 2] = True


@pytest.mark.parametrize(
    ("solid", "expected"),
    [
        (BALL, (1, 0, 0)),
        (HOLLOW, (1, 0, 1)),
        (TORUS, (1, 1, 0)),
        (FRAME, (1, 5, 0)),
        (TWO, (2, 0, 0)),
        (CORNER, (1, 0, 0)),
        (torch.zeros(4, 4, 4, dtype=torch.bool), (0, 0, 0)),
        (torch.ones(4, 5, 6, dtype=torch.bool), (1, 0, 0)),
    ],
    ids=["ball", "hollow ball", "torus", "frame of a cube", "two voxels", "joined by a corner", "nothing", "all"],
)
def test_by_hand(solid: Tensor, expected: tuple[int, int, int]) -> None:
    found = betti_numbers(solid[None])
    assert tuple(int(each) for each in found) == expected


def test_a_corner_joins_by_corners_only() -> None:
    assert int(piece_count(CORNER[None], corners=True)) == 1
    assert int(piece_count(CORNER[None], corners=False)) == 2


@pytest.mark.parametrize("share", [0.1, 0.35, 0.6])
def test_noise_against_scipy_and_scikit_image(share: float) -> None:
    solids = torch.rand(20, 7, 8, 9, generator=torch.Generator().manual_seed(0)) < share
    faces, corners = piece_count(solids, corners=False), piece_count(solids, corners=True)
    for place, solid in enumerate(solids.numpy()):
        assert int(faces[place]) == ndimage.label(solid)[1]
        assert int(corners[place]) == ndimage.label(solid, np.ones((3, 3, 3)))[1]
    euler: Any = euler_number
    assert euler_characteristic(solids).tolist() == [euler(each, 3) for each in solids.numpy()]
    assert (betti_numbers(solids).b1 >= 0).all()

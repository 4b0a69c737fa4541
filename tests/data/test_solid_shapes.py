"""Drawn solids: keyed by their number, symmetric, of the topology that their docstring names."""

import numpy as np
import pytest
import torch

from ganvas.data.solid_shapes import SOLIDS, SolidShapes, chair
from ganvas.metrics.solids import betti_numbers, piece_count

SOURCE = SolidShapes(samples=90)


@pytest.mark.parametrize("side", [16, 24])
def test_topology_and_symmetry(side: int) -> None:
    items = SolidShapes(samples=90, side=side).items("train")
    assert items.classes == SOLIDS
    solids = torch.from_numpy(items.x[..., 0] >= 128)
    found = torch.stack(betti_numbers(solids), 1)
    assert items.y is not None
    assert found.tolist() == [[1, 1, 0] if y == 1 else [1, 0, 0] for y in items.y]
    assert (piece_count(solids, corners=False) == 1).all()
    assert np.array_equal(items.x, items.x[:, :, :, ::-1])
    assert 0.02 < (items.x / 255).mean() < 0.3


def test_a_solid_depends_on_its_number_only() -> None:
    one, more = SOURCE.items("train"), SolidShapes(samples=120).items("train")
    assert np.array_equal(one.x, more.x[:90])
    assert not np.array_equal(one.x, SolidShapes(samples=90, seed=1).items("train").x)


def test_splits_share_no_solid() -> None:
    seen = [{each.tobytes() for each in SOURCE.items(split).x[:90]} for split in ("train", "val", "test")]
    assert not seen[0] & seen[1]
    assert not seen[0] & seen[2]
    assert not seen[1] & seen[2]


def test_a_chair_by_hand() -> None:
    at = (np.arange(20) + 0.5) / 20 - 0.5
    inside = chair([0.5] * 7, at[:, None, None], at[None, :, None], at[None, None, :])
    # seat: half 0.33, from -0.03, 0.13 thick; legs 0.15 from -0.45; back 0.13 up to 0.38
    assert inside[10, 10, 10]
    assert not inside[5, 10, 10], "between the legs"
    assert inside[3, 4, 4]
    assert not inside[0, 4, 4], "under the floor"
    assert inside[16, 16, 10]
    assert not inside[16, 4, 10], "no back at the front"
    assert not inside[18, 16, 10]
    assert inside[3].sum() == 4 * 9, "four legs of 3 x 3"

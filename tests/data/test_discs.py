"""Coloured discs: what is measured is what was drawn."""

import numpy as np
import pytest

from ganvas.data.discs import FACTORS, GROUND, HIGH, LOW, Discs, disc_factors, drawn_discs, measured_discs


@pytest.mark.parametrize("side", [16, 32])
def test_measured_factors_are_the_drawn_ones(side: int) -> None:
    source = Discs(samples=500, side=side)
    factors = disc_factors(source, "train", 300)
    errors = np.abs(measured_discs(source.items("train").x[:300]) - factors).max(0) / (HIGH - LOW)
    assert (errors < 0.02).all(), dict(zip(FACTORS, errors, strict=True))


def test_a_measure_by_hand() -> None:
    picture = np.full((1, 8, 8, 3), round(255 * GROUND), np.uint8)
    picture[0, 2:4, 5] = (0, 255, 0)  # two pixels: column 5.5 / 8, row 3 / 8, area 2
    column, row, radius, hue = measured_discs(picture)[0]
    assert (column, row) == (5.5 / 8, 3 / 8)
    assert radius == pytest.approx((2 / np.pi) ** 0.5 / 8)
    assert hue == pytest.approx(1 / 3)
    assert np.isnan(measured_discs(np.full((1, 8, 8, 3), 90, np.uint8))).all()


def test_hue_does_not_jump_at_red() -> None:
    factors = np.array([[0.5, 0.5, 0.2, hue] for hue in (0.98, 0.0, 0.02)])
    assert np.allclose(measured_discs(drawn_discs(factors, 32))[:, 3], [-0.02, 0, 0.02], atol=0.003)


def test_splits_differ_and_classes_are_thirds_of_the_hues() -> None:
    source = Discs(samples=500, side=16)
    items = source.items("train")
    assert items.y is not None
    hues = disc_factors(source, "train", 500)[:, 3]
    assert ((items.y == 0) == (hues < 2 / 9)).all()
    assert ((items.y == 2) == (hues >= 4 / 9)).all()
    assert not np.array_equal(items.x, source.items("val").x)
    assert source.items("val").fingerprint == Discs(samples=500, side=16).items("val").fingerprint

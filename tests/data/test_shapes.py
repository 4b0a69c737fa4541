"""Shapes drawn by the program: areas, colours and splits are those that are said."""

import colorsys
import math

import numpy as np

from ganvas.data.shapes import HUES, SPREAD, ShapeMaps, Shapes, drawn_shapes


def test_areas_are_those_of_geometry() -> None:
    factors, _, inside = drawn_shapes(Shapes(samples=600, side=64), "train", 600)
    radius = factors[:, 3] * 64
    kinds = factors[:, 0].astype(int)
    expected = np.choose(kinds, [math.pi * (0.8 * radius) ** 2, 2 * radius**2, 3**1.5 / 4 * radius**2])
    covered = inside.sum((1, 2))
    for kind in range(3):
        assert abs((covered / expected)[kinds == kind].mean() - 1) < 0.02


def test_colour_goes_with_the_kind() -> None:
    source = Shapes(samples=300)
    items, (factors, _, inside) = source.items("train"), drawn_shapes(source, "train", 300)
    for picture, kind, factor, mask in zip(items.x, factors[:, 0].astype(int), factors, inside, strict=True):
        middle = np.median(picture[mask], 0) / 255
        hue = colorsys.rgb_to_hsv(*middle)[0]
        assert abs((hue - HUES[kind] + 0.5) % 1 - 0.5) < SPREAD + 0.01
        assert abs((hue - factor[5] + 0.5) % 1 - 0.5) < 0.01
        ground = picture[~mask].astype(int)
        assert (abs(ground - ground.mean(1, keepdims=True)) < 2).mean() > 0.85  # grey


def test_splits_have_no_picture_in_common_and_do_not_change() -> None:
    seen = [{each.tobytes() for each in Shapes(samples=500).items(split).x} for split in ("train", "val", "test")]
    assert [len(each) for each in seen] == [500, 500, 500]
    assert not seen[0] & seen[1]
    assert not seen[1] & seen[2]
    assert Shapes(samples=500).items("val").fingerprint == Shapes(samples=500).items("val").fingerprint


def test_maps_go_with_their_pictures_and_most_may_be_missing() -> None:
    source = ShapeMaps(samples=500, labelled=40, noise=0)
    items = source.items("train")
    assert (items.x[40:] == 255).all()
    assert set(np.unique(items.x[:40])) == {0, 1, 2, 3}
    factors, pictures, inside = drawn_shapes(Shapes(samples=500), "train", 500)
    assert np.array_equal(items.x[:40, ..., 0] > 0, inside[:40])
    assert np.array_equal(items.x[:40].max((1, 2, 3)), 1 + factors[:40, 0])
    assert abs(items.given["input"][..., 0] - pictures.mean(3)).max() <= 0.51
    assert (source.items("val").x < 4).all()

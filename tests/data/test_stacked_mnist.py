"""Stacked digits: each channel is a digit of MNIST's own split, and the class spells them."""

from typing import Any

import numpy as np
import pytest
from scipy import stats  # type: ignore[import-untyped]

from ganvas.data.mnist import Mnist
from ganvas.data.source import SPLITS
from ganvas.data.stacked_mnist import StackedMnist


@pytest.mark.parametrize("digits", [2, 3])
def test_channels_are_digits_of_the_same_split_and_spell_the_class(digits: Any) -> None:
    source = StackedMnist(digits=digits, samples=300, held_out=200)
    for split, n in (("train", 300), ("val", 200), ("test", 200)):
        items, single = source.items(split), Mnist().items(split)  # type: ignore[arg-type]
        assert items.x.shape == (n, 28, 28, digits)
        assert items.x.dtype == np.uint8
        assert items.y is not None
        assert single.y is not None
        label_of = {picture.tobytes(): label for picture, label in zip(single.x, single.y.tolist(), strict=True)}
        for picture, number in zip(items.x, items.y.tolist(), strict=True):
            spelt = "".join(
                str(label_of[np.ascontiguousarray(picture[..., channel]).tobytes()]) for channel in range(digits)
            )
            assert items.classes[number] == spelt
    assert items.classes[:2] == ("0" * digits, "0" * (digits - 1) + "1")
    assert len(items.classes) == 10**digits


def test_modes_are_all_but_equally_likely_and_channels_independent() -> None:
    y = StackedMnist(digits=2, samples=20_000).items("train").y
    assert y is not None
    table = np.bincount(y, minlength=100).reshape(10, 10)
    assert stats.chi2_contingency(table).pvalue > 1e-3
    digits = np.bincount(Mnist().items("train").y, minlength=10) / 50_000  # type: ignore[arg-type]
    assert stats.chisquare(table.sum(0), 20_000 * digits).pvalue > 1e-3
    assert stats.chisquare(table.sum(1), 20_000 * digits).pvalue > 1e-3


def test_it_is_seeded_and_a_longer_set_begins_with_the_shorter() -> None:
    def items(**changes: Any) -> Any:
        return StackedMnist(**{"samples": 100, "held_out": 50, **changes}).items("train")

    assert items().fingerprint == items().fingerprint
    assert len({items(**change).fingerprint for change in ({}, {"seed": 1}, {"digits": 2})}) == 3
    np.testing.assert_array_equal(items(samples=200).x[:100], items().x)


def test_memory_is_what_the_docstring_says() -> None:
    kinds: tuple[Any, ...] = (2, 3)
    sizes = {digits: StackedMnist(digits=digits).items("train").x.nbytes for digits in kinds}
    assert {digits: round(size / 1e6) for digits, size in sizes.items()} == {2: 63, 3: 94}
    assert [len(StackedMnist(digits=2).items(split)) for split in SPLITS] == [40_000, 26_000, 26_000]

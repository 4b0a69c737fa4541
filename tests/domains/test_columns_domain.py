"""Columns of unlike units: each standardised by itself, and brought back as it was."""

import numpy as np
import pytest
import torch

from ganvas.base.errors import DataError
from ganvas.data.points import Ring
from ganvas.data.source import Items
from ganvas.domains.columns import HEAVY, Columns, bounds, decimals
from ganvas.domains.points import Points
from ganvas.recipes.build import domain_of
from ganvas.recipes.files import from_yaml, override, to_yaml
from ganvas.recipes.points import ring


def table(n: int = 2000) -> Items:
    draw = np.random.default_rng(0)
    z = draw.normal(size=(n, 3))
    x = np.stack([5e6 + 1e6 * z[:, 0], z[:, 1], 1e-4 * z[:, 2], np.full(n, 0.1), np.round(40 + 10 * z[:, 0])], axis=1)
    return Items(x=x, columns=("income", "score", "", "version", "age"))


def test_every_column_has_a_scale_of_its_own() -> None:
    items = table()
    domain = Columns().fit(items)
    stored = domain.encode(items)
    assert stored.dtype == np.float32
    np.testing.assert_allclose(stored.mean(0), 0, atol=1e-5)
    np.testing.assert_allclose(stored.std(0), 1, atol=1e-5)
    assert domain.spec(items).shape == (4,)
    assert domain.labels == ("income", "score", "column 3", "age")


def test_what_is_decoded_is_what_was_encoded() -> None:
    items = table()
    domain = Columns().fit(items)
    again = domain.decode(torch.from_numpy(domain.encode(items)))
    np.testing.assert_allclose(again, items.x, rtol=1e-5, atol=1e-9)
    np.testing.assert_array_equal(again[:, 3], 0.1)
    np.testing.assert_array_equal(again[:, 4], items.x[:, 4])


def test_samples_stay_within_bounds_and_on_the_grid_of_their_column() -> None:
    items = table()
    domain = Columns().fit(items)
    x = 100 * torch.randn(500, 4)
    made = domain.decode(x)
    assert (made >= items.x.min(0)).all()
    assert (made <= items.x.max(0)).all()
    np.testing.assert_array_equal(made[:, 4], made[:, 4].round())
    np.testing.assert_allclose(domain.decode(domain.as_written(x)), made, rtol=1e-5, atol=1e-9)


@pytest.mark.parametrize("wrong", [1e9, -1e9])
def test_a_wrong_value_does_not_set_the_scale(wrong: float) -> None:
    x = np.random.default_rng(1).normal(size=(1000, 2))
    clean = Columns().fit(Items(x=x, columns=("a", "b")))
    x[7, 0] = wrong
    items = Items(x=x, columns=("a", "b"))
    domain = Columns().fit(items)
    assert domain.scale[0] < 1.2 * clean.scale[0]
    assert domain.scale[1] == clean.scale[1]
    said = " ".join(domain.messages(items))
    assert "1 training value is far outside" in said
    assert "a (1)" in said


def test_normal_values_are_not_clipped_and_rare_ones_are_not_lost() -> None:
    normal = np.random.default_rng(2).normal(size=(20_000, 1))
    low, high = bounds(normal)
    assert (low, high) == (normal.min(), normal.max())
    rare = np.zeros((10_000, 1))
    rare[:3] = 5.0
    assert bounds(rare)[1] == 5.0
    items = Items(x=rare, columns=("rare",))
    domain = Columns().fit(items)
    assert (domain.high[0] - domain.mean[0]) / domain.scale[0] > HEAVY
    assert "heavy tails" in " ".join(domain.messages(items))


@pytest.mark.parametrize(
    ("values", "expected"),
    [((1.0, 2.0), 0), ((1.5, 2.0), 1), ((49.676899, 51.0), 6), ((1 / 3, 2.0), -1), ((0.1, 0.25), 2), ((-3e15, 7.0), 0)],
)
def test_decimals(values: tuple[float, ...], expected: int) -> None:
    assert decimals(np.array(values)) == expected


def test_what_cannot_be_learnt_is_refused() -> None:
    constant = Items(x=np.ones((30, 2)), columns=("a", "b"))
    with pytest.raises(DataError, match="one value"):
        Columns().fit(constant).spec(constant)
    with pytest.raises(DataError, match="floats"):
        Columns().fit(Items(x=np.ones((30, 2), np.uint8)))
    with pytest.raises(DataError, match=r"income.*pay"):
        Columns().fit(table()).fit(Items(x=table().x, columns=("pay", "score", "", "version", "age")))


def test_the_fitted_numbers_and_names_stand_in_the_recipe() -> None:
    domain = Columns().fit(table())
    recipe = override(ring(), {"scores": []})
    kept = from_yaml(to_yaml(type(recipe)(**{**vars(recipe), "domain": domain})))
    assert kept.domain == domain
    assert domain.fit(table()) is domain


def test_points_in_the_plane_keep_their_one_scale() -> None:
    assert domain_of(Ring(samples=50).items("train")) == Points()
    assert domain_of(table()) == Columns()

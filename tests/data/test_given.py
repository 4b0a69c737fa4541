"""Further arrays of the same items: they stay with their items through splits, orders, changes on the fly and ranks of
batches.
"""

from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import pytest
import torch

from ganvas.augment.flip import Flip
from ganvas.augment.shift import Shift
from ganvas.base.errors import DataError
from ganvas.base.types import TensorSpec
from ganvas.data.source import Items
from ganvas.recipes import override, prepare, recipe

N = 40


@dataclass(frozen=True)
class Pairs:
    """Grey images, their negatives in colour as the other half of each pair, a length and a vector for each."""

    def items(self, split: Literal["train", "val", "test"]) -> Items:
        rng = np.random.default_rng(("train", "val", "test").index(split))
        x = rng.integers(0, 256, (N, 6, 6, 1), np.uint8)
        given: dict[str, Any] = {
            "negative": np.repeat(255 - x, 3, axis=3),
            "length": x[:, 0, 0, 0].astype(np.int16),
            "vector": x[:, 0, :3, 0] / 255.0,
        }
        return Items(x=x, given=given)


def experiment(*transforms: Any) -> Any:
    base = recipe("dcgan")
    return prepare(replace(override(base, {"scores": [], "batch_samples": 8}), source=Pairs(), transforms=transforms))


def test_the_spec_has_their_shapes_and_dtypes() -> None:
    found = experiment()
    assert found.spec.given == {
        "negative": TensorSpec((3, 6, 6), "float32"),
        "length": TensorSpec((), "int64"),
        "vector": TensorSpec((3,), "float32"),
    }
    assert type(found.spec).from_json({**vars(found.spec)}) == found.spec


@pytest.mark.parametrize("position", [0, 36, 77])
def test_they_stay_with_their_items_in_every_order(position: int) -> None:
    batch = experiment().stream("train", training=True).batch(position, 8)
    torch.testing.assert_close(batch.given["negative"], (-batch.x).expand(-1, 3, -1, -1), atol=1e-6, rtol=0)
    values = ((batch.x + 1) * 127.5).round()
    assert torch.equal(batch.given["length"], values[:, 0, 0, 0].long())
    torch.testing.assert_close(batch.given["vector"], values[:, 0, 0, :3] / 255)
    half = batch.rows(range(4, 8))
    assert torch.equal(half.given["length"], batch.given["length"][4:])


@pytest.mark.parametrize("transform", [Flip(), Shift(2)], ids=lambda part: type(part).__name__)
def test_both_halves_of_a_pair_are_flipped_and_shifted_alike(transform: Any) -> None:
    plain, changed = (experiment(*more).stream("train", training=True).batch(0, 32) for more in ((), (transform,)))
    assert torch.equal(plain.index, changed.index)
    assert not torch.equal(plain.x, changed.x)
    torch.testing.assert_close(changed.given["negative"], (-changed.x).expand(-1, 3, -1, -1), atol=1e-6, rtol=0)
    assert torch.equal(plain.given["vector"], changed.given["vector"])


def test_they_count_for_the_fingerprint_and_must_be_as_many() -> None:
    items = Pairs().items("train")
    other = replace(items, given={**items.given, "length": items.given["length"] + 1})
    assert len({items.fingerprint, other.fingerprint, replace(items, given={}).fingerprint}) == 3
    with pytest.raises(DataError, match="39 of 'length'"):
        replace(items, given={"length": items.given["length"][1:]})

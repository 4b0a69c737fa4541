"""A few labels a class, and labels that come with a further stream."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from ganvas.base.errors import DataError
from ganvas.data.labelled_subset import LabelledSubset
from ganvas.data.mnist import Mnist
from ganvas.data.source import Items, Split
from ganvas.data.stream import Store, Stream, Streams
from ganvas.domains.images import Images


def test_ten_a_class_of_the_training_split_alone() -> None:
    few, whole = LabelledSubset(Mnist(), per_class=10), Mnist()
    items = few.items("train")
    assert items.y is not None
    assert np.bincount(items.y).tolist() == [10] * 10
    assert len(set(items.id)) == 100
    assert items.id.max() < 50_000, "val and test stand behind"
    train = whole.items("train")
    assert train.y is not None
    assert np.array_equal(items.x, train.x[items.id])
    assert np.array_equal(items.y, train.y[items.id])
    for split in ("val", "test"):
        assert few.items(split).fingerprint == whole.items(split).fingerprint


def test_the_seed_chooses() -> None:
    def ids(seed: int) -> list[int]:
        return LabelledSubset(Mnist(), seed=seed).items("train").id.tolist()

    assert ids(0) == ids(0)
    assert len(set(ids(0)) & set(ids(1))) < 10
    more = LabelledSubset(Mnist(), per_class=20).items("train").id
    assert set(ids(0)) <= set(more), "more labels of the same seed are these and others"


class Unlabelled:
    """MNIST without its labels."""

    def items(self, split: str) -> Items:
        return Items(x=Mnist().items("val").x[:20])


def test_what_cannot_be_chosen_is_said() -> None:
    with pytest.raises(DataError, match="fewer than per_class"):
        LabelledSubset(Mnist(), per_class=6_000).items("train")
    with pytest.raises(DataError, match="the data have none"):
        LabelledSubset(Unlabelled()).items("train")


class Known:
    """MNIST with fingerprints that are known already."""

    def items(self, split: Split) -> Items:
        return replace(Mnist().items(split), sha256=64 * "f")


def test_a_few_have_a_fingerprint_of_their_own() -> None:
    few = LabelledSubset(Known()).items("train")
    assert few.fingerprint == LabelledSubset(Mnist()).items("train").fingerprint
    assert few.fingerprint != LabelledSubset(Known(), per_class=20).items("train").fingerprint
    assert LabelledSubset(Known()).items("val").fingerprint == 64 * "f"


def stream(items: Items, name: str) -> Stream:
    domain = Images().fit(items)
    return Stream(Store(domain.encode(items), items.y), domain, (), seed=0, name=name)


def test_labels_come_along_with_a_further_stream() -> None:
    few = LabelledSubset(Mnist()).items("train")
    assert few.y is not None
    main = stream(Mnist().items("val"), "data")
    batch = Streams(main, {"labelled": stream(few, "labelled"), "plain": stream(replace(few, y=None), "plain")}).batch(
        30, 50
    )
    assert set(batch.given) == {"labelled", "labelled.y", "plain"}
    stored = {
        picture.tobytes(): int(y)
        for picture, y in zip(Images().fit(few).to_tensor(torch.from_numpy(few.x)).numpy(), few.y, strict=True)
    }
    told = [stored[picture.permute(1, 2, 0).numpy().tobytes()] for picture in batch.given["labelled"]]
    assert told == batch.given["labelled.y"].tolist(), "each picture has its own label"
    assert torch.equal(batch.x, main.batch(30, 50).x)
    half = batch.rows(range(25, 50))
    assert torch.equal(half.given["labelled.y"], batch.given["labelled.y"][25:])

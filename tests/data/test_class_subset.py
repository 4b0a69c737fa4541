"""Some classes of a source, without labels."""

import numpy as np
import pytest

from ganvas.base.errors import DataError
from ganvas.data import ClassSubset, Items, Mnist, Ring


def test_every_split_has_these_classes_alone() -> None:
    for split in ("val", "test"):
        whole = Mnist().items(split)
        few = ClassSubset(Mnist(), classes=("3", "7")).items(split)
        assert whole.y is not None
        rows = np.flatnonzero(np.isin(whole.y, (3, 7)))
        assert np.array_equal(few.x, whole.x[rows])
        assert np.array_equal(few.id, whole.id[rows])
        assert few.y is None
        assert few.classes == ()
        assert few.fingerprint != whole.fingerprint


def test_what_is_refused() -> None:
    with pytest.raises(DataError, match="'ten'"):
        ClassSubset(Mnist(), classes=("0", "ten")).items("val")
    with pytest.raises(DataError, match="no class is named"):
        ClassSubset(Mnist(), classes=()).items("val")

    class Unlabelled:
        def items(self, split: str) -> Items:
            return Items(x=Ring(modes=8, samples=20).items("train").x)

    with pytest.raises(DataError, match="no class"):
        ClassSubset(Unlabelled(), classes=("0",)).items("val")

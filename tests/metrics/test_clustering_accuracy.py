"""The naming of categories."""

import itertools

import pytest
import torch
from scipy.optimize import linear_sum_assignment  # type: ignore[import-untyped]

from ganvas.base.errors import UsageError
from ganvas.base.types import Batch, Spec
from ganvas.data.mnist import Mnist
from ganvas.domains.images import Images
from ganvas.metrics.clustering_accuracy import CodeAccuracy, best_naming
from ganvas.metrics.digits import SPEC


@pytest.mark.parametrize("seed", range(4))
def test_the_naming_is_the_best_there_is(seed: int) -> None:
    counts = torch.randint(0, 100, (5, 5), generator=torch.Generator().manual_seed(seed))
    best, names = best_naming(counts)
    assert best == max(
        sum(int(counts[i, p]) for i, p in enumerate(order)) for order in itertools.permutations(range(5))
    )
    assert best == sum(int(counts[i, name]) for i, name in enumerate(names))
    assert sorted(names) == list(range(5))
    large = torch.randint(0, 1000, (10, 10), generator=torch.Generator().manual_seed(seed))
    rows, columns = linear_sum_assignment(large.numpy(), maximize=True)
    assert best_naming(large)[0] == int(large[rows, columns].sum())


def test_digits_under_other_names_are_all_right_and_shuffled_ones_are_not() -> None:
    items = Mnist().items("val")
    assert items.y is not None
    domain, rows = Images().fit(items), slice(0, 500)
    x, y = domain.to_tensor(torch.from_numpy(domain.encode(items)[rows].copy())), torch.from_numpy(items.y[rows])
    (named,) = CodeAccuracy(n=500).measure(real=Batch(x=x, y=y), fake=Batch(x=x, y=(3 * y + 1) % 10))
    assert named.value > 0.98
    assert named.n == 500
    (mixed,) = CodeAccuracy(n=500).measure(
        real=Batch(x=x, y=y), fake=Batch(x=x, y=y[torch.randperm(500, generator=torch.Generator().manual_seed(0))])
    )
    assert 0.1 < mixed.value < 0.25
    (merged,) = CodeAccuracy(n=500).measure(real=Batch(x=x, y=y), fake=Batch(x=x, y=y // 2))
    assert merged.value < 0.65, "one name a category: two digits in one cannot both be right"
    assert CodeAccuracy(n=500).measure(real=Batch(x=x, y=y), fake=Batch(x=x)) == ()


def test_other_data_are_refused() -> None:
    with pytest.raises(UsageError, match="28 x 28"):
        CodeAccuracy().check_spec(Spec("points", (2,), bounded=False), "samples")
    with pytest.raises(UsageError):
        CodeAccuracy().check_spec(SPEC, "classes")
    CodeAccuracy().check_spec(SPEC, "samples")

"""Scores of pictures without trained weights: how they answer to what is known to be worse, and that they are the same
everywhere.
"""

from functools import cache

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from ganvas.base.draws import permutation, uniform_rows
from ganvas.base.errors import UsageError
from ganvas.base.types import Batch, Spec
from ganvas.data.mnist import Mnist
from ganvas.metrics.contract import Metric, Result
from ganvas.metrics.duplicates import duplicate_score, duplicates
from ganvas.metrics.pictures import PictureScores
from ganvas.metrics.random_features import (
    FEATURES,
    RandomConvolutions,
    random_features,
    random_weights,
    random_weights_sha256,
)

METRIC = PictureScores(n=5_000, space="random")
WEIGHTS = {1: "e1217cbbeda01682", 3: "d484c8521e9a4a5d"}  # SHA-256 by channels


@cache
def digits(start: int, n: int) -> Tensor:
    return (
        torch.from_numpy(Mnist().items("train").x[start : start + n].copy()).permute(0, 3, 1, 2).float() * (2 / 255) - 1
    )


def scores(real: Tensor, fake: Tensor) -> dict[str, Result]:
    return {result.name: result for result in METRIC.measure(real=Batch(x=real), fake=Batch(x=fake))}


def frechet(real: Tensor, fake: Tensor) -> float:
    return scores(real, fake)["random_frechet"].value


def blurred(x: Tensor, times: int) -> Tensor:
    for _ in range(times):
        x = F.avg_pool2d(x, 3, 1, 1, count_include_pad=False)
    return x


def test_it_is_a_metric_with_its_headline_first() -> None:
    assert isinstance(METRIC, Metric)
    first, *rest = METRIC.measure(real=Batch(x=digits(0, 300)), fake=Batch(x=digits(300, 300)))
    assert first.name == "random_frechet"
    assert first.error is not None
    assert 0 < first.error < first.value
    names = ["precision", "recall", "density", "coverage", "clipped_density", "clipped_coverage"]
    assert [result.name for result in rest if "infinity" not in result.name] == [
        *(f"random_{name}" for name in names),
        "duplicates",
    ]


def test_a_set_and_itself() -> None:
    same = scores(digits(0, 400), digits(0, 400))
    assert abs(same["random_frechet"].value) < 1e-6
    assert same["random_precision"].value == same["random_recall"].value == same["random_coverage"].value == 1
    assert same["duplicates"].value < 0.01


def test_symmetric() -> None:
    one, other = digits(0, 400), blurred(digits(400, 400), 1)
    assert frechet(one, other) == pytest.approx(frechet(other, one), rel=1e-6)
    there, back = scores(one, other), scores(other, one)
    assert there["random_precision"].value == back["random_recall"].value


@pytest.mark.parametrize("kind", ["noise", "blur", "brightness"])
def test_it_grows_with_what_is_wrong(kind: str) -> None:
    real, fake = digits(0, 600), digits(600, 600)
    noise = torch.from_numpy(uniform_rows(("noise",), range(600), 784)).float().view(600, 1, 28, 28) * 2 - 1
    changed = {
        "noise": [fake + size * noise for size in (0.0, 0.3, 0.6, 1.0)],
        "blur": [blurred(fake, times) for times in (0, 1, 2, 4)],
        "brightness": [fake + size for size in (0.0, 0.2, 0.5, 1.0)],
    }
    rising = [frechet(real, x) for x in changed[kind]]
    assert rising == sorted(rising)
    assert rising[-1] > 5 * rising[0]


def test_a_lost_class_costs_recall_and_coverage() -> None:
    y = torch.from_numpy(Mnist().items("train").y[1000:3000].copy())  # type: ignore[index]
    without = digits(1000, 2000)[y >= 3]
    whole, lost = scores(digits(0, 1000), digits(1000, 1000)), scores(digits(0, 1000), without[:1000])
    assert lost["random_frechet"].value > 2 * whole["random_frechet"].value
    assert lost["random_coverage"].value < whole["random_coverage"].value - 0.1


def test_ten_pictures_over_and_over_are_duplicates() -> None:
    repeated = scores(digits(0, 300), digits(300, 10).repeat(30, 1, 1, 1))
    assert repeated["duplicates"].value == 1
    assert repeated["random_coverage"].value < 0.3
    assert scores(digits(0, 300), digits(300, 300))["duplicates"].value < 0.01


def test_the_share_of_duplicates_is_counted() -> None:
    fakes = torch.cat([digits(300, 200), digits(300, 100)])  # 100 pictures twice, 100 once
    assert duplicates(digits(0, 300), fakes) == pytest.approx(2 / 3, abs=0.01)
    nearly = torch.cat([fakes[:200], fakes[200:] + 0.05])
    assert duplicates(digits(0, 300), nearly) == pytest.approx(2 / 3, abs=0.01)
    assert duplicates(digits(0, 10), digits(0, 1)) == 0
    assert duplicate_score(real=digits(0, 300), fake=fakes).error == pytest.approx(
        (2 * 2 / 3 / 3 / 300) ** 0.5, rel=0.05
    )


def test_the_order_does_not_count() -> None:
    real, fake = digits(0, 300), blurred(digits(300, 300), 1)
    shuffled = scores(real[torch.from_numpy(permutation((1,), 300))], fake[torch.from_numpy(permutation((2,), 300))])
    for name, result in scores(real, fake).items():
        assert shuffled[name].value == pytest.approx(result.value, rel=1e-4), name


def test_few_pictures_carry_few_features() -> None:
    assert [RandomConvolutions(1).frechet_features(n) for n in (50, 128, 255, 256, 1000, 4096, 10**6)] == [
        8,
        8,
        8,
        16,
        32,
        256,
        256,
    ]
    few = scores(digits(0, 50), digits(50, 50))
    assert few["random_frechet"].protocol["count"] == 8
    assert all(np.isfinite(result.value) for result in few.values())
    assert few["random_frechet"].value < frechet(digits(0, 50), torch.zeros(50, 1, 28, 28))


@pytest.mark.parametrize("shape", [(1, 8, 8), (3, 33, 21), (4, 16, 16), (3, 256, 100)])
def test_any_size_and_channels(shape: tuple[int, ...]) -> None:
    x = torch.from_numpy(uniform_rows(("x",), range(12), int(np.prod(shape)))).float().view(12, *shape) * 2 - 1
    seen = random_features(x)
    assert seen.shape == (12, FEATURES)
    assert torch.isfinite(seen).all()
    assert seen.std(0).mean() > 0
    torch.testing.assert_close(random_features(x[5:6]), seen[5:6], rtol=1e-4, atol=1e-5)


def test_numbers_that_are_none_are_scored_as_a_file_would_hold_them() -> None:
    assert np.isfinite(frechet(digits(0, 64), torch.full((64, 1, 28, 28), float("nan"))))


def test_the_weights_are_the_same_everywhere() -> None:
    for channels, begins in WEIGHTS.items():
        assert random_weights_sha256(channels).startswith(begins), (
            "other weights make other scores: runs of before cannot be compared"
        )
    for kernel in random_weights(3):
        assert float(kernel.var() * kernel[0].numel()) == pytest.approx(2, rel=0.1)


def test_results_say_how_they_were_made() -> None:
    protocol = scores(digits(0, 64), digits(64, 64))["random_frechet"].protocol
    assert protocol["weights_sha256"] == random_weights_sha256(1)
    assert {"features", "layers", "weights_seed", "count"} <= protocol.keys()


def test_only_pictures_are_scored() -> None:
    PictureScores().check_spec(Spec("images", (3, 32, 32), True), "samples")
    with pytest.raises(UsageError, match="PictureScores needs"):
        PictureScores().check_spec(Spec("points", (2,), False), "samples")
    with pytest.raises(UsageError, match="PictureScores needs"):
        PictureScores().check_spec(Spec("images", (3, 32, 32), True, ("a",)), "classes")

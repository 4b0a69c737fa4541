"""Stacked digits: known hits, known divergences, what misread digits do to a count of modes."""

import math
from typing import Any

import numpy as np
import pytest
import torch
from scipy import stats  # type: ignore[import-untyped]
from torch import Tensor

from ganvas.base.errors import DataError, UsageError
from ganvas.base.types import Batch, Spec
from ganvas.data.stacked_mnist import StackedMnist
from ganvas.metrics import stacked as module
from ganvas.metrics.contract import Result
from ganvas.metrics.digits import digit_weights
from ganvas.metrics.stacked import StackedModes, evenness, read_numbers

HUNDRED = Spec("images", (2, 28, 28), True, classes=tuple(f"{k:02d}" for k in range(100)))


def drawn(n: int, digits: Any = 2) -> Batch:
    items = StackedMnist(digits=digits, held_out=n).items("test")
    return Batch(
        x=torch.from_numpy(items.x.transpose(0, 3, 1, 2).copy()).float() / 127.5 - 1,
        y=torch.from_numpy(np.asarray(items.y)),
    )


def named(results: tuple[Result, ...]) -> dict[str, float]:
    return {result.name: result.value for result in results}


@pytest.mark.parametrize("digits", [2, 3])
def test_real_digits_are_read(digits: int) -> None:
    real = drawn(600, digits)
    assert real.y is not None
    assert (read_numbers(real.x) == real.y).double().mean() > 0.97


def test_modes_of_real_and_of_collapsed_data(monkeypatch: pytest.MonkeyPatch) -> None:
    real = drawn(2000)
    assert real.y is not None
    seen = read_numbers(real.x)
    monkeypatch.setattr(
        module, "read_numbers", lambda x: seen[x[:, 0, 0, 0].long()]
    )  # reading takes seconds, so once is enough
    places = torch.arange(2000.0).view(-1, 1, 1, 1).repeat(1, 2, 1, 1)
    metric = StackedModes(n=2000)
    metric.check_spec(HUNDRED, "samples")
    results = metric.measure(real=real, fake=Batch(x=places))
    found = named(results)
    assert (found["modes"], found["modes_often"]) == (100, 100)
    assert found["kl"] == pytest.approx(99 / 4000, rel=0.5)
    assert found["kl_corrected"] < 0.01
    assert results[0].name == "modes_often"
    assert results[0].protocol["weights_sha256"] == digit_weights()[1]
    half = places[real.y < 50]
    collapsed = named(metric.measure(real=real, fake=Batch(x=half)))
    assert collapsed["modes_often"] == 50
    assert collapsed["modes"] >= 50, "a misread digit is a mode of its own"
    assert collapsed["kl_corrected"] == pytest.approx(math.log(2), abs=0.06)
    few = named(metric.measure(real=real, fake=Batch(x=places[:900])))
    assert "kl_corrected" not in few, "nine samples a mode are too few to take the bias off"
    one = named(metric.measure(real=real, fake=Batch(x=places[:1].repeat(300, 1, 1, 1))))
    assert (one["modes"], one["modes_often"]) == (1, 1)
    assert one["kl"] == pytest.approx(math.log(100))


@pytest.mark.parametrize(("accuracy", "inflated"), [(0.9925, 468), (0.98, 734)])
def test_misread_digits_inflate_modes_but_not_those_that_are_hit_often(
    accuracy: float, inflated: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hundred of a thousand modes, 26,000 samples, errors spread evenly: about 468 modes are counted at 99.25 % and
    734 at 98 %.
    """
    generator = np.random.default_rng(0)
    modes = generator.choice(1000, 100, replace=False)[generator.integers(0, 100, 26_000)]
    digits = np.stack([modes // 100, modes // 10 % 10, modes % 10], 1)
    wrong = generator.random(digits.shape) > accuracy
    seen = np.where(wrong, (digits + generator.integers(1, 10, digits.shape)) % 10, digits)
    monkeypatch.setattr(module, "read_numbers", lambda x: torch.from_numpy(seen @ np.array([100, 10, 1])))
    found = named(StackedModes().measure(real=Batch(x=torch.zeros(0)), fake=Batch(x=torch.zeros(26_000, 3))))
    assert found["modes"] == pytest.approx(inflated, rel=0.05)
    assert 100 <= found["modes_often"] <= 150


def test_the_divergence_is_that_of_scipy() -> None:
    hits = torch.from_numpy(np.random.default_rng(1).integers(0, 9, 100))
    assert evenness(hits).counted == pytest.approx(stats.entropy(hits.numpy(), np.full(100, 0.01)), rel=1e-12)
    assert evenness(torch.full((50,), 7)).counted == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("skew", [0.0, 1.0])
def test_the_correction_and_the_error_hold_in_simulation(skew: float) -> None:
    p = np.exp(-skew * np.arange(100) / 100)
    p /= p.sum()
    truth = math.log(100) + float((p * np.log(p)).sum())
    found = [evenness(torch.from_numpy(np.random.default_rng(seed).multinomial(1000, p))) for seed in range(400)]
    assert np.mean([each.counted for each in found]) == pytest.approx(truth + 99 / 2000, rel=0.05)
    assert np.mean([each.corrected for each in found]) == pytest.approx(truth, abs=0.003)
    assert np.mean([each.error for each in found]) == pytest.approx(np.std([each.counted for each in found]), rel=0.2)


@pytest.mark.parametrize(
    ("spec", "makes"),
    [
        (HUNDRED, "classes"),
        (Spec("images", (1, 28, 28), True, classes=HUNDRED.classes), "samples"),
        (Spec("images", (2, 32, 32), True, classes=HUNDRED.classes), "samples"),
        (Spec("images", (2, 28, 28), True), "samples"),
        (Spec("points", (2,), False, classes=HUNDRED.classes), "samples"),
    ],
)
def test_other_data_are_refused(spec: Spec, makes: str) -> None:
    with pytest.raises(UsageError, match="StackedModes needs"):
        StackedModes().check_spec(spec, makes)


@pytest.mark.parametrize(
    ("fake", "said"),
    [(torch.full((3, 2, 28, 28), math.nan), "not finite"), (torch.zeros(0, 2, 28, 28), "no samples|empty")],
)
def test_bad_fakes(fake: Tensor, said: str) -> None:
    with pytest.raises(DataError, match=said):
        StackedModes().measure(real=Batch(x=fake), fake=Batch(x=fake))

"""Distances of waves: zero for equal ones, by hand, worse for worse."""

import pytest
import torch

from ganvas.base.errors import DataError, UsageError
from ganvas.base.types import Batch, Spec, TensorSpec
from ganvas.metrics.vocoder_scores import VocoderScores, stft_distance
from ganvas.ops.mel import Mel

MEL = Mel(rate=8000, size=256, window=256, hop=64, filters=20, high=0.0)


def waves(seed: int = 0) -> torch.Tensor:
    return 0.1 * torch.randn(70, 1, 1024, generator=torch.Generator().manual_seed(seed))


def scores(real: torch.Tensor, fake: torch.Tensor) -> dict[str, float]:
    return {each.name: each.value for each in VocoderScores(mel=MEL).measure(real=Batch(x=real), fake=Batch(x=fake))}


def test_equal_waves_have_no_distance_and_worse_ones_more() -> None:
    x = waves()
    assert scores(x, x) == {"mel_l1": 0, "stft_distance": 0}
    near, far = scores(x, x + 0.1 * waves(1)), scores(x, waves(1))
    assert 0 < near["mel_l1"] < far["mel_l1"]
    assert 0 < near["stft_distance"] < far["stft_distance"]


def test_half_as_loud_by_hand() -> None:
    x = waves()
    half = scores(x, x / 2)
    assert half["mel_l1"] == pytest.approx(0.6931, abs=1e-3)
    assert half["stft_distance"] == pytest.approx(0.5 + 0.6931, abs=2e-3)
    assert float(stft_distance(x[:1], -x[:1])) == 0, "a phase does not count"


def test_the_mean_and_its_error_are_those_of_all_pairs() -> None:
    x, y = waves(), waves(1)
    found = VocoderScores(mel=MEL).measure(real=Batch(x=x), fake=Batch(x=y))[0]
    each = (MEL.of(x) - MEL.of(y)).abs().flatten(1).mean(1)
    assert found.value == pytest.approx(float(each.mean()), rel=1e-5)
    assert found.error == pytest.approx(float(each.std() / 70**0.5), rel=1e-4)
    assert found.protocol["mel"]["hop"] == 64


def test_other_data_are_refused() -> None:
    metric = VocoderScores(mel=MEL)
    good = Spec("audio", (1, 1024), True, given={"mel": TensorSpec((20, 16))}, settings={"rate": 8000})
    metric.check_spec(good, "samples")
    for spec in (Spec("images", (1, 8, 8), True), Spec("audio", (1, 1024), True, settings={"rate": 16000})):
        with pytest.raises(UsageError, match="waves of 8,000 Hz"):
            metric.check_spec(spec, "samples")
    with pytest.raises(DataError, match="no pairs"):
        scores(waves(), waves()[:3])
    with pytest.raises(DataError, match="finite"):
        scores(waves(), waves() * float("nan"))

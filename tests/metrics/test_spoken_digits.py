"""The classifier of spoken digits that comes with ganvas, and the scores in its features."""

from dataclasses import asdict, replace
from typing import Any

import pytest
import torch

from ganvas.base.errors import UsageError
from ganvas.base.types import Batch, Spec
from ganvas.domains.mels import Mels
from ganvas.metrics import spoken_digits
from ganvas.metrics.spoken_digit_scores import SpokenDigitScores
from ganvas.metrics.spoken_digits import LENGTH, SPEC, SpokenDigits, spoken_classifier


def sounds(n: int = 60, seed: int = 0, length: int = LENGTH) -> torch.Tensor:
    """Noises of three bands that come and go."""
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(n, 1, length, generator=generator)
    for row in range(n):
        for _ in range(row % 3):
            x[row] = (x[row] + x[row].roll(1)) / 2
    return 0.2 * x * torch.sin(torch.linspace(0, 9, length)) ** 2


def test_the_features_are_those_of_the_network() -> None:
    """Its weights are half as exact as float32, so their sum is pinned by the hash in the protocol."""
    x = sounds(3)
    found = SpokenDigits().extract(x)
    verdict = spoken_classifier()(x)
    assert found.features.shape == (3, 128)
    torch.testing.assert_close(found.features, verdict.features[0])
    torch.testing.assert_close(found.probabilities, verdict.classes.softmax(1))
    alone = SpokenDigits().extract(x[1:2])
    torch.testing.assert_close(alone.features, found.features[1:2], rtol=0, atol=1e-5)
    assert len(str(SpokenDigits().describe()["weights_sha256"])) == 64


def test_a_second_is_heard_whatever_the_length_and_nearly_whatever_the_level() -> None:
    x = sounds(2, length=9000)
    features = SpokenDigits().extract(x).features
    torch.testing.assert_close(SpokenDigits().extract(x[..., :LENGTH]).features, features)
    silent = torch.nn.functional.pad(x[..., :5000], (0, 9000))
    torch.testing.assert_close(SpokenDigits().extract(x[..., :5000]).features, SpokenDigits().extract(silent).features)
    quieter = SpokenDigits().extract(x / 2).probabilities
    torch.testing.assert_close(quieter, SpokenDigits().extract(x).probabilities, rtol=0, atol=0.05)


def test_the_scores_of_equal_and_of_other_sounds() -> None:
    x, y = sounds(80), torch.arange(80) % 10
    read = SpokenDigits().extract(x).probabilities
    assert read is not None
    same = SpokenDigitScores(n=80).measure(real=Batch(x=x, y=y), fake=Batch(x=x, y=read.argmax(1)))
    values = {each.name: each.value for each in same}
    assert same[0].name == "spoken_frechet"
    assert values["spoken_frechet"] == pytest.approx(0, abs=1e-3)
    assert values["read_as_asked"] == pytest.approx(1, abs=0.02)  # 16 bits
    kl = (read * (read.log() - read.mean(0).log())).sum(1).mean().exp()
    assert values["spoken_inception_score"] == pytest.approx(float(kl), abs=0.05)
    assert sum(values[f"share_{digit}"] for digit in range(10)) == pytest.approx(1)
    other = SpokenDigitScores(n=80).measure(real=Batch(x=x, y=y), fake=Batch(x=x.roll(4000, 2).cumsum(2) / 40, y=y))
    assert other[0].value > 1


def test_spectrograms_are_scored_as_the_waves_that_a_person_gets() -> None:
    domain = Mels()
    x = torch.rand(50, 1, 80, 64, generator=torch.Generator().manual_seed(0)) * 2 - 1
    metric = SpokenDigitScores(n=50, mel=domain.mel)
    heard = metric.waves(x[:4])
    assert heard.shape == (4, 1, LENGTH)
    assert torch.equal((heard[:, 0] * 32_768).short(), torch.from_numpy(domain.decode(x[:4])))


def test_data_that_it_cannot_score_are_refused() -> None:
    metric: Any = SpokenDigitScores()
    metric.check_spec(SPEC, "samples")
    wrong: list[tuple[Spec, str]] = [
        (SPEC, "classes"),
        (replace(SPEC, classes=("a", "b")), "samples"),
        (replace(SPEC, settings={"rate": 16_000}), "samples"),
        (replace(SPEC, shape=(1, 80, 64)), "samples"),
    ]
    for spec, output in wrong:
        with pytest.raises(UsageError, match="digits"):
            metric.check_spec(spec, output)
    mels = Mels()
    settings = {"rate": 8000, "mel": asdict(mels.mel), "range": [mels.low, mels.high]}
    spec = replace(SPEC, domain="mels", shape=(1, 80, 64), settings=settings)
    SpokenDigitScores(mel=mels.mel).check_spec(spec, "samples")
    with pytest.raises(UsageError, match="digits"):
        SpokenDigitScores(mel=replace(mels.mel, hop=64)).check_spec(spec, "samples")
    with pytest.raises(UsageError, match="digits"):
        SpokenDigitScores(mel=mels.mel, high=2.0).check_spec(spec, "samples")
    assert spoken_digits.SpokenDigits().covers((1, 9000))

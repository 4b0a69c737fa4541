"""Metrics against closed forms and published tools, and how they answer to what is known to be worse."""

import hashlib
import math
from collections.abc import Callable
from importlib import resources
from typing import Any

import numpy as np
import pytest
import torch
from jaxtyping import config as checked_shapes

from clouds import normals
from ganvas.base.errors import DataError, UsageError
from ganvas.base.types import Batch
from ganvas.data.mnist import Mnist
from ganvas.data.points import Ring
from ganvas.metrics.accuracy import Accuracy
from ganvas.metrics.answer_scores import AnswerScores
from ganvas.metrics.class_maps import MapAgreement
from ganvas.metrics.clustering_accuracy import CodeAccuracy
from ganvas.metrics.columns import ColumnScores
from ganvas.metrics.contract import Metric, Result, require_comparable
from ganvas.metrics.digit_mlp_scores import DigitMlpScores
from ganvas.metrics.digit_scores import DigitScores
from ganvas.metrics.digits import digit_features
from ganvas.metrics.frechet import frechet_of_features, frechet_with_error
from ganvas.metrics.kernel import kernel_distance
from ganvas.metrics.modes import ModeCoverage
from ganvas.metrics.moving_digit_scores import MovingDigitScores
from ganvas.metrics.oracle_likelihood import OracleLikelihood
from ganvas.metrics.perceptual import Perceptual
from ganvas.metrics.pictures import PictureScores
from ganvas.metrics.prdc import prdc
from ganvas.metrics.prediction_information import PredictionInformation
from ganvas.metrics.restoration import HoleError, Restoration
from ganvas.metrics.series_scores import SeriesScores
from ganvas.metrics.shape_scores import ShapeScores
from ganvas.metrics.sliced import sliced_distance
from ganvas.metrics.spoken_digit_scores import SpokenDigitScores
from ganvas.metrics.stacked import StackedModes
from ganvas.metrics.table_scores import TableScores
from ganvas.metrics.text_scores import TextScores
from ganvas.metrics.translated_digits import TranslatedDigits
from ganvas.metrics.vocoder_scores import VocoderScores
from ganvas.recipes.discover import fits, parts


def test_all_metrics_are_tested() -> None:
    tested = {
        Accuracy,
        AnswerScores,  # test_answer_scores.py
        CodeAccuracy,
        ColumnScores,
        DigitMlpScores,
        DigitScores,
        ModeCoverage,
        HoleError,
        MapAgreement,  # test_class_maps.py
        MovingDigitScores,  # test_moving_digit_scores.py
        OracleLikelihood,  # test_lstm_oracle.py
        Perceptual,
        PictureScores,
        PredictionInformation,  # test_prediction_information.py
        Restoration,
        SeriesScores,  # test_series_scores.py
        ShapeScores,  # test_shape_scores.py
        SpokenDigitScores,  # test_spoken_digits.py
        StackedModes,
        TableScores,  # test_table_scores.py
        TextScores,  # test_text_scores.py
        TranslatedDigits,  # test_translated_digits.py
        VocoderScores,  # test_vocoder_scores.py
    }
    assert {part for part in parts().values() if fits(part, Metric)} == tested


def ring(split: Any) -> Batch:
    items = Ring(samples=20_000).items(split)
    return Batch(x=torch.from_numpy(items.x), y=torch.from_numpy(items.y))


def values(results: tuple[Result, ...]) -> dict[str, float]:
    return {result.name: result.value for result in results}


def test_modes_of_the_true_mixture() -> None:
    found = values(ModeCoverage().measure(real=ring("val"), fake=Batch(x=ring("test").x)))
    assert found["modes"] == 8
    assert found["quality"] == pytest.approx(
        1 - math.exp(-4.5), abs=0.01
    )  # of a plane's Gaussian within 3 standard deviations
    assert 0 <= found["kl"] < 0.02


def test_modes_of_a_collapsed_generator() -> None:
    real, other = ring("val"), ring("test")
    one = other.x[other.y == 3]
    found = values(ModeCoverage().measure(real=real, fake=Batch(x=one)))
    assert found["modes"] == 1
    assert found["kl"] == pytest.approx(math.log(8), abs=0.1)
    blurred = values(
        ModeCoverage().measure(real=real, fake=Batch(x=other.x + 0.05 * normals(*other.x.shape, dtype=torch.float32)))
    )
    assert blurred["quality"] < 0.3
    assert values(ModeCoverage().measure(real=real, fake=Batch(x=0 * one)))["modes"] == 0


def digits(split: Any, n: int = 10_000) -> Batch:
    items = Mnist().items(split)
    return Batch(
        x=torch.from_numpy(items.x[:n].transpose(0, 3, 1, 2).copy()).float() / 127.5 - 1,
        y=torch.from_numpy(np.asarray(items.y)[:n]),
    )


@pytest.fixture(scope="module")
def test_digits() -> Batch:
    return digits("test")


def test_the_digit_classifier_reads_mnist(test_digits: Batch) -> None:
    assert test_digits.y is not None
    embedded, read = digit_features(test_digits.x)
    assert embedded.shape == (10_000, 128)
    assert (read == test_digits.y).double().mean() >= 0.993


def test_digit_scores(test_digits: Batch) -> None:
    n = 1000
    real = test_digits.rows(range(n))
    fake = digits("val", n)
    weights = hashlib.sha256((resources.files("ganvas.metrics") / "digits.safetensors").read_bytes()).hexdigest()
    results = DigitScores().measure(real=real, fake=fake)
    assert {result.protocol["weights_sha256"] for result in results} == {weights}
    found = values(results)
    assert found["digit_frechet"] == pytest.approx(
        frechet_with_error(real=digit_features(real.x)[0], fake=digit_features(fake.x)[0]).value
    )
    assert sum(found[f"share_{digit}"] for digit in range(10)) == pytest.approx(1)
    assert found["read_as_asked"] > 0.98
    assert results[0].lower_is_better
    assert not any(result.lower_is_better for result in results[1:])
    noisy = values(
        DigitScores().measure(
            real=real, fake=Batch(x=(fake.x + 0.5 * normals(*fake.x.shape, dtype=torch.float32)).clamp(-1, 1))
        )
    )
    assert noisy["digit_frechet"] > 3 * found["digit_frechet"]
    assert "read_as_asked" not in noisy
    assert fake.y is not None
    sevens = values(DigitScores().measure(real=real, fake=Batch(x=fake.x[fake.y == 7])))
    assert sevens["share_7"] > 0.95
    assert sevens["digit_recall"] < found["digit_recall"] - 0.3


def test_accuracy_counts_the_right_ones() -> None:
    logits = torch.eye(4).repeat(5, 1)
    y = torch.arange(4).repeat(5)
    y[:5] = (y[:5] + 1) % 4
    (result,) = Accuracy().measure(real=Batch(x=torch.zeros(20), y=y), fake=Batch(x=logits))
    assert result.value == pytest.approx(0.75)
    assert result.error == pytest.approx(math.sqrt(0.75 * 0.25 / 20))
    assert not result.lower_is_better


def test_hole_error_looks_into_the_hole() -> None:
    x = torch.rand(6, 3, 8, 8, generator=torch.Generator().manual_seed(0)) * 2 - 1
    known = torch.ones(6, 1, 8, 8)
    known[:, :, 2:5, 3:6] = 0
    real = Batch(x=x, given={"known": known})
    filled = torch.where(known > 0, x, x + 0.25)
    found = values(HoleError().measure(real=real, fake=Batch(x=filled)))
    inside = x[:, :, 2:5, 3:6]
    assert found["hole_l1"] == pytest.approx(0.25, rel=1e-5)
    assert found["mean_fill_l1"] == pytest.approx((inside - inside.mean()).abs().mean().item(), rel=1e-5)
    assert found["changed_outside"] == 0
    filled[0, 0, 0, :2] += 0.1
    assert values(HoleError().measure(real=real, fake=Batch(x=filled)))["changed_outside"] == 2
    off = torch.tensor([0.1, 0.2, 0.3, 0.4, 0.5, 0.6]).view(6, 1, 1, 1)
    first = HoleError().measure(real=real, fake=Batch(x=torch.where(known > 0, x, x + off)))[0]
    assert first.error == pytest.approx(off.std().item() / 6**0.5, rel=1e-5), (
        "holes of one size: the error of a mean of pictures"
    )


def test_results_of_one_protocol_compare() -> None:
    one, other = (Result("fd", 1.0, 100, protocol={"split": split, "k": 5}) for split in ("val", "test"))
    require_comparable(one, Result("fd", 2.0, 100, 0.1, False, {"k": 5, "split": "val"}, 0.5))
    require_comparable(one, other, ignore=("split",))


@pytest.mark.parametrize(
    ("other", "named"),
    [
        (Result("fd", 2.0, 100, protocol={"split": "test"}), "split"),
        (Result("fd", 2.0, 100, protocol={"split": "val", "k": 5}), "k"),
        (Result("fd", 2.0, 200, protocol={"split": "val"}), "n"),
        (Result("kid", 2.0, 100, protocol={"split": "val"}), "name"),
    ],
)
def test_unlike_protocols_refuse_to_compare(other: Result, named: str) -> None:
    with pytest.raises(UsageError, match=rf"cannot be compared: {named} is"):
        require_comparable(Result("fd", 1.0, 100, protocol={"split": "val"}), other)


OF_FEATURES: dict[str, Callable[..., object]] = {
    "frechet": frechet_with_error,
    "frechet, few samples": frechet_of_features,
    "kernel": kernel_distance,
    "neighbours": prdc,
    "sliced": sliced_distance,
}


@pytest.mark.parametrize("score", OF_FEATURES)
def test_features_that_do_not_fit_are_one_sentence(score: str) -> None:
    with pytest.raises(DataError, match="samples of 4 features cannot be compared with samples of 3"):
        OF_FEATURES[score](real=torch.zeros(50, 4), fake=torch.zeros(50, 3))
    checked_shapes.update("jaxtyping_disable", True)  # as outside of tests
    try:
        for wrong in (np.zeros((50, 4)), torch.zeros(50), [[0.0] * 4] * 50):
            with pytest.raises(DataError, match=f"torch tensors .* here is {type(wrong).__name__}"):
                OF_FEATURES[score](real=torch.zeros(50, 4), fake=wrong)
    finally:
        checked_shapes.update("jaxtyping_disable", False)

"""Digits that are kept by a translation."""

from dataclasses import replace

import pytest
import torch

from ganvas.base.errors import UsageError
from ganvas.base.types import Batch, Spec, TensorSpec
from ganvas.data.colour_digits import PlainDigits
from ganvas.data.mnist import Mnist
from ganvas.metrics.digits import digit_features
from ganvas.metrics.translated_digits import TranslatedDigits

GIVEN = {"input": TensorSpec((3, 32, 32)), "input.y": TensorSpec((), "int64")}


def plain(n: int) -> Batch:
    items = PlainDigits().items("val")
    assert items.y is not None
    x = torch.from_numpy(items.x[:n]).permute(0, 3, 1, 2) / 127.5 - 1
    return Batch(x=x, given={"input.y": torch.from_numpy(items.y[:n])})


def test_the_share_is_that_of_the_classifier_on_the_digits_themselves() -> None:
    batch, mnist = plain(300), Mnist().items("val")
    assert mnist.y is not None
    x = torch.from_numpy(mnist.x[:600:2].copy()).permute(0, 3, 1, 2) / 127.5 - 1
    right = digit_features(x)[1] == torch.from_numpy(mnist.y[:600:2])
    kept, most = TranslatedDigits().measure(real=batch, fake=batch)
    assert kept.value == pytest.approx(float(right.float().mean()))
    assert kept.value > 0.98
    assert most.value < 0.2


def test_a_third_of_wrong_inputs_costs_a_third() -> None:
    batch = plain(300)
    y = batch.given["input.y"].clone()
    y[:100] = (y[:100] + 1) % 10
    kept = TranslatedDigits().measure(real=replace(batch, given={"input.y": y}), fake=batch)[0]
    assert kept.value == pytest.approx(2 / 3, abs=0.02)
    assert kept.error == pytest.approx((kept.value * (1 - kept.value) / 300) ** 0.5)


def test_outputs_that_are_all_alike_show() -> None:
    batch = plain(100)
    kept, most = TranslatedDigits().measure(real=batch, fake=replace(batch, x=batch.x[:1].expand(100, -1, -1, -1)))
    assert most.value == 1
    assert kept.value == pytest.approx(float((batch.given["input.y"] == batch.given["input.y"][0]).float().mean()))


def test_data_that_it_cannot_score() -> None:
    for spec in (
        Spec("images", (3, 32, 32), bounded=True),
        Spec("images", (3, 16, 32), bounded=True, given=GIVEN),
        Spec("points", (2,), bounded=False, given=GIVEN),
    ):
        with pytest.raises(UsageError):
            TranslatedDigits().check_spec(spec, "samples")
    TranslatedDigits().check_spec(Spec("images", (3, 32, 32), bounded=True, given=GIVEN), "samples")

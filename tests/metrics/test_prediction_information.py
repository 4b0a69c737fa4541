"""The information of predictions: closed forms, and the logarithm of the inception score."""

import math

import pytest
import torch

from ganvas.base.types import Batch
from ganvas.metrics import PredictionInformation


def measured(logits: torch.Tensor) -> tuple[float, float | None]:
    (found,) = PredictionInformation().measure(real=Batch(logits), fake=Batch(logits))
    return found.value, found.error


def test_closed_forms() -> None:
    sure = torch.eye(4).repeat(5, 1) * 60
    assert measured(sure)[0] == pytest.approx(math.log(4))
    assert measured(torch.zeros(9, 4))[0] == pytest.approx(0), "unsure"
    assert measured(sure[:1].repeat(9, 1))[0] == pytest.approx(0), "sure, and always the same"


def test_it_is_the_mutual_information_of_its_definition() -> None:
    logits = torch.randn(400, 5, generator=torch.Generator().manual_seed(2), dtype=torch.float64)
    p = logits.softmax(1)
    entropy = -(p * p.log()).sum(1)
    mean = p.mean(0)
    value, error = measured(logits)
    assert value == pytest.approx(float(-(mean * mean.log()).sum() - entropy.mean()))
    halves = [measured(part)[0] for part in logits.split(20)]
    assert error == pytest.approx(float(torch.tensor(halves).std()) / 20**0.5, rel=0.6)

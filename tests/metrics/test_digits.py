"""The feature space of digit_frechet: stored features of 16 digits and a distance. Another makes scores unlike."""

import json
from pathlib import Path

import pytest
import torch
from torch import Tensor

from ganvas.data.mnist import Mnist
from ganvas.metrics.digits import digit_features
from ganvas.metrics.frechet import frechet_with_error

STORED = json.loads(Path(__file__).with_name("digit_features.json").read_text(encoding="utf-8"))


def digits(split: str, n: int) -> Tensor:
    x = Mnist().items(split).x[:n]  # type: ignore[arg-type]
    return torch.from_numpy(x.transpose(0, 3, 1, 2).copy()).float() / 127.5 - 1


def test_features_of_sixteen_digits_are_the_stored_ones() -> None:
    """Every eighth of 128 features, and the length of all, of the first digits of the test split.

    They are stored with four decimals. Processors add up to 576 products of float32 in orders of their own, which
    changes features of about 1.5 by about 1e-6.
    """
    found, read = digit_features(digits("test", 16))
    assert read.tolist() == STORED["read"]
    torch.testing.assert_close(found[:, ::8], torch.tensor(STORED["features"]), rtol=0, atol=2e-4)
    torch.testing.assert_close(found.norm(dim=1), torch.tensor(STORED["norms"]), rtol=0, atol=2e-4)


def test_the_distance_of_validation_digits_from_test_digits_is_the_stored_one() -> None:
    real, fake = (digit_features(digits(split, 1000))[0] for split in ("test", "val"))
    assert frechet_with_error(real=real, fake=fake).value == pytest.approx(STORED["distance"], rel=1e-3)

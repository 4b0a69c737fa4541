"""The second digit classifier: how well it reads digits, and that it is not the first."""

import re
from typing import Any

import pytest
import torch
from torch import Tensor

from ganvas.base.types import Batch
from ganvas.data.mnist import Mnist
from ganvas.ingest.splits import Split
from ganvas.metrics import DigitMlpScores, Digits, DigitsMlp
from ganvas.metrics.digits import shipped_classifier
from ganvas.metrics.digits_mlp import WEIGHTS
from ganvas.ops.unit_range import to_unit_range
from ganvas.recipes import recipe
from ganvas.recipes.catalogue import recipe_functions

ERRORS = 0.02  # of test digits that the network may misread; it misreads fewer


def digits(split: Split, n: int) -> tuple[Tensor, Tensor]:
    """Bytes [n, 1, 28, 28] and labels [n]."""
    items: Any = Mnist().items(split)
    return torch.from_numpy(items.x[:n].transpose(0, 3, 1, 2).copy()), torch.from_numpy(items.y[:n])


def test_it_reads_digits() -> None:
    x, y = digits("test", 10_000)
    found = DigitsMlp().extract(x)
    assert found.features.shape == (10_000, 128)
    assert found.probabilities is not None
    assert float((found.probabilities.argmax(1) != y).float().mean()) < ERRORS


def test_its_errors_are_not_those_of_the_convolutional_classifier() -> None:
    x, y = digits("test", 10_000)
    wrong = []
    for extractor in (Digits(), DigitsMlp()):
        probabilities = extractor.extract(x).probabilities
        assert probabilities is not None
        wrong.append(set((probabilities.argmax(1) != y).nonzero().flatten().tolist()))
    assert len(wrong[0] & wrong[1]) < 0.7 * min(map(len, wrong))


def test_its_weights_are_small() -> None:
    weights, sha256, network = shipped_classifier(WEIGHTS)
    assert {value.dtype for value in weights.values()} == {torch.float16}
    assert sum(2 * value.numel() for value in weights.values()) < 1_000_000
    assert DigitsMlp().describe()["weights_sha256"] == sha256
    assert "widths" in network


def test_its_distance_grows_with_noise() -> None:
    x, y = digits("val", 2_000)
    real, other = (Batch(to_unit_range(part), y[:1000]) for part in x.split(1_000))
    draw = torch.Generator().manual_seed(0)
    noise = torch.randn(other.x.shape, generator=draw)
    found = [
        DigitMlpScores().measure(real=real, fake=Batch((other.x + scale * noise).clamp(-1, 1), other.y))[0]
        for scale in (0.0, 0.2, 0.5)
    ]
    assert [each.name for each in found] == ["digit_mlp_frechet"] * 3
    assert found[0].value < found[1].value < found[2].value


DIGIT_SCORES = re.compile(r"\bDigitScores")  # of pictures; those of sound and of clips have longer names


@pytest.mark.parametrize("name", [name for name in recipe_functions() if DIGIT_SCORES.search(str(recipe(name).scores))])
def test_recipes_with_a_class_head_are_scored_by_both_classifiers(name: str) -> None:
    made = recipe(name)
    headed = any(term in str(made.game) for term in ("ClassTerm", "DataCrossEntropy"))
    assert ("DigitMlpScores" in str(made.scores)) is headed

"""The feature space of the second digit classifier that comes with ganvas (recipe `digits.mlp`)."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar

import torch
from jaxtyping import UInt8
from torch import Tensor, nn

from ..networks.salimans import NoisyClassifier
from ..ops.unit_range import to_unit_range
from .digits import SPEC, shipped_classifier
from .extractor import Features

WEIGHTS = "digits_mlp.safetensors"
ROWS = 1_000  # at a time


@dataclass(frozen=True)
class DigitsMlp:
    """128 features and ten class probabilities of ganvas's second digit classifier, for grey pictures [n, 1, 28, 28].

    It is fully connected and was trained with noise; the classifier of `Digits` is convolutional and was trained with
    shifts. A discriminator with a class head learns what `Digits` has learnt, of the same labels and with like layers,
    so that `Digits` may flatter its generator: this space judges such games too. 98.6 % of MNIST's test digits are
    read right; `Digits` reads 99.7 %.
    """

    name: ClassVar[str] = "digit_mlp"
    cacheable: ClassVar[bool] = True
    expensive: ClassVar[bool] = False
    classes: ClassVar[tuple[str, ...]] = SPEC.classes

    def covers(self, shape: tuple[int, ...]) -> bool:
        return shape == SPEC.shape

    def frechet_features(self, n: int) -> None:
        return None

    def describe(self) -> Mapping[str, object]:
        return {
            "features": "ganvas fully connected digit classifier",
            "weights_sha256": shipped_classifier(WEIGHTS)[1],
            "resize": "none",
            "quantisation": "8 bits, before",
        }

    @torch.no_grad()
    def extract(self, x: UInt8[Tensor, "n 1 28 28"]) -> Features:
        verdicts = [digits_mlp_classifier()(to_unit_range(part)) for part in x.cpu().split(ROWS)]
        classes = torch.cat([verdict.classes for verdict in verdicts])
        return Features(torch.cat([verdict.features[-1] for verdict in verdicts]), classes.softmax(1))


@lru_cache(maxsize=1)
def digits_mlp_classifier() -> nn.Module:
    """The shipped classifier in eval mode, in float32; built once a process."""
    state, _, built = shipped_classifier(WEIGHTS)
    network = NoisyClassifier(**{**built, "widths": tuple(built["widths"])}).build(SPEC)
    network.load_state_dict({name: value.float() for name, value in state.items()})
    return network.eval().requires_grad_(False)

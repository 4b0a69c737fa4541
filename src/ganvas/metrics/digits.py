"""The feature space of the digit classifier that comes with ganvas (recipe `digits`)."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any, ClassVar

import torch
from jaxtyping import UInt8
from safetensors.torch import load
from torch import Tensor, nn

from ..base.types import Spec
from ..networks.classifier import ConvClassifier
from ..ops.unit_range import to_bytes, to_unit_range
from .extractor import Features as Features

WEIGHTS = "digits.safetensors"
ROWS = 200  # at a time: their maps fit into the cache of a core
SPEC = Spec(domain="images", shape=(1, 28, 28), bounded=True, classes=tuple("0123456789"))


@dataclass(frozen=True)
class Digits:
    """128 features and ten class probabilities of ganvas's digit classifier, for grey pictures [n, 1, 28, 28]."""

    name: ClassVar[str] = "digit"
    cacheable: ClassVar[bool] = True
    expensive: ClassVar[bool] = False
    classes: ClassVar[tuple[str, ...]] = SPEC.classes

    def covers(self, shape: tuple[int, ...]) -> bool:
        return shape == SPEC.shape

    def frechet_features(self, n: int) -> None:
        return None

    def describe(self) -> Mapping[str, object]:
        return {
            "features": "ganvas digit classifier",
            "weights_sha256": digit_weights()[1],
            "resize": "none",
            "quantisation": "8 bits, before",
        }

    @torch.no_grad()
    def extract(self, x: UInt8[Tensor, "n 1 28 28"]) -> Features:
        verdicts = [digit_classifier()(to_unit_range(part)) for part in x.split(ROWS)]
        classes = torch.cat([verdict.classes for verdict in verdicts])
        return Features(torch.cat([verdict.features[-1] for verdict in verdicts]), classes.softmax(1))


def digit_features(x: Tensor) -> tuple[Tensor, Tensor]:
    """Features and classified digits of pictures, which are rounded to bytes first, as a file would hold them.

    Args:
        x: [n, 1, 28, 28] in [-1, 1].

    Returns:
        Features [n, 128], and the most probable digit of each [n].
    """
    batch = Digits().extract(to_bytes(x.cpu()))
    return batch.features, likeliest_class(batch)


def likeliest_class(batch: Features) -> Tensor:
    """The most probable class of each sample [n]."""
    assert batch.probabilities is not None, "it names digits"
    return batch.probabilities.argmax(1)


def digit_weights() -> tuple[dict[str, Tensor], str, Mapping[str, Any]]:
    """The shipped weights by name, their SHA-256, and the fields of the ConvClassifier that they are for."""
    return shipped_classifier(WEIGHTS)


@lru_cache(maxsize=2)
def shipped_classifier(file: str) -> tuple[dict[str, Tensor], str, Mapping[str, Any]]:
    """A classifier that comes with ganvas.

    Args:
        file: its name in this folder.

    Returns:
        The weights by name, their SHA-256, and the fields of the network that they are for.
    """
    data = (resources.files("ganvas.metrics") / file).read_bytes()
    header = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])
    return load(data), hashlib.sha256(data).hexdigest(), json.loads(header["__metadata__"]["network"])


@lru_cache(maxsize=1)
def digit_classifier() -> nn.Module:
    """The shipped classifier in eval mode; built once a process."""
    state, _, built = digit_weights()
    network = ConvClassifier(**built).build(SPEC)
    network.load_state_dict(state)
    return network.eval().requires_grad_(False).to(memory_format=torch.channels_last)  # type: ignore[call-overload]

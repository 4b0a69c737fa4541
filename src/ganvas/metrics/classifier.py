"""An extractor from the file of a digit classifier."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import ClassVar, NamedTuple

import torch
from jaxtyping import UInt8
from torch import Tensor, nn

from ..base.errors import DataError
from ..base.types import Spec
from ..networks.classifier import ConvClassifier
from ..ops.unit_range import to_unit_range
from . import known_weights
from .extractor import Features, in_batches


@dataclass(frozen=True)
class ClassifierFile:
    """The last hidden layer and the class probabilities of a ConvClassifier (recipe `digits`).

    Args:
        path: a safetensors file with the weights and, in its metadata, the description of the network.

    Raises:
        DataError: when it is used: no such file, or not one of such a classifier.
    """

    path: str
    name: ClassVar[str] = "classifier"
    cacheable: ClassVar[bool] = True
    expensive: ClassVar[bool] = False

    def covers(self, shape: tuple[int, ...]) -> bool:
        return len(shape) == 3 and shape[0] == self.loaded.channels and min(shape[1:]) >= 4

    def frechet_features(self, n: int) -> None:
        return None

    def describe(self) -> Mapping[str, object]:
        return known_weights.plain_description("ConvClassifier", self.loaded.sha256)

    def extract(self, x: UInt8[Tensor, "n c h w"]) -> Features:
        network = self.loaded.network.to(x.device)

        def extract(part: Tensor) -> Features:
            verdict = network(to_unit_range(part))
            return Features(verdict.features[-1], verdict.classes.softmax(1))

        return in_batches(x, extract)

    @property
    def loaded(self) -> "LoadedClassifier":
        facts = known_weights.existing_file(self.path).stat()
        return load_classifier(self.path, (facts.st_mtime_ns, facts.st_size))


class LoadedClassifier(NamedTuple):
    """A classifier with its weights, the SHA-256 of the weights, and the channels that it accepts."""

    network: nn.Module
    sha256: str
    channels: int


@lru_cache(maxsize=4)
def load_classifier(path: str, stamp: tuple[int, int]) -> LoadedClassifier:
    """The classifier of a file.

    Args:
        path: of the safetensors file.
        stamp: time and size of the file, so that a changed file is read again.

    Raises:
        DataError: the file does not describe its network, or its weights do not fit.
    """
    read = known_weights.read_weights(Path(path))
    try:
        described = ConvClassifier(**json.loads(read.metadata["network"]))
        channels, classes = read.state["blocks.0.0.weight"].shape[1], read.state["head.weight"].shape[0]
        with torch.device("meta"):
            network = described.build(
                Spec("images", (channels, 28, 28), bounded=True, classes=tuple(map(str, range(classes))))
            )
    except (KeyError, IndexError, TypeError, ValueError, RuntimeError) as error:
        raise DataError(
            "this file does not describe its classifier",
            where=path,
            hint="Take a file made for ganvas's digit network.",
        ) from error
    return LoadedClassifier(
        known_weights.load_into(network, read.state, what="this ConvClassifier", where=path), read.sha256, channels
    )

"""The feature space of the classifier of spoken digits that comes with ganvas (recipe `digits.spoken`)."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, ClassVar

import torch
from jaxtyping import Float
from torch import Tensor, nn

from ..base.types import Spec
from ..networks.sound_classifier import SoundClassifier
from ..ops.mel import mel_of
from .digits import shipped_classifier
from .extractor import Features

WEIGHTS = "spoken_digits.safetensors"
ROWS = 50  # waves at a time
RATE, LENGTH = 8_000, 8_192
SPEC = Spec("audio", (1, LENGTH), bounded=True, classes=tuple("0123456789"), settings={"rate": RATE})


@dataclass(frozen=True)
class SpokenDigits:
    """128 features and ten class probabilities of ganvas's classifier of spoken digits, for waves [n, 1, L] at 8 kHz.

    The first 8,192 numbers of a wave are heard; a shorter one is followed by silence. Loudness
    matters little.
    """

    name: ClassVar[str] = "spoken"
    cacheable: ClassVar[bool] = True
    expensive: ClassVar[bool] = False
    classes: ClassVar[tuple[str, ...]] = SPEC.classes

    def covers(self, shape: tuple[int, ...]) -> bool:
        return len(shape) == 2 and shape[0] == 1

    def frechet_features(self, n: int) -> None:
        return None

    def describe(self) -> Mapping[str, object]:
        return {
            "features": "ganvas spoken-digit classifier",
            "weights_sha256": shipped_classifier(WEIGHTS)[1],
            "rate": RATE,
            "length": LENGTH,
            "quantisation": "16 bits, before",
        }

    @torch.no_grad()
    def extract(self, x: Float[Tensor, "n 1 l"]) -> Features:
        """Features of waves in [-1, 1], which have been rounded to 16 bits."""
        heard = torch.nn.functional.pad(x[:, :, :LENGTH].float().cpu(), (0, max(0, LENGTH - x.shape[2])))
        verdicts = [spoken_classifier()(part) for part in heard.split(ROWS)]
        classes = torch.cat([verdict.classes for verdict in verdicts])
        return Features(torch.cat([verdict.features[-1] for verdict in verdicts]), classes.softmax(1))


@lru_cache(maxsize=1)
def spoken_classifier() -> nn.Module:
    """The shipped classifier in eval mode; built once a process."""
    state, _, built = shipped_classifier(WEIGHTS)
    fields: dict[str, Any] = {**built, "mel": mel_of(built["mel"])}
    network = SoundClassifier(**fields).build(SPEC)
    network.load_state_dict(
        {name: value.float() if value.is_floating_point() else value for name, value in state.items()}
    )
    return network.eval().requires_grad_(False)

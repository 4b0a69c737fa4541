"""Scores in the feature space of the digit classifier that comes with ganvas (recipe `digits`)."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Annotated, Any, ClassVar, NamedTuple

import torch
from annotated_types import Ge
from jaxtyping import UInt8
from safetensors.torch import load
from torch import Tensor, nn

from ..base.types import Batch, Spec
from ..networks.classifier import ConvClassifier
from .contract import Result, require
from .extractor import Seen, from_bytes, to_bytes
from .scores import scores
from .statistics import Gathered

WEIGHTS = "digits.safetensors"
ROWS = 200  # at a time: their maps fit into the cache of a core
SPEC = Spec(domain="images", shape=(1, 28, 28), bounded=True, classes=tuple("0123456789"))


class Looked(NamedTuple):
    """One side of a comparison: features, the digit that each picture is read as [n], and the class that it was asked for [n] or None."""

    gathered: Gathered
    read: Tensor
    y: Tensor | None


@dataclass(frozen=True)
class DigitScores:
    """digit_frechet: the Frechet distance over 128 features of ganvas's digit classifier; it is *not* the FID of other tools.

    From the same look: digit_precision, digit_recall and their relatives (5,000 of each side, k = 5), the share of each class among the fakes,
    and, where fakes were asked for by class, the share that is read as asked.
    """

    n: Annotated[int, Ge(50)] = 10_000

    def check(self, spec: Spec, makes: str) -> None:
        require(makes == "samples" and spec.shape == SPEC.shape, self, "a game that makes grey pictures of 28 x 28")

    def look(self, batch: Batch) -> Looked:
        """What is compared of one side, real or fake."""
        seen = Digits().see(to_bytes(batch.x.cpu()))
        return Looked(Gathered.of(*seen), likeliest(seen), batch.y)

    def compare(self, *, real: Looked, fake: Looked, errors: bool = True) -> tuple[Result, ...]:
        """The results for two sides, each looked at once; without `errors` those of the neighbours are left out, which takes less time."""
        results = list(
            scores(Digits(), real=real.gathered, fake=fake.gathered, groups=("frechet", "neighbours"), errors=errors)
        )
        n, said, read = len(fake.read), Digits().describe(), fake.read
        results += [
            Result(f"share_{digit}", float(share), n, None, None, said)
            for digit, share in enumerate(torch.bincount(read, minlength=10) / n)
        ]
        if fake.y is not None:
            right = float((read == fake.y).float().mean())
            results.append(Result("read_as_asked", right, n, (right * (1 - right) / n) ** 0.5, False, said))
        return tuple(results)

    def measure(self, *, real: Batch, fake: Batch) -> tuple[Result, ...]:
        return self.compare(real=self.look(real), fake=self.look(fake))


@dataclass(frozen=True)
class Digits:
    """128 features and the ten probabilities of ganvas's digit classifier, for grey pictures of 28 x 28."""

    name: ClassVar[str] = "digit"
    classes: ClassVar[tuple[str, ...]] = SPEC.classes

    def covers(self, shape: tuple[int, ...]) -> bool:
        return shape == SPEC.shape

    def describe(self) -> Mapping[str, object]:
        return {
            "features": "ganvas digit classifier",
            "weights_sha256": weights()[1],
            "resize": "none",
            "quantisation": "8 bits, before",
        }

    @torch.no_grad()
    def see(self, x: UInt8[Tensor, "n 1 28 28"]) -> Seen:
        verdicts = [classifier()(from_bytes(part)) for part in x.split(ROWS)]
        classes = torch.cat([verdict.classes for verdict in verdicts])
        return Seen(torch.cat([verdict.features[-1] for verdict in verdicts]), classes.softmax(1))


def features(x: Tensor) -> tuple[Tensor, Tensor]:
    """Features [N, 128] and the class read [N] of pictures [N, 1, 28, 28] in [-1, 1], rounded to bytes as a file would hold them."""
    seen = Digits().see(to_bytes(x.cpu()))
    return seen.features, likeliest(seen)


def likeliest(seen: Seen) -> Tensor:
    """The class that each is read as."""
    assert seen.probabilities is not None, "it names digits"
    return seen.probabilities.argmax(1)


@lru_cache(maxsize=1)
def weights() -> tuple[dict[str, Tensor], str, Mapping[str, Any]]:
    """The shipped weights, their SHA-256, and what built the network."""
    data = (resources.files("ganvas.metrics") / WEIGHTS).read_bytes()
    header = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])
    return load(data), hashlib.sha256(data).hexdigest(), json.loads(header["__metadata__"]["network"])


@lru_cache(maxsize=1)
def classifier() -> nn.Module:
    """The network with its weights, ready to use."""
    state, _, built = weights()
    network = ConvClassifier(**built).build(SPEC)
    network.load_state_dict(state)
    return network.eval().requires_grad_(False).to(memory_format=torch.channels_last)  # type: ignore[call-overload]

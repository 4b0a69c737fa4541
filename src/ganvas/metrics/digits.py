"""Scores in the feature space of the digit classifier that comes with ganvas (recipe `digits`)."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Annotated, Any

import torch
from annotated_types import Ge
from safetensors.torch import load
from torch import Tensor, nn

from ..base.types import Batch, Spec
from ..networks.classifier import ConvClassifier
from .contract import Result, require
from .frechet import frechet_with_error
from .manifold import manifold

WEIGHTS = "digits.safetensors"
SPEC = Spec(domain="images", shape=(1, 28, 28), bounded=True, classes=tuple("0123456789"))
NEIGHBOURS = 5
COMPARED = 5000  # samples of each side for the quadratic metrics


@dataclass(frozen=True)
class DigitScores:
    """digit_frechet: the Frechet distance over 128 features of ganvas's digit classifier; it is *not* the FID of other tools.

    From the same pass: precision, recall, density, coverage (first 5,000 of each side, k = 5), the share of each class among the fakes,
    and, where fakes were asked for by class, the share that is read as asked.
    """

    n: Annotated[int, Ge(50)] = 10_000

    def check(self, spec: Spec, makes: str) -> None:
        require(makes == "samples" and spec.shape == SPEC.shape, self, "a game that makes grey pictures of 28 x 28")

    def measure(self, *, real: Batch, fake: Batch) -> tuple[Result, ...]:
        (real_features, _), (fake_features, read) = features(real.x), features(fake.x)
        distance, error = frechet_with_error(real_features, fake_features)
        near = manifold(real_features[:COMPARED], fake_features[:COMPARED], NEIGHBOURS)
        shares = torch.bincount(read, minlength=10) / len(read)
        protocol = {"features": "ganvas digit classifier", "weights_sha256": weights()[1], "ddof": 1}
        neighbours = {**protocol, "k": NEIGHBOURS}
        n, compared = len(fake.x), min(COMPARED, len(fake.x))
        results = [Result("digit_frechet", distance, n, error, protocol=protocol)]
        results += [Result(name, value, compared, None, False, neighbours) for name, value in near._asdict().items()]
        results += [Result(f"share_{digit}", float(share), n, None, False, protocol) for digit, share in enumerate(shares)]
        if fake.y is not None:
            results.append(Result("read_as_asked", float((read == fake.y).float().mean()), n, None, False, protocol))
        return tuple(results)


@torch.no_grad()
def features(x: Tensor) -> tuple[Tensor, Tensor]:
    """Features [N, 128] and the class read [N] of pictures [N, 1, 28, 28] in [-1, 1], rounded to bytes as a file would hold them."""
    network = classifier().to(x.device)
    verdicts = [network(((part + 1) * 127.5).round().clamp(0, 255) / 127.5 - 1) for part in x.split(500)]
    return torch.cat([v.features for v in verdicts]).cpu(), torch.cat([v.classes for v in verdicts]).argmax(1).cpu()


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

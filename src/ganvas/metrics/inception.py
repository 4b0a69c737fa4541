"""The feature space of the Frechet Inception distance, with the input of three published tools."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import ClassVar, Literal, NamedTuple

import torch
from jaxtyping import UInt8
from torch import Tensor, nn

from ..base.errors import DataError
from ..networks.inception import InceptionV3
from . import known_weights, resize
from .extractor import Features, in_batches

Profile = Literal["tf1", "pytorch-fid", "clean"]


class Preprocessing(NamedTuple):
    """How one tool makes the network's input. It never changes: another way is another profile.

    Attributes:
        resize: from bytes [n, 3, h, w] to float32 [n, 3, 299, 299].
        description: for people and for the protocol.
    """

    resize: Callable[[Tensor], Tensor]
    description: str


PROFILES: Mapping[Profile, Preprocessing] = {
    "tf1": Preprocessing(resize.tf1, "TensorFlow 1 bilinear, corners matched, not antialiased; (x - 128) / 128"),
    "pytorch-fid": Preprocessing(resize.pytorch_fid, "bilinear, centres matched, not antialiased; 2 x / 255 - 1"),
    "clean": Preprocessing(resize.clean, "Pillow bicubic in float32, antialiased, cut to [0, 255]; (x - 128) / 128"),
}


@dataclass(frozen=True)
class Inception:
    """features: pool3 of Inception-2015-12-05, 2048 numbers >= 0; probabilities: softmax of its 1008 logits without
    bias.

    Heusel et al. 2017, https://arxiv.org/abs/1706.08500. Pictures of one or three channels; grey is repeated to three.
    On an accelerator the network runs in float32 without TF32.

    Args:
        profile: how a picture is prepared: "tf1" as in the first publication and torch-fidelity, "pytorch-fid" and
            "clean" (clean-fid) as in those tools. Scores of two profiles cannot be compared.
        weights: a file or a folder; empty for $GANVAS_WEIGHTS and torch.hub's cache.

    Raises:
        MissingWeights: when it is used: the weights are not there, or not converted.
        DataError: when it is used: not a file of these weights, or pictures of two or more than three channels.
    """

    profile: Profile = "tf1"
    cacheable: ClassVar[bool] = True
    expensive: ClassVar[bool] = True
    weights: str = ""  # a file or a folder; empty: $GANVAS_WEIGHTS, then torch.hub's cache

    @property
    def name(self) -> str:
        """ "inception" for the published weights, whose distance is called FID; "inception_own" for all others."""
        try:
            return "inception" if load_inception(self.weights).published else "inception_own"
        except (DataError, known_weights.MissingWeights):  # raised again when features are extracted
            return "inception"

    def covers(self, shape: tuple[int, ...]) -> bool:
        return len(shape) == 3 and shape[0] in (1, 3)

    def frechet_features(self, n: int) -> None:
        return None

    def describe(self) -> Mapping[str, object]:
        loaded = load_inception(self.weights)
        return {
            "features": f"{known_weights.INCEPTION.title} pool3",
            "weights": "published" if loaded.published else "own",
            "weights_sha256": loaded.sha256,
            "profile": self.profile,
            "resize": f"to 299 x 299, {PROFILES[self.profile].description}",
            "quantisation": "8 bits, before",
            "channels": "grey repeated to 3",
        }

    def extract(self, x: UInt8[Tensor, "n c h w"]) -> Features:
        if not self.covers(tuple(x.shape[1:])):
            raise DataError(f"Inception accepts pictures of 1 or 3 channels, not of {x.shape[1]}")
        network = load_inception(self.weights).network.to(x.device)
        with (
            torch.backends.cudnn.flags(enabled=True, benchmark=False, allow_tf32=False),
            torch.autocast(x.device.type, enabled=False),
        ):
            return in_batches(x, partial(inception_features, network, PROFILES[self.profile]))


def inception_features(network: nn.Module, way: Preprocessing, x: UInt8[Tensor, "n c h w"]) -> Features:
    """Features and class probabilities of one batch of bytes [n, c, h, w]."""
    colour = x.expand(-1, 3, -1, -1)
    made = network(way.resize(colour).contiguous(memory_format=torch.channels_last))
    return Features(made.pooled, made.unbiased_logits.double().softmax(1))


class LoadedInception(NamedTuple):
    """The network with its weights.

    Attributes:
        network: in eval mode.
        sha256: of the weights.
        published: whether the file was converted from the published weights.
    """

    network: nn.Module
    sha256: str
    published: bool


def load_inception(given: str = "") -> LoadedInception:
    """The network with its weights, cached until the file changes.

    Args:
        given: a file or a folder; empty for the usual places.

    Raises:
        MissingWeights: there are none.
        DataError: the file holds others.
    """
    path = known_weights.find_weights(known_weights.INCEPTION, given)
    facts = path.stat()
    return load_inception_file(path, (facts.st_mtime_ns, facts.st_size))


@lru_cache(maxsize=2)
def load_inception_file(path: Path, stamp: tuple[int, int]) -> LoadedInception:
    """The network with the weights of a file; `stamp` is its time and size, so that a changed file is read again."""
    read = known_weights.read_weights(path)
    with torch.device("meta"):
        empty = InceptionV3()
    network = known_weights.load_into(empty, read.state, what=known_weights.INCEPTION.title, where=str(path))
    return LoadedInception(
        network.to(memory_format=torch.channels_last),  # type: ignore[call-overload]
        read.sha256,
        read.source_sha256 == known_weights.INCEPTION.sha256,
    )

"""The learned perceptual distance of restored and true pictures (LPIPS)."""

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import ClassVar

import torch
from jaxtyping import Float, UInt8
from safetensors import SafetensorError
from safetensors.torch import load
from torch import Tensor

from ..base.errors import DataError, UsageError
from ..base.types import Batch, Count, Spec
from ..networks.lpips import LEAST, Lpips, from_published
from ..ops.unit_range import to_unit_range
from .contract import Result, require
from .restoration import byte_pairs, standard_error

PIXELS = 2**20  # of pictures that are compared at a time
HINT = (
    "Give .safetensors files with the features of AlexNet or VGG16 and with the heads of LPIPS 0.1: "
    "weights=[alexnet.safetensors, alex.safetensors]"
)


@dataclass(frozen=True)
class Perceptual:
    """lpips = mean over pairs of the learned distance of a restored picture from the true one. Zhang et al. 2018,
    version 0.1 (networks/lpips.py).

    https://arxiv.org/abs/1801.03924. Pictures are rounded to bytes and not resized; grey is repeated to three channels.
    Error: the standard error of that mean.

    Args:
        weights: .safetensors files that together hold the trunk (AlexNet or VGG16, recognised by its tensors) and the
            heads of LPIPS 0.1, with the names of the published files; ganvas ships none.
        n: pairs, at most.

    Raises:
        UsageError: by `check_spec`: no weights, or data without true pictures, of other channels, or too small for the
            trunk.
        DataError: the files are not these weights.
    """

    weights: tuple[str, ...] = ()
    n: Count = 1_000
    in_every_evaluation: ClassVar[bool] = False

    def check_spec(self, spec: Spec, output_kind: str) -> None:
        fits = spec.domain == "images" and spec.shape[0] in (1, 3) and bool(spec.given)
        require(output_kind == "samples" and fits, self, "restored pictures, grey or colour, each with its true one")
        trunk, _, _ = load_lpips(self.weights)
        require(
            min(spec.shape[1:]) >= LEAST[trunk],
            self,
            f"pictures of {LEAST[trunk]} pixels a side or more with the trunk {trunk}",
        )

    def measure(self, *, real: Batch, fake: Batch) -> tuple[Result, ...]:
        trunk, built, sha256 = load_lpips(self.weights)
        values = lpips_distances(built, *byte_pairs(real=real.x, fake=fake.x))
        protocol = {
            "metric": "LPIPS 0.1",
            "trunk": trunk,
            "weights_sha256": sha256,
            "range": "[-1, 1]",
            "quantisation": "bytes",
            "resize": "none",
        }
        return (Result("lpips", float(values.mean()), len(values), standard_error(values), True, protocol),)


@torch.no_grad()
def lpips_distances(built: Lpips, real: UInt8[Tensor, "n c h w"], fake: UInt8[Tensor, "n c h w"]) -> Float[Tensor, "n"]:
    """LPIPS of each pair of byte pictures, float32 [n]."""
    count = max(1, PIXELS // real[0, 0].numel())
    sides = (to_unit_range(side).expand(-1, 3, -1, -1) for side in (real, fake))
    return torch.cat([built(x, y) for x, y in zip(*(side.split(count) for side in sides), strict=True)])


@lru_cache(maxsize=2)
def load_lpips(files: tuple[str, ...]) -> tuple[str, Lpips, str]:
    """The trunk's name, the network, and the SHA-256 of the files in their order.

    Raises:
        UsageError: there are no files, or one cannot be read.
        DataError: they do not hold LPIPS 0.1.
    """
    if not files:
        raise UsageError("LPIPS needs its weights, which do not come with ganvas", hint=HINT)
    digest, found = hashlib.sha256(), dict[str, Tensor]()
    for file in files:
        try:
            data = Path(file).expanduser().read_bytes()
            found |= load(data)
        except OSError as error:
            raise UsageError(
                f"cannot read LPIPS's weights: {error.strerror or error}", where=file, hint=HINT
            ) from error
        except SafetensorError as error:
            raise DataError(
                f"not a .safetensors file: {error}",
                where=file,
                hint="`ganvas weights convert` makes one of a published .pth file.",
            ) from error
        digest.update(data)
    return (*from_published(found), digest.hexdigest())

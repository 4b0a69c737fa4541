"""Several copies of a discriminator, each for pictures of half the size.

Wang et al. 2018 (pix2pixHD). https://arxiv.org/abs/1711.11585
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import torch.nn.functional as F
from torch import Tensor, nn

from ..base.types import Count, Network, Spec, TensorSpec, Verdict
from .patch import PatchCritic


@dataclass(frozen=True)
class MultiScale:
    """[D_1(x), D_2(half of x), D_3(quarter of x)], each with its weights and its logits.

    Wang et al. 2018, section 3.2. https://arxiv.org/abs/1711.11585. The loss is taken of each, and their means are
    added. Pictures are halved by the mean over 3 x 3 pixels, and given pictures of the same size with them.

    Args:
        network: a discriminator of pictures; its logits are one tensor.
        scales: how many copies.
    """

    network: Network = field(default_factory=PatchCritic)
    scales: Count = 3

    def build(self, spec: Spec) -> nn.Module:
        critics: list[nn.Module] = []
        for _ in range(self.scales):
            critics.append(self.network.build(spec))
            spec = halved_spec(spec)
        return MultiScaleDiscriminator(critics)


def halved_spec(spec: Spec) -> Spec:
    """The spec of `halved` pictures."""
    height, width = (-(-size // 2) for size in spec.shape[1:])
    given = {
        name: TensorSpec((each.shape[0], height, width), each.dtype) if each.shape[1:] == spec.shape[1:] else each
        for name, each in spec.given.items()
    }
    return replace(spec, shape=(spec.shape[0], height, width), given=given)


def halved_picture(x: Tensor) -> Tensor:
    """The mean over the 3 x 3 pixels around every second one that are in the picture: [B, C, ceil(H/2), ceil(W/2)]."""
    return F.avg_pool2d(x, 3, 2, 1, count_include_pad=False)


class MultiScaleDiscriminator(nn.Module):
    """(x [B, C, H, W], y, given) -> a tuple of logits [B, K_i], and all features."""

    def __init__(self, critics: list[nn.Module]) -> None:
        super().__init__()
        self.critics = nn.ModuleList(critics)

    def forward(self, x: Tensor, y: Tensor | None, given: Mapping[str, Tensor]) -> Verdict:
        verdicts: list[Verdict] = []
        for critic in self.critics:
            verdicts.append(critic(x, y, given))
            sizes = x.shape[2:]
            given = {
                name: halved_picture(each) if each.ndim == x.ndim and each.shape[2:] == sizes else each
                for name, each in given.items()
            }
            x = halved_picture(x)
        logits = tuple(each for verdict in verdicts for each in [verdict.logits] if isinstance(each, Tensor))
        return Verdict(logits, features=tuple(feature for verdict in verdicts for feature in verdict.features))

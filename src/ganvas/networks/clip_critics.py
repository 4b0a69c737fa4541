"""Discriminators of clips: of all frames together by convolutions in time and space, and of single frames."""

from dataclasses import dataclass, field
from itertools import pairwise
from typing import Annotated

from annotated_types import Ge
from torch import Tensor, nn

from ..base.types import Count, Given, Network, Spec, Verdict
from .clip_layers import clip_shape, frames_of
from .dcgan import DcganCritic, ladder
from .layers import Projection, class_count, dcgan_init, full_precision


@dataclass(frozen=True)
class ClipCritic:
    """D_V(x): convolutions of 4 x 4 x 4, strided by two in space and in time, then one logit.

    Tulyakov et al. 2018 (MoCoGAN), section 3.2 (https://arxiv.org/abs/1707.04993), and Saito et al. 2017 (TGAN),
    section 3.3 (https://arxiv.org/abs/1611.06624). Time is halved as long as four frames are left. There is no batch
    norm, as penalties of the gradient need none.

    Args:
        width: channels after the first halving; each further one has twice as many.
        widest: the most channels of a layer.
        conditional: whether the class is given, by projection.
    """

    width: Count = 64
    widest: Count = 1024
    conditional: bool = False

    def build(self, spec: Spec) -> nn.Module:
        channels, frames, height, width = clip_shape(self, spec)
        return ClipDiscriminator(
            shape=(channels, frames, height, width),
            widths=ladder(self.width, self.widest, (channels, height, width)),
            classes=class_count(self.conditional, spec.classes),
        )


@dataclass(frozen=True)
class FrameCritic:
    """D_I(x_t) of every n-th frame: the discriminator of pictures, one logit for each frame.

    Tulyakov et al. 2018, section 3.2, where one frame is drawn from each clip. https://arxiv.org/abs/1707.04993

    Args:
        network: a discriminator of pictures.
        every: n; the first frame is always judged.
    """

    network: Network = field(default_factory=DcganCritic)
    every: Annotated[int, Ge(1)] = 4

    def build(self, spec: Spec) -> nn.Module:
        channels, _, height, width = clip_shape(self, spec)
        pictures = Spec("images", (channels, height, width), bounded=spec.bounded, classes=spec.classes)
        return FrameDiscriminator(self.network.build(pictures), self.every)


class ClipDiscriminator(nn.Module):
    """x [B, C, T, H, W] -> one logit."""

    def __init__(self, *, shape: tuple[int, int, int, int], widths: tuple[int, ...], classes: int) -> None:
        super().__init__()
        frames, height, width = shape[1:]
        layers: list[nn.Module] = []
        for before, after in pairwise((shape[0], *widths)):
            halved = frames >= 8
            kernel, stride = (4, 2) if halved else (3, 1)
            layers += [
                nn.Conv3d(before, after, (kernel, 4, 4), (stride, 2, 2), 1),
                nn.LeakyReLU(0.2, inplace=True),
            ]
            frames = frames // 2 if halved else frames
            height, width = height // 2, width // 2
        self.shrink = nn.Sequential(*layers)
        self.head = Projection(widths[-1] * frames * height * width, classes)
        dcgan_init(self)

    def forward(self, x: Tensor, y: Tensor | None = None, given: Given = None) -> Verdict:
        features = self.shrink(x).flatten(1)
        with full_precision(x):
            return Verdict(self.head(features.float(), y), features=(features.float(),))


class FrameDiscriminator(nn.Module):
    """x [B, C, T, H, W] -> logits [B, frames]."""

    def __init__(self, network: nn.Module, every: int) -> None:
        super().__init__()
        self.network, self.every = network, every

    def forward(self, x: Tensor, y: Tensor | None = None, given: Given = None) -> Verdict:
        judged = x[:, :, :: self.every]
        count = judged.shape[2]
        labels = None if y is None else y.repeat_interleave(count)
        verdict: Verdict = self.network(frames_of(judged), labels, {})
        logits = verdict.scores.unflatten(0, (-1, count)).flatten(1)
        return Verdict(logits, features=tuple(each.unflatten(0, (-1, count)) for each in verdict.features))

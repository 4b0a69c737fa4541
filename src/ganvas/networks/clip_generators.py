"""Generators of clips: a path of codes, and a picture drawn from each code of it."""

import math
from dataclasses import dataclass
from typing import Annotated

import torch
from annotated_types import Ge
from torch import Tensor, nn

from ..base.types import Count, Given, Spec
from .clip_layers import clip_shape, clips_of
from .dcgan import DcganGenerator, ladder
from .layers import ClassScale, class_count


@dataclass(frozen=True)
class MotionContent:
    """x_t = G_I(z_c, h_t), h_t = GRU(e_t, h_(t-1)): one code of content for all frames, one of motion for each.

    Tulyakov et al. 2018 (MoCoGAN), section 3.1. https://arxiv.org/abs/1707.04993. z = (z_c, h_0, e_1, ..., e_T), all
    Gaussian; G_I is a DCGAN. The paper's sizes are content 50, motion 10, width 64.

    Args:
        width, widest: channels of G_I, as of Dcgan.
        content: numbers of z_c.
        motion: numbers of e_t and of h_t.
        conditional: whether z_c is scaled by the class.
    """

    width: Count = 64
    widest: Count = 1024
    content: Count = 50
    motion: Count = 10
    conditional: bool = False

    def build(self, spec: Spec) -> nn.Module:
        channels, frames, height, width = clip_shape(self, spec)
        shape = (channels, height, width)
        return MotionContentGenerator(
            frames=frames,
            content=self.content,
            motion=self.motion,
            classes=class_count(self.conditional, spec.classes),
            picture=picture_generator(shape, self.width, self.widest, self.content + self.motion),
        )


@dataclass(frozen=True)
class TemporalGenerator:
    """x_t = G_I(z_0, z_t), (z_1, ..., z_T) = G_T(z_0): transposed convolutions along time, then a picture of each code.

    Saito et al. 2017 (TGAN), section 3. https://arxiv.org/abs/1611.06624. G_T doubles the length of its path until it
    covers T frames, and ends in tanh; G_I is a DCGAN of both codes side by side.

    Args:
        width, widest: channels of G_I, as of Dcgan.
        latent: numbers of z_0 and of z_t; 100 in the paper.
        hidden: channels of G_T at its end; earlier ones have twice as many each, at most 512.
        conditional: whether z_0 is scaled by the class.
    """

    width: Count = 64
    widest: Count = 1024
    latent: Count = 100
    hidden: Annotated[int, Ge(8)] = 128
    conditional: bool = False

    def build(self, spec: Spec) -> nn.Module:
        channels, frames, height, width = clip_shape(self, spec)
        shape = (channels, height, width)
        return TwoStepGenerator(
            frames=frames,
            latent=self.latent,
            hidden=self.hidden,
            classes=class_count(self.conditional, spec.classes),
            picture=picture_generator(shape, self.width, self.widest, 2 * self.latent),
        )


def picture_generator(shape: tuple[int, int, int], width: int, widest: int, latent: int) -> DcganGenerator:
    """G_I: codes [B, latent] -> pictures of this shape."""
    return DcganGenerator(shape=shape, widths=ladder(width, widest, shape)[::-1], latent=latent, classes=0)


class MotionContentGenerator(nn.Module):
    """z [B, content + motion (T + 1)] -> x [B, C, T, H, W] in [-1, 1]."""

    def __init__(self, *, frames: int, content: int, motion: int, classes: int, picture: DcganGenerator) -> None:
        super().__init__()
        self.latent, self.frames, self.conditional = (content + motion * (frames + 1),), frames, bool(classes)
        self.sizes = (content, motion)
        self.condition = ClassScale(classes, content) if classes else None
        self.step = nn.GRUCell(motion, motion)
        self.picture = picture

    def forward(self, z: Tensor, y: Tensor | None = None, given: Given = None) -> Tensor:
        content, motion = z[:, : self.sizes[0]], z[:, self.sizes[0] :].unflatten(1, (-1, self.sizes[1]))
        content = content if self.condition is None else self.condition(content, y)
        state, states = motion[:, 0], list[Tensor]()
        for number in range(1, self.frames + 1):
            state = self.step(motion[:, number], state).to(motion.dtype)
            states.append(state)
        path = torch.stack(states, 1)  # [B, T, motion]
        codes = torch.cat([content[:, None].expand(-1, self.frames, -1).to(path.dtype), path], 2)
        return clips_of(self.picture(codes.flatten(0, 1)), self.frames)


class TwoStepGenerator(nn.Module):
    """z [B, latent] -> x [B, C, T, H, W] in [-1, 1]."""

    def __init__(self, *, frames: int, latent: int, hidden: int, classes: int, picture: DcganGenerator) -> None:
        super().__init__()
        self.latent, self.frames, self.conditional = (latent,), frames, bool(classes)
        self.condition = ClassScale(classes, latent) if classes else None
        doublings = max(1, math.ceil(math.log2(frames)))
        channels = [min(512, hidden << level) for level in reversed(range(doublings))]
        layers: list[nn.Module] = []
        for before, after in zip([latent, *channels], channels, strict=False):
            layers += [nn.ConvTranspose1d(before, after, 4, 2, 1), nn.BatchNorm1d(after), nn.ReLU(inplace=True)]
        self.path = nn.Sequential(*layers, nn.Conv1d(channels[-1], latent, 3, padding=1))
        self.picture = picture

    def forward(self, z: Tensor, y: Tensor | None = None, given: Given = None) -> Tensor:
        first = z if self.condition is None else self.condition(z, y)
        path = torch.tanh(self.path(first[:, :, None]))[:, :, : self.frames].transpose(1, 2)  # [B, T, latent]
        codes = torch.cat([first[:, None].expand(-1, self.frames, -1).to(path.dtype), path], 2)
        return clips_of(self.picture(codes.flatten(0, 1)), self.frames)

"""A generator of clips that draws a thing once and moves it over a ground."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.functional import affine_grid, grid_sample, pad

from ..base.types import Count, Given, Spec
from .clip_generators import picture_generator
from .clip_layers import clip_shape, clips_of
from .dcgan import DcganGenerator
from .layers import ClassScale, class_count


@dataclass(frozen=True)
class MovedForeground:
    """x_t = m_t f_t + (1 - m_t) b; f_t(p) = f(A_t p), m_t(p) = m(A_t p); A_t = 1 + W h_t; h_t = GRU(e_t, h_(t-1)).

    A mask m parts a foreground f from a still ground b (Vondrick et al. 2016, equation 1,
    https://arxiv.org/abs/1609.02612). The paper draws f and m for every frame; here a DCGAN of z_c draws them once, and
    an affine map of each frame moves them (Jaderberg et al. 2015, equation 1, https://arxiv.org/abs/1506.02025). So a
    thing keeps its form, whatever the network has learnt; what changes its form cannot be made.
    z = (z_c, e_0, ..., e_T), all Gaussian; h_0 is the tanh of a linear map of e_0.

    Args:
        width, widest: channels of the DCGAN, as of Dcgan.
        content: numbers of z_c.
        motion: numbers of e_t.
        hidden: numbers of h_t.
        affine: whether A_t also turns, stretches and shears; else it is a shift.
        conditional: whether z_c is scaled by the class.
    """

    width: Count = 64
    widest: Count = 1024
    content: Count = 50
    motion: Count = 10
    hidden: Count = 64
    affine: bool = True
    conditional: bool = False

    def build(self, spec: Spec) -> nn.Module:
        channels, frames, height, width = clip_shape(self, spec)
        return MovedForegroundGenerator(
            frames=frames,
            sizes=(self.content, self.motion, self.hidden),
            affine=self.affine,
            classes=class_count(self.conditional, spec.classes),
            picture=picture_generator((2 * channels + 1, height, width), self.width, self.widest, self.content),
        )


class MovedForegroundGenerator(nn.Module):
    """z [B, content + motion (T + 1)] -> x [B, C, T, H, W] in [-1, 1]."""

    def __init__(
        self, *, frames: int, sizes: tuple[int, int, int], affine: bool, classes: int, picture: DcganGenerator
    ) -> None:
        super().__init__()
        content, motion, hidden = self.sizes = sizes
        self.latent, self.frames, self.conditional = (content + motion * (frames + 1),), frames, bool(classes)
        self.condition = ClassScale(classes, content) if classes else None
        self.start = nn.Linear(motion, hidden)
        self.step = nn.GRUCell(motion, hidden)
        self.move = nn.Linear(hidden, 6 if affine else 2)
        self.picture = picture

    def forward(self, z: Tensor, y: Tensor | None = None, given: Given = None) -> Tensor:
        content, motion = z[:, : self.sizes[0]], z[:, self.sizes[0] :].unflatten(1, (-1, self.sizes[1]))
        content = content if self.condition is None else self.condition(content, y)
        drawn = self.picture(content).float()
        channels = drawn.shape[1] // 2
        ground, layer = drawn[:, :channels], drawn[:, channels:]
        layer = torch.cat([layer[:, :channels] + 1, (layer[:, channels:] + 1) / 2], 1)  # 0 beyond the border
        moved = grid_sample(
            layer.repeat_interleave(self.frames, 0),
            affine_grid(self.path(motion), [len(z) * self.frames, *layer.shape[1:]], align_corners=False),
            align_corners=False,
        )
        shade, mask = moved[:, :channels] - 1, moved[:, channels:]
        return clips_of(mask * shade + (1 - mask) * ground.repeat_interleave(self.frames, 0), self.frames)

    def path(self, motion: Tensor) -> Tensor:
        """A_t of all frames [B T, 2, 3]."""
        state, found = torch.tanh(self.start(motion[:, 0])), list[Tensor]()
        for number in range(1, self.frames + 1):
            state = self.step(motion[:, number], state).to(motion.dtype)
            found.append(self.move(state))
        change = torch.stack(found, 1).flatten(0, 1).float().unflatten(1, (2, -1))
        return pad(change, (3 - change.shape[2], 0)) + torch.eye(2, 3, device=change.device)

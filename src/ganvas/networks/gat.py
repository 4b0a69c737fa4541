"""A plain transformer with styles that shows a picture at several depths. Hyun, Lee and Heo 2025 (GAT).

https://arxiv.org/abs/2509.24935
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from ..base.errors import UsageError
from ..base.types import Count, Given, Spec
from .equalised import unit_moment
from .layers import centre_crop, class_count, full_precision, picture_shape
from .transformer import (
    FeedForward,
    MultiHeadAttention,
    glorot,
    patch_grid,
    patch_side,
    picture_of,
)


@dataclass(frozen=True)
class Gat:
    """The generator: learnt tokens -> blocks with styles of z and y -> a patch of the picture for each token.

    Hyun et al. 2025, section 3. https://arxiv.org/abs/2509.24935
    w is a network of two layers of z and the class's embedding, over its root mean square. A block is
    h + a(w) f(r(h) (1 + g(w))) for attention and for the feed-forward f, with r the RMS norm; a and g are linear maps
    of w. In the paper they begin near 0; here g begins wide, so that pictures differ from the start. After each of
    `outputs` equal parts of the blocks a linear map of the tokens adds to the picture. `intermediate` gives the sums,
    of which the last is x, and the game's term `IntermediateOutputs` judges them. The paper generates the latents of an
    autoencoder, 32 x 32; here x is the picture itself, and tanh ends each sum. Its GAT-XL/2 is width 1152, depth 28,
    heads 16, tokens 16.

    Args:
        width: numbers of a token and of w.
        depth: blocks.
        heads: of attention; a divisor of the width.
        tokens: patches along the longer side of the picture at most; the time grows with their number.
        latent: numbers in one z.
        outputs: pictures at as many depths, the last one included; at most `depth`.
        conditional: whether it is given the class.

    Raises:
        UsageError: from `build`, if there are fewer blocks than outputs.
    """

    width: Count = 384
    depth: Count = 12
    heads: Count = 6
    tokens: Count = 16
    latent: Count = 64
    outputs: Count = 4
    conditional: bool = False

    def build(self, spec: Spec) -> nn.Module:
        shape = picture_shape(self, spec)
        if self.outputs > self.depth:
            raise UsageError(f"{self.depth} blocks have no {self.outputs} outputs", hint="Lower outputs.")
        classes = class_count(self.conditional, spec.classes)
        ends = [self.depth * number // self.outputs for number in range(1, self.outputs + 1)]
        blocks = [StyledBlock(self.width, self.heads) for _ in range(self.depth)]
        settings = {"width": self.width, "tokens": self.tokens, "latent": self.latent, "classes": classes}
        return GatGenerator(blocks, ends, shape=shape, **settings)


class StyledBlock(nn.Module):
    """h [B, N, C], w [B, C] -> [B, N, C]: attention and feed-forward with gains before and scales after, from w."""

    def __init__(self, width: int, heads: int, *, scale: float = 0.2) -> None:
        super().__init__()
        self.norms = nn.ModuleList(nn.RMSNorm(width, elementwise_affine=False) for _ in range(2))
        self.branches = nn.ModuleList([MultiHeadAttention(width, heads), FeedForward(width)])
        self.style = nn.Linear(width, 4 * width)
        self.begin = scale

    def reset_style(self) -> None:
        """Gains and scales as they begin: over w they are N(1, 0.5) and N(`scale`, 0.1)."""
        width = self.style.in_features
        nn.init.normal_(self.style.weight[: 2 * width], std=0.5 * width**-0.5)
        nn.init.normal_(self.style.weight[2 * width :], std=0.1 * width**-0.5)
        nn.init.zeros_(self.style.bias)
        nn.init.constant_(self.style.bias[2 * width :], self.begin)

    def forward(self, h: Tensor, w: Tensor) -> Tensor:
        gains, scales = self.style(w)[:, None].unflatten(2, (2, 2, -1)).unbind(2)  # each [B, 1, 2, C]
        for number, (norm, branch) in enumerate(zip(self.norms, self.branches, strict=True)):
            h = h + scales[:, :, number] * branch(norm(h) * (1 + gains[:, :, number]))
        return h


class GatGenerator(nn.Module):
    """z [B, latent] -> x [B, C, H, W] in [-1, 1]."""

    def __init__(
        self,
        blocks: list[StyledBlock],
        ends: list[int],
        *,
        shape: tuple[int, ...],
        width: int,
        tokens: int,
        latent: int,
        classes: int,
    ) -> None:
        super().__init__()
        self.latent, self.size, self.ends, self.conditional = (latent,), shape[1:], ends, bool(classes)
        self.side = patch_side(shape, tokens)
        self.grid = patch_grid(shape, self.side)
        self.embedding = nn.Embedding(classes, width) if classes else None
        inputs = latent + (width if classes else 0)
        self.mapping = nn.Sequential(nn.Linear(inputs, width), nn.SiLU(), nn.Linear(width, width))
        self.places = nn.Parameter(torch.randn(self.grid[0] * self.grid[1], width))
        self.blocks = nn.ModuleList(blocks)
        self.norms = nn.ModuleList(nn.RMSNorm(width) for _ in ends)
        self.to_patches = nn.ModuleList(nn.Linear(width, shape[0] * self.side**2) for _ in ends)
        glorot(self)
        for block in blocks:
            block.reset_style()

    def intermediate(self, z: Tensor, y: Tensor | None = None, given: Given = None) -> tuple[Tensor, ...]:
        """The pictures [B, C, H, W] of all depths, in [-1, 1]; the last one is x."""
        w = self.styles(z, y)
        h, total, shown = self.places.expand(len(z), -1, -1), torch.zeros((), device=z.device), list[Tensor]()
        for number, block in enumerate(self.blocks, 1):
            h = block(h, w)
            if number in self.ends:
                place = len(shown)
                total = total + self.to_patches[place](self.norms[place](h))
                shown.append(total)
        return tuple(
            centre_crop(torch.tanh(picture_of(each, self.grid, self.side)).float(), *self.size) for each in shown
        )

    def styles(self, z: Tensor, y: Tensor | None) -> Tensor:
        """w [B, width]."""
        code = z if self.embedding is None else torch.cat([z, unit_moment(self.embedding(y))], dim=1)
        with full_precision(z):
            return unit_moment(self.mapping(code.float()))

    def forward(self, z: Tensor, y: Tensor | None = None, given: Given = None) -> Tensor:
        return self.intermediate(z, y, given)[-1]

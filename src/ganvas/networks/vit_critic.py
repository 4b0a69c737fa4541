"""A discriminator that is a vision transformer. Dosovitskiy et al. 2021. https://arxiv.org/abs/2010.11929"""

from dataclasses import dataclass
from typing import Annotated

import torch
from annotated_types import Ge
from torch import Tensor, nn

from ..base.types import Count, Given, Spec, Verdict
from .layers import Projection, centre_pad, class_count, full_precision, picture_shape
from .transformer import TransformerBlock, glorot, patch_grid, patch_side, patches_of, positions


@dataclass(frozen=True)
class VitCritic:
    """The discriminator: patches -> tokens, and one token more -> blocks -> layer norm of that token -> one logit.

    TransGAN's (Jiang et al. 2021, section 3.1, https://arxiv.org/abs/2102.07074) and GAT's (Hyun et al. 2025,
    https://arxiv.org/abs/2509.24935) are of this form. GAT's blocks have a `layer_scale`, and RMS norms in place of
    layer norms. The class enters by projection. Patches are disjoint squares, so many that the longer side of the
    picture has at most `tokens`.

    Args:
        width: numbers of a token.
        depth: blocks.
        heads: of attention; a divisor of the width.
        tokens: patches along the longer side of the picture at most; the time grows with their number.
        layer_scale: where the scales of the blocks' branches begin; 0 for none.
        conditional: whether the class is given.
    """

    width: Count = 384
    depth: Count = 7
    heads: Count = 4
    tokens: Count = 8
    layer_scale: Annotated[float, Ge(0)] = 0.0
    conditional: bool = False

    def build(self, spec: Spec) -> nn.Module:
        shape = picture_shape(self, spec)
        classes = class_count(self.conditional, spec.classes)
        blocks = [TransformerBlock(self.width, self.heads, scale=self.layer_scale or None) for _ in range(self.depth)]
        return VitDiscriminator(blocks, shape=shape, width=self.width, tokens=self.tokens, classes=classes)


class VitDiscriminator(nn.Module):
    """x [B, C, H, W] -> one logit."""

    def __init__(
        self, blocks: list[TransformerBlock], *, shape: tuple[int, ...], width: int, tokens: int, classes: int
    ) -> None:
        super().__init__()
        self.side = patch_side(shape, tokens)
        high, wide = patch_grid(shape, self.side)
        self.size = high * self.side, wide * self.side
        self.embed = nn.Linear(shape[0] * self.side**2, width)
        self.first = positions(1, width)
        self.places = positions(high * wide, width)
        self.blocks = nn.Sequential(*blocks)
        self.norm = nn.LayerNorm(width)
        glorot(self)
        self.head = Projection(width, classes)

    def forward(self, x: Tensor, y: Tensor | None = None, given: Given = None) -> Verdict:
        h = self.embed(patches_of(centre_pad(x, *self.size), self.side)) + self.places  # [B, N, C]
        h = self.blocks(torch.cat([self.first.to(h.dtype).expand(len(x), -1, -1), h], dim=1))
        with full_precision(x):  # logits in full precision
            features = self.norm(h[:, 0].float())
            return Verdict(self.head(features, y), features=(features,))

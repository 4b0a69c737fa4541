"""The style-based generator and its discriminator. Karras et al. 2020. https://arxiv.org/abs/1912.04958"""

import itertools
from dataclasses import dataclass
from typing import Any, Literal

import torch
from torch import Tensor, nn

from ..base.types import Count, Given, NonNegative, Spec
from ..ops.resample import doubled
from .dcgan import coarsest, doublings, ladder
from .equalised import EqualConv, EqualLinear, scaled_leaky, unit_moment
from .layers import centre_crop, class_count, full_precision, picture_shape
from .modulated import StyledConv, ToImage


@dataclass(frozen=True)
class StyleGan2:
    """The generator: z -> w = f(z, y), which scales the kernels of every convolution -> x.

    Karras et al. 2020, sections 2.2 and 3, figure 7. https://arxiv.org/abs/1912.04958. From a learnt map [C, h, w] on,
    the resolution is doubled, and two convolutions follow. "skip": each resolution adds a picture of its own to the
    doubled coarser one. "residual": each resolution adds its 1 x 1 path, and one picture is made at the end.

    The class (Karras et al. 2020, "Training GANs with limited data", appendix B, https://arxiv.org/abs/2006.06676): an
    embedding of as many numbers as z, brought to length sqrt(latent) as z is, is concatenated to z. Differences from
    the papers: tanh ends the network, as x lies in [-1, 1]; a map is doubled before its convolution, by interpolation,
    in place of a transposed convolution and a filter, which is the same but at the edge.

    G takes z [B, latent], or one z for each layer, [B, layers, latent], as the game `StyleSynthesis` mixes styles.
    Truncation is a keyword: w_mean + truncation (w - w_mean), w_mean the running mean of w.

    Args:
        width: channels at the finest resolution; each coarser one has twice as many.
        latent: numbers in one z.
        style: numbers in one w.
        depth: layers of the mapping f.
        widest: the most channels of a layer.
        architecture: "skip" or "residual".
        noise: whether each convolution adds noise.
        mapping_lr_scale: factor of the learning rate of f.
        grouped: whether training computes the convolutions with a kernel for each sample; the numbers are the same.
        conditional: whether it is given the class.
    """

    width: Count = 64
    latent: Count = 512
    style: Count = 512
    depth: Count = 8
    widest: Count = 512
    architecture: Literal["skip", "residual"] = "skip"
    noise: bool = True
    mapping_lr_scale: NonNegative = 0.01
    grouped: bool = False
    conditional: bool = False

    def build(self, spec: Spec) -> nn.Module:
        shape = picture_shape(self, spec)
        classes = class_count(self.conditional, spec.classes)
        slow = float(self.mapping_lr_scale)  # type: ignore[arg-type]  # a network has no schedules
        mapping = StyleMapping(latent=self.latent, style=self.style, depth=self.depth, classes=classes, lr_scale=slow)
        widths = ladder(self.width, self.widest, shape, doublings(shape) + 1)[::-1]
        settings: Any = {"style": self.style, "noise": self.noise, "grouped": self.grouped}
        trunk = StyleTrunk(shape=shape, widths=widths, residual=self.architecture == "residual", **settings)
        return StyleGan2Generator(mapping, trunk, shape=shape)


class StyleMapping(nn.Module):
    """z [B, latent], y [B] -> w [B, style]: `depth` layers of sqrt(2) LeakyReLU. latent 0: of y, without z."""

    def __init__(self, *, latent: int, style: int, depth: int, classes: int, lr_scale: float) -> None:
        super().__init__()
        self.latent, self.style = latent, style
        embedded = (latent or style) if classes else 0
        self.embedding = nn.Linear(classes, embedded) if classes else None
        if self.embedding is not None:
            nn.init.normal_(self.embedding.weight)
            nn.init.zeros_(self.embedding.bias)
        sizes = (latent + embedded, *[style] * depth)
        self.layers = nn.ModuleList(EqualLinear(a, b, lr_scale=lr_scale) for a, b in itertools.pairwise(sizes))

    def forward(self, z: Tensor | None, y: Tensor | None) -> Tensor:
        parts = [] if z is None else [unit_moment(z)]
        if self.embedding is not None:
            parts.append(unit_moment(self.embedding.weight.T[y] + self.embedding.bias))
        h = torch.cat(parts, dim=1)
        for layer in self.layers:
            h = scaled_leaky(layer(h))
        return h


class StyleTrunk(nn.Module):
    """Styles w [B, layers, style] -> x [B, C, H', W'], before the crop; `pictures`: those of each resolution."""

    def __init__(
        self, *, shape: tuple[int, ...], widths: tuple[int, ...], style: int, residual: bool, noise: bool, grouped: bool
    ) -> None:
        super().__init__()
        high, wide = coarsest(shape)
        self.layers = 2 * len(widths)
        self.start = nn.Parameter(torch.randn(widths[0], high, wide))
        settings: Any = {"style": style, "noise": noise, "grouped": grouped}
        convolutions = [StyledConv(widths[0], widths[0], size=(high, wide), up=False, **settings)]
        for level, (before, after) in enumerate(itertools.pairwise(widths), 1):
            for width, up in ((before, True), (after, False)):
                size = high << level, wide << level
                convolutions.append(StyledConv(width, after, size=size, up=up, **settings))
        self.convolutions = nn.ModuleList(convolutions)
        pictured = widths[-1:] if residual else widths
        self.to_image = nn.ModuleList(ToImage(width, shape[0], style=style) for width in pictured)
        paths = itertools.pairwise(widths) if residual else ()
        self.paths = nn.ModuleList(EqualConv(before, after, 1, bias=False) for before, after in paths)

    def forward(self, w: Tensor) -> Tensor:
        return self.pictures(w)[-1]

    def pictures(self, w: Tensor) -> tuple[Tensor, ...]:
        """The sums of the images of all resolutions up to each, [B, C, h, w]; of the residual architecture only x."""
        styles, levels, shown = w.unbind(1), list(self.to_image), list[Tensor]()
        h = self.convolutions[0](self.start.expand(w.shape[0], -1, -1, -1), styles[0])
        if not self.paths:
            shown.append(levels.pop(0)(h, styles[1]))
        for number in range(1, len(self.convolutions), 2):
            path = doubled(self.paths[number // 2](h)) if self.paths else None  # 1 x 1 and doubling commute
            h = self.convolutions[number](h, styles[number])
            h = self.convolutions[number + 1](h, styles[number + 1])
            if path is not None:
                h = (h + path) / 2**0.5
            else:
                shown.append(doubled(shown[-1]) + levels.pop(0)(h, styles[number + 2]))
        return tuple(shown or [levels[0](h, styles[-1])])


class StyleGan2Generator(nn.Module):
    """z [B, latent] or [B, layers, latent] -> x [B, C, H, W] in [-1, 1]."""

    mean: Tensor

    def __init__(
        self, mapping: StyleMapping, trunk: StyleTrunk, *, shape: tuple[int, ...], momentum: float = 0.005
    ) -> None:
        super().__init__()
        self.mapping, self.trunk = mapping, trunk
        self.size, self.momentum, self.layers = shape[1:], momentum, trunk.layers
        self.latent = (mapping.latent,)
        self.conditional = mapping.embedding is not None
        self.register_buffer("mean", torch.zeros(mapping.style))

    def styles(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        """w of each layer, [B, layers, style], in full precision; in training w_mean follows them."""
        each = z if z.ndim == 3 else z[:, None]  # [B, L or 1, latent]
        with full_precision(z):
            w = self.mapping(each.flatten(0, 1), None if y is None else y.repeat_interleave(each.shape[1]))
        if self.training:
            self.mean.lerp_(w.detach().mean(0).to(self.mean.dtype), self.momentum)
        return w.view(z.shape[0], each.shape[1], -1).expand(-1, self.layers, -1)

    def synthesis(self, w: Tensor) -> Tensor:
        """x [B, C, H, W] of the styles w [B, layers, style]."""
        return centre_crop(torch.tanh(self.trunk(w)).float(), *self.size)

    def intermediate(self, z: Tensor, y: Tensor | None = None, given: Given = None) -> tuple[Tensor, ...]:
        """The pictures [B, C, H, W] of all resolutions, doubled to that of x, which is the last one."""
        pictures = self.trunk.pictures(self.styles(z, y if self.mapping.embedding is not None else None))
        return tuple(
            centre_crop(torch.tanh(doubled_to(each, pictures[-1].shape[2])).float(), *self.size) for each in pictures
        )

    def forward(self, z: Tensor, y: Tensor | None = None, given: Given = None, truncation: float = 1.0) -> Tensor:
        w = self.styles(z, y if self.mapping.embedding is not None else None)
        return self.synthesis(w if truncation == 1.0 else self.mean + truncation * (w - self.mean))


def doubled_to(x: Tensor, height: int) -> Tensor:
    """x [B, C, h, w], doubled until it has this height."""
    while x.shape[2] < height:
        x = doubled(x)
    return x

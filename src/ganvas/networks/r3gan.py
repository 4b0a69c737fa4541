"""Residual players without normalisation, with grouped convolutions and fix-up initialisation.

Huang et al. 2024, "The GAN is dead; long live the GAN!", section 4. https://arxiv.org/abs/2501.05441
"""

import itertools
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..base.errors import UsageError
from ..base.types import Count, Given, Spec, Verdict
from .dcgan import coarsest, doublings, ladder
from .equalised import unit_moment
from .layers import centre_crop, centre_pad, class_count, full_precision, picture_shape

EXPANSION = 2  # channels inside a block, per channel outside
BRANCH = 3  # layers of a block


@dataclass(frozen=True)
class R3gan:
    """The generator: z -> a learnt small grid -> residual blocks at each resolution, doubled between -> x.

    Huang et al. 2024, section 4 and figure 2. https://arxiv.org/abs/2501.05441
    The grid is a learnt map [C, h, w] times W [z, e(y)], channel by channel. Between two resolutions the map is doubled
    by bilinear interpolation, and a 1 x 1 convolution follows if the widths differ. The class enters as an embedding
    e(y) of as many numbers as z. Three differences from the paper: tanh ends the network, as x lies in [-1, 1];
    PyTorch's bilinear interpolation is used, whose weights are 1, 3, 3, 1; and e(y) has the length sqrt(latent), so
    that at a high learning rate it does not outgrow z.

    Args:
        width: channels at the finest resolution; each coarser one has twice as many.
        latent: numbers in one z.
        widest: the most channels outside of a block; inside it has twice as many.
        group_width: channels of a group of the 3 x 3 convolutions.
        blocks: residual blocks at each resolution.
        conditional: whether it is given the class.
    """

    width: Count = 96
    latent: Count = 64
    widest: Count = 768
    group_width: Count = 16
    blocks: Count = 2
    conditional: bool = False

    def build(self, spec: Spec) -> nn.Module:
        shape = picture_shape(self, spec)
        widths = ladder(self.width, self.widest, shape, doublings(shape) + 1)[::-1]
        classes = class_count(self.conditional, spec.classes)
        settings = {"group_width": self.group_width, "blocks": self.blocks}
        return R3ganGenerator(shape=shape, widths=widths, latent=self.latent, classes=classes, **settings)


@dataclass(frozen=True)
class R3ganCritic:
    """The discriminator, the generator's mirror image: x -> blocks at each resolution, halved between -> one logit.

    Huang et al. 2024, section 4 and figure 2. https://arxiv.org/abs/2501.05441
    To halve a map by bilinear interpolation is to take means of 2 x 2. The last map [C, h, w] passes a depthwise
    convolution of its own size, which leaves C numbers f, the features. The logit is w . f; with classes it is
    e(y) . W f / sqrt(C), with e(y) and W f of C numbers (Miyato and Koyama 2018, https://arxiv.org/abs/1802.05637).

    Args:
        width: channels at the finest resolution; each coarser one has twice as many.
        widest: the most channels outside of a block; inside it has twice as many.
        group_width: channels of a group of the 3 x 3 convolutions.
        blocks: residual blocks at each resolution.
        conditional: whether the class is given.
    """

    width: Count = 96
    widest: Count = 768
    group_width: Count = 16
    blocks: Count = 2
    conditional: bool = False

    def build(self, spec: Spec) -> nn.Module:
        shape = picture_shape(self, spec)
        widths = ladder(self.width, self.widest, shape, doublings(shape) + 1)
        classes = class_count(self.conditional, spec.classes)
        settings = {"group_width": self.group_width, "blocks": self.blocks}
        return R3ganDiscriminator(shape=shape, widths=widths, classes=classes, **settings)


class GroupedBlock(nn.Module):
    """x + c3 a(c2 a(c1 x)): 1 x 1 to twice the channels, 3 x 3 in groups, 1 x 1 back; a is bias and LeakyReLU 0.2.

    Zhang et al. 2019 (fix-up initialisation), section 3: in a network of L such branches of m = 3 layers, the first
    two begin with He's weights times L^(-1 / (2 m - 2)), the last with zeros. https://arxiv.org/abs/1901.09321
    """

    def __init__(self, width: int, group_width: int, total: int) -> None:
        super().__init__()
        hidden = EXPANSION * width
        if hidden > group_width and hidden % group_width:
            raise UsageError(
                f"{hidden} channels cannot be split into groups of {group_width}",
                hint="Set group_width to a divisor of twice the width.",
            )
        self.wide = nn.Conv2d(width, hidden, 1)
        self.spatial = nn.Conv2d(hidden, hidden, 3, padding=1, groups=max(1, hidden // group_width))
        self.narrow = nn.Conv2d(hidden, width, 1, bias=False)
        for layer in (self.wide, self.spatial):
            nn.init.kaiming_normal_(layer.weight, a=0.2)
            layer.weight.data.mul_(total ** (-1 / (2 * BRANCH - 2)))
            nn.init.zeros_(layer.bias)  # type: ignore[arg-type]  # it has one
        nn.init.zeros_(self.narrow.weight)

    def forward(self, x: Tensor) -> Tensor:
        h = F.leaky_relu(self.spatial(F.leaky_relu(self.wide(x), 0.2)), 0.2)
        return x + self.narrow(h)


def linear_convolution(before: int, after: int) -> nn.Conv2d:
    """A 1 x 1 convolution without bias that no activation follows: its weights keep the variance."""
    layer = nn.Conv2d(before, after, 1, bias=False)
    nn.init.kaiming_normal_(layer.weight, nonlinearity="linear")
    return layer


def transition(before: int, after: int) -> nn.Module:
    """The change of width between two resolutions; nothing if the widths are equal."""
    return nn.Identity() if before == after else linear_convolution(before, after)


def stages(widths: tuple[int, ...], group_width: int, blocks: int) -> nn.ModuleList:
    """`blocks` residual blocks for each width."""
    total = blocks * len(widths)
    return nn.ModuleList(
        nn.Sequential(*(GroupedBlock(width, group_width, total) for _ in range(blocks))) for width in widths
    )


class R3ganGenerator(nn.Module):
    """z [B, latent] -> x [B, C, H, W] in [-1, 1]."""

    def __init__(
        self,
        *,
        shape: tuple[int, ...],
        widths: tuple[int, ...],
        latent: int,
        classes: int,
        group_width: int,
        blocks: int,
    ) -> None:
        super().__init__()
        self.latent, self.size = (latent,), shape[1:]
        self.conditional = bool(classes)
        self.basis = nn.Parameter(torch.randn(widths[0], *coarsest(shape)))
        self.embedding = nn.Embedding(classes, latent) if classes else None
        self.first = nn.Linear(latent * (2 if classes else 1), widths[0], bias=False)
        self.transitions = nn.ModuleList(transition(before, after) for before, after in itertools.pairwise(widths))
        self.stages = stages(widths, group_width, blocks)
        self.last = linear_convolution(widths[-1], shape[0])
        nn.init.kaiming_normal_(self.first.weight, nonlinearity="linear")

    def forward(self, z: Tensor, y: Tensor | None = None, given: Given = None) -> Tensor:
        code = z if self.embedding is None else torch.cat([z, unit_moment(self.embedding(y))], dim=1)
        h = self.first(code)[:, :, None, None] * self.basis  # [B, C, h, w]
        h = self.stages[0](h)
        for narrowed, stage in zip(self.transitions, self.stages[1:], strict=True):
            h = F.interpolate(narrowed(h), scale_factor=2.0, mode="bilinear")  # 1 x 1 and doubling commute
            h = stage(h)
        return centre_crop(torch.tanh(self.last(h)).float(), *self.size)


class R3ganDiscriminator(nn.Module):
    """x [B, C, H, W] -> one logit."""

    def __init__(
        self, *, shape: tuple[int, ...], widths: tuple[int, ...], classes: int, group_width: int, blocks: int
    ) -> None:
        super().__init__()
        height, width = coarsest(shape)
        self.size = height << doublings(shape), width << doublings(shape)
        self.first = linear_convolution(shape[0], widths[0])
        self.stages = stages(widths, group_width, blocks)
        self.transitions = nn.ModuleList(transition(before, after) for before, after in itertools.pairwise(widths))
        self.whole = nn.Conv2d(widths[-1], widths[-1], (height, width), groups=widths[-1], bias=False)
        self.head = nn.Linear(widths[-1], widths[-1] if classes else 1, bias=False)
        self.embedding = nn.Embedding(classes, widths[-1]) if classes else None
        for layer in (self.whole, self.head):
            nn.init.kaiming_normal_(layer.weight, nonlinearity="linear")

    def forward(self, x: Tensor, y: Tensor | None = None, given: Given = None) -> Verdict:
        h = self.stages[0](self.first(centre_pad(x, *self.size)))
        for widened, stage in zip(self.transitions, self.stages[1:], strict=True):
            h = stage(widened(F.avg_pool2d(h, 2)))
        with full_precision(x):  # logits in full precision
            features = self.whole(h.float()).flatten(1)
            logits: Tensor = self.head(features)
            if self.embedding is not None:
                logits = (logits * self.embedding(y)).sum(1, keepdim=True) / logits.shape[1] ** 0.5
            return Verdict(logits, features=(features,))

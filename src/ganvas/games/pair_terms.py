"""Terms of a translator that compare a made picture with the true one: frozen dataclasses with a weight."""

from dataclasses import dataclass
from typing import ClassVar, Literal, Protocol, runtime_checkable

import torch
from jaxtyping import Float
from torch import Tensor

from ..base.errors import UsageError
from ..base.schedule import Number
from ..base.types import NonNegative, Verdict
from ..networks.projected import DEVIATIONS, photo_maps, resized
from ..penalties.contract import Context


@runtime_checkable
class PairTerm(Protocol):
    """One term of G: a number for each pair of a made picture and the true one."""

    needs_critic: ClassVar[bool]  # whether D is read; such a term is left out of the turn "reconstruction"

    @property
    def weight(self) -> Number:
        """Factor of the term's mean."""
        ...

    def compare(self, x: Tensor, context: Context) -> Float[Tensor, "b"]:
        """How far the made pictures are from the true ones.

        Args:
            x: true pictures [B, *shape].
            context: the turn's players; `context.x_fake` are the made pictures, `context.given` what they come from.

        Returns:
            One number for each sample, at least 0.
        """
        ...


@dataclass(frozen=True)
class MaskedL1:
    """mean |x - G(c)| over the unknown pixels, or over the known ones, of given["known"].

    Pathak et al. 2016, equation 1 (with |.| for the square). https://arxiv.org/abs/1604.07379
    A picture without such pixels counts 0.

    Args:
        weight: factor of the term.
        where: "hole", where given["known"] is 0, or "known", where it is 1.

    Raises:
        UsageError: the data give no "known" (in training).
    """

    weight: NonNegative = 1.0
    where: Literal["hole", "known"] = "hole"
    needs_critic: ClassVar[bool] = False

    def compare(self, x: Tensor, context: Context) -> Float[Tensor, "b"]:
        if "known" not in context.given:
            raise UsageError(
                "MaskedL1 needs the given tensor 'known', and the data have none",
                hint="Add the transform Hole or Strokes, or leave MaskedL1 out.",
            )
        known = (context.given["known"] > 0).to(x.dtype).expand_as(x)
        counted = 1 - known if self.where == "hole" else known
        error = ((x - context.x_fake).abs() * counted).flatten(1).sum(1)
        return error / counted.flatten(1).sum(1).clamp(min=1)


@dataclass(frozen=True)
class TotalVariation:
    """mean |dx/dh| + mean |dx/dw| of G(c): differences of neighbouring pixels.

    Rudin, Osher and Fatemi 1992, in the anisotropic form. https://doi.org/10.1016/0167-2789(92)90242-F

    Args:
        weight: factor of the term.
    """

    weight: NonNegative = 0.1
    needs_critic: ClassVar[bool] = False

    def compare(self, x: Tensor, context: Context) -> Float[Tensor, "b"]:
        made = context.x_fake
        down, right = made.diff(dim=2).abs(), made.diff(dim=3).abs()
        return down.flatten(1).mean(1) + right.flatten(1).mean(1)


@dataclass(frozen=True)
class MatchedFeatures:
    """sum over D's layers i of mean |f_i(x) - f_i(G(c))|: D sees the same in both.

    Wang et al. 2018 (pix2pixHD), equation 4. https://arxiv.org/abs/1711.11585

    Args:
        weight: factor of the term; 10 in the paper.

    Raises:
        UsageError: D gives no features (in training).
    """

    weight: NonNegative = 10.0
    needs_critic: ClassVar[bool] = True

    def compare(self, x: Tensor, context: Context) -> Float[Tensor, "b"]:
        with torch.no_grad():
            real: Verdict = context.verdict(x, "real")
        if not real.features:
            raise UsageError("MatchedFeatures needs a discriminator that gives its features", hint="Use PatchCritic.")
        pairs = zip(real.features, context.fake.features, strict=True)
        return torch.stack([(r - f).abs().flatten(1).mean(1) for r, f in pairs]).sum(0)


@dataclass(frozen=True)
class ClassMap:
    """-log p of the true class, averaged over the pixels: the cross-entropy of a map of classes.

    x holds 1 for a pixel's class and -1 for the others, [B, classes, h, w]; G(c) = 2 p - 1 with probabilities p. Long
    et al. 2015, section 4. https://arxiv.org/abs/1411.4038. Pixels without a class (-1 everywhere) count 0.

    Args:
        weight: factor of the term.
    """

    weight: NonNegative = 1.0
    needs_critic: ClassVar[bool] = False

    def compare(self, x: Tensor, context: Context) -> Float[Tensor, "b"]:
        true = (x + 1) / 2
        found = ((context.x_fake.float() + 1) / 2).clamp(min=1e-6)
        entropy = -(true * found.log()).sum(1).flatten(1)
        return entropy.sum(1) / true.sum(1).flatten(1).sum(1).clamp(min=1)


@dataclass(frozen=True)
class PerceptualTerm:
    """sum over layers i of mean |f_i(x) - f_i(G(c))| / s_i: both have the same features in a network of photographs.

    Johnson et al. 2016, equation 2 (https://arxiv.org/abs/1603.08155), with |.| for the square; f_i are four maps of
    EfficientNet-Lite0, which comes with ganvas, and s_i their deviations over photographs. Grey pictures are read as
    three equal channels. Scores in the space "photo" then flatter the run, so another space judges it.

    Args:
        weight: factor of the term.
        side: pixels of the longer side that smaller pictures are enlarged to; larger ones are read as they are.
    """

    pretrained: ClassVar[tuple[str, ...]] = ("photo",)
    weight: NonNegative = 1.0
    side: int = 48
    needs_critic: ClassVar[bool] = False

    def compare(self, x: Tensor, context: Context) -> Float[Tensor, "b"]:
        with torch.no_grad():
            real = photo_features(x, self.side)
        fake = photo_features(context.x_fake, self.side)
        return torch.stack([(r - f).abs().flatten(1).mean(1) for r, f in zip(real, fake, strict=True)]).sum(0)


def photo_features(x: Float[Tensor, "b c h w"], side: int) -> list[Tensor]:
    """Four maps of EfficientNet-Lite0, each divided by its deviation over photographs; in float32."""
    height, width = x.shape[2:]
    zoom = max(1.0, side / max(height, width))
    maps = photo_maps(resized(x, (round(height * zoom), round(width * zoom)))[:, :3])
    return [each.float() / deviation for each, deviation in zip(maps, DEVIATIONS, strict=True)]

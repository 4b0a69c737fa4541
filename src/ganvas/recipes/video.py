"""Clips of video: content and motion apart, or a path of codes from one."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ..base.schedule import Cosine
from ..data.moving_digits import MovingDigits
from ..domains.clips import Clips
from ..games.synthesis import Synthesis
from ..losses.nonsaturating import NonSaturating
from ..metrics.moving_digit_scores import MovingDigitScores
from ..networks.clip_critics import ClipCritic, FrameCritic
from ..networks.clip_generators import MotionContent, TemporalGenerator
from ..networks.dcgan import DcganCritic
from ..networks.moved_foreground import MovedForeground
from ..networks.player import Player
from ..networks.wave_critics import Joined
from ..penalties.every import Every
from ..penalties.gradient import R1
from ..training.ema import Ema
from ..training.optimisers import Adam
from .schema import Recipe

TINY: Mapping[str, Any] = {
    "batch_samples": 8,
    "samples": 16,
    "scores": [],
    "source.samples": 64,
    "source.frames": 4,
    "generator.width": 4,
}
TINY_MOCOGAN: Mapping[str, Any] = {
    **TINY,
    "discriminator.networks.0.width": 4,
    "discriminator.networks.1.network.width": 4,
}
TINY_MOCOGAN_MOVED: Mapping[str, Any] = {**TINY_MOCOGAN, "generator.hidden": 8}
TINY_TGAN: Mapping[str, Any] = {**TINY, "generator.hidden": 8, "discriminator.width": 4}


def mocogan() -> Recipe:
    """Clips: content and motion apart.

    Tulyakov et al. 2018, at a size for a CPU, with R1 in the place of batch norm in D.
    https://arxiv.org/abs/1707.04993
    """
    frame = FrameCritic(DcganCritic(width=16, batch_norm=False, conditional=True), every=4)
    return Recipe(
        source=MovingDigits(),
        domain=Clips(),
        G=Player(
            MotionContent(width=16, conditional=True),
            Adam(lr=Cosine(1e-3), beta1=0.5, beta2=0.99),
            ema=Ema(halflife_samples=1_000),
        ),
        D=Player(Joined((ClipCritic(width=16, conditional=True), frame)), Adam(lr=Cosine(3e-4), beta1=0.5, beta2=0.99)),
        game=Synthesis(loss=NonSaturating(), penalties=(Every(4, R1(gamma=10.0)),)),
        samples=60_000,
        batch_samples=16,
        scores=(MovingDigitScores(),),
    )


def mocogan_moved() -> Recipe:
    """Clips: drawn once, then moved.

    Vondrick et al. 2016, equation 1, with the thing and its mask drawn once and shifted over a still ground, and the
    discriminators of mocogan. https://arxiv.org/abs/1609.02612
    """
    base = mocogan()
    assert base.G is not None
    return replace(base, G=replace(base.G, network=MovedForeground(width=16, affine=False, conditional=True)))


def tgan() -> Recipe:
    """Clips: a path of codes, frames.

    Saito et al. 2017, at a size for a CPU, with R1 in the place of singular value clipping.
    https://arxiv.org/abs/1611.06624
    """
    adam = Adam(lr=Cosine(4e-4), beta1=0.5, beta2=0.99)
    return Recipe(
        source=MovingDigits(),
        domain=Clips(),
        G=Player(TemporalGenerator(width=16, latent=50, conditional=True), adam, ema=Ema(halflife_samples=1_000)),
        D=Player(ClipCritic(width=16, conditional=True), adam),
        game=Synthesis(loss=NonSaturating(), penalties=(Every(4, R1(gamma=1.0)),)),
        samples=60_000,
        batch_samples=16,
        scores=(MovingDigitScores(),),
    )

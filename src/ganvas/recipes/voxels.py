"""Volumes: solids of voxels, by class."""

from collections.abc import Mapping
from typing import Any

from ..base.schedule import Cosine
from ..data.solid_shapes import SolidShapes
from ..domains.volumes import Volumes
from ..games.synthesis import Synthesis
from ..losses.nonsaturating import NonSaturating
from ..metrics.shape_scores import ShapeScores
from ..networks.player import Player
from ..networks.volume_gan import VolumeCritic, VolumeGan
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
    "generator.width": 4,
    "generator.latent": 8,
    "discriminator.width": 4,
}


def voxels() -> Recipe:
    """Solids by class, in 3-D.

    Wu et al. 2016, at a size for a CPU, with R1 in the place of batch norm in D and of its pauses.
    https://arxiv.org/abs/1610.07584
    """
    return Recipe(
        source=SolidShapes(),
        domain=Volumes(),
        G=Player(
            VolumeGan(width=16, latent=64, conditional=True),
            Adam(lr=Cosine(1e-3), beta1=0.5, beta2=0.99),
            ema=Ema(halflife_samples=1_000),
        ),
        D=Player(VolumeCritic(width=16, conditional=True), Adam(lr=Cosine(3e-4), beta1=0.5, beta2=0.99)),
        game=Synthesis(loss=NonSaturating(), penalties=(Every(4, R1(gamma=10.0)),)),
        samples=30_000,
        batch_samples=16,
        scores=(ShapeScores(),),
    )

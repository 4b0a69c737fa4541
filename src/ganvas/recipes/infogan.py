"""Digits sorted into ten kinds without a label. Chen et al. 2016. https://arxiv.org/abs/1606.03657"""

from dataclasses import replace

from ..base.schedule import Cosine
from ..games.infogan import InfoGan
from ..losses.nonsaturating import NonSaturating
from ..metrics.codes import CodeAccuracy
from ..metrics.digits import DigitScores
from ..networks.conditional import ClassBesideZ
from ..networks.dcgan import Dcgan, DcganCritic
from ..networks.heads import CodeHead
from ..networks.player import Player
from ..training.ema import Ema
from ..training.optimisers import Adam
from .dcgan import dcgan
from .schema import Recipe


def infogan() -> Recipe:
    """A category of ten and two dials, as in the paper's section 7.2; 62 numbers of noise; narrow and quick as recipe `mnist`."""
    adam = Adam(lr=Cosine(1e-3, warmup_samples=6_400))
    return replace(
        dcgan(),
        G=Player(ClassBesideZ(Dcgan(width=32, latent=64), classes=10), adam, ema=Ema(halflife_samples=5_000)),
        D=Player(CodeHead(DcganCritic(width=32, batch_norm=False)), adam),
        game=InfoGan(loss=NonSaturating()),
        samples=150_000,
        scores=(DigitScores(), CodeAccuracy()),
        tiny={"G.network.network.width": 4, "D.network.network.width": 4, "batch_samples": 8, "samples": 16, "scores": []},
    )

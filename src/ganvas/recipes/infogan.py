"""Digits clustered into ten categories without labels. Chen et al. 2016. https://arxiv.org/abs/1606.03657"""

from dataclasses import replace

from ..games.code_term import CodeTerm
from ..games.synthesis import Synthesis
from ..losses.nonsaturating import NonSaturating
from ..metrics.clustering_accuracy import CodeAccuracy
from ..metrics.digit_scores import DigitScores
from ..networks.conditional import ClassConcat
from ..networks.dcgan import Dcgan, DcganCritic
from ..networks.heads import CodeHead
from ..networks.player import Player
from ..training.ema import Ema
from ..training.optimisers import Adam
from .dcgan import dcgan
from .schema import Recipe


def infogan() -> Recipe:
    """Digits clustered without labels.

    A categorical code of ten values and two continuous codes, as in section 7.2; Adam at 1e-3 for G and 2e-4 for D,
    batch norm in both, as in appendix C.1.

    Ten numbers of noise for the paper's 62, and networks half as wide: with much noise and a short run the categorical
    code explains small details only. `read_as_asked` has no meaning here, as categories have no names;
    `code_accuracy` matches them to digits.
    """
    return replace(
        dcgan(),
        G=Player(ClassConcat(Dcgan(width=32, latent=12), classes=10), Adam(lr=1e-3), ema=Ema(halflife_samples=5_000)),
        D=Player(CodeHead(DcganCritic(width=32)), Adam(lr=2e-4)),
        game=Synthesis(loss=NonSaturating(), auxiliary=(CodeTerm(),)),
        samples=200_000,
        scores=(DigitScores(), CodeAccuracy()),
    )

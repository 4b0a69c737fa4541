"""AC-GAN with a term that compares the samples of a batch. Kang et al. 2021. https://arxiv.org/abs/2111.01118"""

from dataclasses import replace

from ..games.data_cross_entropy import DataCrossEntropy
from ..games.synthesis import Synthesis
from ..losses.hinge import Hinge
from ..networks.dcgan import DcganCritic
from ..networks.proxy_head import ProxyHead
from .acgan import acgan
from .schema import Recipe


def reacgan() -> Recipe:
    """D compares samples with classes.

    `acgan` with the paper's term in place of the classifier, and its hinge loss. D has 128 numbers for each sample and
    class, where StudioGAN's has 512. No spectral norm.
    """
    base = acgan()
    assert base.D is not None
    return replace(
        base,
        D=replace(base.D, network=ProxyHead(DcganCritic(width=32, batch_norm=False), embedding=128)),
        game=Synthesis(loss=Hinge(), auxiliary=(DataCrossEntropy(),)),
    )

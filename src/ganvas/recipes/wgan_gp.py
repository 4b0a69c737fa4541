"""The Wasserstein distance, with a penalty on the critic's gradient. Gulrajani et al. 2017.

https://arxiv.org/abs/1704.00028
"""

from dataclasses import replace

from ..base.schedule import Cosine
from ..games.synthesis import Synthesis
from ..losses.wasserstein import Wasserstein
from ..penalties.wgan_gp import WganGp
from ..training.optimisers import Adam
from .dcgan import narrow_dcgan
from .schema import Recipe


def wgan_gp() -> Recipe:
    """Wasserstein loss, gradient penalty.

    Weight 10, 5 critic turns, Adam (0, 0.9); 20 times the paper's learning rate of 1e-4 and half its batch.
    Algorithm 1.
    """
    return replace(
        narrow_dcgan(Adam(lr=Cosine(2e-3), beta1=0.0, beta2=0.9)),
        game=Synthesis(loss=Wasserstein(), penalties=(WganGp(weight=10.0),), n_critic=5),
        samples=300_000,
        batch_samples=32,
    )

"""A penalty on D's gradient near the data only. Kodali et al. 2017. https://arxiv.org/abs/1705.07215"""

from dataclasses import replace

from ..base.schedule import Cosine
from ..games.synthesis import Synthesis
from ..losses.nonsaturating import NonSaturating
from ..penalties.dragan import Dragan
from ..training.optimisers import Adam
from .dcgan import narrow_dcgan
from .schema import Recipe


def dragan() -> Recipe:
    """Gradient penalty near the data.

    Weight 10 and one turn each, as in the paper; no batch norm in D, as the penalty needs gradients of single samples.
    """
    return replace(
        narrow_dcgan(Adam(lr=Cosine(2e-3, warmup_samples=6_400))),
        game=Synthesis(loss=NonSaturating(), penalties=(Dragan(weight=10.0),)),
        samples=300_000,
    )

"""Styles that scale kernels: StyleGAN2 by class. Karras et al. 2020. https://arxiv.org/abs/1912.04958"""

from dataclasses import replace
from typing import Any

from ..augment.blit import Blit
from ..augment.colour_map import ColourMap
from ..augment.warp import Warp
from ..base.schedule import Cosine
from ..data.mnist import Mnist
from ..games.adaptive import Adaptive
from ..games.style_synthesis import StyleSynthesis
from ..losses.nonsaturating import NonSaturating
from ..metrics.digit_scores import DigitScores
from ..networks.player import Player
from ..networks.stylegan2 import StyleGan2
from ..networks.stylegan2_critic import StyleGan2Critic
from ..penalties.every import Every
from ..penalties.gradient import R1
from ..penalties.path_length import PathLength
from ..training.optimisers import Adam
from .dcgan import averaged
from .schema import Recipe


def stylegan2() -> Recipe:
    """Styles, noise, path length.

    The paper's game: style mixing for 0.9 of the samples, R1 in every 16th turn of D and the path length in every 8th
    of G, minibatch deviation, equalised learning rates, Adam (0, 0.99). For one core: width 8 with classes, two layers
    of mapping, and three times the paper's learning rate, falling to zero.
    """
    adam = Adam(lr=Cosine(8e-3), beta1=0.0, beta2=0.99)
    size: Any = {"width": 8, "widest": 64, "conditional": True}
    return Recipe(
        source=Mnist(),
        G=averaged(StyleGan2(latent=64, style=64, depth=2, **size), adam),
        D=Player(StyleGan2Critic(depth=2, **size), adam),
        game=StyleSynthesis(
            loss=NonSaturating(),
            penalties=(Every(16, R1(gamma=0.1)),),
            generator_penalties=(Every(8, PathLength()),),
        ),
        samples=150_000,
        batch_samples=16,
        scores=(DigitScores(),),
    )


def stylegan2_ada() -> Recipe:
    """stylegan2 for few pictures.

    D sees what it judges shifted, turned, scaled and recoloured, with a probability that rises while D overfits. Karras
    et al. 2020, https://arxiv.org/abs/2006.06676, where it rises from 0 to 1 in 500,000 samples; here in 50,000, as a
    run is shorter.
    """
    base = stylegan2()
    assert isinstance(base.game, StyleSynthesis)
    game = replace(base.game, views=(Blit(), Warp(), ColourMap()), adaptive=Adaptive(samples=50_000))
    return replace(base, game=game)

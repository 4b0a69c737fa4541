"""Translation without pairs. Zhu et al. 2017 (CycleGAN). https://arxiv.org/abs/1703.10593"""

from dataclasses import replace

from ..augment.differentiable import Translate
from ..base.schedule import Cosine
from ..data.colour_digits import PlainDigits, TexturedDigits
from ..games.cycle import Cycle
from ..metrics.translated_digits import TranslatedDigits
from ..networks.patch import PatchCritic
from ..networks.player import Player
from ..networks.residual_translator import ResidualTranslator
from ..penalties.every import Every
from ..penalties.gradient import R1
from ..training.ema import Ema
from ..training.optimisers import Adam
from .schema import Recipe

TINY = {
    "batch_samples": 8,
    "samples": 16,
    "scores": [],
    **{f"{player}.network.width": 4 for player in ("G", "D", "others.F", "others.D_A")},
}


def cyclegan() -> Recipe:
    """Translates there and back.

    For two sets whose pictures show the same in two looks, such as photographs of one landscape in summer and winter;
    with the paper's weights of the cycles and of the identity terms, which keep the colours.

    Without --data: digits in coloured textures to white digits on black, and back. There G hides the colours in its
    digits, because the cycle asks for them; `cyclegan.styles` is for sets such as these (docs/recipes.md).
    """
    adam = Adam(lr=Cosine(1e-3, warmup_samples=1_000))
    translator = Player(ResidualTranslator(width=16, blocks=3, halvings=1), adam, ema=Ema())
    critic = Player(PatchCritic(width=48, condition=None), adam)
    return Recipe(
        source=PlainDigits(),
        streams={"input": TexturedDigits()},
        G=translator,
        D=critic,
        others={"F": translator, "D_A": critic},
        game=Cycle(),
        samples=60_000,
        batch_samples=16,
        scores=(TranslatedDigits(),),
        scorings=3,
    )


def cyclegan_styles() -> Recipe:
    """Translates, with many ways back.

    Digits in coloured textures to white digits on black (G), and back (F). No digit is in both sets. A white digit has
    many textures, so F takes a latent that says which, and only the cycle from the white digits is asked for. So --data
    is the set that has more to show, and --to the plainer one.

    Almahairi et al. 2018 (Augmented CycleGAN), without an encoder of the latent. https://arxiv.org/abs/1802.10151
    """
    adam = Adam(lr=Cosine(1e-3, warmup_samples=1_000))
    translator = ResidualTranslator(width=16, blocks=3, halvings=1)
    critic = Player(PatchCritic(width=48, condition=None), adam)
    return Recipe(
        source=PlainDigits(),
        streams={"input": TexturedDigits()},
        G=Player(translator, adam, ema=Ema()),
        D=critic,
        others={"F": Player(replace(translator, style=8, style_side=4), adam, ema=Ema()), "D_A": critic},
        game=Cycle(
            cycle_weight_a=0.0,
            cycle_weight_b=5.0,
            identity_weight_a=0.0,
            identity_weight_b=0.0,
            hiding_noise=0.2,
            penalties=(Every(interval=4, each=R1(gamma=0.2)),),
            views=(Translate(),),
        ),
        samples=60_000,
        batch_samples=16,
        scores=(TranslatedDigits(),),
        scorings=3,
    )

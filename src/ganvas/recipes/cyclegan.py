"""Translation without pairs. Zhu et al. 2017 (CycleGAN). https://arxiv.org/abs/1703.10593"""

from ..base.schedule import Cosine
from ..data.colour_digits import PlainDigits, TexturedDigits
from ..games.cycle import Cycle
from ..metrics.translated_digits import TranslatedDigits
from ..networks.patch import PatchCritic
from ..networks.player import Player
from ..networks.residual_translator import ResidualTranslator
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

    Digits in coloured textures to white digits on black (G), and back (F). No digit is in both domains. A white digit
    cannot show the texture that it was made from, so the cycle from the textures has a tenth of the paper's weight, and
    there are no identity terms: with the paper's weights G hides the colours in its digits, and fewer of them are read
    right (docs/recipes.md).
    """
    adam = Adam(lr=Cosine(1e-3, warmup_samples=1_000))
    translator = Player(ResidualTranslator(width=16, blocks=3, halvings=2), adam, ema=Ema())
    critic = Player(PatchCritic(width=32, condition=None), adam)
    return Recipe(
        source=PlainDigits(),
        streams={"input": TexturedDigits()},
        G=translator,
        D=critic,
        others={"F": translator, "D_A": critic},
        game=Cycle(cycle_weight_a=1.0, identity_weight_a=0.0, identity_weight_b=0.0),
        samples=40_000,
        batch_samples=16,
        scores=(TranslatedDigits(),),
        scorings=3,
    )

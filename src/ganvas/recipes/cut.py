"""One-sided translation without pairs. Park et al. 2020 (CUT). https://arxiv.org/abs/2007.15651"""

from ..base.schedule import Cosine
from ..data.colour_digits import PlainDigits, TexturedDigits
from ..games.contrast import Contrast
from ..metrics.translated_digits import TranslatedDigits
from ..networks.patch import PatchCritic
from ..networks.patch_heads import PatchHeads
from ..networks.player import Player
from ..networks.residual_translator import ResidualTranslator
from ..training.ema import Ema
from ..training.optimisers import Adam
from .schema import Recipe
from .tiny import PICTURES

TINY = {**PICTURES, "generator.features": 8}


def cut() -> Recipe:
    """Translates one way, no pairs.

    Digits in coloured textures to white digits on black. No digit is in both domains. Without the identity term and
    in batches of 8, more digits are read right after as many images (docs/recipes.md).
    """
    adam = Adam(lr=Cosine(1e-3, warmup_samples=1_000))
    translator = PatchHeads(ResidualTranslator(width=16, blocks=3, halvings=1), features=64)
    return Recipe(
        source=PlainDigits(),
        streams={"input": TexturedDigits()},
        G=Player(translator, adam, ema=Ema()),
        D=Player(PatchCritic(width=32, condition=None), adam),
        game=Contrast(identity_weight=0.0),
        samples=60_000,
        batch_samples=8,
        scores=(TranslatedDigits(),),
        scorings=3,
    )

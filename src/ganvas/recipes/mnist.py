"""The demonstration: handwritten digits by class, in minutes on two cores. docs/recipes.md tells what was tried."""

from ..base.schedule import Cosine
from ..data.mnist import Mnist
from ..games.class_term import ClassTerm
from ..games.synthesis import Synthesis
from ..losses.nonsaturating import NonSaturating
from ..metrics.digits import DigitScores
from ..networks.dcgan import Dcgan, DcganCritic
from ..networks.heads import ClassHead
from ..networks.player import Player
from ..training.ema import Ema
from ..training.optimisers import Adam
from .schema import Recipe


def mnist() -> Recipe:
    """The demonstration, for two cores.

    The demonstration, for two cores.

    A narrow conditional DCGAN whose D also names the digit; twenty times the textbook's learning rate, cosine to zero over the run.
    """
    lr = Cosine(4e-3, warmup_samples=6_400)
    return Recipe(
        source=Mnist(),
        G=Player(Dcgan(width=32, latent=64, conditional=True), Adam(lr=lr), ema=Ema(halflife_samples=5_000)),
        D=Player(ClassHead(DcganCritic(width=32, batch_norm=False, conditional=True)), Adam(lr=lr)),
        game=Synthesis(loss=NonSaturating(), auxiliary=(ClassTerm(fakes_weight=0.0),)),
        samples=150_000,
        scores=(DigitScores(),),
        scorings=3,  # each takes as long as 15,000 images
        tiny={"generator.width": 4, "discriminator.width": 4, "batch_samples": 8, "samples": 16, "scores": []},
    )

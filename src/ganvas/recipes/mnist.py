"""The demonstration: handwritten digits by class, in minutes on two cores."""

from ..base.schedule import Cosine
from ..data.mnist import Mnist
from ..games.synthesis import Synthesis
from ..losses.nonsaturating import NonSaturating
from ..metrics.digits import DigitScores
from ..networks.dcgan import Dcgan, DcganCritic
from ..networks.player import Player
from ..training.ema import Ema
from ..training.optimisers import Adam
from .schema import Recipe


def mnist() -> Recipe:
    """A narrow conditional DCGAN, ten times the textbook's learning rate, cosine to zero over the run."""
    lr = Cosine(2e-3, warmup_samples=6_400)
    return Recipe(
        source=Mnist(),
        G=Player(Dcgan(width=32, latent=64, conditional=True), Adam(lr=lr), ema=Ema(halflife_samples=5_000)),
        D=Player(DcganCritic(width=32, batch_norm=False, conditional=True), Adam(lr=lr)),
        game=Synthesis(loss=NonSaturating()),
        samples=150_000,
        scores=(DigitScores(),),
        tiny={"generator.width": 4, "discriminator.width": 4, "batch_samples": 8, "samples": 16, "scores": []},
    )

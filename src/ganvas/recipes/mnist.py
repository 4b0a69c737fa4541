"""The demonstration: handwritten digits by class, in minutes on two cores. docs/recipes.md lists the trials."""

from ..base.schedule import Cosine
from ..data.mnist import Mnist
from ..games.class_term import ClassTerm
from ..games.synthesis import Synthesis
from ..losses.nonsaturating import NonSaturating
from ..metrics.digit_mlp_scores import DigitMlpScores
from ..metrics.digit_scores import DigitScores
from ..networks.dcgan import Dcgan, DcganCritic
from ..networks.heads import ClassHead
from ..networks.player import Player
from ..training.optimisers import Adam
from .dcgan import averaged
from .schema import Recipe


def mnist() -> Recipe:
    """The demonstration, for two cores.

    A narrow conditional DCGAN whose D also predicts the digit; twenty times the textbook's learning rate, cosine to
    zero over the run.
    """
    adam = Adam(lr=Cosine(4e-3, warmup_samples=6_400))
    return Recipe(
        source=Mnist(),
        G=averaged(Dcgan(width=32, latent=64, conditional=True), adam),
        D=Player(ClassHead(DcganCritic(width=32, batch_norm=False, conditional=True)), adam),
        game=Synthesis(loss=NonSaturating(), auxiliary=(ClassTerm(fakes_weight=0.0),)),
        samples=150_000,
        scores=(DigitScores(), DigitMlpScores()),  # D's class head may flatter the first
        scorings=3,  # each takes as long as 15,000 images
    )

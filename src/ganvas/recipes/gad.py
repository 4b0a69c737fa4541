"""GAD: adversarial distillation of a teacher of which only samples are had. Ye et al. 2025.

https://arxiv.org/abs/2511.10643
"""

from dataclasses import replace

from ..games.likelihood import Likelihood
from ..games.reinforce import Reinforce
from ..games.rewards import Logit, MovingBaseline
from ..losses.relativistic import Relativistic
from ..networks.player import Player
from ..networks.text_cnn_critic import TextCnnCritic
from ..training.optimisers import Adam
from .schema import Phase, Recipe
from .seqgan import FIRST, SMALL, seqgan
from .text import text

WRITERS = {"generator.embedding": 4, "generator.width": 4, "discriminator.embedding": 4, "discriminator.filters": 4}
TINY = {**WRITERS, "source.samples": 200, "samples": 32, "batch_samples": 8, "scores": []}
TINY_GAD_ORACLE = {**SMALL, **WRITERS, "scores": []}


def gad() -> Recipe:
    """A teacher learnt from its texts.

    Maximum likelihood of the teacher's texts first, which is sequence-level distillation; then D learns from pairs of a
    text of the teacher and one of G, and its logit is the reward. Not as in the paper: no prompts, so the baseline is
    the moving mean of the reward in place of the mean of a group, and rewards are not divided by their deviation.
    Numbers in English words, unless --data names the teacher's texts.
    """
    made = text()
    assert made.G is not None
    return replace(
        made,
        G=replace(made.G, optimiser=Adam(lr=3e-4, beta1=0.9)),
        D=Player(TextCnnCritic(embedding=32, filters=64), Adam(lr=1e-3, beta1=0.5)),
        game=Reinforce(loss=Relativistic(), reward=Logit(), baseline=MovingBaseline(start=0.0)),
        phases=(
            Phase(samples=12, game=Likelihood(), changes={"G.optimiser.lr": 2e-3}),
            Phase(samples=1, turns=("discriminator",)),
            Phase(samples=3),
        ),
        samples=200_000,
    )


def gad_oracle() -> Recipe:
    """gad of a random LSTM.

    Its likelihood is known and is not used in training: it judges.
    """
    taught, made = seqgan(), gad()
    assert taught.G is not None
    assert made.G is not None
    return replace(
        taught,
        G=replace(made.G, network=taught.G.network),
        D=made.D,
        game=made.game,
        phases=(replace(made.phases[0], changes=FIRST), *made.phases[1:]),
    )

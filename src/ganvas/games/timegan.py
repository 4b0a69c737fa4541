"""TimeGAN: a GAN in the space of an autoencoder, beside a network that predicts the next step. Yoon et al. 2019.

https://proceedings.neurips.cc/paper/2019/hash/c9efe5f26cd17ba6216bbe2a7d26d490-Abstract.html
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import torch
import torch.nn.functional as F
from torch import Tensor

from ..base.types import Batch, Count, NonNegative, Spec, Term
from .contract import Draws, Game, Latents, Play, Terms, Turn

SMALLEST = 1e-8  # below a root, whose slope at 0 is infinite


@dataclass(frozen=True)
class Timegan(Game):
    """h = E(x), x~ = R(h), h^ = S(G(z)), x^ = R(h^); D: h or h^, and h or G(z)? S: h_t from h_{t-1}. Yoon et al. 2019.

    https://proceedings.neurips.cc/paper/2019/hash/c9efe5f26cd17ba6216bbe2a7d26d490-Abstract.html
    E and R: 10 |x - x~| (equation 7) + 0.1 L_S; L_S = mean |h_t - S(h)_{t-1}|^2 (equation 9). G and S: the adversarial
    term (equation 8) of h^ and of G(z), 100 sqrt(L_S), and 100 times the distance of means and standard deviations of
    x and x^. |.| is the root of the mean square; weights as in the program of the authors. Phases: "embedding" alone,
    "supervised" alone, then the round. Not as there: D learns in every round, also where its loss is below 0.15.

    Args:
        width: numbers of h at a step.
        reconstruction: weight of equation 7.
        supervision: weight of L_S of E.
        prediction: weight of sqrt(L_S) of G and S.
        moments: weight of the distance of means and deviations.
        unsupervised: gamma, the weight of the verdict on G(z).
    """

    width: Count = 24
    reconstruction: NonNegative = 10.0
    supervision: NonNegative = 0.1
    prediction: NonNegative = 100.0
    moments: NonNegative = 100.0
    unsupervised: NonNegative = 1.0

    @property
    def uses_labels(self) -> bool:
        return False

    def turns(self) -> Mapping[str, Turn]:
        return {
            "embedding": Turn(("E", "R"), self.embedding_turn),
            "supervised": Turn(("S",), self.supervised_turn),
            "generator": Turn(("G", "S"), self.generator_turn),
            "embedder": Turn(("E", "R"), self.embedder_turn),
            "discriminator": Turn(("D",), self.discriminator_turn),
        }

    def round(self) -> tuple[str, ...]:
        return ("generator", "embedder") * 2 + ("discriminator",)

    def embedding_turn(self, play: Play, batch: Batch, draws: Draws) -> Terms:
        again = through(play, "R", through(play, "E", batch.x))
        return {"reconstruction": Term(root_mean_square(batch.x - again), self.reconstruction)}

    def supervised_turn(self, play: Play, batch: Batch, draws: Draws) -> Terms:
        return {"prediction": Term(next_step_error(play, through(play, "E", batch.x)))}

    def embedder_turn(self, play: Play, batch: Batch, draws: Draws) -> Terms:
        h = through(play, "E", batch.x)
        again = through(play, "R", h)
        return {
            "reconstruction": Term(root_mean_square(batch.x - again), self.reconstruction),
            "prediction": Term(next_step_error(play, h), self.supervision),
        }

    def generator_turn(self, play: Play, batch: Batch, draws: Draws) -> Terms:
        first = through(play, "G", self.latents(play, draws, batch).z)
        made = through(play, "S", first)
        logits, early = play.D(torch.cat([made, first]), None, {}).scores.chunk(2)
        error = next_step_error(play, through(play, "E", batch.x))
        return {
            "adversarial": Term(F.softplus(-logits)),
            "adversarial_unsupervised": Term(F.softplus(-early), self.unsupervised),
            "prediction": Term((error.mean() + SMALLEST).sqrt(), self.prediction),
            "moments": Term(moment_distance(batch.x, through(play, "R", made)), self.moments),
        }

    def discriminator_turn(self, play: Play, batch: Batch, draws: Draws) -> Terms:
        with torch.no_grad():
            first = through(play, "G", self.latents(play, draws, batch).z)
            every = torch.cat([through(play, "E", batch.x), through(play, "S", first), first])
        real, made, early = play.D(every, None, {}).scores.chunk(3)
        return {
            "adversarial": Term(F.softplus(-real) + F.softplus(made)),
            "adversarial_unsupervised": Term(F.softplus(early), self.unsupervised),
        }

    def generate(self, play: Play, latents: Latents, batch: Batch) -> Tensor:
        return through(play, "R", through(play, "S", through(play, "G", latents.z)))

    def logits(self, play: Play, batch: Batch, x: Tensor) -> Tensor | None:
        return play.D(through(play, "E", x), None, {}).scores

    def player_spec(self, name: str, spec: Spec) -> Spec:
        inputs = {"E": spec.shape[0], "R": self.width, "S": self.width}
        settings = {**spec.settings, **({"inputs": inputs[name]} if name in inputs else {})}
        return replace(spec, shape=spec.shape if name == "R" else (self.width, spec.shape[1]), settings=settings)

    def player_input(self, name: str, x: Tensor) -> Tensor:
        return x if name == "E" else x.new_zeros(len(x), self.width, x.shape[2])


def through(play: Play, name: str, x: Tensor | None) -> Tensor:
    """What a player makes of a sequence."""
    return play.generator(name)(x, None, {})


def root_mean_square(difference: Tensor) -> Tensor:
    """The root of the mean square over the batch, a scalar."""
    return (difference.square().mean() + SMALLEST).sqrt()


def next_step_error(play: Play, h: Tensor) -> Tensor:
    """[B]: the mean of |h_t - S(h)_{t-1}|^2 over t > 1. Yoon et al. 2019, equation 9."""
    return (h[:, :, 1:] - through(play, "S", h)[:, :, :-1]).square().flatten(1).mean(1)


def moment_distance(x: Tensor, made: Tensor) -> Tensor:
    """mean |mean x - mean x^| + mean |sd x - sd x^| over the batch, at each step of each channel."""
    means = (x.mean(0) - made.mean(0)).abs().mean()
    deviations = [(each.var(0, correction=0) + 1e-6).sqrt() for each in (x, made)]
    return means + (deviations[0] - deviations[1]).abs().mean()

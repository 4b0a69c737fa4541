"""D judges pictures of lesser depth too. Hyun, Lee and Heo 2025 (GAT). https://arxiv.org/abs/2509.24935"""

from dataclasses import dataclass, field
from typing import Annotated, ClassVar

import torch
from annotated_types import Ge, Le
from torch import Tensor

from ..base.errors import UsageError
from ..base.schedule import Number
from ..base.types import Loss, NonNegative, Term
from ..losses.nonsaturating import NonSaturating
from ..penalties.contract import Context
from .contract import Draws, Latents, Play, Terms

Amplitude = Annotated[float, Ge(0), Le(1)]


@dataclass(frozen=True)
class IntermediateOutputs:
    """D: sum_k w_k L(D(n_k(x)), D(n_k(x_k))); G: the same of its side, + v |x_k - x_K|^2; x_1, ..., x_K = G(z).

    n_k(x) = a_k x + sqrt(1 - a_k^2) e with e ~ N(0, 1): multi-level noise-perturbed guidance of Hyun et al. 2025,
    section 3 (https://arxiv.org/abs/2509.24935). The less deep a picture is made, the more noise is on it where it is
    judged, and on the reals with it; so early layers learn coarse shapes. The last picture, x_K, is judged by the game
    itself, without noise. In the paper D gets the pictures of all depths at once, as one sequence; here the same D
    judges each alone, with a weight, so that any D will do.

    The second summand of G is after CAT (Hyun et al. 2026, https://arxiv.org/abs/2605.26449): depths of one sample are
    kept alike. Its gradient does not reach x_K, and it is a mean over the numbers of x. CAT compares smaller pictures.

    G must show its pictures (`Gat`; `StyleGan2` with the architecture "skip").

    Args:
        loss: L, the loss of both players.
        weights: w_k, the least depth first; one for each depth but the last.
        amplitudes: a_k of the same depths, from 0 (noise alone) to 1 (no noise).
        alignment: v.

    Raises:
        UsageError: weights and amplitudes differ in number; in training, if G shows more or fewer depths.
    """

    uses_labels: ClassVar[bool] = True
    reads_intermediate: ClassVar[bool] = True
    loss: Loss = field(default_factory=NonSaturating)
    weights: tuple[NonNegative, ...] = (0.5, 0.5, 0.5)
    amplitudes: tuple[Amplitude, ...] = (0.25, 0.4, 0.63)
    alignment: NonNegative = 0.0

    def __post_init__(self) -> None:
        if len(self.weights) != len(self.amplitudes):
            raise UsageError(
                f"IntermediateOutputs has {len(self.weights)} weights and {len(self.amplitudes)} amplitudes",
                hint="Set one of each for every depth but the last.",
            )

    @property
    def needs_real(self) -> bool:
        """Whether G's side of the loss reads reals."""
        return self.loss.needs_real

    def latents(self, play: Play, draws: Draws, y: Tensor | None) -> Latents | None:
        return None

    def discriminator_terms(self, context: Context) -> Terms:
        logits = self.logits(context, "real", "fake")
        return {
            name: Term(self.loss.discriminator(real=logits[f"{name}.real"], fake=logits[f"{name}.fake"]), weight)
            for name, weight in self._depths()
        }

    def generator_terms(self, context: Context) -> Terms:
        logits = self.logits(context, *(("real", "fake") if self.needs_real else ("fake",)))
        terms = {
            name: Term(self.loss.generator(real=logits.get(f"{name}.real"), fake=logits[f"{name}.fake"]), weight)
            for name, weight in self._depths()
        }
        if self.alignment:
            x = context.x_fake.detach()
            each = [(shown - x).square().flatten(1).mean(1) for shown in context.intermediate]
            terms["alignment"] = Term(torch.stack(each).sum(0), self.alignment)
        return terms

    def logits(self, context: Context, *kinds: str) -> dict[str, Tensor]:
        """D's logits [B, K] of noisy samples by name, such as "depth.1.fake".

        Args:
            context: of the turn.
            kinds: "real", "fake", or both.

        Raises:
            UsageError: G shows more or fewer depths than there are weights.
        """
        shown = context.intermediate
        if len(shown) != len(self.weights):
            raise UsageError(
                f"IntermediateOutputs has {len(self.weights)} weights, and G shows {len(shown)} depths before the last",
                hint="Set weights and amplitudes for each, or `outputs` of the generator.",
            )
        noisy: dict[str, Tensor] = {}
        for (name, _), fake, a in zip(self._depths(), shown, self.amplitudes, strict=True):
            for kind in kinds:
                x, noise = fake if kind == "fake" else context.x_real, f"noise.{name}.{kind}"
                noisy[f"{name}.{kind}"] = a * x + (1 - a * a) ** 0.5 * context.draws.normal(noise, *x.shape[1:])
        return {name: verdict.scores for name, verdict in context.verdicts(noisy).items()}

    def _depths(self) -> list[tuple[str, Number]]:
        """The names of the depths but the last, with their weights."""
        return [(f"depth.{number}", weight) for number, weight in enumerate(self.weights, 1)]

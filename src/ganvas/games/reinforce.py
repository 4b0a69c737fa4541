"""A GAN for tokens by policy gradient: D's verdict is G's reward."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

import torch
from annotated_types import Ge, Le
from jaxtyping import Float, Int
from torch import Tensor

from ..base.types import Batch, NonNegative, Term
from ..ops.eval_mode import eval_mode
from .contract import Draws, Play, Terms
from .likelihood import negative_log_likelihood, token_losses, token_mask, token_writer
from .rewards import MovingBaseline, RealProbability, Reward
from .synthesis import Synthesis

AT_ONCE = 4  # positions of a sequence that are completed in one batch: faster than one at a time, and fits the cache


@dataclass(frozen=True)
class Reinforce(Synthesis):
    """D as in Synthesis; G: - sum_t A_t log p(x_t | x_1 ... x_{t-1}) / T for its own samples x (REINFORCE).

    Williams 1992, theorem 1, https://doi.org/10.1007/BF00992696; for GANs Yu et al. 2017 (SeqGAN), equation 6,
    https://arxiv.org/abs/1609.05473. A_t is

    - with a D that scores every token (TextLstmCritic): sum_{s >= t} discount^(s - t) (r_s - b), as in de Masson
      d'Autume et al. 2019 (ScratchGAN), section 4, https://arxiv.org/abs/1905.09922;
    - with a D that scores whole sequences: discount^(n - t) (r - b), n the length;
    - with `completions` N > 0: Q_t - b, Q_t the mean reward of N sequences that G completes after x_1 ... x_t (SeqGAN,
      equation 4). It costs N T times the sampling.

    Args:
        reward: r, of D's logits.
        baseline: b; None: b is 0.
        discount: in [0, 1].
        completions: N; 0 for none.
        likelihood_weight: of the data's negative log-likelihood a token, as a further term of G.
    """

    reward: Reward = field(default_factory=RealProbability)
    baseline: MovingBaseline | None = field(default_factory=MovingBaseline)
    discount: Annotated[float, Ge(0), Le(1)] = 1.0
    completions: Annotated[int, Ge(0)] = 0
    likelihood_weight: NonNegative = 0.0

    def generator_turn(self, play: Play, batch: Batch, draws: Draws) -> Terms:
        network = token_writer(play)
        x = self.generate(play, self.latents(play, draws, batch), batch)
        mask = token_mask(x).float()
        advantage = self.advantages(play, batch, draws, x) * mask
        losses = token_losses(network.token_logits(x, batch.given), x)
        terms = {"adversarial": Term((advantage * losses).sum(1) / x.shape[1], self.adversarial_weight)}
        if self.likelihood_weight:
            likelihood = negative_log_likelihood(play, batch.x, given=batch.given) / x.shape[1]
            terms["likelihood"] = Term(likelihood, self.likelihood_weight)
        return terms

    @torch.no_grad()
    def advantages(self, play: Play, batch: Batch, draws: Draws, x: Int[Tensor, "b t"]) -> Float[Tensor, "b t"]:
        """A_t of every token; of the padding anything."""
        mask = token_mask(x).float()
        rewards = self.rewards(play, batch, x)
        dense = rewards.shape[1] == x.shape[1]
        if self.completions:
            rewards = self.completed(play, batch, draws, x)
        elif not dense:
            rewards = rewards.mean(1, keepdim=True).expand_as(mask)
        mean = (rewards * mask).sum(1) / mask.sum(1)
        if self.baseline is not None:
            play.record("reward", mean)
            state: Any = getattr(play.state, type(self.baseline).__name__, None)
            rewards = rewards - (self.baseline.start if state is None else state.value)
        if self.completions:
            return rewards
        if dense:
            return discounted(rewards * mask, self.discount)
        left = mask.sum(1, keepdim=True) - mask.cumsum(1)
        return rewards * self.discount**left

    def rewards(self, play: Play, batch: Batch, x: Int[Tensor, "b t"]) -> Float[Tensor, "b k"]:
        """The reward of each of D's logits, without dropout."""
        with eval_mode(play.networks["D"]):
            return self.reward.of(play.D(x, batch.y, batch.given, **play.options).scores)

    def completed(self, play: Play, batch: Batch, draws: Draws, x: Int[Tensor, "b t"]) -> Float[Tensor, "b t"]:
        """Q_t of every token: the mean reward of sequences that begin with those up to it."""
        length, found = x.shape[1], list[Tensor]()
        for start in range(1, length, AT_ONCE):
            places = range(start, min(start + AT_ONCE, length))
            prompts = torch.cat([x * (torch.arange(length, device=x.device) < t) for t in places])
            several = repeated(batch, len(places)).with_given(prompt=prompts)
            total = torch.zeros(len(prompts), device=x.device)
            for number in range(self.completions):
                z = torch.cat([draws.normal(f"completion {t} {number}", length) for t in places])
                total += self.rewards(play, several, play.G(z, several.y, several.given)).mean(1)
            found += (total / self.completions).chunk(len(places))
        return torch.stack([*found, self.rewards(play, batch, x).mean(1)], dim=1)

    def assess(self, play: Play, batch: Batch) -> Mapping[str, Tensor]:
        return {"negative_log_likelihood": negative_log_likelihood(play, batch.x, given=batch.given)}

    @property
    def stateful_parts(self) -> dict[str, Any]:
        """The parts that learn from earlier turns, by the names of their classes."""
        own = {} if self.baseline is None else {type(self.baseline).__name__: self.baseline}
        return {**super().stateful_parts, **own}


def repeated(batch: Batch, times: int) -> Batch:
    """The batch several times, one behind the other."""
    return batch if times == 1 else batch.each(lambda value: torch.cat([value] * times))


def discounted(rewards: Float[Tensor, "b t"], discount: float) -> Float[Tensor, "b t"]:
    """sum_{s >= t} discount^(s - t) r_s."""
    total, found = torch.zeros_like(rewards[:, 0]), []
    for reward in rewards.flip(1).T:
        total = reward + discount * total
        found.append(total)
    return torch.stack(found[::-1], dim=1)

"""What a generator of tokens is rewarded for, and the baseline of rewards."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Protocol, runtime_checkable

import torch
from jaxtyping import Float
from torch import Tensor, nn

from ..base.types import Share


@runtime_checkable
class Reward(Protocol):
    """A frozen dataclass: D's logits to rewards."""

    is_reward: ClassVar[bool]

    def of(self, logits: Float[Tensor, "b k"]) -> Float[Tensor, "b k"]:
        """A reward for each logit.

        Args:
            logits: of generated samples, [B, K].

        Returns:
            [B, K].
        """
        ...


@dataclass(frozen=True)
class RealProbability:
    """r = s(D(x)), the probability with which D takes x for real. Yu et al. 2017, section 3.1.

    https://arxiv.org/abs/1609.05473
    """

    is_reward: ClassVar[bool] = True

    def of(self, logits: Float[Tensor, "b k"]) -> Float[Tensor, "b k"]:
        return torch.sigmoid(logits)


@dataclass(frozen=True)
class Logit:
    """r = D(x), as it is: the reward of adversarial distillation. Ye et al. 2025, equation 2.

    https://arxiv.org/abs/2511.10643
    """

    is_reward: ClassVar[bool] = True

    def of(self, logits: Float[Tensor, "b k"]) -> Float[Tensor, "b k"]:
        return logits


@dataclass(frozen=True)
class ConstantReward:
    """r = value, whatever D says: a control. What a game gains by it is not learnt from D.

    Args:
        value: of every reward.
    """

    is_reward: ClassVar[bool] = True
    value: float = 0.5

    def of(self, logits: Float[Tensor, "b k"]) -> Float[Tensor, "b k"]:
        return torch.full_like(logits, self.value)


@dataclass(frozen=True)
class MovingBaseline:
    """b <- decay b + (1 - decay) mean r, the mean over all tokens of a batch.

    de Masson d'Autume et al. 2019, section 4. https://arxiv.org/abs/1905.09922

    Args:
        decay: in [0, 1).
        start: b before the first batch.
    """

    decay: Share = 0.92
    start: float = 0.5

    def state(self) -> nn.Module:
        return BaselineState(self.start)

    def update(self, state: "BaselineState", recorded: Mapping[str, Tensor]) -> None:
        if "reward" in recorded:
            state.value.mul_(self.decay).add_(recorded["reward"].mean(), alpha=1 - self.decay)


class BaselineState(nn.Module):
    """The baseline as a buffer."""

    value: Tensor

    def __init__(self, start: float) -> None:
        super().__init__()
        self.register_buffer("value", torch.tensor(start))

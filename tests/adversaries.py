"""Adversaries whose numbers are known, and one of two processes that trains one, for tests."""

from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor, nn

from ganvas import Adversary, AdversaryEntry
from ganvas.losses import NonSaturating
from ganvas.optimisers import Sgd
from ganvas.penalties import R1

AT_ONCE = AdversaryEntry(ramp=0, low=0.0, high=1.0)


def linear(*weights: float) -> nn.Linear:
    module = nn.Linear(len(weights), 1, bias=False)
    with torch.no_grad():
        module.weight.copy_(torch.tensor([weights]))
    return module


def entered(discriminator: nn.Module, **options: Any) -> Adversary:
    """An adversary of which G gets the whole weight."""
    adversary = Adversary(discriminator, entry=AT_ONCE, **options)
    adversary.share = 1.0
    return adversary


def pair(n: int = 4, seed: int = 0) -> tuple[Tensor, Tensor]:
    """Fakes and reals of two numbers each, in float64."""
    drawn = torch.randn(2, n, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))
    return drawn[0], drawn[1] + 1


def in_parts(accumulate: int, parts: list[tuple[Tensor, Tensor]], first: float = 1.0) -> tuple[Tensor, float]:
    D = linear(first, 2.0).double()
    options: Any = {"optimiser": Sgd(lr=0.1), "penalties": (R1(0.3),), "loss": NonSaturating()}
    adversary = Adversary(D, accumulate=accumulate, entry=AdversaryEntry(ramp=10), **options)
    for _ in range(3):
        for fake, real in parts:
            step = adversary.discriminator_step(fake, real)
    return D.weight.detach(), step.terms["adversarial"]


def ratio_of(fake: Tensor, real: Tensor) -> float:
    """The ratio of gradients of G(z) = a z."""
    a = nn.Parameter(torch.tensor(3.0, dtype=torch.float64))
    adversary, made = entered(linear(2.0, 1.0).double(), loss=NonSaturating()), a * fake
    adversary.generator_loss(made, reconstruction=(made - real).square().mean(), last_layer=a)
    return adversary.ratio


def one_of_two() -> dict[str, Any]:
    """What a process of two computes with its half of the batch; its own first weights are those of rank 0 soon."""
    dist.init_process_group("gloo")
    rank = dist.get_rank()
    fake, real = (each[4 * rank : 4 * rank + 4] for each in pair(8))
    weight, loss = in_parts(1, [(fake, real)], first=1.0 if rank == 0 else 7.0)
    found = {"weight": weight.flatten().tolist(), "loss": loss, "ratio": ratio_of(fake, real)}
    dist.destroy_process_group()
    return found

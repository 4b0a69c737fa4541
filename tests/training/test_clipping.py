"""Gradients clipped sample by sample: against a loop over the samples."""

from collections.abc import Mapping

import pytest
import torch
from torch import Tensor, nn

from ganvas.base.errors import UsageError
from ganvas.base.types import Term, Verdict
from ganvas.games.synthesis import Synthesis
from ganvas.networks.player import Player
from ganvas.penalties.mean_features import MeanFeatures
from ganvas.training.clipping import PerSampleClip
from playing import Built, Sgd, Table, trainer_of


class Small(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(3, 5), nn.Tanh(), nn.Linear(5, 2)).double()
        self.unused = nn.Parameter(torch.ones(2, dtype=torch.float64))

    def forward(self, x: Tensor, y: Tensor | None = None, given: object = None) -> Verdict:
        return Verdict(self.layers(x), features=(x,))


def looped(network: nn.Module, terms: object, n: int, limit: float) -> list[Tensor]:
    """Sample by sample: its gradient, scaled down to the limit, and the mean of all."""
    total = [torch.zeros_like(each) for each in network.parameters()]
    for i in range(n):
        gradients = torch.autograd.grad(terms(i), list(network.parameters()), allow_unused=True)  # type: ignore[operator]
        norm = sum(each.square().sum() for each in gradients if each is not None) ** 0.5
        for place, each in enumerate(gradients):
            if each is not None:
                total[place] += each * min(1.0, limit / float(norm)) / n
    return total


@pytest.mark.parametrize("limit", [0.05, 0.3, 100.0])
def test_it_is_a_loop_over_the_samples(limit: float) -> None:
    torch.manual_seed(0)
    network, x, parts = Small(), torch.randn(8, 3, dtype=torch.float64), 2

    def terms(rows: slice) -> dict[str, Term]:
        h = network.layers(x[rows])
        return {"a": Term(h.square(), 1.5), "b": Term(h[:, 0].exp(), 0.5)}

    def one(i: int) -> Tensor:
        found = terms(slice(i, i + 1))
        return 1.5 * found["a"].value.mean() + 0.5 * found["b"].value.mean()

    wanted = looped(network, one, len(x), limit)
    for part in range(parts):
        rows = slice(part * 4, part * 4 + 4)
        PerSampleClip(limit).accumulate(terms(rows), list(network.parameters()), share=1 / parts, key=(0, part))
    ours = [parameter.grad for parameter in network.parameters()]
    torch.testing.assert_close(ours, wanted, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("parts", [1, 4])
def test_the_noise_is_sigma_c_over_the_global_batch_whatever_the_parts(parts: int) -> None:
    parameter = nn.Parameter(torch.zeros(20_000))
    for part in range(parts):
        terms = {"nothing": Term((0 * parameter[:2]).sum() + torch.zeros(8 // parts))}
        rule = PerSampleClip(max_norm=2.0, noise=3.0)
        rule.accumulate(terms, [parameter], share=1 / parts, key=(0, part))
    assert parameter.grad is not None
    assert float(parameter.grad.std()) == pytest.approx(3.0 * 2.0 / 8, rel=0.03)
    again = nn.Parameter(torch.zeros(20_000))
    for part in range(parts):
        terms = {"nothing": Term((0 * again[:2]).sum() + torch.zeros(8 // parts))}
        rule.accumulate(terms, [again], share=1 / parts, key=(0, part))
    torch.testing.assert_close(again.grad, parameter.grad, rtol=0, atol=0)  # the same key, the same noise


class Pair(nn.Module):
    latent = (3,)

    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(3, 3).double()

    def forward(self, z: Tensor, y: Tensor | None, given: Mapping[str, Tensor]) -> Tensor:
        x: Tensor = self.linear(z.double())
        return x


def test_one_player_is_clipped_and_the_other_not() -> None:
    table = Table(torch.randn(64, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(0)))
    rounds = []
    for rule in (None, PerSampleClip(1e-3), PerSampleClip(1e6)):
        players = {"G": Player(Built(Pair), Sgd(1.0)), "D": Player(Built(Small), Sgd(1.0), gradients=rule)}
        trainer = trainer_of(Synthesis(), players, table)
        before = [each.clone() for each in trainer.players["D"].parameters]
        trainer.turn(trainer.phases[0].game, "discriminator", trainer.batches(0, 8), trainer.phases[0])
        step = torch.cat(
            [(a - b).detach().flatten() for a, b in zip(before, trainer.players["D"].parameters, strict=True)]
        )
        rounds.append(step)
    plain, tight, loose = rounds
    torch.testing.assert_close(loose, plain, rtol=1e-5, atol=1e-9)
    assert float(tight.norm()) <= 1e-3 * (1 + 1e-6)
    assert float(plain.norm()) > 0.01


def test_a_statistic_of_the_batch_cannot_be_clipped_by_sample() -> None:
    game = Synthesis(generator_penalties=(MeanFeatures(),))
    players = {
        "G": Player(Built(Pair), Sgd(), gradients=PerSampleClip()),
        "D": Player(Built(Small), Sgd()),
    }
    trainer = trainer_of(game, players, Table(torch.zeros(64, 3, dtype=torch.float64)))
    with pytest.raises(UsageError, match="MeanFeatures"):
        trainer.round()

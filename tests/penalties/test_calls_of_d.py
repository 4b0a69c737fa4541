"""How often a turn calls D: once for real and fake samples, twice where only the fakes have a graph."""

from typing import Any

import torch
from torch import Tensor, nn

from ganvas.base.draws import Draws
from ganvas.base.play import Play
from ganvas.base.types import Batch, Verdict
from ganvas.networks.spectral import SpectralNorm
from ganvas.penalties.contract import Context


class D(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.linear, self.sizes = nn.Sequential(nn.Linear(2, 40), nn.Linear(40, 30), nn.Linear(30, 1)), list[int]()

    def forward(self, x: Tensor, y: Tensor | None = None, given: Any = None) -> Verdict:
        self.sizes.append(len(x))
        return Verdict(self.linear(x))


def context(network: D, *, graph: bool) -> Context:
    x = torch.randn(2, 3, 2, generator=torch.Generator().manual_seed(0))
    fake = x[1].clone().requires_grad_(graph)
    play = Play({"G": nn.Identity(), "D": network})
    return Context(play, Batch(x=x[0]), Draws(0, rows=range(3)), x_real=x[0], x_fake=fake)


def test_samples_without_a_graph_are_one_call() -> None:
    network = D()
    found = context(network, graph=False)
    assert found.real.scores.shape == found.fake.scores.shape == (3, 1)
    assert network.sizes == [6]


def test_fakes_with_a_graph_are_a_call_of_their_own_with_the_same_result() -> None:
    network = D()
    found, expected = context(network, graph=True), context(network, graph=False)
    torch.testing.assert_close(found.real.scores, expected.real.scores)
    torch.testing.assert_close(found.fake.scores, expected.fake.scores)
    assert network.sizes == [3, 3, 6]


def test_two_calls_are_one_power_iteration_of_spectral_norm() -> None:
    networks = []
    for graph in (True, False):
        torch.manual_seed(0)
        network = D()
        SpectralNorm().prepare(network)
        assert context(network, graph=graph).real.scores.shape == (3, 1)
        networks.append(network)
    first, second = (dict(each.named_buffers()) for each in networks)
    assert all(torch.equal(value, second[name]) for name, value in first.items())

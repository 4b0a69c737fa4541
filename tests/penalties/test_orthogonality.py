"""Orthogonal regularisation of weights set by hand."""

import pytest
import torch
from torch import nn

from ganvas.base.draws import Draws
from ganvas.base.play import Play
from ganvas.base.types import Batch
from ganvas.networks.spectral import SpectralNorm
from ganvas.penalties import Orthogonality
from ganvas.penalties.contract import Context

ROWS = torch.tensor([[1.0, 2.0], [3.0, -1.0], [0.0, 5.0]])  # products 1, 10, -5, each twice


def penalty(network: nn.Module, player: str = "G") -> torch.Tensor:
    play, draws = Play({player: network}), Draws(0, rows=range(1))
    context = Context(play, Batch(x=torch.zeros(1)), draws, x_fake=torch.zeros(1))
    return Orthogonality(weight=0.5, player=player).penalty(context)


def test_products_of_different_rows_are_counted() -> None:
    linear, convolution = nn.Linear(2, 3), nn.Conv2d(1, 3, (1, 2))
    with torch.no_grad():
        linear.weight.copy_(ROWS)
        convolution.weight.copy_(ROWS.view(3, 1, 1, 2))
    network = nn.Sequential(linear, convolution, nn.Embedding(4, 2), nn.BatchNorm1d(3))
    value = penalty(network, "D")
    assert value.item() == pytest.approx(0.5 * 2 * 2 * (1 + 100 + 25))
    value.backward()
    product = ROWS @ ROWS.T
    torch.testing.assert_close(linear.weight.grad, 0.5 * 4 * (product - torch.diag(product.diag())) @ ROWS)


def test_orthogonal_rows_of_any_length_cost_nothing() -> None:
    layer = nn.Linear(2, 2)
    with torch.no_grad():
        layer.weight.copy_(torch.tensor([[3.0, 4.0], [-8.0, 6.0]]))
    assert penalty(layer).item() == 0.0
    SpectralNorm().prepare(layer)
    assert penalty(layer).item() == 0.0

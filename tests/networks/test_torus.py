"""A generator whose convolutions wrap around: against sums written out, and shifted with its latent."""

from typing import Any

import pytest
import torch
from torch import Tensor

from ganvas.base.errors import UsageError
from ganvas.base.types import Spec
from ganvas.networks.torus import CircularDoubling, TorusGenerator

SPEC = Spec("images", (3, 16, 8), bounded=True)


def built(**settings: int) -> Any:
    torch.manual_seed(0)
    return TorusGenerator(width=4, latent=3, doublings=2, **settings).build(SPEC).double()


def around(x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    """A 3 x 3 convolution on a torus, term by term."""
    terms = [
        torch.einsum("oc,bchw->bohw", weight[:, :, i, j], x.roll((1 - i, 1 - j), (2, 3)))
        for i in range(3)
        for j in range(3)
    ]
    return sum(terms, bias.view(1, -1, 1, 1))


def test_the_output_is_that_of_the_sums() -> None:
    network = built().eval()
    for name, buffer in network.named_buffers():
        if name.endswith(("mean", "var")):
            buffer.copy_(torch.rand_like(buffer) + 0.5)
    z = torch.randn(2, 3, 4, 2, dtype=torch.float64)
    x = torch.relu(around(z, network.first.weight, network.first.bias))
    for doubling, norm in zip(network.grow[::3], network.grow[1::3], strict=True):
        assert isinstance(doubling, CircularDoubling)
        x = around(x.repeat_interleave(2, 2).repeat_interleave(2, 3), doubling.weight, torch.zeros(1))
        mean, var = norm.running_mean[:, None, None], norm.running_var[:, None, None]
        x = torch.relu((x - mean) / (var + norm.eps) ** 0.5 * norm.weight[:, None, None] + norm.bias[:, None, None])
    expected = torch.tanh(around(x, network.last.weight, network.last.bias))
    torch.testing.assert_close(network(z).double(), expected, atol=1e-6, rtol=0)


@pytest.mark.parametrize(("rows", "columns"), [(1, 0), (0, 1), (3, 2)])
def test_a_shifted_latent_gives_the_shifted_picture(rows: int, columns: int) -> None:
    network = built().eval()
    z = torch.randn(2, 3, 5, 4, dtype=torch.float64)
    assert torch.equal(network(z.roll((rows, columns), (2, 3))), network(z).roll((4 * rows, 4 * columns), (2, 3)))


def test_a_larger_latent_gives_a_larger_picture() -> None:
    network = built().eval()
    assert network.latent == (3, 4, 2)
    assert network(torch.randn(1, 3, 4, 2, dtype=torch.float64)).shape == (1, 3, 16, 8)
    assert network(torch.randn(1, 3, 7, 9, dtype=torch.float64)).shape == (1, 3, 28, 36)


def test_sides_that_are_no_multiples_are_refused() -> None:
    with pytest.raises(UsageError, match="multiples of 16"):
        TorusGenerator().build(SPEC)

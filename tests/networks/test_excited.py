"""A generator of resized convolutions with skip-layer excitation."""

import pytest
import torch

from ganvas.base.types import Spec
from ganvas.networks import Excited
from ganvas.networks.excited import ExcitedGenerator


@pytest.mark.parametrize("shape", [(3, 32, 32), (1, 28, 28), (4, 72, 40), (3, 16, 16), (3, 8, 8)])
def test_pictures_have_the_size_of_the_data(shape: tuple[int, ...]) -> None:
    network = Excited(width=4, latent=6, widest=16).build(Spec(domain="images", shape=shape, bounded=True))
    x = network(torch.randn(2, 6))
    assert x.shape == (2, *shape)
    assert x.abs().max() <= 1


def test_only_the_direction_of_z_counts() -> None:
    network = Excited(width=4, latent=6).build(Spec(domain="images", shape=(3, 32, 32), bounded=True)).eval()
    z = torch.randn(2, 6)
    torch.testing.assert_close(network(z), network(3 * z))


def test_a_grid_is_excited_by_the_one_three_levels_coarser() -> None:
    network = Excited(width=4, latent=6).build(Spec(domain="images", shape=(3, 64, 64), bounded=True)).eval()
    assert isinstance(network, ExcitedGenerator)
    assert len(network.excite) == 2  # grids of 4, 8, 16, 32, 64: 4 -> 32 and 8 -> 64
    z = torch.randn(2, 6)
    before = network(z)
    with torch.no_grad():
        network.excite[1].get_parameter("factor.bias").fill_(-100.0)  # the finest grid is multiplied by zero
    constant = network(z)
    assert not torch.equal(before, constant)
    assert constant.flatten(2).std(2).max() < 1e-6


def test_a_class_changes_the_picture() -> None:
    spec = Spec(domain="images", shape=(3, 32, 32), bounded=True, classes=("a", "b"))
    network = Excited(width=4, latent=6, conditional=True).build(spec).eval()
    z = torch.randn(2, 6)
    assert not torch.equal(network(z, torch.tensor([0, 0])), network(z, torch.tensor([1, 1])))


def test_a_mixture_chooses_by_one_more_number() -> None:
    network = Excited(width=4, latent=6, mixture=3).build(Spec(domain="images", shape=(3, 16, 16), bounded=True)).eval()
    assert isinstance(network, ExcitedGenerator)
    assert network.latent == (7,)
    assert network.mixture is not None
    network.mixture.fit(torch.randn(200, 6) + 5 * (torch.rand(200, 1) > 0.5))
    z = torch.randn(2, 7)
    plain = Excited(width=4, latent=6).build(Spec(domain="images", shape=(3, 16, 16), bounded=True)).eval()
    plain.load_state_dict({name: value for name, value in network.state_dict().items() if "mixture" not in name})
    torch.testing.assert_close(network(z), plain(network.mixture(z)))

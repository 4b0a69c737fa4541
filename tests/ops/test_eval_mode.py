import pytest
import torch
from torch import nn

from ganvas.ops.eval_mode import eval_mode


def nested() -> nn.Sequential:
    network = nn.Sequential(nn.Linear(2, 2), nn.Sequential(nn.BatchNorm1d(2), nn.Dropout()))
    network.train()
    network[1].get_submodule("0").eval()  # frozen by its owner
    return network


def modes(network: nn.Module) -> list[bool]:
    return [module.training for module in network.modules()]


def test_every_module_is_in_eval_mode_and_returns_to_its_own_mode() -> None:
    one, other = nested(), nested().eval()
    before = modes(one) + modes(other)
    with eval_mode(one, other):
        assert not any(modes(one) + modes(other))
        one(torch.randn(3, 2))
    assert modes(one) + modes(other) == before
    assert one[1].get_submodule("0").num_batches_tracked == 0


def test_modes_are_restored_after_an_error() -> None:
    network = nested()
    before = modes(network)
    with pytest.raises(ZeroDivisionError), eval_mode(network):
        raise ZeroDivisionError
    assert modes(network) == before


def test_a_module_that_two_networks_share_is_restored() -> None:
    shared = nn.Dropout()
    with eval_mode(nn.Sequential(shared), nn.Sequential(shared)):
        assert not shared.training
    assert shared.training

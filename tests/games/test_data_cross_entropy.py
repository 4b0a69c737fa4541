"""The data-to-data cross-entropy by hand, its margins, and the head whose vectors it reads."""

from math import exp, log
from typing import Any

import pytest
import torch

from ganvas.base.errors import UsageError
from ganvas.base.types import Spec, Verdict
from ganvas.games import DataCrossEntropy
from ganvas.networks import DcganCritic, ProxyHead
from ganvas.recipes import recipe
from ganvas.training.recovery import mixing_part


def verdict_of(f: torch.Tensor, proxies: torch.Tensor) -> Verdict:
    return Verdict(torch.zeros(len(f), 1), classes=f @ proxies.T, features=(torch.ones(len(f), 3), f))


def test_by_hand() -> None:
    """f: 0, 60, 90 degrees and 180; classes 0, 0, 1, 1 with vectors at 0 and 120 degrees."""
    angles = torch.deg2rad(torch.tensor([0.0, 60.0, 90.0, 180.0]))
    f = torch.stack([angles.cos(), angles.sin()], 1)
    v = torch.tensor([[1.0, 0.0], [-0.5, 3**0.5 / 2]])
    found = DataCrossEntropy(margin=0.9, temperature=0.5).cross_entropy(verdict_of(f, v), torch.tensor([0, 0, 1, 1]))
    s, c30 = 2.0, 3**0.5 / 2  # 1 / temperature, cos 30

    def of(towards: float, *away: float) -> float:
        p = min(0.0, towards - 0.9) * s
        return -log(exp(p) / (exp(p) + sum(exp(max(0.0, each - 0.1) * s) for each in away)))

    wanted = [of(1.0, 0.0, -1.0), of(0.5, c30, -0.5), of(c30, 0.0, c30), of(0.5, -1.0, -0.5)]
    assert found.tolist() == pytest.approx(wanted, rel=1e-5)


def test_samples_within_the_margins_have_no_gradient() -> None:
    f = torch.eye(2).requires_grad_()
    y, term = torch.tensor([0, 1]), DataCrossEntropy(margin=0.98)
    loss = term.cross_entropy(verdict_of(f, torch.eye(2)), y)
    assert loss.tolist() == pytest.approx([log(2)] * 2)
    (gradient,) = torch.autograd.grad(loss.sum(), f)
    assert not gradient.any()
    alone = term.cross_entropy(verdict_of(f, torch.eye(2)), torch.tensor([0, 0]))
    assert alone[0].item() == pytest.approx(0.0), "no sample of another class"


def test_it_says_what_it_needs() -> None:
    f = torch.eye(2)
    with pytest.raises(UsageError, match="labels"):
        DataCrossEntropy().cross_entropy(verdict_of(f, f), None)
    with pytest.raises(UsageError, match="vector"):
        DataCrossEntropy().cross_entropy(Verdict(torch.zeros(2, 1)), torch.tensor([0, 1]))
    assert mixing_part(recipe("reacgan").game) == "DataCrossEntropy"


@torch.no_grad()
def test_the_head_gives_unit_vectors_and_similarities() -> None:
    torch.manual_seed(0)
    spec = Spec("images", (1, 16, 16), bounded=True, classes=("a", "b", "c"))
    network: Any = ProxyHead(DcganCritic(width=4, batch_norm=False), embedding=5).build(spec)
    nn_proxies, x = network.proxies.weight, torch.randn(4, 1, 16, 16)
    verdict = network(x)
    trunk = network.trunk(x)
    assert torch.equal(verdict.logits, trunk.logits)
    f = network.embed(trunk.features[-1])
    f = f / f.norm(dim=1, keepdim=True)
    torch.testing.assert_close(verdict.features[-1], f)
    torch.testing.assert_close(verdict.classes, f @ (nn_proxies / nn_proxies.norm(dim=1, keepdim=True)).T)
    assert torch.equal(verdict.features[0], trunk.features[0])

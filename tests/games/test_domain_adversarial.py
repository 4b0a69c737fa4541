"""Domain adaptation on a classifier that is a matrix, where losses and gradients are computed by hand."""

from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ganvas.base.errors import UsageError
from ganvas.base.types import Batch, Spec, Verdict
from ganvas.games.contract import Draws, Play
from ganvas.games.domain_adversarial import DomainAdversarial, reversed_gradient, unchanged_buffers

DRAWS = Draws(0, "test", rows=range(5))
RANDOM = torch.Generator().manual_seed(0)
X_S, X_T = (torch.randn(5, 4, generator=RANDOM) + shift for shift in (0, 1))
Y_S = torch.tensor([0, 1, 1, 0, 1])
BATCH = Batch(X_T, y=torch.full((5,), 7), given={"labelled": X_S, "labelled.y": Y_S})


class Classes(nn.Module):
    """Features A x, classes B A x."""

    def __init__(self) -> None:
        super().__init__()
        self.features = nn.Linear(4, 3, bias=False)
        self.head = nn.Linear(3, 2, bias=False)

    def forward(self, x: Tensor, y: Tensor | None = None, given: Any = None) -> Verdict:
        found = self.features(x)
        return Verdict(found[:, :1], classes=self.head(found), features=(found,))


class Critic(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.last = nn.Linear(3, 1)

    def forward(self, x: Tensor, y: Tensor | None = None, given: Any = None) -> Verdict:
        return Verdict(self.last(x))


@pytest.fixture
def play() -> Play:
    torch.manual_seed(1)
    return Play({"D": Classes(), "A": Critic()})


def test_the_terms_and_their_gradients(play: Play) -> None:
    """A descends the domain's loss, D's features ascend it, D's head never has it."""
    networks: Any = play.networks
    D, A = networks["D"], networks["A"]
    terms = DomainAdversarial(reversal=0.7, features=3).adaptation_turn(play, BATCH, DRAWS)
    here, there = (A.last(D.features(x)) for x in (X_S, X_T))
    domain = (F.softplus(-here) + F.softplus(there)).mean()
    supervised = F.cross_entropy(D.head(D.features(X_S)), Y_S)
    assert torch.allclose(terms["domain"].value.mean(), domain)
    assert torch.allclose(terms["supervised"].value.mean(), supervised)
    (terms["domain"].value.mean() + terms["supervised"].value.mean()).backward()
    of_domain = torch.autograd.grad(domain, [D.features.weight, A.last.weight], retain_graph=True)
    of_classes = torch.autograd.grad(supervised, [D.features.weight, D.head.weight])
    assert torch.allclose(D.features.weight.grad, of_classes[0] - 0.7 * of_domain[0], atol=1e-6)
    assert torch.allclose(A.last.weight.grad, of_domain[1], atol=1e-6)
    assert torch.allclose(D.head.weight.grad, of_classes[1], atol=1e-6)


def test_reversed_gradient() -> None:
    x = torch.tensor([2.0, -3.0], requires_grad=True)
    found = reversed_gradient(x, 0.5)
    assert torch.equal(found, x)
    found.square().sum().backward()
    assert torch.equal(x.grad, torch.tensor([-2.0, 3.0]))  # type: ignore[arg-type]


def test_running_statistics_are_those_of_the_target() -> None:
    norm = nn.BatchNorm1d(4, momentum=1.0)
    with unchanged_buffers(norm):
        made = norm(X_S)
    assert made.mean(0).abs().max() < 1e-6, "normalised by its own batch"
    assert torch.equal(norm.running_mean, torch.zeros(4))  # type: ignore[arg-type]
    norm(X_T)
    assert torch.allclose(norm.running_mean, X_T.mean(0))  # type: ignore[arg-type]


def test_players_and_labels(play: Play) -> None:
    game = DomainAdversarial(features=3)
    assert game.player_spec("A", Spec("images", (3, 8, 8), bounded=True)).shape == (3,)
    assert game.player_input("A", X_T).shape == (5, 3)
    other = Batch(X_T, y=None, given=BATCH.given)
    with_labels, without = (game.adaptation_turn(play, each, DRAWS)["supervised"].value for each in (BATCH, other))
    assert torch.equal(with_labels, without), "the target's labels are not read"
    with pytest.raises(UsageError, match=r"game\.features=3"):
        DomainAdversarial().adaptation_turn(play, BATCH, DRAWS)

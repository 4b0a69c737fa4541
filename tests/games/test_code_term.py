"""The bound on mutual information, and what a category is at each moment."""

import math
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from ganvas.base.draws import Draws
from ganvas.base.play import Play
from ganvas.base.types import Batch, Given, Verdict
from ganvas.games.code_term import CodeTerm, normal_nll
from ganvas.games.synthesis import Synthesis

B, K = 4_000, 4


class Echo(nn.Module):
    """G(z, y) = [z, y]: whatever it was made from can be read off."""

    latent = (5,)

    def forward(self, z: Tensor, y: Tensor, given: Given = None) -> Tensor:
        return torch.cat([z, y[:, None].to(z.dtype)], dim=1)


class Reader(nn.Module):
    """Q as a table of log-probabilities q(guess | category), and the true dials with a deviation of e^-1."""

    def __init__(self, table: Tensor) -> None:
        super().__init__()
        self.table = table

    def forward(self, x: Tensor, y: Tensor | None = None, given: Given = None) -> Verdict:
        dials = x[:, 3:5]
        return Verdict(
            x[:, :1], code=torch.cat([self.table.log()[x[:, 5].long()], dials, torch.full_like(dials, -1.0)], dim=1)
        )


GAME = Synthesis(auxiliary=(CodeTerm(categories=K, dials=2),))


def bound(table: Tensor) -> float:
    """H(c) - the term `category`, in nats."""
    play = Play({"G": Echo(), "D": Reader(table)})
    terms = GAME.generator_turn(play, Batch(x=torch.zeros(B, 6)), Draws(0, rows=range(B)))
    return math.log(K) - float(terms["category"].value.mean())


def test_the_bound_is_the_entropy_where_q_is_sure_and_right() -> None:
    assert bound(torch.eye(K).clamp(min=1e-12)) == pytest.approx(math.log(K), abs=1e-6)


def test_the_bound_is_zero_where_q_knows_nothing() -> None:
    assert bound(torch.full((K, K), 1 / K)) == pytest.approx(0, abs=1e-6)


def test_the_bound_by_hand() -> None:
    """Right with probability 0.7: I = log 4 + 0.7 log 0.7 + 0.3 log 0.1, as Q says what is so with those odds."""
    table = torch.full((K, K), 0.1).fill_diagonal_(0.7)
    assert bound(table) == pytest.approx(math.log(4) + math.log(0.7), abs=1e-5), (
        "the category is always itself here, and Q gives it 0.7"
    )


@pytest.mark.parametrize("seed", range(5))
def test_the_bound_never_lies_above_the_entropy(seed: int) -> None:
    table = torch.softmax(5 * torch.randn(K, K, generator=torch.Generator().manual_seed(seed)), dim=1)
    assert bound(table) <= math.log(K)


def test_dials_are_read_by_a_normal() -> None:
    x, mean, log_deviation = (torch.randn(6, 2, generator=torch.Generator().manual_seed(seed)) for seed in range(3))
    log_deviation = log_deviation.abs() - 0.9
    reference = -torch.distributions.Normal(mean, log_deviation.exp()).log_prob(x)
    torch.testing.assert_close(normal_nll(x, mean, log_deviation), reference)
    tiny = torch.full_like(x, -50.0)
    torch.testing.assert_close(normal_nll(x, x, tiny), normal_nll(x, x, torch.full_like(x, -1.0)))


def test_the_terms_are_a_number_a_sample_and_the_code_is_even() -> None:
    play, draws = Play({"G": Echo(), "D": Reader(torch.full((K, K), 1 / K))}), Draws(0, rows=range(B))
    for turn in GAME.turns().values():
        terms = turn.terms(play, Batch(x=torch.zeros(B, 6)), draws)
        assert {name: term.value.shape for name, term in terms.items()} == {
            "adversarial": (B, 1),
            "category": (B,),
            "dials": (B,),
        }
        assert terms["dials"].value.mean().item() == pytest.approx(2 * (0.5 * math.log(2 * math.pi) - 1), abs=1e-5)
    made = GAME.output(play, Batch(x=torch.zeros(B, 6)), draws)
    assert (torch.bincount(made[:, 5].long(), minlength=K) / B).tolist() == pytest.approx([1 / K] * K, abs=0.03)
    dials = made[:, 3:5]
    assert dials.min() >= -1
    assert dials.max() <= 1
    assert dials.std().item() == pytest.approx(1 / 3**0.5, rel=0.03)


def test_a_class_that_is_asked_for_is_the_category_and_labels_do_not_teach() -> None:
    table = torch.softmax(
        torch.randn(K, K, generator=torch.Generator().manual_seed(0)), dim=1
    )  # unlike for each category
    play, draws = Play({"G": Echo(), "D": Reader(table)}), Draws(0, rows=range(8))
    y = torch.arange(8)
    assert GAME.output(play, Batch(x=torch.zeros(8, 6), y=y), draws)[:, 5].tolist() == [0, 1, 2, 3, 0, 1, 2, 3]
    for turn in GAME.turns().values():
        told, untold = (turn.terms(play, Batch(x=torch.zeros(8, 6), y=labels), draws) for labels in (y, None))
        assert all(torch.equal(told[name].value, untold[name].value) for name in told)


def test_q_and_g_learn_from_the_code() -> None:
    """The gradient of `category` reaches Q in D's turn, and G in its own."""
    code = nn.Linear(6, K + 4)

    class Q(nn.Module):
        def forward(self, x: Tensor, y: Tensor | None = None, given: Given = None) -> Verdict:
            return Verdict(x[:, :1], code=code(x))

    class G(Echo):
        def __init__(self) -> None:
            super().__init__()
            self.gain = nn.Parameter(torch.ones(()))

        def forward(self, z: Tensor, y: Tensor, given: Given = None) -> Tensor:
            return self.gain * super().forward(z, y)

    generator = G()
    play, draws, batch = Play({"G": generator, "D": Q()}), Draws(0, rows=range(8)), Batch(x=torch.zeros(8, 6))
    critics: Any = GAME.discriminator_turn(play, batch, draws)["category"].value.mean()
    assert torch.autograd.grad(critics, code.weight)[0].any()
    own: Any = GAME.generator_turn(play, batch, draws)["category"].value.mean()
    assert torch.autograd.grad(own, generator.gain)[0].any()

"""The terms of an auxiliary classifier (AC-GAN) by hand."""

from typing import Any

import pytest
import torch
from torch import Tensor, nn

from ganvas.base.draws import Draws
from ganvas.base.play import Play
from ganvas.base.types import Batch, Given, Verdict
from ganvas.games.class_term import ClassTerm
from ganvas.games.contract import Terms
from ganvas.games.synthesis import Synthesis
from ganvas.losses.relativistic import Relativistic
from ganvas.penalties.gradient import R1
from ganvas.recipes import override, recipe
from ganvas.recipes.build import live_trainer, prepare
from ganvas.recipes.tiny import tiny_overrides
from ganvas.training.distributed import ProcessGroup

B, K = 5, 3


class Shift(nn.Module):
    """G(z, y) = z + b[y]."""

    latent = (2,)

    def __init__(self) -> None:
        super().__init__()
        self.b = nn.Parameter(torch.tensor([[0.5, 0.0], [0.0, 1.0], [-1.0, 2.0]], dtype=torch.float64))

    def forward(self, z: Tensor, y: Tensor, given: Given = None) -> Tensor:
        return z.double() + self.b[y]


class Names(nn.Module):
    """One logit w . x, class logits A x."""

    def __init__(self) -> None:
        super().__init__()
        self.w = nn.Parameter(torch.tensor([[0.3], [-0.7]], dtype=torch.float64))
        self.A = nn.Parameter(torch.tensor([[1.0, 0.0, -1.0], [0.5, 2.0, 0.0]], dtype=torch.float64))

    def forward(self, x: Tensor, y: Tensor | None = None, given: Given = None) -> Verdict:
        return Verdict(x @ self.w, classes=x @ self.A)


def setting() -> tuple[Shift, Names, Play, Batch, Draws]:
    x = torch.randn(B, 2, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    G, D = Shift(), Names()
    return G, D, Play({"G": G, "D": D}), Batch(x=x, y=torch.arange(B) % K), Draws(3, rows=range(B))


def total(terms: Terms) -> Tensor:
    return torch.stack([term.weight * term.value.mean() for term in terms.values()]).sum()


def surprise(logits: Tensor, y: Tensor) -> Tensor:
    return -(logits.exp()[torch.arange(B), y] / logits.exp().sum(1)).log()


def test_the_discriminators_terms_and_gradient() -> None:
    G, D, play, batch, draws = setting()
    assert batch.y is not None
    game = Synthesis(auxiliary=(ClassTerm(weight=0.5, fakes_weight=0.25),))
    terms = game.discriminator_turn(play, batch, draws)
    assert set(terms) == {"adversarial", "class_real", "class_fake"}
    fake = (draws.normal("z", 2).double() + G.b[batch.y]).detach()
    real_named, fake_named = surprise(batch.x @ D.A, batch.y), surprise(fake @ D.A, batch.y)
    torch.testing.assert_close(terms["class_real"].value, real_named)
    torch.testing.assert_close(terms["class_fake"].value, fake_named)
    real_logit, fake_logit = (batch.x @ D.w)[:, 0], (fake @ D.w)[:, 0]
    adversarial = (1 + (-real_logit).exp()).log() + (1 + fake_logit.exp()).log()
    torch.testing.assert_close(terms["adversarial"].value[:, 0], adversarial)
    ours = total(terms)
    theirs = (adversarial + 0.5 * real_named + 0.25 * fake_named).mean()
    for weights in (D.w, D.A):
        torch.testing.assert_close(
            *(torch.autograd.grad(value, weights, retain_graph=True)[0] for value in (ours, theirs))
        )


def test_the_generator_wants_to_be_taken_for_real_and_read_as_asked() -> None:
    G, D, play, batch, draws = setting()
    assert batch.y is not None
    terms = Synthesis(auxiliary=(ClassTerm(),)).generator_turn(play, batch, draws)
    assert set(terms) == {"adversarial", "class_fake"}
    ours = total(terms)
    fake = draws.normal("z", 2).double() + G.b[batch.y]
    theirs = ((1 + (-(fake @ D.w)[:, 0]).exp()).log() + surprise(fake @ D.A, batch.y)).mean()
    torch.testing.assert_close(*(torch.autograd.grad(value, G.b)[0] for value in (ours, theirs)))


def test_penalties_and_losses_that_need_reals_work_in_it() -> None:
    _, D, play, batch, draws = setting()
    game = Synthesis(auxiliary=(ClassTerm(),), loss=Relativistic(), penalties=(R1(gamma=1.0),))
    assert game.turns()["generator"].reals
    terms = game.discriminator_turn(play, batch, draws)
    (penalty,) = set(terms) - {"adversarial", "class_real", "class_fake"}
    torch.testing.assert_close(terms[penalty].value, (0.5 * D.w.square().sum()).expand(B))
    game.generator_turn(play, batch, draws)


@pytest.mark.parametrize("name", ["acgan", "cgan.concat", "cgan.norm", "infogan", "feature-matching"])
def test_it_is_played_in_two_micro_batches(name: str) -> None:
    made = recipe(name)
    changes: dict[str, Any] = {**tiny_overrides(name), "precision": "fp32", "threads": 1, "micro_batches": 2}
    trainer = live_trainer(prepare(override(made, changes)), torch.device("cpu"), ProcessGroup())
    trainer.round()
    assert all(torch.isfinite(value) for value in trainer.stats.values())

"""The game of words: its terms by hand, its pictures, and D's later entry."""

from typing import Any

import pytest
import torch
from torch import Tensor, nn

from ganvas.base.draws import Draws
from ganvas.base.errors import UsageError
from ganvas.base.play import Play
from ganvas.base.types import Batch, Verdict
from ganvas.games.speaking import Speaking
from ganvas.losses.hinge import Hinge
from ganvas.recipes import recipe


class Constant(nn.Module):
    """Says y / d in every frame."""

    latent: tuple[int, ...] = ()
    conditional = True

    def forward(self, z: Any, y: Tensor, given: Any) -> Tensor:
        return (y / given["frames"]).view(-1, 1, 1, 1).expand(-1, 1, 2, 3)


class Sum(nn.Module):
    """The sum of x, and the class."""

    def forward(self, x: Tensor, y: Tensor, given: Any) -> Verdict:
        return Verdict(x.flatten(1).sum(1, keepdim=True) + y[:, None])


BATCH = Batch(x=torch.ones(2, 1, 2, 3), y=torch.tensor([0, 3]), given={"frames": torch.tensor([2, 4])})
PLAY = Play({"G": Constant(), "D": Sum()})
GAME = Speaking(loss=Hinge(), reconstruction_weight=20.0)


def test_the_terms_of_each_turn() -> None:
    draws = Draws(0, rows=range(2))
    alone = GAME.reconstruction_turn(PLAY, BATCH, draws)
    assert set(alone) == {"reconstruction"}
    assert alone["reconstruction"].weight == 20
    assert alone["reconstruction"].value.tolist() == [1, 0.25]
    both = GAME.generator_turn(PLAY, BATCH, draws)
    assert both["adversarial"].value.flatten().tolist() == [0, -7.5]  # - (6 * 3 / 4 + 3)
    assert both["reconstruction"].value.tolist() == [1, 0.25]
    with pytest.raises(UsageError, match=r"game\.condition"):
        GAME.reconstruction_turn(PLAY, Batch(x=BATCH.x, y=BATCH.y), draws)


def test_it_shows_the_word_and_a_recording() -> None:
    shown = GAME.show(BATCH, BATCH.x / 2)
    assert shown[:, 0, 0, 0].tolist() == [0.5, 1, 0.5, 1]


def test_d_enters_later() -> None:
    made = recipe("speech")
    assert [phase.turns for phase in made.phases] == [("reconstruction",), ()]

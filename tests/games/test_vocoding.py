"""The terms of a vocoder by hand, and D's later entry."""

from typing import Any

import pytest
import torch
from torch import nn

from ganvas.base.draws import Draws
from ganvas.base.play import Play
from ganvas.base.types import Batch, Verdict
from ganvas.games.pair_terms import MatchedFeatures
from ganvas.games.vocoding import MelL1, Vocoding
from ganvas.losses.least_squares import LeastSquares
from ganvas.ops.mel import Mel
from ganvas.recipes import recipe

SHORT = Mel(rate=8000, size=64, window=64, hop=16, filters=8, high=0.0)
LONG = Mel(rate=8000, size=128, window=128, hop=32, filters=6, high=0.0)


class Fixed(nn.Module):
    """A generator that makes half of what lies in `given`."""

    latent: tuple[int, ...] = ()

    def forward(self, z: Any, y: Any, given: Any) -> torch.Tensor:
        x: torch.Tensor = given["half"]
        return x


class Sums(nn.Module):
    """Two discriminators: the sum of x, and of |x|; the features are x and 3 x."""

    def forward(self, x: torch.Tensor, y: Any, given: Any) -> Verdict:
        flat = x.flatten(1)
        logits = (flat.sum(1, keepdim=True), flat.abs().sum(1, keepdim=True))
        return Verdict(logits, features=(x, 3 * x))


def batch() -> Batch:
    x = 0.1 * torch.randn(4, 1, 256, generator=torch.Generator().manual_seed(0))
    return Batch(x=x, given={"mel": SHORT.of(x), "half": x / 2})


def game() -> Vocoding:
    return Vocoding(LeastSquares(), pair_terms=(MatchedFeatures(weight=2.0), MelL1(mels=(SHORT, LONG))))


def test_the_terms_of_each_turn() -> None:
    data, play = batch(), Play({"G": Fixed(), "D": Sums()})
    draws = Draws(0, rows=range(4))
    made = game().generator_turn(play, data, draws)
    assert {name: term.weight for name, term in made.items()} == {"adversarial": 1, "MatchedFeatures": 2, "MelL1": 45}
    x, half = data.x, data.given["half"]
    flat = half.flatten(1)
    wanted = ((flat.sum(1) - 1) ** 2 + (flat.abs().sum(1) - 1) ** 2) / 2
    torch.testing.assert_close(made["adversarial"].value, wanted)
    matched = (x - half).abs().flatten(1).mean(1) * (1 + 3)
    torch.testing.assert_close(made["MatchedFeatures"].value, matched)
    distances = [(mel.of(x) - mel.of(half)).abs().flatten(1).mean(1) for mel in (SHORT, LONG)]
    torch.testing.assert_close(made["MelL1"].value, (distances[0] + distances[1]) / 2)
    assert distances[0].mean() == pytest.approx(torch.tensor(2.0).log().item(), abs=0.02), "half as loud: log 2"
    assert set(game().reconstruction_turn(play, data, draws)) == {"MelL1"}
    assert set(game().discriminator_turn(play, data, draws)) == {"adversarial"}


def test_it_shows_the_answer_and_the_recording() -> None:
    data = batch()
    shown = game().show(data, data.given["half"])
    assert torch.equal(shown[0], data.given["half"][0])
    assert torch.equal(shown[1], data.x[0])
    assert len(shown) == 8


def test_d_enters_after_the_first_phase() -> None:
    made = recipe("vocoder")
    assert made.phases[0].turns == ("reconstruction",)
    assert made.phases[1].turns == ()
    assert recipe("hifigan").phases == ()

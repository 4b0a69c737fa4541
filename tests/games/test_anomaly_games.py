"""The games that find anomalies, on players that are matrices, where every term is a sum by hand."""

from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ganvas.base.errors import UsageError
from ganvas.base.types import Batch, Verdict
from ganvas.games.contract import Draws, Play
from ganvas.games.ganomaly import Ganomaly
from ganvas.games.residual_encoding import ResidualEncoding

DRAWS = Draws(0, "test", rows=range(4))
X = torch.linspace(-1, 1, 4 * 64).view(4, 1, 8, 8).sin()


class Matrix(nn.Module):
    """x = A z as a picture of one channel."""

    def __init__(self) -> None:
        super().__init__()
        self.latent = (3,)
        self.dropout = nn.Dropout(0.5)  # is off where G is frozen
        self.weight = nn.Parameter(torch.linspace(-1, 1, 64 * 3).view(64, 3))

    def forward(self, z: Tensor, y: Tensor | None = None, given: Any = None) -> Tensor:
        return (self.dropout(z) @ self.weight.T).view(-1, 1, 8, 8)


class Codes(nn.Module):
    """code = B x; the features are 2 x, and the logit the first pixel."""

    def __init__(self, start: float = -0.1) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.linspace(start, 0.2, 64 * 3).view(3, 64))

    def forward(self, x: Tensor, y: Tensor | None = None, given: Any = None) -> Verdict:
        flat = x.flatten(1)
        return Verdict(flat[:, :1], features=(flat, 2 * flat), code=flat @ self.weight.T)


class Silent(nn.Module):
    def forward(self, x: Tensor, y: Tensor | None = None, given: Any = None) -> Verdict:
        return Verdict(x.flatten(1)[:, :1])


def test_residual_encoding_by_hand() -> None:
    play = Play({"G": Matrix().train(), "D": Codes(), "E": Codes()})
    game = ResidualEncoding(feature_weight=0.5)
    terms = game.encoder_turn(play, Batch(X), DRAWS)
    networks: Any = play.networks
    again = (X.flatten(1) @ networks["E"].weight.T @ networks["G"].weight.T).view(4, 1, 8, 8)
    error = (X - again).square().flatten(1).mean(1)
    assert torch.allclose(terms["pixels"].value, error, rtol=1e-5)
    assert torch.allclose(terms["features"].value, 4 * error, rtol=1e-5)
    assert terms["features"].weight == 0.5
    play.networks["G"].eval()
    found = game.assess(play, Batch(X))
    assert torch.allclose(found["anomaly"], error + 2 * error, rtol=1e-5)
    assert torch.allclose(found["map"], (X - again).abs()[:, 0], atol=1e-5)
    assert torch.allclose(game.output(play, Batch(X), DRAWS), again, atol=1e-5)
    terms["pixels"].value.sum().backward()
    assert networks["E"].weight.grad is not None
    with pytest.raises(UsageError, match="features"):
        game.encoder_turn(Play({**play.networks, "D": Silent()}), Batch(X), DRAWS)
    with pytest.raises(UsageError, match="codes"):
        game.encoder_turn(Play({**play.networks, "E": Silent()}), Batch(X), DRAWS)


def test_ganomaly_by_hand() -> None:
    play = Play({"G": Matrix().eval(), "D": Codes(), "A": Codes(), "E": Codes(0.05)})
    game = Ganomaly()
    networks: Any = play.networks
    A, E, G = (networks[name].weight for name in ("A", "E", "G"))
    code = X.flatten(1) @ A.T
    again = code @ G.T
    terms = game.generator_turn(play, Batch(X), DRAWS)
    assert [term.weight for term in terms.values()] == [1, 50, 1]
    assert torch.allclose(terms["features"].value, 4 * (X.flatten(1) - again).square().mean(1), rtol=1e-4)
    assert torch.allclose(terms["content"].value, (X.flatten(1) - again).abs().mean(1), rtol=1e-4)
    second = (code - again @ E.T).square().mean(1)
    assert torch.allclose(terms["code"].value, second, rtol=1e-4)
    found = game.assess(play, Batch(X))
    assert torch.allclose(found["anomaly"], second, rtol=1e-4)
    assert found["map"].shape == (4, 8, 8)
    judged = game.discriminator_turn(play, Batch(X), DRAWS)["adversarial"].value
    wanted = F.softplus(-X.flatten(1)[:, :1]) + F.softplus(again[:, :1])
    assert torch.allclose(judged, wanted, rtol=1e-4)
    assert not judged.requires_grad, "the turn of D holds the others still"
    with pytest.raises(UsageError, match="player A"):
        game.output(Play({**play.networks, "A": Silent()}), Batch(X), DRAWS)

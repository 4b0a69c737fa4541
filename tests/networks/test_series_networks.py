"""Networks of series against plain loops: recurrent ones, and those of DoppelGANger."""

import pytest
import torch
from torch import Tensor

from ganvas.base.errors import UsageError
from ganvas.base.types import Spec
from ganvas.networks.doppelganger import AttributeCritic, Doppelganger, DoppelgangerCritic, SeriesForm
from ganvas.networks.series_gru import SeriesGru, SeriesGruCritic

B, C, T = 3, 2, 5
PLAIN = Spec("series", (C, T), bounded=True)
SETTINGS = {"channels": ["a", "b"], "ends": True, "blocks": [3, -1, -1, -1, -1, -1], "each": True}
ATTRIBUTES = Spec("series", (2 + 1 + 8, T), bounded=True, settings=SETTINGS)


def plain_gru(x: Tensor, weights: list[Tensor]) -> Tensor:
    """One layer on x [T, C], step by step (Cho et al. 2014, section 2.3, as torch orders the gates)."""
    from_x, from_h, bias, recurrent = weights
    width = from_h.shape[1]
    h, found = x.new_zeros(width), []
    for step in x:
        i, m = from_x @ step + bias, from_h @ h + recurrent
        r, z = (i + m)[:width].sigmoid(), (i + m)[width : 2 * width].sigmoid()
        h = (1 - z) * (i[2 * width :] + r * m[2 * width :]).tanh() + z * h
        found.append(h)
    return torch.stack(found)


def test_recurrent_players_are_plain_loops() -> None:
    torch.manual_seed(0)
    G = SeriesGru(width=4, layers=2, latent=3).build(PLAIN).double()
    assert G.latent == (3, T)
    z = torch.randn(B, 3, T, dtype=torch.float64)
    weights: list[Tensor] = list(G.parameters())
    for row, found in zip(z, G(z), strict=True):
        h = plain_gru(plain_gru(row.T, weights[:4]), weights[4:8])
        torch.testing.assert_close(found, (h @ weights[8].T + weights[9]).tanh().T)
    D = SeriesGruCritic(width=4, layers=1).build(PLAIN).double()
    x, weights = torch.randn(B, C, T, dtype=torch.float64), list(D.parameters())
    for row, found in zip(x, D(x).scores, strict=True):
        h = plain_gru(row.T, weights[:4])
        torch.testing.assert_close(found, (h @ weights[4].T + weights[5])[:, 0], check_dtype=False)


def test_a_penalty_can_differentiate_the_gradient() -> None:
    D = SeriesGruCritic(width=4).build(PLAIN)
    x = torch.randn(B, C, T, requires_grad=True)
    (slope,) = torch.autograd.grad(D(x).scores.sum(), x, create_graph=True)
    slope.square().sum().backward()
    assert all(parameter.grad is not None for name, parameter in D.named_parameters() if name.startswith("gru"))


def mlp(x: Tensor, weights: list[Tensor]) -> Tensor:
    """Linear layers with LeakyReLU 0.2 between."""
    while len(weights) > 2:
        weight, bias = weights.pop(0), weights.pop(0)
        x = torch.nn.functional.leaky_relu(x @ weight.T + bias, 0.2)
    return x @ weights[0].T + weights[1]


def test_doppelganger_is_a_plain_loop() -> None:
    torch.manual_seed(0)
    G = Doppelganger(width=3, widths=(4,), noise=2, steps=2).build(ATTRIBUTES).double()
    assert G.latent == (2 * (2 + 3),)  # three cells of two steps
    z = torch.randn(B, 10, dtype=torch.float64)
    x: Tensor = G(z)
    weights: list[Tensor] = list(G.parameters())
    own = mlp(z[:, :2], weights[:4])
    own = torch.cat([own[:, :3].softmax(1), own[:, 3:].tanh()], dim=1)
    statics = torch.cat([own, mlp(torch.cat([z[:, 2:4], own], 1), weights[4:8]).tanh()], dim=1)
    torch.testing.assert_close(x[:, 3:], statics[:, :, None].expand(-1, -1, T))
    from_x, from_h, bias, recurrent = weights[8:12]
    h = c = torch.zeros(B, 3, dtype=torch.float64)
    steps = []
    for cell in range(3):
        inputs = torch.cat([z[:, 4 + 2 * cell : 6 + 2 * cell], statics], dim=1)
        i, f, g, o = (inputs @ from_x.T + bias + h @ from_h.T + recurrent).chunk(4, dim=1)
        c = f.sigmoid() * c + i.sigmoid() * g.tanh()
        h = o.sigmoid() * c.tanh()
        steps.append((h @ weights[12].T + weights[13]).tanh().view(B, 2, 3))
    moving = torch.cat(steps, dim=1)[:, :T].transpose(1, 2)
    for row, flags, found in zip(moving, moving[:, 2], x, strict=True):
        ends = next((t for t in range(1, T) if flags[t] <= 0), T)
        torch.testing.assert_close(found[:2, :ends], row[:2, :ends])
        assert not found[:2, ends:].any()
        assert (found[2, ends:] <= 0).all()


def test_critics_read_attributes_once() -> None:
    torch.manual_seed(0)
    x = torch.randn(B, 11, T, dtype=torch.float64)
    for described, inputs in (
        (DoppelgangerCritic(widths=(4, 3)), torch.cat([x[:, :3].flatten(1), x[:, 3:, 0]], 1)),
        (AttributeCritic(widths=(4, 3)), x[:, 3:, 0]),
    ):
        D = described.build(ATTRIBUTES).double()
        torch.testing.assert_close(D(x).scores.double(), mlp(inputs, list(D.parameters())), rtol=1e-5, atol=1e-5)


def test_series_without_attributes() -> None:
    assert Doppelganger().build(PLAIN)(torch.randn(B, 5 * 4)).shape == (B, C, T)
    assert DoppelgangerCritic().build(PLAIN)(torch.randn(B, C, T)).scores.shape == (B, 1)
    with pytest.raises(UsageError):
        AttributeCritic().build(PLAIN)
    assert SeriesForm.of(ATTRIBUTES) == SeriesForm(2, True, (3, -1, -1, -1, -1, -1), 4, T)

"""Flow matching: its term by hand, paths that are known, its network, the short way, and two phases of one run."""

from typing import Any

import pytest
import torch
from torch import Tensor, nn

from ganvas.base.draws import Draws
from ganvas.base.errors import UsageError
from ganvas.base.play import Latents, Play
from ganvas.base.types import Batch, Spec
from ganvas.games import FlowMatching
from ganvas.networks import FlowUNet
from ganvas.networks.flow_unet import FlowBlock, waves
from ganvas.penalties import Transport
from ganvas.penalties.contract import Context
from ganvas.recipes import recipe

B = 6


class Line(nn.Module):
    """v(x, t, y) = a x + b t."""

    latent, conditional = (2,), False

    def __init__(self, a: float, b: float) -> None:
        super().__init__()
        self.a, self.b = nn.Parameter(torch.tensor(a)), b

    def velocity(self, x: Tensor, t: Tensor, y: Tensor | None = None) -> Tensor:
        return self.a * x + self.b * t[:, None]


def test_the_term_is_the_error_of_the_velocity() -> None:
    G, draws = Line(0.5, 2.0), Draws(3, rows=range(B))
    x = torch.randn(B, 2, generator=torch.Generator().manual_seed(0))
    (term,) = FlowMatching().flow_turn(Play({"G": G}), Batch(x=x), draws).values()
    z, t = draws.normal("z", 2), draws.uniform("t", 1)
    between = (1 - t) * z + t * x
    torch.testing.assert_close(term.value, (0.5 * between + 2 * t - (x - z)).square().mean(1))


def test_euler_follows_the_path() -> None:
    """dx/dt = a x: x(1) = z (1 + a / n)^n; dx/dt = b t: z + b (n - 1) / (2 n)."""
    z = 0.2 * torch.randn(B, 2, generator=torch.Generator().manual_seed(0))
    for steps in (1, 4):
        game, batch = FlowMatching(steps=steps), Batch(x=z)
        found = game.generate(Play({"G": Line(0.5, 0.0)}), Latents(z), batch)
        torch.testing.assert_close(found, z * (1 + 0.5 / steps) ** steps)
        found = game.generate(Play({"G": Line(0.0, 0.3)}), Latents(z), batch)
        torch.testing.assert_close(found, z + 0.3 * (steps - 1) / (2 * steps))
    far = game.generate(Play({"G": Line(50.0, 0.0)}), Latents(z), Batch(x=z))
    assert far.abs().max() == 1


def test_a_generator_without_velocities_is_refused() -> None:
    play = Play({"G": nn.Linear(2, 2)})
    with pytest.raises(UsageError, match="velocities"):
        FlowMatching().flow_turn(play, Batch(x=torch.zeros(B, 2)), Draws(0, rows=range(B)))


def network_of(**more: Any) -> Any:
    spec = Spec("images", (1, 14, 10), bounded=True, classes=("a", "b"))
    return FlowUNet(width=4, conditional=True, **more).build(spec)


@torch.no_grad()
def test_one_step_is_euler_over_the_whole_flow() -> None:
    torch.manual_seed(0)
    network, y = network_of(), torch.tensor([0, 1, 1])
    z = torch.randn(3, *network.latent)
    game, play = FlowMatching(steps=1), Play({"G": network})
    torch.testing.assert_close(network(z, y), game.generate(play, Latents(z, y), Batch(x=z)))
    first = network.velocity(z, torch.tensor([0.1, 0.5, 0.9]), y)
    later = network.velocity(z, torch.tensor([0.1, 0.6, 0.9]), y)
    assert torch.equal(first[0], later[0])
    assert not torch.allclose(first[1], later[1])


@torch.no_grad()
def test_a_block_and_the_waves_of_time() -> None:
    torch.manual_seed(0)
    block, x, c = FlowBlock(4, 6, 3), torch.randn(2, 4, 5, 5), torch.randn(2, 3)
    (n1, n2), silu = block.norms, nn.functional.silu
    gain, shift = (block.style(c)[:, part, None, None] for part in (slice(0, 6), slice(6, 12)))
    h = block.second(silu(n2(block.first(silu(n1(x)))) * (1 + gain) + shift))
    torch.testing.assert_close(block(x, c), block.skip(x) + h)
    t = torch.tensor([0.0, 0.25])
    angles = t[:, None] * torch.tensor([1.0, 1000**0.5, 1000.0])
    torch.testing.assert_close(waves(t, 3), torch.cat([angles.cos(), angles.sin()], 1), atol=1e-4, rtol=0)


def test_the_short_way() -> None:
    z, x = torch.randn(2, B, 3, generator=torch.Generator().manual_seed(0))
    play, batch, draws = Play({"D": nn.Identity()}), Batch(x=x), Draws(0, rows=range(B))
    found = Transport(weight=0.5).penalty(Context(play, batch, draws, x_fake=x, latents=Latents(z)))
    torch.testing.assert_close(found, 0.5 * (x - z).square().mean(1))
    with pytest.raises(UsageError, match="shape of x"):
        Transport().penalty(Context(play, batch, draws, x_fake=x, latents=Latents(z[:, :2])))


def test_the_recipe_goes_on_from_its_teacher() -> None:
    teacher, onestep = recipe("flow"), recipe("flow.onestep")
    assert onestep.phases[0].game == teacher.game
    assert onestep.G is not None
    assert teacher.G is not None
    assert onestep.G.network == teacher.G.network
    assert teacher.D is None

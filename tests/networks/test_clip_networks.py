"""Networks of clips against plain references, and the order of time in what they read and make."""

from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from ganvas.base.errors import UsageError
from ganvas.base.types import Spec
from ganvas.networks.clip_critics import ClipCritic, FrameCritic
from ganvas.networks.clip_generators import MotionContent, TemporalGenerator
from ganvas.networks.dcgan import DcganCritic
from ganvas.networks.moved_foreground import MovedForeground

B, T, SIDE = 3, 8, 16
CLASSES = ("a", "b")
SPEC = Spec("clips", (2, T, SIDE, SIDE), bounded=True, classes=CLASSES)
Y = torch.tensor([0, 1, 1])
GENERATORS: list[Any] = [
    MotionContent(width=4, content=5, motion=3),
    MotionContent(width=4, content=5, motion=3, conditional=True),
    TemporalGenerator(width=4, latent=5, hidden=8),
    MovedForeground(width=4, content=5, motion=3, hidden=6),
    MovedForeground(width=4, content=5, motion=3, hidden=6, affine=False, conditional=True),
    TemporalGenerator(width=4, latent=5, hidden=8, conditional=True),
]
CRITICS: list[Any] = [
    ClipCritic(width=4),
    ClipCritic(width=4, conditional=True),
    FrameCritic(DcganCritic(width=4, batch_norm=False), every=3),
    FrameCritic(DcganCritic(width=4, batch_norm=False, conditional=True), every=3),
]


def built(described: Any) -> Any:
    """The network with random weights, so that no part of it is silent."""
    torch.manual_seed(0)
    network = described.build(SPEC).eval()
    for parameter in network.parameters():
        torch.nn.init.normal_(parameter, 0.0, 0.2)
    return network


def clips() -> Tensor:
    return torch.randn(B, *SPEC.shape, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("described", GENERATORS, ids=repr)
def test_generators_make_clips_that_depend_on_all_codes(described: Any) -> None:
    network = built(described)
    z = torch.randn(B, *network.latent, requires_grad=True)
    x = network(z, Y if described.conditional else None, {})
    assert x.shape == (B, *SPEC.shape)
    assert x.dtype == torch.float32
    assert x.abs().max() <= 1
    (slope,) = torch.autograd.grad(x.double().sum(), z)
    assert (slope != 0).all()


@pytest.mark.parametrize("described", [GENERATORS[0], MovedForeground(width=4, content=5, motion=3)], ids=repr)
def test_motion_goes_forward_in_time_and_content_is_everywhere(described: Any) -> None:
    network = built(described)
    z = torch.randn(1, *network.latent)
    before = network(z, None, {})
    for number in range(1, T + 1):
        changed = z.clone()
        changed[:, 5 + 3 * number : 8 + 3 * number] += 1  # e_number
        differs = (network(changed, None, {}) != before).flatten(3).any(3)[0].any(0)
        assert differs.tolist() == [place >= number - 1 for place in range(T)]
    z[:, 0] += 1
    assert (network(z, None, {}) != before).flatten(3).any(3)[0].any(0).all()


def test_the_recurrence_is_that_of_cho_et_al() -> None:
    """h' = (1 - u) n + u h, with the gates r, u and the candidate n of torch's GRU."""
    network = built(GENERATORS[0])
    z = torch.randn(B, *network.latent)
    content, motion = z[:, :5], z[:, 5:].reshape(B, T + 1, 3)
    w, v, b, c = (
        dict(network.step.named_parameters())[name] for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    )
    h, frames = motion[:, 0], []
    for number in range(1, T + 1):
        (r1, u1, n1), (r2, u2, n2) = (motion[:, number] @ w.T + b).chunk(3, 1), (h @ v.T + c).chunk(3, 1)
        r, u = torch.sigmoid(r1 + r2), torch.sigmoid(u1 + u2)
        h = (1 - u) * torch.tanh(n1 + r * n2) + u * h
        frames.append(network.picture(torch.cat([content, h], 1)))
    assert torch.allclose(network(z, None, {}), torch.stack(frames, 2), atol=1e-4)


def test_the_temporal_generator_doubles_its_path() -> None:
    network = built(GENERATORS[2])
    z = torch.randn(B, 5)
    h = z[:, :, None]
    layers = iter(network.path)
    for layer in layers:
        if isinstance(layer, torch.nn.ConvTranspose1d):
            h = F.conv_transpose1d(h, layer.weight, layer.bias, stride=2, padding=1)
            norm = next(layers)
            h = F.batch_norm(h, norm.running_mean, norm.running_var, norm.weight, norm.bias).relu()
            next(layers)
        else:
            h = F.conv1d(h, layer.weight, layer.bias, padding=1).tanh()
    assert h.shape == (B, 5, T)
    frames = [network.picture(torch.cat([z, h[:, :, place]], 1)) for place in range(T)]
    assert torch.allclose(network(z, None, {}), torch.stack(frames, 2), atol=1e-4)


def test_the_critic_of_clips_is_convolutions_in_three_dimensions() -> None:
    network = built(CRITICS[0])
    h = clips()
    for layer in network.shrink:
        if isinstance(layer, torch.nn.Conv3d):
            h = F.leaky_relu(F.conv3d(h, layer.weight, layer.bias, layer.stride, 1), 0.2)
    verdict = network(clips(), None, {})
    expected = h.flatten(1) @ network.head.linear.weight.T + network.head.linear.bias
    assert torch.allclose(verdict.logits, expected, atol=1e-3)
    assert not torch.allclose(network(clips().flip(2), None, {}).logits, verdict.logits), "it sees the order of time"


def test_the_critic_of_frames_judges_every_third_one_alone() -> None:
    network = built(CRITICS[2])
    x = clips()
    expected = torch.cat([network.network(x[:, :, place], None, {}).logits for place in (0, 3, 6)], 1)
    assert torch.allclose(network(x, None, {}).logits, expected, atol=1e-4)
    x[:, :, [1, 2, 4, 5, 7]] = 0
    assert torch.allclose(network(x, None, {}).logits, expected, atol=1e-4)


@pytest.mark.parametrize("described", CRITICS, ids=repr)
def test_critics_judge_each_clip_by_itself(described: Any) -> None:
    network, x = built(described), clips()
    y = Y if described == CRITICS[1] or described == CRITICS[3] else None
    together = network(x, y, {}).logits
    for place in range(B):
        alone = network(x[place : place + 1], None if y is None else y[place : place + 1], {}).logits
        assert torch.allclose(alone[0], together[place], atol=1e-5)
    if y is not None:
        assert not torch.allclose(network(x, 1 - y, {}).logits, together)


@pytest.mark.parametrize("described", [*GENERATORS, *CRITICS], ids=repr)
def test_pictures_are_refused(described: Any) -> None:
    with pytest.raises(UsageError, match="is for clips"):
        described.build(Spec("images", (1, 16, 16), bounded=True, classes=CLASSES))


def test_a_foreground_is_moved_over_its_ground_by_whole_pixels() -> None:
    """By hand: a shift of 2 k / side in the map is one of k pixels, the other way; beyond the border is ground."""
    network = built(MovedForeground(width=4, content=5, motion=3, affine=False))
    z = torch.randn(B, *network.latent)
    torch.nn.init.zeros_(network.move.weight)
    with torch.no_grad():
        network.move.bias.copy_(torch.tensor([2 * 3 / SIDE, -2 * 5 / SIDE]))  # 3 columns to the left, 5 rows down
    drawn = network.picture(z[:, :5])
    ground, shade, mask = drawn[:, :2], drawn[:, 2:4], (drawn[:, 4:] + 1) / 2
    expected = ground.clone()
    expected[:, :, 5:, :-3] = (mask * shade)[:, :, :-5, 3:] + (1 - mask[:, :, :-5, 3:]) * ground[:, :, 5:, :-3]
    x = network(z, None, {})
    assert all(torch.allclose(x[:, :, number], expected, atol=1e-5) for number in range(T))


def test_an_affine_map_can_turn() -> None:
    network = built(MovedForeground(width=4, content=5, motion=3))
    torch.nn.init.zeros_(network.move.weight)
    with torch.no_grad():
        network.move.bias.copy_(torch.tensor([-2.0, 0, 0, 0, -2, 0]))  # 1 - 2 = -1: half a turn
    z = torch.randn(B, *network.latent)
    drawn = network.picture(z[:, :5])
    ground, shade, mask = drawn[:, :2], drawn[:, 2:4].flip(2, 3), (drawn[:, 4:].flip(2, 3) + 1) / 2
    assert torch.allclose(network(z, None, {})[:, :, 0], mask * shade + (1 - mask) * ground, atol=1e-5)

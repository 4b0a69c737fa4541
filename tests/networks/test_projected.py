"""A discriminator on frozen features: what learns, what does not, and where gradients go."""

import pytest
import torch
import torch.nn.functional as F

from ganvas.base.types import Spec
from ganvas.networks import Projected
from ganvas.networks.projected import BLOCKS, DEVIATIONS, Head, Mixing, feature_layers, photo_maps, resized
from ganvas.networks.spectral import SpectralNorm

SPEC = Spec(domain="images", shape=(3, 32, 40), bounded=True, classes=("a", "b"))


def pictures(n: int = 2, channels: int = 3) -> torch.Tensor:
    return torch.rand(n, channels, 32, 40, generator=torch.Generator().manual_seed(0)) * 2 - 1


def test_each_head_gives_logits_and_only_heads_learn() -> None:
    network = Projected(width=8, pixels=4).build(SPEC)
    verdict = network(pictures())
    assert [each.shape[0] for each in verdict.logits] == [2] * 5
    assert [each.shape[1:] for each in verdict.features] == [(c, 2, 2) for c in (24, 40, 112, 320)] + [(3, 4, 4)]
    sum(each.sum() for each in verdict.logits).backward()
    trained = {name for name, value in network.named_parameters() if value.requires_grad}
    assert all(name.startswith("heads.") for name in trained)
    assert all(value.grad is not None for name, value in network.named_parameters() if name in trained)


def test_without_the_head_on_pixels_there_are_four() -> None:
    assert len(Projected(width=8, pixels=0).build(SPEC)(pictures()).logits) == 4


def test_the_gradient_reaches_the_picture_and_a_penalty_can_differentiate_it() -> None:
    network = Projected(width=8, pixels=4).build(SPEC)
    x = pictures().requires_grad_()
    (gradient,) = torch.autograd.grad(sum(each.sum() for each in network(x).logits), x, create_graph=True)
    gradient.square().sum().backward()
    assert gradient.abs().amax((1, 2, 3)).gt(0).all()
    assert x.grad is not None
    assert x.grad.isfinite().all()


def test_features_do_not_depend_on_what_the_heads_learn() -> None:
    network = Projected(width=8).build(SPEC)
    before = network(pictures()).features
    for value in network.parameters():
        if value.requires_grad:
            value.data.mul_(2)
    assert all(torch.equal(a, b) for a, b in zip(before, network(pictures()).features, strict=True))


def test_mixing_is_as_the_paper_defines_it() -> None:
    mixing, maps = Mixing(), photo_maps(pictures())
    assert len(maps) == len(BLOCKS)
    mixed = [F.conv2d(m / d, k) for m, d, k in zip(maps, DEVIATIONS, mixing.across, strict=True)]
    expected = [mixed[3]]
    for level in (2, 1, 0):
        up = F.interpolate(expected[0], size=mixed[level].shape[2:], mode="nearest")
        expected.insert(0, (mixed[level] + F.conv2d(up, mixing.between[level], padding=1)) / 2**0.5)
    for value, reference in zip(mixing(maps), expected, strict=True):
        torch.testing.assert_close(value, reference, rtol=1e-3, atol=1e-4)


def test_loaded_kernels_are_used() -> None:
    first, second = Projected(width=8).build(SPEC), Projected(width=8).build(SPEC)
    x = pictures()
    second(x)
    second.load_state_dict(first.state_dict())
    assert all(torch.equal(a, b) for a, b in zip(first(x).logits, second(x).logits, strict=True))


def test_the_class_changes_the_logits() -> None:
    network = Projected(width=8, conditional=True).build(SPEC)
    x = pictures()
    a, b = (network(x, torch.full((2,), y)).logits for y in (0, 1))
    assert not any(torch.equal(p, q) for p, q in zip(a, b, strict=True))


def test_a_grey_picture_is_read_as_its_three_equal_channels() -> None:
    grey = pictures(channels=1)
    network = Projected(width=8).build(Spec(domain="images", shape=(1, 32, 40), bounded=True))
    both = zip(network(grey).logits, network(grey.expand(-1, 3, -1, -1)).logits, strict=True)
    assert all(torch.equal(p, q) for p, q in both)


def test_pictures_are_resized_to_the_longer_side() -> None:
    network = Projected(side=48, width=8).build(SPEC)
    assert network.size == (38, 48)
    assert resized(pictures(), (38, 48)).shape == (2, 3, 38, 48)


def test_alpha_is_read_by_the_head_on_pixels_alone() -> None:
    network = Projected(width=8).build(Spec(domain="images", shape=(4, 32, 40), bounded=True))
    x = pictures(channels=4)
    opaque = torch.cat([x[:, :3], torch.ones_like(x[:, 3:])], dim=1)
    before, after = network(x), network(opaque)
    equal = [torch.equal(p, q) for p, q in zip(before.logits, after.logits, strict=True)]
    assert equal == [True] * 4 + [False]
    assert before.features[-1].shape == (2, 4, 4, 4)


def test_other_numbers_of_channels_pass_a_convolution_that_learns() -> None:
    network = Projected(width=8).build(Spec(domain="images", shape=(2, 32, 40), bounded=True))
    sum(each.sum() for each in network(pictures(channels=2)).logits).backward()
    gradient = network.get_parameter("colours.weight").grad
    assert gradient is not None
    assert gradient.abs().amax((0, 2, 3)).gt(0).all()


@pytest.mark.parametrize("constraints", [(), (SpectralNorm(),)], ids=["free", "spectral norm"])
def test_the_class_counts_as_much_as_the_rest_of_a_logit(constraints: tuple[SpectralNorm, ...]) -> None:
    """logit = w . h + b + e(y) . h, where e(y) is about as long as w."""
    torch.manual_seed(0)
    head = Head(feature_layers(8, 8, 16), 2)
    for constraint in constraints:
        constraint.prepare(head)
    head.eval()
    assert head.embedding is not None
    w, e = head.logit.weight.detach().flatten(), head.embedding.weight.detach()
    assert all(0.5 < float(row.norm() / w.norm()) < 2 for row in e)
    x = torch.randn(3, 8, 8, 8)
    h = x
    for layer in head.layers:
        h = F.leaky_relu(layer(h), 0.2)
    for y in (0, 1):
        expected = torch.einsum("bchw,c->bhw", h, w + e[y]).flatten(1)  # b is 0
        torch.testing.assert_close(head(x, torch.full((3,), y)), expected)

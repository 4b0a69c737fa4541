"""StyleGAN2's players: published sizes, the two forms of the modulated convolution, and each layer's arithmetic."""

from typing import Any

import numpy as np
import pytest
import scipy.ndimage  # type: ignore[import-untyped]
import torch
from torch import Tensor, nn

from ganvas.base.types import Spec
from ganvas.networks import StyleGan2, StyleGan2Critic
from ganvas.networks.equalised import EqualConv, EqualLinear, MinibatchDeviation, scaled_leaky, unit_moment
from ganvas.networks.modulated import grouped_convolution, scaled_convolution
from ganvas.networks.stylegan2 import StyleGan2Generator
from ganvas.networks.stylegan2_critic import StyleGan2Block, StyleGan2Discriminator
from ganvas.ops.resample import doubled, smoothed

SMALL: Any = {"width": 4, "widest": 8, "latent": 5, "style": 6, "depth": 2}


def pictures(side: int, *, channels: int = 3, classes: int = 0) -> Spec:
    return Spec("images", (channels, side, side), bounded=True, classes=tuple(map(str, range(classes))))


def count(described: Any, spec: Spec) -> int:
    with torch.device("meta"):
        return sum(parameter.numel() for parameter in described.build(spec).parameters())


def test_the_cifar_10_players_have_the_published_parameters() -> None:
    """20.2 M and 23.1 M as StudioGAN reports; conditional, two layers of mapping in G and eight in D, "original" D."""
    spec = pictures(32, classes=10)
    G = StyleGan2(width=512, depth=2, conditional=True)
    D = StyleGan2Critic(width=512, architecture="original", deviation_group=32, conditional=True)
    convolution = 512 * 512 * 9 + 512 + (512 * 512 + 512) + 1  # kernel, bias, style's affine map, strength of the noise
    to_image = 512 * 3 + 3 + 512 * 512 + 512
    mapping = 10 * 512 + 512 + (1024 * 512 + 512) + (512 * 512 + 512)
    assert count(G, spec) == mapping + 512 * 16 + 7 * convolution + 4 * to_image
    assert round(count(G, spec) / 1e6, 1) == 20.2
    assert round(count(D, spec) / 1e6, 1) == 23.1


def test_both_forms_of_the_modulated_convolution_are_equal() -> None:
    for demodulate in (False, True):
        x = torch.randn(3, 4, 5, 6, dtype=torch.float64, requires_grad=True)
        kernel = torch.randn(2, 4, 3, 3, dtype=torch.float64, requires_grad=True)
        style = torch.randn(3, 4, dtype=torch.float64, requires_grad=True)
        found = []
        for form in (scaled_convolution, grouped_convolution):
            h = form(x, kernel, style, demodulate=demodulate)
            found.append([h, *torch.autograd.grad(h.sin().sum(), (x, kernel, style))])
        torch.testing.assert_close(found[0], found[1], rtol=1e-9, atol=1e-9)


def test_a_demodulated_convolution_has_outputs_of_unit_variance() -> None:
    """Karras et al. 2020, section 2.2: for independent inputs of variance 1, and away from the edge."""
    x, style = torch.randn(4, 8, 64, 64), 5 * torch.randn(4, 8)
    h = scaled_convolution(x, torch.randn(6, 8, 3, 3), style, demodulate=True)
    torch.testing.assert_close(h[..., 1:-1, 1:-1].var((2, 3)), torch.ones(4, 6), rtol=0, atol=0.15)


def test_a_generator_is_the_same_with_either_form() -> None:
    made = [StyleGan2(**SMALL, noise=False, grouped=grouped).build(pictures(16)).train() for grouped in (False, True)]
    made[1].load_state_dict(made[0].state_dict())
    z = torch.randn(2, 5)
    torch.testing.assert_close(made[0](z), made[1](z), rtol=0, atol=1e-5)


def test_in_use_any_batch_size_is_one_exported_program() -> None:
    network = StyleGan2(**SMALL, grouped=True, conditional=True).build(pictures(16, classes=3)).eval()
    batch = torch.export.Dim("batch", min=2, max=64)
    arguments = torch.randn(2, 5), torch.tensor([0, 2])
    program = torch.export.export(network, arguments, dynamic_shapes=({0: batch}, {0: batch}))
    z, y = torch.randn(7, 5), torch.arange(7) % 3
    torch.testing.assert_close(program.module()(z, y), network(z, y))


def affine(layer: Any, w: Tensor) -> Tensor:
    return w @ layer.weight.T / layer.weight.shape[1] ** 0.5 + layer.bias


def styled(layer: Any, h: Tensor, w: Tensor) -> Tensor:
    """One sample at a time: modulate, demodulate, convolve with SciPy, noise, bias, sqrt(2) LeakyReLU."""
    made = []
    for picture, style in zip(h, affine(layer.affine, w), strict=True):
        kernel = layer.weight / (layer.weight[0].numel()) ** 0.5 * style[None, :, None, None]
        kernel = kernel / (kernel.square().sum((1, 2, 3), keepdim=True) + 1e-8).sqrt()
        made.append(correlated(picture, kernel))
    out = torch.stack(made) + layer.strength * layer.fixed + layer.bias[:, None, None]
    return torch.where(out > 0, out, 0.2 * out) * 2**0.5


def correlated(x: Tensor, kernel: Tensor) -> Tensor:
    """Zeros beyond the edge."""
    sums = [
        sum(scipy.ndimage.correlate(x[i].numpy(), each[i].numpy(), mode="constant") for i in range(len(x)))
        for each in kernel
    ]
    return torch.from_numpy(np.stack(sums))


@pytest.mark.parametrize("architecture", ["skip", "residual"])
@torch.no_grad()
def test_the_generator_is_that_of_a_plain_reference(architecture: Any) -> None:
    described = StyleGan2(**SMALL, architecture=architecture, conditional=True)
    network = described.build(pictures(16, classes=3)).double().eval()
    assert isinstance(network, StyleGan2Generator)
    for name, parameter in network.named_parameters():
        if "strength" in name or ("trunk" in name and "bias" in name):
            parameter.copy_(torch.randn_like(parameter) + parameter)
    z, y = torch.randn(2, 5, dtype=torch.float64), torch.tensor([2, 0])
    table = network.mapping.embedding
    assert table is not None
    w = torch.cat([normed(z), normed(table.weight.T[y] + table.bias)], 1)
    layers: Any = network.mapping.layers
    for layer in layers:
        w = 0.01 * (w @ layer.weight.T / layer.weight.shape[1] ** 0.5 + layer.bias)
        w = torch.where(w > 0, w, 0.2 * w) * 2**0.5
    trunk: Any = network.trunk
    h = styled(trunk.convolutions[0], trunk.start.expand(2, -1, -1, -1), w)
    image = to_image(trunk.to_image[0], h, w) if architecture == "skip" else torch.zeros(())
    for level in (1, 2):
        before = doubled(h)
        h = styled(trunk.convolutions[2 * level - 1], before, w)
        h = styled(trunk.convolutions[2 * level], h, w)
        if architecture == "skip":
            image = doubled(image) + to_image(trunk.to_image[level], h, w)
        else:
            kernel = trunk.paths[level - 1].weight / before.shape[1] ** 0.5
            h = (h + torch.einsum("oi,bihw->bohw", kernel[:, :, 0, 0], before)) / 2**0.5
    x = image if architecture == "skip" else to_image(trunk.to_image[0], h, w)
    torch.testing.assert_close(network(z, y).double(), x.tanh(), rtol=0, atol=1e-6)


def to_image(layer: Any, h: Tensor, w: Tensor) -> Tensor:
    scaled = h * affine(layer.affine, w)[:, :, None, None] / h.shape[1] ** 0.5
    return torch.einsum("oi,bihw->bohw", layer.weight[:, :, 0, 0], scaled) + layer.bias[:, None, None]


def normed(x: Tensor) -> Tensor:
    return x / x.square().mean(1, keepdim=True).sqrt()


def test_truncation_moves_styles_towards_their_running_mean() -> None:
    network: Any = StyleGan2(**SMALL, noise=False).build(pictures(16))
    z = torch.randn(64, 5)
    network.train()(z)
    w = network.eval().styles(z)[:, 0]
    torch.testing.assert_close(network.mean, 0.005 * w.mean(0))
    network.mean.copy_(w.mean(0))
    assert torch.equal(network(z, truncation=1.0), network(z))
    zero = network(z, truncation=0.0)
    torch.testing.assert_close(zero, network.synthesis(network.mean.expand(64, network.layers, -1)))
    half = network.mean + 0.5 * (w - network.mean)
    torch.testing.assert_close(
        network(z, truncation=0.5), network.synthesis(half[:, None].expand(-1, network.layers, -1))
    )


def test_a_latent_of_its_own_reaches_each_layer() -> None:
    network: Any = StyleGan2(**SMALL, noise=False).build(pictures(16)).eval()
    z = torch.randn(2, 5)
    torch.testing.assert_close(network(z[:, None].expand(-1, network.layers, -1)), network(z))
    for layer in range(network.layers):
        other = z[:, None].repeat(1, network.layers, 1)
        other[:, layer] = torch.randn(2, 5)
        assert not torch.allclose(network(other), network(z)), layer


def test_noise_is_fresh_in_training_and_fixed_in_use() -> None:
    network: Any = StyleGan2(**SMALL).build(pictures(16))
    for layer in network.trunk.convolutions:
        nn.init.ones_(layer.strength)
    z = torch.randn(1, 5).expand(2, -1)
    training = network.train()(z)
    assert not torch.allclose(training[0], training[1])
    used = network.eval()(z)
    torch.testing.assert_close(used[0], used[1])


def test_every_weight_has_variance_one_and_the_layer_keeps_the_variance() -> None:
    torch.manual_seed(0)
    linear, convolution = EqualLinear(300, 400, lr_scale=0.01), EqualConv(30, 40, 3)
    assert linear.weight.std().item() == pytest.approx(100, rel=0.02)
    assert convolution.weight.std().item() == pytest.approx(1, rel=0.02)
    assert linear(torch.randn(500, 300)).var().item() == pytest.approx(1, rel=0.02)
    assert convolution(torch.randn(4, 30, 32, 32))[..., 1:-1, 1:-1].var().item() == pytest.approx(1, rel=0.05)
    optimiser = torch.optim.Adam(linear.parameters(), lr=0.1)
    before = linear(torch.eye(300)).detach()
    (100 * linear(torch.eye(300))).sum().backward()
    optimiser.step()  # each weight moves by 0.1, the layer's kernel by 0.1 * lr_scale / sqrt(300), its bias by 0.001
    moved = before - linear(torch.eye(300))
    torch.testing.assert_close(moved, torch.full_like(moved, 0.001 / 300**0.5 + 0.001), rtol=0.01, atol=0)


def test_the_minibatch_deviation_of_groups() -> None:
    layer = MinibatchDeviation(group=2)
    x = torch.randn(4, 3, 2, 2)
    made = layer.train()(x)
    assert torch.equal(made[:, :3], x)
    pairs = [x[[0, 2]], x[[1, 3]]]
    wanted = [float(((pair[0] - pair[1]) / 2).abs().mean()) for pair in pairs]
    torch.testing.assert_close(made[:, 3, 0, 0], torch.tensor(wanted * 2), rtol=1e-4, atol=1e-4)
    assert float(layer.running) == pytest.approx(0.9 + 0.1 * sum(wanted) / 2, rel=1e-4)
    assert float(layer.eval()(x)[:, 3].std()) < 1e-6
    MinibatchDeviation(group=2)(torch.zeros(4, 1, 2, 2, requires_grad=True)).sum().backward()  # finite


def test_a_filter_halves_and_smooths_as_scipy_does() -> None:
    x = torch.randn(2, 3, 8, 6, dtype=torch.float64)
    taps = np.outer([1, 3, 3, 1], [1, 3, 3, 1]) / 64
    padded = np.pad(x.numpy(), ((0, 0), (0, 0), (2, 2), (2, 2)))
    wanted = np.stack([[scipy.ndimage.correlate(each, taps)[2:-1, 2:-1] for each in every] for every in padded])
    found = smoothed(x, stride=1, padding=2)
    torch.testing.assert_close(found, torch.from_numpy(wanted))
    torch.testing.assert_close(smoothed(x, stride=2, padding=1), found[:, :, 1::2, 1::2])
    zeros = torch.zeros(2, 3, 16, 12, dtype=torch.float64)
    zeros[:, :, ::2, ::2] = x
    filtered = 4 * smoothed(zeros, stride=1, padding=2)[:, :, :-1, :-1]
    torch.testing.assert_close(doubled(x)[:, :, 1:-1, 1:-1], filtered[:, :, 1:-1, 1:-1])  # all but the edge


@torch.no_grad()
def test_the_discriminators_block_is_that_of_a_plain_reference() -> None:
    block: Any = StyleGan2Block(3, 5, residual=True).double()
    x = torch.randn(2, 3, 8, 8, dtype=torch.float64)
    kernels = [layer.weight * layer.scale for layer in (block.first, block.second)]
    h = scaled_leaky(torch.stack([correlated(each, kernels[0]) for each in x]))
    h = smoothed(h, stride=1, padding=2)
    h = scaled_leaky(torch.stack([correlated(each, kernels[1])[:, 1:-1:2, 1:-1:2] for each in h]))
    path = torch.einsum("oi,bihw->bohw", block.path.weight[:, :, 0, 0] / 3**0.5, smoothed(x, stride=2, padding=1))
    torch.testing.assert_close(block(x), (h + path) / 2**0.5)


def test_a_skip_discriminator_reads_the_picture_at_each_resolution() -> None:
    network = StyleGan2Critic(width=4, widest=8, architecture="skip").build(pictures(32)).eval()
    assert isinstance(network, StyleGan2Discriminator)
    assert len(network.from_image) == 4
    for layer in list(network.from_image)[:3]:
        nn.init.zeros_(layer.weight)  # type: ignore[arg-type]
    x = torch.randn(2, 3, 32, 32)
    small = smoothed(smoothed(smoothed(x, stride=2, padding=1), stride=2, padding=1), stride=2, padding=1)
    first, other = network(x).logits, network(torch.zeros_like(x)).logits
    assert not torch.allclose(first, other), "the coarsest picture alone still enters"
    assert small.shape[2:] == (4, 4)


def test_features_are_normalised_for_each_pixel() -> None:
    x = torch.randn(2, 7, 3, 3)
    torch.testing.assert_close(unit_moment(x).square().mean(1), torch.ones(2, 3, 3), rtol=1e-4, atol=1e-4)

"""The translator of Johnson et al. and CycleGAN: its weights by the paper's table, its arithmetic by SciPy."""

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from scipy import ndimage  # type: ignore[import-untyped]
from torch import Tensor, nn

from ganvas.base.errors import UsageError
from ganvas.base.types import Spec, TensorSpec
from ganvas.networks.multi_scale import MultiScale, MultiScaleDiscriminator, halved_picture
from ganvas.networks.patch import PatchCritic
from ganvas.networks.patch_heads import PatchEmbedder, PatchHeads, at_places
from ganvas.networks.residual_translator import ResidualGenerator, ResidualTranslator, Style
from ganvas.networks.unet import UNet

Array = NDArray[np.float64]


def spec_of(channels: int, height: int, width: int, given: int | None = None) -> Spec:
    shape = (channels, height, width)
    return Spec("images", shape, bounded=True, given={"input": TensorSpec((given or channels, height, width))})


def built(described: ResidualTranslator, spec: Spec) -> ResidualGenerator:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        made = described.build(spec)
    assert isinstance(made, ResidualGenerator)
    return made


@pytest.mark.parametrize(("blocks", "published"), [(9, 11_378_179), (6, 7_837_699)])
def test_the_published_count_of_weights(blocks: int, published: int) -> None:
    """Zhu et al. 2017, section 7.2: c7s1-64, d128, d256, R256 x 9, u128, u64, c7s1-3, each kernel with a bias."""
    kernels = [(7, 3, 64), (3, 64, 128), (3, 128, 256), *[(3, 256, 256)] * 2 * blocks]
    kernels += [(3, 256, 128), (3, 128, 64), (7, 64, 3)]
    assert sum(side * side * before * after + after for side, before, after in kernels) == published
    with torch.device("meta"):
        made = ResidualTranslator(blocks=blocks).build(spec_of(3, 256, 256))
    assert sum(weight.numel() for weight in made.parameters()) == published


def convolved(x: Array, conv: nn.Conv2d) -> Array:
    """[C, H, W] by SciPy's correlation, which mirrors the border, then every stride-th pixel."""
    assert conv.bias is not None
    weight, bias = conv.weight.detach().numpy(), conv.bias.detach().numpy()
    planes = [sum(ndimage.correlate(x[i], row[i], mode="mirror") for i in range(len(x))) for row in weight]
    step = conv.stride[0]
    made: Array = (np.stack(planes) + bias[:, None, None])[:, ::step, ::step]
    return made


def normed(x: Array) -> Array:
    mean, var = x.mean((1, 2), keepdims=True), x.var((1, 2), keepdims=True)
    made: Array = (x - mean) / np.sqrt(var + 1e-5)
    return made


def relu(x: Array) -> Array:
    return np.maximum(x, 0)


def test_every_layer_by_scipy() -> None:
    network = built(ResidualTranslator(width=2, blocks=2, halvings=1), spec_of(3, 8, 12)).double()
    for weight in network.parameters():
        weight.data.normal_(0, 0.3, generator=torch.Generator().manual_seed(weight.numel()))
    x = torch.rand(1, 3, 8, 12, generator=torch.Generator().manual_seed(1), dtype=torch.float64) * 2 - 1
    convs = [layer for layer in network.modules() if isinstance(layer, nn.Conv2d)]
    assert len(convs) == 1 + 1 + 2 * 2 + 1 + 1
    first, down, r1, r2, r3, r4, up, last = convs
    h = relu(normed(convolved(x[0].numpy(), first)))
    h = relu(normed(convolved(h, down)))
    assert h.shape == (4, 4, 6)
    for one, two in ((r1, r2), (r3, r4)):
        h = h + normed(convolved(relu(normed(convolved(h, one))), two))
    h = relu(normed(convolved(h.repeat(2, 1).repeat(2, 2), up)))
    by_hand = np.tanh(convolved(h, last))
    torch.testing.assert_close(
        network(None, None, {"input": x})[0].double(), torch.from_numpy(by_hand), rtol=0, atol=1e-6
    )


@pytest.mark.parametrize("size", [(8, 8), (9, 14), (5, 3), (1, 1), (32, 48)])
@pytest.mark.parametrize("halvings", [0, 2])
def test_any_size_is_padded_and_cropped(size: tuple[int, int], halvings: int) -> None:
    network = built(ResidualTranslator(width=2, blocks=1, halvings=halvings), spec_of(1, *size, given=3))
    x = torch.rand(2, 3, *size)
    made = network(None, None, {"input": x})
    assert made.shape == (2, 1, *size)
    assert made.isfinite().all()


def test_a_constant_picture_has_no_checkerboard() -> None:
    """All layers but the last are convolutions of a constant, whatever the weights: the output is constant."""
    network = built(ResidualTranslator(width=4, blocks=2), spec_of(3, 16, 16))
    made = network(None, None, {"input": torch.full((1, 3, 16, 16), 0.3)})
    assert float(made.detach().std((2, 3)).max()) < 1e-4


def test_a_style_gives_one_picture_many_answers() -> None:
    described = ResidualTranslator(width=4, blocks=2, halvings=1, style=3)
    network = built(described, spec_of(3, 12, 12))
    assert network.latent == (3,)
    x = torch.rand(2, 3, 12, 12) * 2 - 1
    z = torch.randn(2, 3)
    given = {"input": x}
    assert torch.equal(network(None, None, given), network(torch.zeros(2, 3), None, given))
    one, other = network(z, None, given), network(-z, None, given)
    assert not torch.allclose(one, other)
    torch.testing.assert_close(network(z[:1], None, {"input": x[:1]}), one[:1])
    plain = built(ResidualTranslator(width=4, blocks=2, halvings=1), spec_of(3, 12, 12))
    assert plain.latent == ()
    assert not any(name.startswith("styles") for name in plain.state_dict())


@torch.no_grad()
def test_a_grid_of_styles_differs_from_place_to_place() -> None:
    """Where the channels are all 1, a layer with one place switched on is a bilinear bump at that place."""
    style = Style(2, 3, side=4)
    z = torch.zeros(1, 2 * (1 + 16))
    flat = style(torch.ones(1, 3, 16, 16), z)
    assert float(flat.std((2, 3)).max()) < 1e-6
    z[0, 2 + 16 + 5] = 1.0  # the second number of the place in row 1, column 1
    changed = (style(torch.ones(1, 3, 16, 16), z) - flat)[0, 0]
    assert style.places is not None
    weight = style.places.weight[[0, 3], 1].sum()
    bump = torch.tensor([0, 0, 1, 3, 5, 7, 7, 5, 3, 1, 0, 0, 0, 0, 0, 0]) / 8
    torch.testing.assert_close(changed, weight * bump[:, None] * bump[None])
    described = ResidualTranslator(width=4, blocks=2, halvings=1, style=2, style_side=4)
    network = built(described, spec_of(3, 12, 20))
    assert network.latent == (34,)
    x = {"input": torch.rand(2, 3, 12, 20)}
    assert network(torch.randn(2, 34), None, x).shape == (2, 3, 12, 20)


def test_the_encoders_layers() -> None:
    network = built(ResidualTranslator(width=4, blocks=9), spec_of(3, 32, 32))
    x = torch.rand(2, 3, 32, 32)
    layers = network.encode(x)
    assert [tuple(layer.shape[1:]) for layer in layers] == [
        (3, 32, 32),
        (8, 16, 16),
        (16, 8, 8),
        (16, 8, 8),
        (16, 8, 8),
    ]
    h = network.down[1](network.down[0](network.first(x)))
    torch.testing.assert_close(layers[2], h)
    for block in network.blocks[:5]:
        h = block(h)
    torch.testing.assert_close(layers[-1], h)
    assert len(built(ResidualTranslator(width=4, blocks=1), spec_of(3, 32, 32)).encode(x)) == 4, (
        "one block is read once"
    )


def test_heads_are_unit_vectors_of_the_places() -> None:
    made = PatchHeads(ResidualTranslator(width=4, blocks=2), features=6).build(spec_of(3, 16, 16))
    assert isinstance(made, PatchEmbedder)
    x = torch.rand(2, 3, 16, 16)
    layers = made.hidden(x)
    places = [torch.arange(3).expand(2, -1) + number for number in range(len(layers))]
    vectors = made.embedded(layers, places)
    for layer, where, vector, head in zip(layers, places, vectors, made.heads, strict=True):
        assert vector.shape == (2, 3, 6)
        pixel = layer[1, :, int(where[1, 2]) // layer.shape[3], int(where[1, 2]) % layer.shape[3]]
        by_hand = head(pixel)
        torch.testing.assert_close(vector[1, 2], by_hand / by_hand.norm())
        assert torch.equal(at_places(layer, where)[1, 2], pixel)
    assert torch.equal(made(None, None, {"input": x}), made.trunk(None, None, {"input": x}))


def test_heads_want_a_network_with_hidden_layers() -> None:
    with pytest.raises(UsageError, match="UNet shows none"):
        PatchHeads(UNet(inputs=("input",), known=None)).build(spec_of(3, 16, 16))


def test_several_scales() -> None:
    spec = spec_of(3, 20, 16)
    made = MultiScale(PatchCritic(width=4, condition="input"), scales=3).build(spec)
    x, given = torch.rand(2, 3, 20, 16), {"input": torch.rand(2, 3, 20, 16), "age": torch.rand(2)}
    verdict = made(x, None, given)
    assert isinstance(made, MultiScaleDiscriminator)
    assert isinstance(verdict.logits, tuple)
    assert len(verdict.logits) == 3
    assert len(verdict.features) == 3 * 3  # the layers of each
    for logits, critic in zip(verdict.logits, made.critics, strict=True):
        torch.testing.assert_close(logits, critic(x, None, given).logits)
        x, given = halved_picture(x), {"input": halved_picture(given["input"])}


def test_a_halved_picture_is_the_mean_of_the_pixels_around() -> None:
    x: Tensor = torch.arange(20.0).view(1, 1, 4, 5)
    made = halved_picture(x)[0, 0]
    assert made.shape == (2, 3)
    for row in range(2):
        for column in range(3):
            around = x[0, 0, max(0, 2 * row - 1) : 2 * row + 2, max(0, 2 * column - 1) : 2 * column + 2]
            assert made[row, column] == pytest.approx(float(around.mean()))

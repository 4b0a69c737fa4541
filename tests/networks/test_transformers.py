"""The transformers: sizes, attention and blocks by hand, patches, windows, and the pictures of each depth."""

from typing import Any

import pytest
import torch
from torch import Tensor, nn

from ganvas.base.errors import UsageError
from ganvas.base.types import Spec
from ganvas.networks import Gat, Transgan, VitCritic
from ganvas.networks.gat import StyledBlock
from ganvas.networks.transformer import MultiHeadAttention, TransformerBlock, patches_of, picture_of
from ganvas.networks.transgan import TokenStage


def pictures(side: int, *, channels: int = 3, classes: int = 0) -> Spec:
    return Spec("images", (channels, side, side), bounded=True, classes=tuple(map(str, range(classes))))


def count(described: Any, spec: Spec) -> int:
    with torch.device("meta"):
        return sum(parameter.numel() for parameter in described.build(spec).parameters())


def block(width: int) -> int:
    """Four maps of attention, two of the feed-forward, two norms."""
    return 4 * (width**2 + width) + 8 * width**2 + 5 * width + 4 * width


def test_transgan_small_has_the_papers_layers() -> None:
    spec = pictures(32)
    stages = 5 * block(384) + 2 * block(96) + 2 * block(24) + 64 * 384 + 256 * 96 + 1024 * 24
    assert count(Transgan(latent=384), spec) == stages + 385 * 64 * 384 + 24 * 3 + 3
    critic = 7 * block(384) + 49 * 384 + 65 * 384 + 2 * 384 + 385
    assert count(VitCritic(), spec) == critic
    assert [round(count(each, spec) / 1e6, 1) for each in (Transgan(latent=384), VitCritic())] == [18.6, 12.5]


def test_gat_xl_has_the_published_parameters() -> None:
    """602 M (Hyun et al. 2025) for latents of 32 x 32 and 1,000 classes, within 0.5 %."""
    spec = pictures(32, channels=4, classes=1000)
    found = count(Gat(width=1152, depth=28, heads=16, conditional=True), spec)
    assert found == pytest.approx(602e6, rel=5e-3)
    styled = block(1152) - 4 * 1152 + 1152 * 4 * 1152 + 4 * 1152  # norms without gains, and the map of w
    heads = 4 * (1152 + 1152 * 16 + 16)
    assert found == 28 * styled + heads + 256 * 1152 + 1000 * 1152 + (64 + 1152 + 1) * 1152 + 1153 * 1152


@torch.no_grad()
def test_attention_is_a_weighted_mean_in_each_head() -> None:
    torch.manual_seed(0)
    layer, h = MultiHeadAttention(6, 2).double(), torch.randn(2, 5, 6, dtype=torch.float64)
    q, k, v = (h @ layer.qkv.weight[6 * n : 6 * n + 6].T + layer.qkv.bias[6 * n : 6 * n + 6] for n in range(3))
    heads = []
    for part in (slice(0, 3), slice(3, 6)):
        weights = (q[..., part] @ k[..., part].mT / 3**0.5).exp()
        heads.append(weights / weights.sum(2, keepdim=True) @ v[..., part])
    wanted = torch.cat(heads, 2) @ layer.out.weight.T + layer.out.bias
    torch.testing.assert_close(layer(h), wanted, rtol=1e-5, atol=1e-6)
    with pytest.raises(UsageError, match="heads"):
        MultiHeadAttention(6, 4)


@torch.no_grad()
def test_blocks_add_scaled_branches_behind_norms() -> None:
    torch.manual_seed(0)
    h, w = torch.randn(2, 5, 4), torch.randn(2, 4)
    plain = TransformerBlock(4, 2, scale=0.3)
    attended = h + 0.3 * plain.branches[0](nn.functional.layer_norm(h, (4,)))
    torch.testing.assert_close(plain(h), attended + 0.3 * plain.branches[1](nn.functional.layer_norm(attended, (4,))))
    styled = StyledBlock(4, 2)
    g1, g2, a1, a2 = (w @ styled.style.weight.T + styled.style.bias).unflatten(1, (4, 4)).unbind(1)

    def unit(x: Tensor) -> Tensor:
        return x / (x.square().mean(2, keepdim=True) + torch.finfo(torch.float32).eps).sqrt()

    attended = h + a1[:, None] * styled.branches[0](unit(h) * (1 + g1[:, None]))
    wanted = attended + a2[:, None] * styled.branches[1](unit(attended) * (1 + g2[:, None]))
    torch.testing.assert_close(styled(h, w), wanted)
    wide = StyledBlock(256, 2)
    wide.reset_style()
    gains, scales = wide.style(torch.randn(64, 256)).chunk(2, 1)
    assert (gains.mean().item(), gains.std().item()) == pytest.approx((0.0, 0.5), abs=0.02)
    assert (scales.mean().item(), scales.std().item()) == pytest.approx((0.2, 0.1), abs=0.01)


def test_patches_and_back() -> None:
    x = torch.arange(2 * 3 * 4 * 6.0).view(2, 3, 4, 6)
    patches = patches_of(x, 2)
    assert patches.shape == (2, 6, 12)
    assert patches[1, 4].tolist() == x[1, :, 2:4, 2:4].flatten().tolist()
    assert torch.equal(picture_of(patches, (2, 3), 2), x)


@torch.no_grad()
def test_windows_keep_attention_inside_and_tokens_in_place() -> None:
    torch.manual_seed(0)
    blocks = [TransformerBlock(4, 2)]
    whole = TokenStage(blocks, width=4, size=(4, 6), grid=6, shuffled=False)
    split = TokenStage(blocks, width=4, size=(4, 6), grid=3, shuffled=False)
    assert (whole.window, split.window) == ((4, 6), (2, 3))
    split.places.copy_(whole.places)
    x = torch.randn(2, 4, 4, 6)
    placed = x + split.places.T.view(1, 4, 4, 6)
    found = split(x)
    for top, left in ((0, 0), (2, 3)):
        window = placed[:, :, top : top + 2, left : left + 3]
        wanted = blocks[0](window.flatten(2).mT).mT.view(2, 4, 2, 3)
        torch.testing.assert_close(found[:, :, top : top + 2, left : left + 3], wanted)
    tokens = blocks[0](placed.flatten(2).mT)
    torch.testing.assert_close(whole(x), tokens.mT.view(2, 4, 4, 6))


def test_transgan_grows_by_shuffles_and_then_by_repeating() -> None:
    network: Any = Transgan(width=32, depths=(2, 1), heads=2, narrowest=8, latent=5).build(pictures(50))
    assert [(each.size, each.width, len(each.blocks)) for each in network.stages] == [
        ((7, 7), 32, 2),
        ((14, 14), 8, 1),
        ((28, 28), 8, 1),
        ((56, 56), 8, 1),
    ]
    assert [each.shuffled for each in network.stages][1:] == [True, False, False]


@torch.no_grad()
def test_gat_sums_pictures_of_its_depths() -> None:
    spec = pictures(12, channels=1, classes=3)
    network: Any = Gat(width=8, depth=5, heads=2, tokens=4, latent=3, outputs=2, conditional=True).build(spec)
    assert (network.ends, network.side, network.grid) == ([2, 5], 3, (4, 4))
    z, y = torch.randn(2, 3), torch.tensor([2, 0])
    first, x = network.intermediate(z, y)
    assert torch.equal(x, network(z, y))
    nn.init.zeros_(network.to_patches[1].weight)
    torch.testing.assert_close(network(z, y), first)
    with pytest.raises(UsageError, match="outputs"):
        Gat(depth=2, outputs=3).build(spec)


@torch.no_grad()
def test_the_critic_reads_its_own_token() -> None:
    torch.manual_seed(0)
    network: Any = VitCritic(width=8, depth=1, heads=2, tokens=4, layer_scale=0.1).build(pictures(12, channels=1))
    x = torch.randn(2, 1, 12, 12)
    tokens = torch.cat([network.first.expand(2, 1, 8), network.embed(patches_of(x, 3)) + network.places], dim=1)
    features = network.norm(network.blocks(tokens)[:, 0])
    found = network(x)
    torch.testing.assert_close(found.features[0], features)
    torch.testing.assert_close(found.logits, network.head.linear(features))


def test_a_gradient_penalty_has_a_derivative() -> None:
    """The slope of |d/dx sum f(x)|^2 along random weights, against differences of it."""
    torch.manual_seed(0)
    block, h = TransformerBlock(4, 2, scale=0.5).double(), torch.randn(2, 5, 4, dtype=torch.float64, requires_grad=True)
    weights = list(block.parameters())
    directions = [torch.randn_like(each) for each in weights]

    def penalty(step: float) -> Tensor:
        moved = {
            name: each + step * direction
            for (name, each), direction in zip(block.named_parameters(), directions, strict=True)
        }
        out = torch.func.functional_call(block, moved, (h,))
        (gradient,) = torch.autograd.grad(out[..., 0].square().sum(), h, create_graph=True)
        return gradient.square().sum()

    slopes = torch.autograd.grad(penalty(0.0), weights, allow_unused=True)
    along = sum((a * b).sum() for a, b in zip(slopes, directions, strict=True) if a is not None)
    assert float(along) == pytest.approx((penalty(1e-5) - penalty(-1e-5)).item() / 2e-5, rel=1e-6)

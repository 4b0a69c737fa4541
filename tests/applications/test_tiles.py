"""Tiles of a picture: their weights add up to 1, and a network gives what it gives on the whole picture."""

import itertools

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from ganvas.applications.tiles import Tiling, blended_rows, tile_starts, tile_weights
from ganvas.networks.unet import UNet, UNetGenerator


def whole_and_tiled(network: nn.Module, x: Tensor, tiling: Tiling, scale: int = 1) -> tuple[Tensor, Tensor]:
    with torch.no_grad():
        whole = network(x[None])[0]
        parts = blended_rows(
            lambda top, left, h, w: network(x[None, :, top : top + h, left : left + w])[0],
            x.shape[1],
            x.shape[2],
            tiling,
            scale,
        )
        return whole, torch.cat(list(parts), dim=1)


@settings(max_examples=60)
@given(
    length=st.integers(1, 400),
    tile=st.integers(4, 60),
    step=st.sampled_from([1, 2, 4, 8]),
    scale=st.sampled_from([1, 3]),
)
def test_weights_add_up_to_one_and_fade(length: int, tile: int, step: int, scale: int) -> None:
    tiling = Tiling.of(tile, step)
    length *= step
    side = min(length, tiling.tile)
    starts = tile_starts(length, tiling)
    assert starts[0] == 0
    assert starts[-1] + side == length
    assert all(start % step == 0 for start in starts)
    assert all(0 < b - a <= tiling.tile - tiling.overlap for a, b in itertools.pairwise(starts))
    total, most = np.zeros(scale * length), 0.0
    scaled = [scale * start for start in starts]
    for start, weight in zip(scaled, tile_weights(scaled, scale * side, scale * tiling.ramp), strict=True):
        total[start : start + scale * side] += weight.numpy()
        most = max(most, float(weight.diff().abs().max()) if len(weight) > 1 else 0.0)
    np.testing.assert_allclose(total, 1, atol=1e-12)
    assert most <= 1 / (scale * tiling.ramp) + 1e-12, "no pixel's weight differs more from its neighbour's"


CONTEXT = 4  # the radius of the receptive field of four 3 x 3 convolutions


@pytest.mark.parametrize("ramp", [1, 5])
def test_a_convolutional_network_gives_the_same_in_tiles(ramp: int) -> None:
    torch.manual_seed(0)
    layers = [nn.Conv2d(2, 6, 3, 1, 1), nn.Tanh(), nn.Conv2d(6, 6, 3, 1, 1), nn.Tanh(), nn.Conv2d(6, 6, 3, 1, 1)]
    network = nn.Sequential(*layers, nn.Tanh(), nn.Conv2d(6, 3, 3, 1, 1)).double()
    differences = []
    for overlap in (2 * CONTEXT + ramp, 2 * CONTEXT + ramp - 2):
        sides = 32 + 3 * (32 - overlap), 32 + 2 * (32 - overlap)  # so that no two tiles overlap by more
        whole, tiled = whole_and_tiled(
            network, torch.rand(2, *sides, dtype=torch.float64), Tiling(tile=32, overlap=overlap, ramp=ramp)
        )
        differences.append(float((whole - tiled).abs().max()))
    assert differences[0] < 1e-12
    assert differences[1] > 1e-6, "with less context the borders of tiles would be read"


def test_an_encoder_with_strides_gives_the_same_where_tiles_begin_at_its_steps() -> None:
    torch.manual_seed(0)

    class Wrapped(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            described = UNet(width=4, levels=2, inputs=("input",), known=None)
            self.unet = UNetGenerator(described, channels=1, out=1)

        def forward(self, x: Tensor) -> Tensor:
            made: Tensor = self.unet(None, None, {"input": x})
            return made

    network = Wrapped().double().eval()
    x = torch.rand(1, 256, 320, dtype=torch.float64)
    tiling = Tiling(tile=128, overlap=64, ramp=8, step=4)  # 28 of context: 2 + 1 + 4 + 2 + 8 + 4 + 4 + 2 and less
    whole, tiled = whole_and_tiled(network, x, tiling)
    torch.testing.assert_close(tiled, whole, atol=1e-6, rtol=0)  # `float()` ends it
    _, moved = whole_and_tiled(network, x[:, :253, :318], Tiling(tile=127, overlap=63, ramp=8))
    whole = network(x[None, :, :253, :318])[0]
    assert (moved - whole).abs().max() > 1e-3, "tiles that begin elsewhere are halved elsewhere"


def test_an_enlarged_picture_is_put_together_at_its_own_scale() -> None:
    network = nn.Upsample(scale_factor=3, mode="nearest")
    x = torch.rand(1, 50, 70, dtype=torch.float64)
    whole, tiled = whole_and_tiled(network, x, Tiling.of(16, 1), scale=3)
    torch.testing.assert_close(tiled, whole, atol=1e-12, rtol=0)


class OfItsMean(nn.Module):
    """x minus the mean of the tile: what instance norm does to a bright and a dark part of a picture."""

    def forward(self, x: Tensor) -> Tensor:
        return x - x.mean((2, 3), keepdim=True)


def test_tiles_that_differ_leave_no_seam() -> None:
    x = (torch.linspace(0, 1, 256, dtype=torch.float64) ** 2).expand(1, 64, 256)
    steepest = []
    for ramp in (1, 16):
        _, tiled = whole_and_tiled(OfItsMean(), x, Tiling(tile=64, overlap=16, ramp=ramp))
        steepest.append(float(tiled.diff(dim=2).abs().max()))
    slope = float(x.diff(dim=2).abs().max())
    assert steepest[0] > 20 * slope, "cut hard, the border is seen"
    assert steepest[1] < 3 * slope, "faded, it is hardly steeper than the picture"


def test_no_more_than_a_tile_and_a_strip_is_held() -> None:
    sizes, heights = set(), []

    def output_of(top: int, left: int, height: int, width: int) -> Tensor:
        sizes.add((height, width))
        return torch.zeros(1, height, width)

    parts = blended_rows(output_of, 500, 300, Tiling.of(64, 1))
    for part in parts:
        heights.append(part.shape[1])
        assert part.shape[2] == 300
    assert sizes == {(64, 64)}
    assert sum(heights) == 500
    assert max(heights) <= 64

"""The views of adaptive augmentation against NumPy, SciPy and closed forms; their gradients and probabilities."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
import torch
from scipy import ndimage  # type: ignore[import-untyped]
from torch import Tensor

from ganvas.augment.bands import POWER, BandGains
from ganvas.augment.blit import Blit
from ganvas.augment.choice import Choice
from ganvas.augment.colour_map import ColourMap
from ganvas.augment.varied_noise import VariedNoise
from ganvas.augment.warp import Warp
from ganvas.base.draws import Draws
from ganvas.base.errors import UsageError
from ganvas.ops.wavelets import SYM2
from ganvas.penalties.views import ManyViews, viewed

NEVER, ALWAYS = 0.999, 0.0
MANY: tuple[Any, ...] = (Blit(), Warp(), ColourMap(), BandGains())


class Scripted(Draws):
    """Draws whose numbers are given by the last part of the stream's name; u of 0 is below every p."""

    def __init__(self, values: Mapping[str, tuple[float, ...]], rows: int = 2) -> None:
        super().__init__("test", rows=range(rows))
        self.values = values

    def uniform(self, stream: str, *shape: int) -> Tensor:
        return self._of(stream, shape)

    def normal(self, stream: str, *shape: int) -> Tensor:
        return self._of(stream, shape)

    def _of(self, stream: str, shape: tuple[int, ...]) -> Tensor:
        values = self.values.get(stream.rpartition(".")[2], (0.5,) * math.prod(shape))
        assert len(values) == math.prod(shape)
        return torch.tensor(values).expand(len(self.rows), -1).reshape(-1, *shape).clone()


def only(place: int, of: int) -> tuple[float, ...]:
    """Uniforms that choose one of several transforms."""
    return tuple(ALWAYS if each == place else NEVER for each in range(of))


def pictures(*shape: int) -> Tensor:
    return torch.randn(*shape, dtype=torch.float64, generator=torch.Generator().manual_seed(0))


def smooth(height: int, width: int, channels: int = 3) -> Tensor:
    """Pictures with few high frequencies, of which every good interpolation makes the same."""
    x = ndimage.gaussian_filter(pictures(2, channels, height, width).numpy(), sigma=(0, 0, 3, 3), mode="mirror")
    return torch.from_numpy(x / x.std())


@pytest.mark.parametrize("u", [0.2, 0.8])
def test_blit_mirrors(u: float) -> None:
    x = pictures(2, 3, 5, 4)
    seen = Blit().view_at(x, Scripted({"chosen": only(0, 3), "blit": (u, 0.5, 0.5, 0.5)}), "real", 0.5)
    assert torch.equal(seen, x if u < 0.5 else torch.from_numpy(x.numpy()[..., ::-1].copy()))


@pytest.mark.parametrize("turns", range(4))
def test_blit_turns(turns: int) -> None:
    draws = Scripted({"chosen": only(1, 3), "blit": (0.5, turns / 4 + 0.1, 0.5, 0.5)})
    x = pictures(2, 1, 6, 6)
    assert torch.equal(
        Blit().view_at(x, draws, "real", 0.5), torch.from_numpy(np.rot90(x.numpy(), turns, (2, 3)).copy())
    )
    oblong = pictures(2, 1, 6, 5)
    wanted = np.rot90(oblong.numpy(), 2 * (turns // 2), (2, 3)).copy()
    assert torch.equal(Blit().view_at(oblong, draws, "real", 0.5), torch.from_numpy(wanted))
    assert torch.equal(Blit(turns=False).view_at(x, draws, "real", 0.5), x)


@pytest.mark.parametrize(("u", "down", "right"), [((0.999, 0.0), 2, -1), ((0.0, 0.999), -2, 1)])
def test_blit_moves_and_reflects(u: tuple[float, float], down: int, right: int) -> None:
    x = pictures(2, 2, 16, 8)
    seen = Blit().view_at(x, Scripted({"chosen": only(2, 3), "blit": (0.5, 0.5, *u)}), "real", 0.5)
    padded = np.pad(x.numpy(), ((0, 0), (0, 0), (2, 2), (1, 1)), mode="reflect")
    assert np.array_equal(seen.numpy(), padded[:, :, 2 - down : 18 - down, 1 - right : 9 - right])


def test_blit_mirrors_then_turns_then_moves() -> None:
    x = pictures(2, 1, 8, 8)
    draws = Scripted({"chosen": (ALWAYS,) * 3, "blit": (0.9, 0.3, 0.999, 0.5)})
    turned = np.rot90(x.numpy()[..., ::-1], 1, (2, 3))
    wanted = np.pad(turned, ((0, 0), (0, 0), (1, 1), (0, 0)), mode="reflect")[:, :, :8]
    assert np.array_equal(Blit().view_at(x, draws, "real", 0.5).numpy(), wanted)


def affine(x: Tensor, matrix: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Points (across, down) from the centre are moved to matrix (across, down, 1), by cubic splines of SciPy."""
    middle = (np.array(x.shape[2:]) - 1) / 2
    inverse = np.linalg.inv(matrix)
    swap = inverse[:2, :2][::-1, ::-1]  # to (down, across)
    offset = middle - swap @ middle + inverse[:2, 2][::-1]
    moved = [[ndimage.affine_transform(c, swap, offset, order=3, mode="mirror") for c in each] for each in x.numpy()]
    return np.array(moved)


def turned(angle: float) -> np.ndarray[Any, Any]:
    return np.array([[np.cos(angle), -np.sin(angle), 0], [np.sin(angle), np.cos(angle), 0], [0, 0, 1]])


MOVED = np.array([[1, 0, 0.125 * 20 * 0.3], [0, 1, 0.125 * 24 * -1.1], [0, 0, 1]])
KINDS: dict[str, tuple[tuple[float, ...], np.ndarray[Any, Any]]] = {
    "larger": (only(0, 5), np.diag([2**0.3, 2**0.3, 1])),
    "turned": (only(1, 5), turned(0.4 * math.pi)),
    "wider": (only(2, 5), np.diag([2**-0.16, 2**0.16, 1])),
    "turned last": (only(3, 5), turned(-0.5 * math.pi)),
    "moved": (only(4, 5), MOVED),
    "all": (
        (ALWAYS,) * 5,
        MOVED
        @ turned(-0.5 * math.pi)
        @ np.diag([2**-0.16, 2**0.16, 1])
        @ turned(0.4 * math.pi)
        @ np.diag([2**0.3, 2**0.3, 1]),
    ),
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_warp_is_scipys(kind: str) -> None:
    chosen, matrix = KINDS[kind]
    x = smooth(24, 20)
    draws = Scripted({"chosen": chosen, "warp": (1.5, -0.8, 0.3, -1.1), "angles": (0.7, 0.25)})
    seen = Warp().view_at(x, draws, "real", 0.9).numpy()
    wanted = affine(x, matrix)
    assert np.abs(seen - wanted)[:, :, 3:-3, 3:-3].max() < 0.08
    assert np.abs(seen - wanted).max() < 0.3, "also where the picture is reflected"
    assert np.abs(x.numpy() - wanted).max() > 0.5


def test_a_warp_by_whole_pixels_is_exact_inside() -> None:
    x = pictures(2, 1, 16, 16)
    draws = Scripted({"chosen": only(4, 5), "warp": (0.0, 0.0, 2.0, -1.0)})  # 4 to the right, 2 up
    seen = Warp(share=0.125).view_at(x, draws, "real", 0.9)
    torch.testing.assert_close(seen[..., 4:-6, 8:-4], x[..., 6:-4, 4:-8], rtol=0, atol=1e-6)


def test_colours_by_hand() -> None:
    x = pictures(2, 3, 4, 5)
    n, hue = (0.7, -1.2, 0.4), 0.85

    def seen(place: int) -> np.ndarray[Any, Any]:
        draws = Scripted({"chosen": only(place, 5), "colour": n, "hue": (0.9, hue)})
        return ColourMap().view_at(x, draws, "real", 0.5).numpy()

    data, grey = x.numpy(), x.numpy().mean(1, keepdims=True)
    np.testing.assert_allclose(seen(0), data + 0.2 * 0.7, rtol=1e-6)
    np.testing.assert_allclose(seen(1), data * 2 ** (0.5 * -1.2), rtol=1e-6)
    np.testing.assert_allclose(seen(2), data - 2 * grey, atol=1e-6)
    np.testing.assert_allclose(seen(4), grey + (data - grey) * 2**0.4, atol=1e-6)
    v, angle = np.ones(3) / 3**0.5, 0.7 * math.pi  # Rodrigues' rotation, colour by colour
    flat = data.transpose(0, 2, 3, 1)
    wanted = flat * np.cos(angle) + np.cross(v, flat) * np.sin(angle) + v * (flat @ v)[..., None] * (1 - np.cos(angle))
    np.testing.assert_allclose(seen(3).transpose(0, 2, 3, 1), wanted, atol=1e-6)


def test_all_colour_changes_are_made_in_the_papers_order() -> None:
    x = pictures(2, 3, 4, 5)
    n, u, one = (0.7, -1.2, 0.4), (0.9, 0.85), x
    for place in range(5):
        one = ColourMap().view_at(one, Scripted({"chosen": only(place, 5), "colour": n, "hue": u}), "real", 0.5)
    together = ColourMap().view(x, Scripted({"colour": n, "hue": u, "chosen": (0.9,) * 5}), "real")
    torch.testing.assert_close(together, one, rtol=0, atol=1e-6)


@pytest.mark.parametrize("place", range(5))
def test_a_grey_picture_changes_as_three_equal_channels_do(place: int) -> None:
    x = pictures(2, 1, 4, 5)
    draws = Scripted({"chosen": only(place, 5), "colour": (0.7, -1.2, 0.4), "hue": (0.9, 0.85)})
    wanted = ColourMap().view_at(x.expand(-1, 3, -1, -1), draws, "real", 0.5)
    torch.testing.assert_close(ColourMap().view_at(x, draws, "real", 0.5), wanted[:, :1], rtol=0, atol=1e-6)
    assert torch.allclose(wanted, wanted[:, :1], atol=1e-6), "grey stays grey"


def test_alpha_stays_and_other_channels_are_refused() -> None:
    x = pictures(2, 4, 4, 4)
    seen = ColourMap().view(x, Draws("k", rows=range(2)), "real")
    assert torch.equal(seen[:, 3], x[:, 3])
    assert not torch.equal(seen[:, :3], x[:, :3])
    with pytest.raises(UsageError, match="channels"):
        ColourMap().view(pictures(2, 2, 4, 4), Draws("k", rows=range(2)), "real")
    with pytest.raises(UsageError, match="pictures"):
        Warp().view(pictures(2, 3), Draws("k", rows=range(2)), "real")


def response(frequency: float) -> list[float]:
    """The four bands' responses at a frequency, from the filter's transform."""

    def low(w: float) -> float:
        return abs(sum(h * np.exp(-1j * w * k) for k, h in enumerate(SYM2))) ** 2 / 2

    one, two, four = low(frequency), low(2 * frequency), low(4 * frequency)
    return [one * two * four, one * two * (1 - four), one * (1 - two), 1 - one]


@pytest.mark.parametrize("wave", [0, 1, 3, 8, 15, 20])
@pytest.mark.parametrize("band", range(4))
def test_a_band_gain_scales_each_cosine_by_its_response(band: int, wave: int) -> None:
    """cos(pi k n / (N - 1)) is an eigenvector of every symmetric filter of an axis reflected about its end pixels."""
    size = 21
    frequency = math.pi * wave / (size - 1)
    x = torch.cos(frequency * torch.arange(size, dtype=torch.float64)).view(1, 1, 1, size).expand(2, 3, 7, size)
    draws = Scripted({"chosen": only(band, 4), "gains": (1.3, -0.7, 0.4, 0.9)})
    t = np.ones(4)
    t[band] = 2 ** (1.3, -0.7, 0.4, 0.9)[band]
    g = t / math.sqrt(sum(power * each**2 for power, each in zip(POWER, t, strict=True)))
    constant = float(g @ response(0.0))  # along the other axis
    wanted = x * float(g @ response(frequency)) * constant
    torch.testing.assert_close(BandGains().view_at(x, draws, "real", 0.5), wanted, rtol=1e-5, atol=1e-6)


def test_noise_has_a_strength_of_each_picture() -> None:
    x = torch.zeros(3, 1, 2, 2)
    draws = Draws("k", rows=range(3))
    seen = VariedNoise(0.1).view(x, draws, "real")
    wanted = 0.1 * draws.normal("real.sigma").abs().view(3, 1, 1, 1) * draws.normal("real", 1, 2, 2)
    torch.testing.assert_close(seen, wanted)
    strengths = (
        VariedNoise(0.1).view(torch.zeros(4000, 1, 8, 8), Draws("k", rows=range(4000)), "real").flatten(1).std(1)
    )
    assert float(strengths.mean()) == pytest.approx(0.1 * math.sqrt(2 / math.pi), rel=0.05)


@pytest.mark.parametrize("view", [*MANY, VariedNoise()], ids=lambda view: type(view).__name__)
@pytest.mark.parametrize("shape", [(3, 6, 5), (1, 5, 5)], ids=["colour", "grey"])
def test_gradients_and_their_gradients(view: Any, shape: tuple[int, ...]) -> None:
    x = pictures(2, *shape).requires_grad_()

    def seen(x: Tensor) -> Tensor:
        return viewed((view,), x, Draws("k", rows=range(2)), "real", 0.7)

    assert not torch.equal(seen(x), x)
    assert torch.autograd.gradcheck(seen, (x,))
    assert torch.autograd.gradgradcheck(seen, (x,), fast_mode=True)  # along random directions, not each by itself


@pytest.mark.parametrize("view", [*MANY, VariedNoise()], ids=lambda view: type(view).__name__)
def test_a_penalty_on_the_gradient_reaches_the_weights_behind_a_view(view: Any) -> None:
    """R1 of D(x) = (w . v(x))^2 / 2: its slope in w by autograd and by differences."""
    x, w = pictures(2, 3, 6, 6), pictures(108).requires_grad_()

    def penalty(w: Tensor) -> Tensor:
        leaf = x.clone().requires_grad_()
        score = (viewed((view,), leaf, Draws("k", rows=range(2)), "real", 0.7).flatten(1) @ w).square().sum() / 2
        (slope,) = torch.autograd.grad(score, leaf, create_graph=True)
        return slope.square().sum()

    assert torch.autograd.gradcheck(penalty, (w,), rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("view", [*MANY, VariedNoise()], ids=lambda view: type(view).__name__)
def test_without_strength_nothing_changes_at_all(view: Any) -> None:
    x = pictures(4, 3, 6, 5)
    assert viewed((view,), x, Draws("k", rows=range(4)), "real", 0.0) is x


@pytest.mark.parametrize("view", [Warp(), BandGains(), VariedNoise(), Blit()], ids=lambda view: type(view).__name__)
def test_a_sample_that_nothing_was_chosen_for_stays_as_it_is(view: Any) -> None:
    x = pictures(400, 1, 6, 5)
    seen = viewed((view,), x, Draws("k", rows=range(400)), "real", 0.1)
    share = float((seen == x).flatten(1).all(1).double().mean())
    wanted = {"Warp": 0.9**4, "BandGains": 0.9**4, "VariedNoise": 0.9}  # two turns with 1 - sqrt(1 - p) are one of p
    if type(view).__name__ in wanted:
        assert share == pytest.approx(wanted[type(view).__name__], abs=0.07)
    assert share < 1


@pytest.mark.parametrize("p", [0.1, 0.5, 0.8, 1.0])
def test_each_transform_is_chosen_with_its_probability(p: float) -> None:
    n = 4000
    chosen = Choice(Draws("k", rows=range(n)), "s", (p, p, p)).chosen.double()
    assert chosen.mean(0).tolist() == pytest.approx([p] * 3, abs=0.03)
    assert float((chosen[:, 0] * chosen[:, 1]).mean()) == pytest.approx(p * p, abs=0.03), "apart from the others"
    x = torch.tensor([1.0, 2.0]).view(1, 1, 1, 2).expand(n, -1, -1, -1)
    mirrored = (Blit(share=0.0, turns=False).view_at(x, Draws("k", rows=range(n)), "s", p) != x).flatten(1).any(1)
    assert float(mirrored.double().mean()) == pytest.approx(p / 2, abs=0.03)
    turned = Warp(scale=0.0, share=0.0)
    draws = Draws("k", rows=range(n))
    matrices = turned.matrices(Choice(draws, "s", (p, 1 - math.sqrt(1 - p), p, 1 - math.sqrt(1 - p), p)), 8, 8)
    assert float((matrices[:, 0, 0] < 1).double().mean()) == pytest.approx(p, abs=0.03)


@pytest.mark.parametrize("view", [*MANY, VariedNoise()], ids=lambda view: type(view).__name__)
def test_reals_and_fakes_have_draws_of_their_own_and_rows_do_not_depend_on_batches(view: Any) -> None:
    x = pictures(8, 3, 12, 12)
    whole = viewed((view,), x, Draws("k", rows=range(8)), "real", 0.6)
    assert not torch.equal(whole, viewed((view,), x, Draws("k", rows=range(8)), "fake", 0.6))
    part = viewed((view,), x[4:], Draws("k", rows=range(4, 8)), "real", 0.6)
    torch.testing.assert_close(part, whole[4:], rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("shape", [(1, 1, 1), (3, 1, 7), (4, 9, 1), (1, 28, 28), (3, 33, 20)], ids=str)
@pytest.mark.parametrize("view", [*MANY, VariedNoise()], ids=lambda view: type(view).__name__)
def test_any_size(view: Any, shape: tuple[int, ...]) -> None:
    x = pictures(3, *shape).float()
    seen = view.view(x, Draws("k", rows=range(3)), "real")
    assert seen.shape == x.shape
    assert seen.dtype == x.dtype
    assert torch.isfinite(seen).all()


def test_under_autocast_pictures_stay_in_full_precision() -> None:
    x = pictures(4, 3, 16, 16).float()
    for view in MANY:
        plain = view.view(x, Draws("k", rows=range(4)), "real")
        with torch.autocast("cpu", torch.bfloat16):
            cast = view.view(x, Draws("k", rows=range(4)), "real")
        torch.testing.assert_close(cast, plain, rtol=0, atol=1e-6)


def test_views_of_many_transforms_are_told_apart() -> None:
    assert all(isinstance(view, ManyViews) for view in MANY)
    assert not isinstance(VariedNoise(), ManyViews)

"""Premultiplied colours: exact round trips, clipping, and pictures over grounds, against values by hand."""

import pytest
import torch

from ganvas.base.types import Spec
from ganvas.ops.transparency import (
    HAZE,
    SETTING,
    bytes_on_ground,
    image_bytes,
    image_values,
    on_ground,
    premultiply,
    scoring_pictures,
    straight_bytes,
)

SPEC = Spec("images", (4, 1, 1), bounded=True, settings=SETTING)


def pixels(*values: tuple[int, int, int, int]) -> torch.Tensor:
    """Straight RGBA as pictures of one pixel, [n, 4, 1, 1]."""
    return torch.tensor(values, dtype=torch.uint8).view(-1, 4, 1, 1)


def numbers(red: float, green: float, blue: float, alpha: float) -> torch.Tensor:
    """One premultiplied pixel in shares of 1, as networks have it."""
    return torch.tensor([red, green, blue, alpha]).view(1, 4, 1, 1) * 2 - 1


def test_every_colour_of_every_alpha_is_restored_exactly() -> None:
    colour, alpha = torch.meshgrid(torch.arange(256), torch.arange(HAZE, 256), indexing="ij")
    x = torch.stack([colour, 255 - colour, colour.flip(0), alpha]).flatten(1).T.to(torch.uint8)[:, :, None, None]
    assert torch.equal(straight_bytes(premultiply(x)), x)


def test_colours_are_multiplied_by_alpha() -> None:
    torch.testing.assert_close(premultiply(pixels((255, 100, 0, 51))), numbers(0.2, 0.2 * 100 / 255, 0, 0.2))
    assert premultiply(pixels((9, 200, 255, 0))).flatten().tolist() == [-1] * 4


@pytest.mark.parametrize(
    ("made", "file"),
    [
        ((0.9, 0.25, -0.5, 0.5), (255, 128, 0, 128)),  # colours above alpha and below 0 are clipped
        ((0.5, 0.5, 0.5, 0.0), (0, 0, 0, 0)),  # light where nothing is
        ((0.01, 0.01, 0.01, 0.01), (0, 0, 0, 0)),  # alpha of 2.55 bytes is haze
        ((2.0, 0.0, 0.0, 3.0), (255, 0, 0, 255)),
        ((float("nan"), 0.5, 0.0, 1.0), (0, 128, 0, 255)),
    ],
)
def test_a_network_may_violate_the_rules(made: tuple[float, ...], file: tuple[int, ...]) -> None:
    assert straight_bytes(numbers(*made)).flatten().tolist() == list(file)


def test_over_a_ground() -> None:
    half_red = numbers(0.5, 0, 0, 0.5)
    ground = torch.tensor([0.0, 1.0, 0.5]).view(1, 3, 1, 1) * 2 - 1
    torch.testing.assert_close(on_ground(half_red, ground).flatten(), torch.tensor([0.5, 0.5, 0.25]) * 2 - 1)
    x = half_red.requires_grad_()
    on_ground(x, 0.5).sum().backward()  # d/dp = 1, d/da = -3 g, g = 0.75
    assert x.grad is not None
    torch.testing.assert_close(x.grad.flatten(), torch.tensor([1, 1, 1, -3 * 0.75]))


def test_the_bytes_that_are_scored() -> None:
    x = pixels((255, 0, 9, 0), (255, 0, 9, 255), (200, 128, 56, 127))
    assert bytes_on_ground(x).flatten(1).tolist() == [[128] * 3, [255, 0, 9], [164, 128, 92]]
    torch.testing.assert_close(scoring_pictures(premultiply(x), SPEC), image_values(bytes_on_ground(x)))


def test_opaque_pictures_stay_as_they_are() -> None:
    x = torch.arange(12, dtype=torch.uint8).view(1, 3, 2, 2)
    assert bytes_on_ground(x) is x
    assert torch.equal(image_bytes(image_values(x)), x)
    plain = Spec("images", (3, 2, 2), bounded=True)
    assert scoring_pictures(image_values(x), plain).shape == x.shape
    assert (plain.opaque, SPEC.opaque.shape, SPEC.opaque.has_alpha) == (plain, (3, 1, 1), False)

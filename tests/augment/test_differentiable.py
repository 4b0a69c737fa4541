"""Views that D sees through: what they do to pixels, and that gradients pass."""

import math

import pytest
import torch
from torch import Tensor

from ganvas.augment.differentiable import Colour, Cutout, Translate, covered_pixels, shift_matrices
from ganvas.base.draws import Draws


class Fixed(Draws):
    """Draws that give the same uniforms to every sample."""

    def __init__(self, *values: float) -> None:
        super().__init__("test", rows=range(4))
        self.values = values

    def uniform(self, stream: str, *shape: int) -> Tensor:
        assert math.prod(shape) == len(self.values)
        return torch.tensor(self.values).expand(4, -1).clone()


def pictures() -> Tensor:
    return torch.linspace(-1, 1, 4 * 3 * 8 * 6).view(4, 3, 8, 6)


def test_translate_moves_whole_pixels_and_lets_zeros_in() -> None:
    x = pictures()
    seen = Translate(0.25).view(x, Fixed(0.99, 0.0), "real")  # 2 down, 2 to the left (1.5 rounded)
    assert torch.equal(seen[:, :, 2:, :4], x[:, :, :6, 2:])
    assert (seen[:, :, :2] == 0).all()
    assert (seen[..., 4:] == 0).all()


def test_translate_is_evenly_drawn() -> None:
    x = torch.zeros(4000, 1, 16, 16)
    x[:, :, 8, 8] = 1
    rows = Translate(0.125).view(x, Draws("even", rows=range(4000)), "real").flatten(1).argmax(1) // 16
    counts = torch.bincount(rows - 6, minlength=5)
    assert len(counts) == 5
    assert (counts.float() / 4000).sub(0.2).abs().max() < 0.05


def test_no_share_no_change() -> None:
    x = pictures()
    assert torch.equal(Translate(0.0).view(x, Draws("a", rows=range(4)), "real"), x)
    assert torch.equal(Cutout(0.0).view(x, Draws("a", rows=range(4)), "real"), x)
    torch.testing.assert_close(Colour(0.0, 0.0, 0.0).view(x, Draws("a", rows=range(4)), "real"), x)


def test_cutout_takes_a_square_out() -> None:
    x = torch.ones(4, 1, 8, 8)
    seen = Cutout(0.5).view(x, Fixed(0.5, 0.5), "real")
    assert (seen == 0).sum() == 4 * 16
    assert (seen[:, :, 2:6, 2:6] == 0).all()


def test_cutout_may_reach_over_the_edge() -> None:
    assert covered_pixels(8, 4, torch.tensor([0.0])).sum() == 2
    assert covered_pixels(8, 4, torch.tensor([0.999])).sum() == 2


def test_colour_by_hand() -> None:
    x = pictures()
    seen = Colour(brightness=0.5).view(x, Fixed(1.0, 0.5, 0.5), "real")
    torch.testing.assert_close(seen, x + 0.5)
    grey = Colour().view(x, Fixed(0.5, 0.0, 0.5), "real")
    torch.testing.assert_close(grey, x.mean(1, keepdim=True).expand_as(x))
    contrast = Colour(contrast=0.5).view(x, Fixed(0.5, 0.5, 1.0), "real")
    mean = x.mean((1, 2, 3), keepdim=True)
    torch.testing.assert_close(contrast, mean + 1.5 * (x - mean))


@pytest.mark.parametrize("view", [Translate(), Cutout(), Colour()])
def test_reals_and_fakes_are_changed_by_draws_of_their_own_and_rows_do_not_depend_on_batches(
    view: Translate | Cutout | Colour,
) -> None:
    x = torch.randn(8, 3, 16, 16, generator=torch.Generator().manual_seed(0))
    whole = view.view(x, Draws("k", rows=range(8)), "real")
    assert not torch.equal(whole, view.view(x, Draws("k", rows=range(8)), "fake"))
    torch.testing.assert_close(view.view(x[4:], Draws("k", rows=range(4, 8)), "real"), whole[4:])


@pytest.mark.parametrize("view", [Translate(), Cutout(), Colour()])
def test_the_gradient_passes_through(view: Translate | Cutout | Colour) -> None:
    x = torch.randn(2, 3, 5, 6, dtype=torch.float64, generator=torch.Generator().manual_seed(0)).requires_grad_()
    assert torch.autograd.gradcheck(lambda x: view.view(x, Draws("k", rows=range(2)), "real"), (x,))


def test_a_move_is_a_permutation_inside() -> None:
    matrix = shift_matrices(5, torch.tensor([0, 2, -1]))
    assert torch.equal(matrix[0], torch.eye(5))
    assert matrix.sum((1, 2)).tolist() == [5, 3, 4]


def test_a_move_may_repeat_the_edge() -> None:
    x = torch.arange(4.0)[:, None]
    matrices = shift_matrices(4, torch.tensor([2, -1]), repeat=True)
    assert [(matrix @ x).flatten().tolist() for matrix in matrices] == [[0, 0, 0, 1], [1, 2, 3, 3]]


def test_a_translation_that_repeats_the_edge_keeps_a_plain_picture() -> None:
    x = torch.full((3, 2, 8, 9), 0.25)
    assert torch.equal(Translate(share=0.5, repeat=True).view(x, Draws("k", rows=range(3)), "real"), x)

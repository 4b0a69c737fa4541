import numpy as np
import torch

from ganvas.ops.unit_range import to_bytes, to_unit_range

BYTES = torch.arange(256, dtype=torch.uint8)


def test_bytes_become_numbers_from_minus_one_to_one() -> None:
    x = to_unit_range(BYTES)
    assert x.dtype == torch.float32
    assert x[[0, 255]].tolist() == [-1, 1]
    np.testing.assert_allclose(x.double(), BYTES.double() / 127.5 - 1, rtol=0, atol=2e-7)  # one float32 step near 1


def test_every_byte_is_restored() -> None:
    x = BYTES.view(2, 2, 8, 8).clone()
    assert torch.equal(to_bytes(to_unit_range(x)), x)
    assert torch.equal(x, BYTES.view(2, 2, 8, 8)), "the input was changed"


def test_numbers_are_rounded_to_the_nearest_byte_and_clamped() -> None:
    x = torch.tensor([-7.0, -1 + 0.49 / 127.5, -1 + 0.51 / 127.5, 1 - 0.51 / 127.5, 1 - 0.49 / 127.5, 7.0])
    assert to_bytes(x).tolist() == [0, 0, 1, 254, 255, 255]
    assert to_bytes(torch.tensor([torch.nan, torch.inf, -torch.inf])).tolist() == [0, 255, 0]


def test_half_precision_is_rounded_once() -> None:
    x = torch.linspace(-1, 1, 97).bfloat16().requires_grad_()
    before = x.detach().clone()
    assert (to_bytes(x) - (before.double() + 1) * 127.5).abs().max() < 0.5 + 1e-4  # a half may go either way
    assert torch.equal(x.detach(), before)

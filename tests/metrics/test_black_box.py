"""Membership by samples: known geometries."""

import pytest
import torch

from ganvas.metrics.black_box import sample_membership

RANDOM = torch.Generator().manual_seed(4)


def test_copies_tell_and_fresh_samples_do_not() -> None:
    train, held, fresh = (torch.randn(400, 3, generator=RANDOM) for _ in range(3))
    copies = sample_membership(train=train, held=held, fake=train, protocol={"space": "x"})
    assert copies.value == 1
    assert copies.protocol["space"] == "x"
    none = sample_membership(train=train, held=held, fake=fresh, protocol={})
    assert none.error is not None
    assert abs(none.value - 0.5) < 3 * none.error
    assert none.n == 400


def test_by_hand() -> None:
    train = torch.tensor([[0.0], [4.0], [9.0]])  # distances to the fake at 0: 0, 4, 9; the third is left out
    held = torch.tensor([[1.0], [6.0]])  # 1, 6: of four pairs the members are nearer in three
    found = sample_membership(train=train, held=held, fake=torch.zeros(2, 1), protocol={})
    assert found.value == pytest.approx(0.75)
    assert found.protocol["n_train"] == 2

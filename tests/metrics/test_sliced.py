"""The sliced distance against SciPy's one-dimensional distances, and closed forms."""

import numpy as np
import pytest
import torch
from torch import Tensor

from clouds import BAD, clusters, features_like, hundred_unique, normals
from ganvas.base.draws import normal_rows, permutation
from ganvas.base.errors import DataError
from ganvas.metrics.sliced import sliced_distance, squared_distance


def literal(x: Tensor, y: Tensor, directions: int, seed: int) -> float:
    """Both sides repeated to a common multiple, sorted, and compared place by place: Berthet et al. 2026."""
    u = normal_rows(("sliced", seed), range(directions), x.shape[1])
    u /= np.linalg.norm(u, axis=1, keepdims=True)
    size = np.lcm(len(x), len(y))
    a, b = (np.sort(u @ side.numpy().T, 1).repeat(size // len(side), 1) for side in (x, y))
    return 3 * x.shape[1] * float(((a - b) ** 2).mean())


@pytest.mark.parametrize(("n", "m", "directions"), [(300, 300, 120), (40, 60, 50), (61, 37, 3)])
def test_against_the_definition(n: int, m: int, directions: int) -> None:
    x, y = features_like(n, 5, 1), features_like(m, 5, 2, shift=0.3)
    assert sliced_distance(real=x, fake=y, directions=directions, seed=4).value == pytest.approx(
        literal(x, y, directions, 4), rel=1e-9
    )


def test_one_dimension_by_hand() -> None:
    a, b = torch.tensor([[0.0, 1.0]]).double(), torch.tensor([[0.0, 0.0, 3.0]]).double()
    wanted = 0 + 1 / 6 * 1 + 1 / 3 * 4  # 0-0 on a third, 0-0 on a sixth, 1-0 on a sixth, 1-3 on a third
    assert squared_distance(a, b).tolist() == pytest.approx([wanted])
    assert squared_distance(b, a).tolist() == pytest.approx([wanted])


def test_a_shift_is_measured() -> None:
    """E (u.t)^2 = |t|^2/d, so a set and itself shifted by t are 3 |t|^2 apart."""
    x = normals(200, 4, seed=1)
    found = sliced_distance(real=x, fake=x + torch.tensor([0.3, 0.4, 0.0, 0.0]), directions=4000)
    assert found.value == pytest.approx(3 * 0.25, rel=0.05)


@pytest.mark.parametrize("blocks", [20, 10])
def test_the_error_is_that_of_recomputing_without_each_block(blocks: int) -> None:
    x, y = features_like(210, 4, 1), features_like(210, 4, 2, shift=0.2)
    rows = torch.arange(210) % blocks
    values = np.array([literal(x[rows != block], y[rows != block], 30, 0) for block in range(blocks)])
    assert sliced_distance(real=x, fake=y, directions=30, blocks=blocks).error == pytest.approx(
        ((blocks - 1) * values.var()) ** 0.5, rel=1e-9
    )


def test_as_many_blocks_as_there_are_samples() -> None:
    x, y = features_like(8, 3, 1), features_like(400, 3, 2)
    rows = [torch.arange(len(side)) % 8 for side in (x, y)]
    values = np.array([literal(x[rows[0] != block], y[rows[1] != block], 30, 0) for block in range(8)])
    assert sliced_distance(real=x, fake=y, directions=30).error == pytest.approx((7 * values.var()) ** 0.5, rel=1e-9)
    assert sliced_distance(real=x, fake=y, directions=30, blocks=1).error == 0


def test_the_error_is_the_spread_over_fresh_draws() -> None:
    found = np.array(
        [
            sliced_distance(
                real=normals(200, 4, seed=2 * s), fake=1.3 * normals(200, 4, seed=2 * s + 1) + 0.3, directions=40
            )
            for s in range(60)
        ]
    )
    assert found[:, 1].mean() == pytest.approx(found[:, 0].std(), rel=0.3)


def test_noise_order_swapping_and_loss() -> None:
    x, y = features_like(400, 8, 1), features_like(400, 8, 2)
    rising = [
        sliced_distance(real=x, fake=y + size * normals(400, 8, seed=3), directions=100).value
        for size in (0.0, 0.3, 0.6, 1.2)
    ]
    assert rising == sorted(rising)
    assert rising[-1] > 10 * rising[0]
    shuffled = x[torch.from_numpy(permutation((1,), 400))]
    assert sliced_distance(real=y, fake=shuffled, directions=100).value == pytest.approx(rising[0], rel=1e-9)
    assert sliced_distance(real=x, fake=shuffled, directions=100).value == pytest.approx(0, abs=1e-12)
    assert sliced_distance(real=x, fake=hundred_unique(y), directions=100).value > 1.5 * rising[0]
    real = clusters((0, 1, 2), 600, 1)
    whole, lost = (
        sliced_distance(real=real, fake=clusters(which, 600, 9), directions=100).value for which in ((0, 1, 2), (0, 1))
    )
    assert lost > 20 * whole


def test_samples_all_alike() -> None:
    one = torch.full((30, 4), 0.5)
    assert sliced_distance(real=one, fake=one, directions=10) == (0, 0)


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_one_sentence(case: str) -> None:
    real, fake, sentence = BAD[case]
    with pytest.raises(DataError, match=sentence):
        sliced_distance(real=real, fake=fake)

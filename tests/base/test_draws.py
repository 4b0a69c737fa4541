"""Draws are pure functions of their key and row, and truly normal and uniform."""

import subprocess
import sys

import numpy as np
import pytest
import torch
from scipy import stats  # type: ignore[import-untyped]

import ganvas.base.draws as module
from ganvas.base.draws import Draws, derive, normal_rows, permutation, uniform_rows

KEY = (7, "test", 3)


@pytest.mark.parametrize("rows", [uniform_rows, normal_rows])
@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 9])
def test_a_row_does_not_know_how_many_are_drawn(rows: object, size: int) -> None:
    whole = rows(KEY, range(20), size)  # type: ignore[operator]
    for part in (range(1), range(5, 9), range(19, 20)):
        assert np.array_equal(rows(KEY, part, size), whole[part.start : part.stop])  # type: ignore[operator]
    assert len(np.unique(whole)) == whole.size


def test_micro_batches_make_up_the_batch() -> None:
    whole = Draws(*KEY, rows=range(12)).normal("z", 3, 2)
    parts = [Draws(*KEY, rows=range(start, start + 4)).normal("z", 3, 2) for start in (0, 4, 8)]
    assert whole.shape == (12, 3, 2)
    assert whole.dtype == torch.float32
    assert torch.equal(torch.cat(parts), whole)


@pytest.mark.parametrize("size", [1, 3, 8])
def test_distributions(size: int) -> None:
    n = 30_000 // size
    assert stats.kstest(uniform_rows(KEY, range(n), size).ravel(), "uniform").pvalue > 1e-3
    assert stats.kstest(normal_rows(KEY, range(n), size).ravel(), "norm").pvalue > 1e-3


def test_columns_and_rows_are_uncorrelated() -> None:
    x = normal_rows(KEY, range(20_000), 6)
    bound = 5 / np.sqrt(len(x))
    assert np.abs(np.corrcoef(x.T) - np.eye(6)).max() < bound
    assert np.abs(np.corrcoef(x[:-1, 0], x[1:, 0])[0, 1]) < bound
    assert np.abs(np.corrcoef(np.square(x).T) - np.eye(6)).max() < bound


def test_every_piece_of_the_key_counts() -> None:
    base = Draws(0, 0, "discriminator", 1, 64, rows=range(4))
    others = [
        Draws(1, 0, "discriminator", 1, 64, rows=range(4)),
        Draws(0, 1, "discriminator", 1, 64, rows=range(4)),
        Draws(0, 0, "generator", 1, 64, rows=range(4)),
        Draws(0, 0, "discriminator", 2, 64, rows=range(4)),
        Draws(0, 0, "discriminator", 1, 128, rows=range(4)),
    ]
    for other in others:
        assert not torch.equal(base.normal("z", 5), other.normal("z", 5))
    assert not torch.equal(base.normal("z", 5), base.normal("noise", 5))
    assert torch.equal(base.normal("z", 5), Draws(0, 0, "discriminator", 1, 64, rows=range(4)).normal("z", 5))
    assert derive(1, 23) != derive(12, 3)


def test_streams_are_independent() -> None:
    draws = Draws(*KEY, rows=range(20_000))
    pair = torch.stack([draws.normal("z", 1)[:, 0], draws.normal("noise", 1)[:, 0]])
    assert torch.corrcoef(pair)[0, 1].abs() < 5 / 20_000**0.5


def test_the_same_in_another_process() -> None:
    program = "from ganvas.base.draws import derive; print(derive(7, 'test', 3))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert int(done.stdout) == derive(*KEY)


def test_uniforms_stay_below_one_in_float32(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "uniform_rows", lambda key, rows, size: np.full((len(rows), size), 1 - 2.0**-53))
    assert Draws(*KEY, rows=range(3)).uniform("u", 2).max() < 1


def test_permutations() -> None:
    assert sorted(permutation(KEY, 1000)) == list(range(1000))
    assert np.array_equal(permutation(KEY, 1000), permutation(KEY, 1000))
    assert not np.array_equal(permutation(KEY, 1000), permutation((*KEY, 0), 1000))

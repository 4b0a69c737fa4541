"""Codes of pictures: principal components of what was counted, whitened."""

import numpy as np
import pytest
import torch
from sklearn.decomposition import PCA  # type: ignore[import-untyped]

from ganvas.networks.photo_codes import AGAIN, NUMBERS, Whitening, photo_summary


def numbers(count: int, seed: int = 0) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(count, 20, generator=generator) @ torch.randn(20, 20, generator=generator) + 3


def test_codes_are_the_whitened_components_of_scikit_learn() -> None:
    x, y = numbers(256), numbers(7, seed=1)
    state = Whitening(5, summary=20)
    for part in x.split(100):
        state.update(part)
    pca = PCA(5, whiten=True).fit(x.double().numpy())
    expected = torch.from_numpy(pca.transform(y.double().numpy())) * (256 / 255) ** 0.5  # its variance has n - 1
    found = state(y).double()
    torch.testing.assert_close(found.abs(), expected.abs(), rtol=1e-3, atol=1e-3)
    codes = state(x)
    torch.testing.assert_close(codes.mean(0), torch.zeros(5), atol=1e-3, rtol=0)
    torch.testing.assert_close(torch.cov(codes.T, correction=0), torch.eye(5), atol=2e-3, rtol=0)
    assert bool((state.components.gather(0, state.components.abs().argmax(0, keepdim=True)) > 0).all())


def test_the_components_are_computed_three_times() -> None:
    state, seen = Whitening(3, summary=20), set[int]()
    assert not state.ready
    for turn in range(AGAIN[-1] // 64 + 20):
        before = state.components.clone()
        state.update(numbers(64, seed=turn))
        if not torch.equal(before, state.components):
            seen.add(int(state.count))
    assert seen == set(AGAIN)
    assert state.ready
    assert int(state.count) == AGAIN[-1]


def test_a_state_in_between_goes_on_to_the_same_codes() -> None:
    state, fresh = (Whitening(3, gaussians=4, summary=20) for _ in range(2))
    state.update(numbers(300))
    fresh.load_state_dict(state.state_dict())
    for each in (state, fresh):
        each.update(numbers(AGAIN[-1], seed=1))
        assert int(each.count) == AGAIN[-1]
        assert not each.summaries.any()  # nothing of the pictures stays
    x = numbers(9, seed=2)
    assert torch.equal(state(x), fresh(x))
    assert state.mixture is not None
    assert fresh.mixture is not None
    assert torch.equal(state.mixture.means, fresh.mixture.means)


def test_the_mixture_is_that_of_the_codes() -> None:
    state = Whitening(3, gaussians=2, summary=20)
    state.update(torch.cat([numbers(200), numbers(200, seed=1) + 40]))
    assert state.mixture is not None
    codes = state(torch.cat([numbers(200), numbers(200, seed=1) + 40]))
    means = torch.stack([codes[:200].mean(0), codes[200:].mean(0)])
    found = state.mixture.means[torch.cdist(means, state.mixture.means).argmin(1)]
    torch.testing.assert_close(found, means, atol=0.05, rtol=0)


def test_copies_of_few_pictures_have_finite_codes() -> None:
    x = numbers(4).repeat(80, 1)
    state = Whitening(10, summary=20)
    state.update(x)
    codes = state(x[:4])
    assert bool(codes.isfinite().all())
    assert 1 < float(codes.norm(dim=1).mean()) < 3


def test_grey_pictures_are_read_as_three_equal_channels_and_alpha_is_not_read() -> None:
    grey = torch.rand(2, 1, 20, 12) * 2 - 1
    summary = photo_summary(grey, 48)
    assert summary.shape == (2, NUMBERS)
    assert not summary.requires_grad
    torch.testing.assert_close(summary, photo_summary(grey.expand(-1, 3, -1, -1), 48))
    transparent = torch.cat([grey.expand(-1, 3, -1, -1), torch.rand(2, 1, 20, 12)], 1)
    torch.testing.assert_close(summary, photo_summary(transparent, 48))


def test_each_map_counts_about_as_much_over_photographs() -> None:
    data = pytest.importorskip("skimage.data")
    crops = [np.asarray(getattr(data, name)())[:256, :256, :3] for name in ("astronaut", "coffee", "chelsea", "rocket")]
    x = torch.from_numpy(np.stack(crops)).permute(0, 3, 1, 2).float() / 127.5 - 1
    tiles = x.unfold(2, 64, 64).unfold(3, 64, 64).permute(0, 2, 3, 1, 4, 5).reshape(-1, 3, 64, 64)
    spread = photo_summary(tiles, 48).var(0)
    parts = [float(each.sum()) for each in spread.split([96, 160, 448, 320, 48])]
    assert max(parts) < 30 * min(parts)

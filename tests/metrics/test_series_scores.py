"""Scores of series against closed forms: autocorrelation of a cosine and of an AR(1), spectra, baselines, judges."""

import math

import numpy as np
import pytest
import torch
from torch import Tensor

from ganvas.base.errors import UsageError
from ganvas.base.types import Batch, Spec
from ganvas.metrics.post_hoc import Networks, Sequences, discriminative_scores, errors, predictive_scores
from ganvas.metrics.series_baselines import autoregression, block_bootstrap
from ganvas.metrics.series_distances import (
    autocorrelation,
    correlation_distance,
    correlations,
    spectrum,
    spectrum_distance,
)
from ganvas.metrics.series_scores import SeriesScores

N, T = 400, 24


def masked(x: Tensor) -> tuple[Tensor, Tensor]:
    return x, torch.ones(len(x), x.shape[2])


def autoregressive(seed: int = 0, factor: float = 0.8) -> Tensor:
    """x_t = factor x_{t-1} + e, [N, 1, T]."""
    noise = np.random.default_rng(seed).normal(size=(N, T))
    x = np.zeros((N, T))
    x[:, 0] = noise[:, 0] / math.sqrt(1 - factor**2)
    for t in range(1, T):
        x[:, t] = factor * x[:, t - 1] + noise[:, t]
    return torch.from_numpy(x)[:, None]


def test_autocorrelation_of_a_cosine() -> None:
    wave = torch.cos(2 * math.pi * torch.arange(T) / 4).double().expand(3, 1, T)  # six whole periods
    lags = torch.arange(1, T // 2 + 1)
    wanted = torch.cos(2 * math.pi * lags / 4) * (T - lags) / T
    found = autocorrelation(*masked(wave))[0]
    torch.testing.assert_close(found[1::2], wanted[1::2].double(), rtol=0, atol=1e-6)
    torch.testing.assert_close(found[::2], torch.zeros(6, dtype=torch.float64), rtol=0, atol=1e-6)


def test_spectrum_of_a_cosine_is_one_line() -> None:
    wave = torch.cos(2 * math.pi * torch.arange(T) / 4).double().expand(3, 1, T)
    found = spectrum(*masked(wave))[0]
    assert float(found[T // 4 - 1]) == pytest.approx(1.0)
    assert float(found.sum()) == pytest.approx(1.0)
    noise = torch.from_numpy(np.random.default_rng(0).normal(size=(20_000, 1, T)))
    flat = spectrum(*masked(noise))[0]
    torch.testing.assert_close(flat, torch.full((T // 2,), 2 / T).double(), rtol=0.03, atol=0)
    doubled = noise.clone()
    assert spectrum_distance(masked(noise), masked(2 * doubled)) == pytest.approx(0.0, abs=1e-6)


def test_what_is_behind_the_end_does_not_count() -> None:
    x, mask = autoregressive()[:, :, :10], torch.ones(N, 10)
    longer = torch.cat([x, 99 * torch.ones(N, 1, 4)], dim=2)
    ends = torch.cat([mask, torch.zeros(N, 4)], dim=1)
    torch.testing.assert_close(autocorrelation(longer, ends)[:, :5], autocorrelation(x, mask))
    both, both_mask = longer.repeat(1, 2, 1), ends
    torch.testing.assert_close(correlations(both, both_mask), torch.ones(1, dtype=torch.float64))


def test_correlation_distance_by_hand() -> None:
    x = torch.randn(N, 1, T, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    same, opposite = torch.cat([x, 3 * x + 1], 1), torch.cat([x, -x], 1)
    assert correlation_distance(masked(same), masked(opposite)) == pytest.approx(2.0)
    assert correlation_distance(masked(x), masked(-x)) == 0.0


def test_scores_of_equal_sets_are_zero_and_grow_with_noise() -> None:
    x = autoregressive().float() / 10
    noise = torch.randn(x.shape, generator=torch.Generator().manual_seed(0))
    values = []
    for share in (0.0, 0.1, 0.5):
        found = SeriesScores(n=N).measure(real=Batch(x=x), fake=Batch(x=x + share * noise))
        values.append([result.value for result in found[:3]])
    assert max(values[0]) == 0.0
    assert all(low < high for low, high in zip(values[1], values[2], strict=True))


def test_the_form_of_the_series_is_checked() -> None:
    settings = {"channels": ["a"], "ends": True, "blocks": []}
    spec = Spec("series", (2, T), bounded=True, settings=settings)
    SeriesScores(channels=1, ends=True).check_spec(spec, "samples")
    for wrong in (SeriesScores(), SeriesScores(channels=2, ends=True)):
        with pytest.raises(UsageError):
            wrong.check_spec(spec, "samples")
    x = torch.tensor([[[1.0, 2.0, 3.0], [1.0, -1.0, 1.0]]])
    channels, mask = SeriesScores(channels=1, ends=True).parts(x)
    assert channels.shape == (1, 1, 3)
    assert mask.tolist() == [[1.0, 0.0, 0.0]]


def test_the_bootstrap_joins_real_blocks() -> None:
    x = np.arange(5 * 6.0).reshape(5, 6, 1)
    made = block_bootstrap(x, 200, block=2, seed=0)
    assert made.shape == (200, 6, 1)
    pairs = made.reshape(200, 3, 2)
    assert (pairs[:, :, 1] - pairs[:, :, 0] == 1).all()  # neighbours in one real sequence
    assert (pairs[:, :, 0] % 6 < 5).all()
    assert len(np.unique(made)) == 30


def test_the_autoregression_finds_its_coefficients() -> None:
    x = autoregressive().transpose(1, 2).numpy()
    made = autoregression(x, 2_000, seed=0)
    before, after = made[:, :-1].ravel(), made[:, 1:].ravel()
    assert float((before * after).sum() / (before**2).sum()) == pytest.approx(0.8, abs=0.03)
    assert made.std() == pytest.approx(x.std(), rel=0.05)


def test_networks_are_those_of_torch() -> None:
    nets = Networks(2, 3, 4, seed=0)
    x = torch.randn(2, 5, 6, 3)
    found = nets(x)
    for place in range(2):
        from_x, from_h, bias, recurrent, last, last_bias = (each[place].detach() for each in nets.weights)
        plain = torch.nn.GRU(3, 4, batch_first=True)
        named = {"weight_ih_l0": from_x.T, "weight_hh_l0": from_h.T, "bias_ih_l0": bias[0], "bias_hh_l0": recurrent[0]}
        plain.load_state_dict(named)
        torch.testing.assert_close(found[place], (plain(x[place])[0] @ last + last_bias)[..., 0])


def test_judges_tell_noise_from_waves_and_not_two_halves() -> None:
    time = torch.arange(12)[None, :, None]
    phases = torch.rand(600, 1, 2, generator=torch.Generator().manual_seed(0))
    waves = 0.5 + 0.4 * torch.sin(time / 2 + 6.3 * phases)
    noise = torch.rand(300, 12, 2, generator=torch.Generator().manual_seed(1))
    first, second, other = (Sequences(x, torch.ones(x.shape[:2])) for x in (waves[:300], waves[300:], noise))
    found = discriminative_scores({"halves": (first, second), "noise": (first, other)}, steps=150, width=8, lr=0.02)
    assert found["halves"].value < 0.15
    assert found["noise"].value > 0.4
    assert found["halves"].error == pytest.approx((0.25 / 120) ** 0.5, rel=0.2)
    one = (Sequences(each.x[..., :1], each.mask) for each in (first, second, other))
    first, second, other = one
    errors_of = predictive_scores({"real": first, "noise": other}, {"": second}, steps=150, width=8, lr=0.02)
    assert errors_of["real"][""].value < errors_of["noise"][""].value - 0.02


def test_the_error_of_the_next_step_by_hand() -> None:
    nets = Networks(1, 1, 1, seed=0)
    for weight in nets.weights:
        weight.data.zero_()  # every prediction is sigmoid(0)
    x = torch.tensor([[[[9.0, 0.1], [9.0, 0.7], [9.0, 1.0]]]])
    assert float(errors(nets, x, torch.ones(1, 1, 3)).detach()[0]) == pytest.approx((0.2 + 0.5) / 2)
    assert float(errors(nets, x, torch.tensor([[[1.0, 1.0, 0.0]]])).detach()[0]) == pytest.approx(0.2)

"""The mixture finds known modes, and leaves modes empty that are not needed."""

import numpy as np
import pytest
from scipy.special import digamma as reference  # type: ignore[import-untyped]

from ganvas.ops.variational_mixture import digamma, variational_mixture


def test_known_modes_are_found() -> None:
    generator = np.random.default_rng(0)
    parts = [(-3.0, 0.2, 3_000), (0.0, 0.5, 6_000), (4.0, 0.1, 1_000)]
    values = np.concatenate([generator.normal(mean, deviation, n) for mean, deviation, n in parts])
    found = variational_mixture(values, 3)
    np.testing.assert_allclose(found.means, [-3, 0, 4], atol=0.02)
    # the priors count as one value with the variance of all, at their mean
    prior = values.var() + (np.array([-3.0, 0.0, 4.0]) - values.mean()) ** 2
    expected = np.sqrt(np.array([0.2, 0.5, 0.1]) ** 2 + prior / np.array([3_000, 6_000, 1_000]))
    np.testing.assert_allclose(found.deviations, expected, atol=0.01)
    np.testing.assert_allclose(found.weights, [0.3, 0.6, 0.1], atol=0.01)


def test_weights_of_modes_that_are_not_needed_fall() -> None:
    values = np.repeat([0.0, 10.0], [900, 100])
    found = variational_mixture(values, 10)
    assert len(found.means) == 2, "two values have at most two modes"
    np.testing.assert_allclose(found.weights, [0.9, 0.1], atol=1e-3)


def test_it_agrees_with_scikit_learn_on_modes_that_are_apart() -> None:
    mixture = pytest.importorskip("sklearn.mixture")
    generator = np.random.default_rng(1)
    values = np.concatenate([generator.normal(-5, 1, 700), generator.normal(5, 1, 300)])
    ours = variational_mixture(values, 2)
    theirs = mixture.BayesianGaussianMixture(
        n_components=2,
        weight_concentration_prior_type="dirichlet_distribution",
        weight_concentration_prior=1e-3,
        random_state=0,
    ).fit(values[:, None])
    order = theirs.means_[:, 0].argsort()
    np.testing.assert_allclose(ours.means, theirs.means_[order, 0], atol=2e-3)
    np.testing.assert_allclose(ours.weights, theirs.weights_[order], atol=2e-3)
    np.testing.assert_allclose(ours.deviations, np.sqrt(theirs.covariances_[order, 0, 0]), atol=2e-2)


def test_digamma() -> None:
    np.testing.assert_allclose(digamma(np.array([1e-3, 0.5, 3.0, 1e4])), reference([1e-3, 0.5, 3.0, 1e4]), rtol=1e-9)

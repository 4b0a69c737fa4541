"""Samples from latents of a caller's own: truncation, interpolation, the same bytes for the same z."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import ganvas
from ganvas.base.errors import UsageError
from ganvas.recipes import override, recipe
from ganvas.recipes.tiny import tiny_overrides

FIXED: dict[str, Any] = {"scores": [], "precision": "fp32", "threads": 1, "snapshots": 0}


@pytest.fixture(scope="module", params=["ring", "infogan", "cgan"])
def model(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> ganvas.Model:
    changes = {**tiny_overrides(request.param), **FIXED}
    out = tmp_path_factory.mktemp("runs") / "run"
    return ganvas.load(ganvas.train(override(recipe(request.param), changes), out=out).path)


def test_the_drawn_latents_give_the_same_bytes(model: ganvas.Model) -> None:
    z = model.latents(70, seed=3)
    assert z.dtype == np.float32
    assert model.sample(70, seed=3).tobytes() == model.sample(70, seed=3, z=z).tobytes()
    assert np.array_equal(model.latents(5, seed=3), z[:5])
    assert not np.array_equal(model.latents(70, seed=4), z)


def test_truncation_brings_samples_together(model: ganvas.Model) -> None:
    """psi z with psi = 0 is one sample for each class, and the larger psi, the farther samples are from it. (Untrained
    networks need a large one.)
    """
    classes = 0 if model.conditional else None
    z = model.latents(64, classes=classes)
    spreads = [model.sample(64, classes=classes, z=psi * z).astype(float).std(0).mean() for psi in (0.0, 2.0, 20.0)]
    assert spreads[0] == pytest.approx(0, abs=1e-6)
    assert spreads[0] < spreads[1] < spreads[2]


def test_a_z_of_another_shape_is_refused(model: ganvas.Model) -> None:
    z = model.latents(4)
    for wrong in (z[:3], z[:, 1:], z[..., None]):
        with pytest.raises(UsageError, match="shape"):
            model.sample(4, z=wrong)


def test_a_model_that_answers_data_has_no_latents(tmp_path: Path) -> None:
    changes = {**tiny_overrides("inpaint-mnist"), **FIXED}
    run = ganvas.train(override(recipe("inpaint-mnist"), changes), out=tmp_path / "run")
    with pytest.raises(UsageError, match="latents"):
        ganvas.load(run.path).latents(3)

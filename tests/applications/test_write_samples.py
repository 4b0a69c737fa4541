"""Samples in files of their own kind are those of the model, class included."""

from pathlib import Path
from typing import Any

import nibabel
import numpy as np

import ganvas
from ganvas.applications.write_samples import write_samples
from ganvas.recipes import override, recipe
from ganvas.recipes.tiny import tiny_overrides


def test_a_written_volume_is_of_the_class_that_was_chosen(tmp_path: Path) -> None:
    changes = {**tiny_overrides("voxels"), "precision": "fp32", "threads": 1}
    model = ganvas.load(ganvas.train(override(recipe("voxels"), changes), out=tmp_path / "run").path)
    write_samples(model, tmp_path / "new", 2, seed=3, classes=["torus"])
    for number, wanted in enumerate(model.sample(2, seed=3, classes="torus")):
        read: Any = nibabel.load(tmp_path / "new" / f"{number:06}.nii.gz")
        assert np.array_equal(np.asanyarray(read.dataobj), wanted[..., 0].transpose(2, 1, 0))
    assert not np.array_equal(model.sample(2, seed=3, classes="torus"), model.sample(2, seed=3))

"""The pictures of a run: those it makes, and those it has."""

from collections.abc import Iterator
from dataclasses import replace

import torch
from torch import Tensor

from ..base.draws import permutation
from ..data.source import Split
from ..sessions.model import Model
from ..training import asked, buckets, shown
from .image_set import PictureSet, finite_bytes, of_array


def of_model(model: Model, n: int, *, seed: int, y: Tensor | None, split: Split) -> PictureSet:
    """What a model makes: of the classes y (else of all alike) where it can be asked for them, or of the pictures of `split` where it answers data."""
    stream = model.experiment.stream(split) if model.game.needs_data else None
    n = n if stream is None else min(n, len(stream.store))
    wanted = None
    if stream is None and model.conditional:  # in no order: scores come with errors that suppose so
        wanted = (
            torch.from_numpy(permutation((seed, "classes"), n)) % len(model.spec.classes)
            if y is None
            else y[torch.arange(n) % len(y)]
        )

    def read() -> Iterator[Tensor]:
        batches = asked(model.spec, wanted) if stream is None else shown(stream)
        return map(finite_bytes, buckets(model.game, model.networks, batches, n=n, seed=seed))

    return PictureSet(
        "what the model makes", model.spec.shape, n, f"{model.sha256} seed {seed}", read, wanted, model.spec.classes
    ).kept()


def of_split(model: Model, split: Split) -> PictureSet:
    """The pictures of a split of the run's own data, as they are without augmentation."""
    items = model.experiment.recipe.source.items(split)
    name = {"train": "the training pictures", "val": "the validation pictures", "test": "the test pictures"}[split]
    return replace(
        of_array(items.x, name=name, y=items.y, classes=items.classes, data=items.fingerprint, units=items.units),
        stays=True,
    )

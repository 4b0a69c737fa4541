"""The pictures of a run: those it makes, and those it has."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from ..data.source import Split
from ..sessions.model import Model
from ..training import class_labels, class_protocol, data_batches, noise_batches, output_batches
from .image_set import PictureSet, array_images, bytes_of_finite


def generated_images(model: Model, n: int, *, seed: int, split: Split) -> PictureSet:
    """n pictures that a model makes, of classes in the shares of its training split.

    A game that needs data makes its outputs for the pictures of `split`.
    """
    stream = model.experiment.stream(split) if model.game.needs_data else None
    n = n if stream is None else min(n, len(stream.store))
    wanted = classes_to_make(model, n, seed)

    def read() -> Iterator[Tensor]:
        batches = noise_batches(model.spec, wanted) if stream is None else data_batches(stream)
        return map(bytes_of_finite, output_batches(model.game, model.networks, batches, n=n, seed=seed))

    return PictureSet(
        "what the model makes", model.spec.shape, n, f"{model.sha256} seed {seed}", read, wanted, model.spec.classes
    ).kept()


def training_labels(model: Model) -> Tensor | None:
    """The labels of the run's training split, int64 [N], where it has any."""
    y = model.experiment.recipe.source.items("train").y
    return None if y is None else torch.from_numpy(np.asarray(y, np.int64))


def classes_of(model: Model) -> dict[str, str]:
    """What the protocol says of the classes that the fakes are asked for."""
    return {} if model.game.needs_data else class_protocol(len(model.spec.classes), training_labels(model))


def classes_to_make(model: Model, n: int, seed: int) -> Tensor | None:
    """Class numbers of n fakes, int64 [n], in the training split's shares; None where the model takes no class."""
    if model.game.needs_data or not (model.conditional and model.spec.classes):
        return None
    return class_labels(len(model.spec.classes), training_labels(model), n, seed)


def split_images(model: Model, split: Split) -> PictureSet:
    """The pictures of a split of the run's own data, as they are without augmentation."""
    items = model.experiment.recipe.source.items(split)
    name = {"train": "the training pictures", "val": "the validation pictures", "test": "the test pictures"}[split]
    return replace(
        array_images(items.x, name=name, y=items.y, classes=items.classes, data=items.fingerprint, units=items.units),
        reusable=True,
    )

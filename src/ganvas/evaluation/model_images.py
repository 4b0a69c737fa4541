"""The pictures of a run: its samples, and a split of its data."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from ..data.source import Split
from ..sessions.model import Model
from ..training import class_labels, class_protocol, data_batches, noise_batches, output_batches
from .image_set import GROUND, PictureSet, array_images, bytes_of_finite


def generated_images(model: Model, n: int, *, seed: int, split: Split) -> PictureSet:
    """n samples of a model.

    Args:
        model: the generator. One that needs data transforms the pictures of `split`.
        n: the number of samples; at most the pictures of `split` for a model that needs data.
        seed: of the latents and the classes.
        split: for a model that needs data.

    Returns:
        The samples, with the classes that were requested.
    """
    stream = model.experiment.stream(split) if model.game.needs_data else None
    n = n if stream is None else min(n, len(stream.store))
    wanted = classes_to_make(model, n, seed)

    def read() -> Iterator[Tensor]:
        batches = noise_batches(model.spec, wanted) if stream is None else data_batches(stream)
        return map(bytes_of_finite, output_batches(model.game, model.networks, batches, n=n, seed=seed))

    return PictureSet(
        "the samples",
        model.spec.shape,
        n,
        f"{model.sha256} seed {seed}",
        read,
        wanted,
        model.spec.classes,
        prepared=GROUND if model.spec.has_alpha else "none",
    ).cached()


def training_labels(model: Model) -> Tensor | None:
    """The labels that the run was trained with, int64 [N]; None if it has none or its game does not use them."""
    if not model.game.uses_labels:
        return None
    y = model.experiment.recipe.source.items("train").y
    return None if y is None else torch.from_numpy(np.asarray(y, np.int64))


def classes_of(model: Model) -> dict[str, str]:
    """The field `classes` of the protocol: the distribution of the requested classes."""
    return {} if model.game.needs_data else class_protocol(len(model.spec.classes), training_labels(model))


def classes_to_make(model: Model, n: int, seed: int) -> Tensor | None:
    """Class numbers for n fakes, int64 [n]; None if the model takes no class.

    They have the shares of the training split; they are uniform if the game does not use labels, as InfoGAN's.
    """
    if model.game.needs_data or not (model.conditional and model.spec.classes):
        return None
    return class_labels(len(model.spec.classes), training_labels(model), n, seed)


def split_images(model: Model, split: Split) -> PictureSet:
    """The pictures of a split of the run's data, without augmentation."""
    items = model.experiment.recipe.source.items(split)
    name = {"train": "the training pictures", "val": "the validation pictures", "test": "the test pictures"}[split]
    return replace(
        array_images(items.x, name=name, y=items.y, classes=items.classes, data=items.fingerprint, units=items.units),
        reusable=True,
    )

"""How much a picture is of each class, by a linear fit of the training pictures' labels in a feature space."""

from functools import cached_property

import torch
from torch import Tensor

from ..base.errors import UsageError
from ..base.wording import shortened
from ..sessions.model import Model
from .nearest_pictures import NearestPictures
from .score_fit import LinearFit, linear_fit


class ClassReader:
    """Scores of classes, near 1 for pictures of the class and near 0 for others.

    Args:
        model: of labelled data.

    Raises:
        UsageError: the data have no labels.
    """

    def __init__(self, model: Model) -> None:
        self.model, self.near = model, NearestPictures(model)
        if not model.spec.classes:
            raise UsageError("the data of this run have no classes", hint="Use a measure or a file of scores.")

    def number_of(self, name: str) -> int:
        """The number of a class. Raises UsageError: there is none of this name."""
        known = self.model.spec.classes
        if name not in known:
            raise UsageError(f"there is no class '{name}'", hint=f"There are: {shortened(known)}.")
        return known.index(name)

    @cached_property
    def fits(self) -> tuple[LinearFit, ...]:
        """One fit of 0 and 1 for each class. Raises DataError: the data are missing, or others."""
        y = self.near.batch.y
        assert y is not None  # there are classes
        features = self.near.features
        return tuple(linear_fit(features, (y == each).double()) for each in range(len(self.model.spec.classes)))

    def scores(self, x: Tensor) -> Tensor:
        """Scores [n, classes] of pictures in the networks' units."""
        features = self.near.extract(x).double()
        return torch.stack([features @ fit.weight.double() + fit.constant for fit in self.fits], 1)

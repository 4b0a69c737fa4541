"""The training pictures that are nearest to a generated one, which shows copies."""

import base64
from functools import cached_property

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from ..base.types import Batch
from ..metrics.nearest_training import nearest_training
from ..metrics.picture_spaces import space_extractor, spaces_for
from ..ops.transparency import bytes_on_ground
from ..runs.provenance import encode_picture
from ..sessions.model import Model

MOST = 2000  # training pictures that are searched, evenly spread
SHOWN = 4
SIDE = 320  # pixels that a picture fills at least, by whole multiples


class NearestPictures:
    """Training pictures by the distance of their features from those of a sample.

    Args:
        model: with its data in their place.
    """

    def __init__(self, model: Model) -> None:
        self.model = model
        self.extractor = space_extractor(spaces_for(model.spec.shape)[0], model.spec.shape)

    @cached_property
    def batch(self) -> Batch:
        """Training pictures with their classes. Raises DataError: the data are missing, or others."""
        self.model.check_data()
        stream = self.model.experiment.stream("train")
        n = len(stream.store)
        index = np.unique(np.linspace(0, n - 1, min(MOST, n)).astype(np.int64))
        return stream.at(index, np.zeros(len(index), np.int64))

    @property
    def pictures(self) -> Tensor:
        """Training pictures in the networks' units. Raises DataError: the data are missing, or others."""
        return self.batch.x

    @cached_property
    def features(self) -> Tensor:
        """Features of the training pictures [n, d]."""
        return self.extract(self.pictures)

    @cached_property
    def usual(self) -> float:
        """The median distance of a training picture from the nearest other one."""
        few = torch.arange(0, len(self.features), max(1, len(self.features) // 200))
        found = nearest_training(self.features[few], train=self.features, itself=few)
        return float(found.distance.median())

    def extract(self, x: Tensor) -> Tensor:
        """Features of pictures in the networks' units; transparent ones on a plain ground."""
        shown = self.model.view(self.model.domain.decode(x))
        pixels = torch.from_numpy(np.ascontiguousarray(shown)).movedim(-1, 1)
        return self.extractor.extract(bytes_on_ground(pixels)).features

    def nearest(self, x: Tensor) -> tuple[Tensor, list[float]]:
        """The SHOWN nearest training pictures, and their distances in units of `usual`."""
        distances = torch.cdist(self.extract(x).double(), self.features.double())[0]
        found = distances.argsort()[:SHOWN]
        return self.pictures[found], [round(float(distances[at]) / max(self.usual, 1e-12), 3) for at in found]


def as_text(picture: Image.Image) -> str:
    """A picture of at least SIDE pixels a side as WebP in base64."""
    times = max(1, -(-SIDE // max(picture.size)))
    large = picture.resize((picture.width * times, picture.height * times), Image.Resampling.NEAREST)
    return webp_text(large)


def webp_text(picture: Image.Image) -> str:
    """A picture as WebP in base64."""
    return base64.b64encode(encode_picture(picture, ".webp", None)).decode()

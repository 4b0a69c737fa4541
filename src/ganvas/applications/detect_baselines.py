"""Scores of pictures by detectors that are not trained by gradients."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from torch import Tensor

from ..base.errors import MissingExtra
from ..base.progress import report_progress
from ..metrics.normal_baselines import isolation, neighbour_distance, pca_error
from ..metrics.photo_features import PhotoFeatures
from ..ops.unit_range import to_bytes

if TYPE_CHECKING:
    from ..sessions.model import Model

MOST = 2_000  # normal training pictures that the baselines learn from


def baseline_scores(model: "Model", x: Tensor) -> dict[str, Tensor]:
    """Scores [n] of pictures x [n, C, H, W] by PCA, nearest neighbours and an isolation forest, by name.

    The forest is left out where scikit-learn is not installed, and the features of photographs where they do not suit
    the pictures.
    """
    model.check_data()
    stream = model.experiment.stream("train")
    rows = np.linspace(0, len(stream.store) - 1, min(MOST, len(stream.store))).astype(np.int64)
    train = stream.at(rows, np.zeros(len(rows), np.int64)).x
    return scores_of_baselines(train, x)


def scores_of_baselines(train: Tensor, x: Tensor, *, photo: bool = True) -> dict[str, Tensor]:
    """Scores [n] of pictures by detectors fitted on normal ones, by name.

    Args:
        train: normal pictures [m, C, H, W] in [-1, 1].
        x: pictures [n, C, H, W].
        photo: whether features of photographs are compared too, which takes some milliseconds a picture.
    """
    flat, flat_x = train.flatten(1), x.flatten(1)
    space = PhotoFeatures()
    methods: dict[str, Callable[[], Tensor]] = {
        "PCA of the pixels": lambda: pca_error(flat_x, train=flat),
        "nearest neighbours of pixels": lambda: neighbour_distance(flat_x, train=flat),
        "isolation forest of pixels": lambda: isolation(flat_x, train=flat),
    }
    if photo and space.covers(tuple(x.shape[1:])):
        methods["nearest neighbours of photo features"] = lambda: neighbour_distance(
            space.extract(to_bytes(x)).features, train=space.extract(to_bytes(train)).features
        )
    found: dict[str, Tensor] = {}
    for place, (name, method) in enumerate(methods.items()):
        report_progress("fitting baselines", place, len(methods))
        try:
            found[name] = method().double()
        except MissingExtra:
            continue
    report_progress("fitting baselines", len(methods), len(methods))
    return found

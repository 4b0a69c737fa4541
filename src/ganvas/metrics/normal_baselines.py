"""Detectors of anomalies that need no training by gradients: what a trained one has to be better than."""

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from ..base.errors import MissingExtra
from .nearest_training import ELEMENTS

VARIANCE = 0.9  # share of the variance that the components of PCA hold
NEIGHBOURS = 5
TREES = 200


def pca_error(x: Float[Tensor, "m d"], *, train: Float[Tensor, "n d"]) -> Float[Tensor, "m"]:
    """|x - mean - V V^T (x - mean)|^2 / d, V the leading components that hold 90 % of the variance of `train`.

    Jackson and Mudholkar 1979, equation 2.1 (the "Q statistic"). https://doi.org/10.1080/00401706.1979.10489779

    Args:
        x: samples.
        train: normal samples.
    """
    mean = train.double().mean(0)
    centred = train.double() - mean
    tall = len(centred) >= centred.shape[1]  # the smaller of the two products has the same eigenvalues
    values, vectors = torch.linalg.eigh(centred.T @ centred if tall else centred @ centred.T)
    share = values.flip(0).clamp(min=0).cumsum(0) / values.clamp(min=0).sum()
    count = min(len(values), int((share < VARIANCE).sum()) + 1)
    found = vectors[:, -count:] if tall else F.normalize(centred.T @ vectors[:, -count:], dim=0)
    rest = x.double() - mean
    return (rest - rest @ found @ found.T).square().mean(1).float()


def neighbour_distance(x: Float[Tensor, "m d"], *, train: Float[Tensor, "n d"]) -> Float[Tensor, "m"]:
    """Mean distance to the 5 nearest normal samples. Ramaswamy, Rastogi and Shim 2000; the mean is that of Angiulli and
    Pizzuti 2002. https://doi.org/10.1007/3-540-45681-3_2

    Args:
        x: samples.
        train: normal samples.
    """
    size = max(1, ELEMENTS // len(train))
    few = min(NEIGHBOURS, len(train))
    parts = [torch.cdist(part, train).topk(few, largest=False).values.mean(1) for part in x.split(size)]
    return torch.cat(parts)


def isolation(x: Float[Tensor, "m d"], *, train: Float[Tensor, "n d"]) -> Float[Tensor, "m"]:
    """2^(-mean depth of x in random trees / its expectation). Liu, Ting and Zhou 2008, equation 2, by scikit-learn.
    https://doi.org/10.1109/ICDM.2008.17

    Args:
        x: samples.
        train: normal samples.

    Raises:
        MissingExtra: scikit-learn is not installed.
    """
    try:
        from sklearn.ensemble import IsolationForest  # type: ignore[import-untyped]
    except ImportError as error:
        raise MissingExtra("isolation forests need scikit-learn", hint='pip install "ganvas[tables]"') from error
    forest = IsolationForest(n_estimators=TREES, random_state=0).fit(train.numpy())
    return torch.from_numpy(-forest.score_samples(x.numpy())).float()

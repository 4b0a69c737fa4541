"""The search for latent codes of pictures: where it begins, and which of several ends is the best."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from ..base.draws import preserved_rng
from ..base.progress import report_progress
from ..base.types import Batch
from ..games.inversion import pixel_error
from .latent_code import LatentCode, code_trainer
from .latent_space import Classes, LatentPoints, LatentSpace, joined

SAMPLES = 1024  # of which the nearest are beginnings, and that give the spread of codes
CELLS = 16  # a side, of the pictures that are compared then
BUCKET = 64


class Search(NamedTuple):
    """How codes are searched.

    Args:
        space: z, or w.
        each_layer: whether each layer has a style of its own (w+).
        steps: of Adam.
        seed: of the noise on the codes.
    """

    space: LatentSpace
    each_layer: bool
    steps: int
    seed: int


def searched(search: Search, x: Tensor, beginnings: Sequence[LatentPoints]) -> LatentPoints:
    """The best codes [n] of the pictures x [n, C, H, W] over all beginnings, each improved by `steps`.

    Args:
        search: how.
        x: pictures in the networks' units.
        beginnings: codes of all pictures, at least one.
    """
    whole = joined(list(beginnings))
    targets = x.repeat(len(beginnings), 1, 1, 1)
    if search.steps:
        whole = improved(search, targets, whole)
    errors = pixel_error(targets, search.space.generate(whole)).view(len(beginnings), len(x))
    rows = errors.argmin(0) * len(x) + torch.arange(len(x))
    return LatentPoints(whole.z[rows], None if whole.y is None else whole.y[rows])


def improved(search: Search, x: Tensor, points: LatentPoints) -> LatentPoints:
    """Codes after the search, one for each picture."""
    space = search.space
    single = space.styles and not search.each_layer
    code = LatentCode(points.z.mean(1, keepdim=True) if single else points.z, *spread_of(space))
    targets = Batch(x=x, y=points.y, index=torch.arange(len(x)))
    with preserved_rng(x.device):
        trainer = code_trainer(space.model, code, targets, steps=search.steps, seed=search.seed)
        trainer.run([reported], fulfil=lambda save: None)
    player: Any = trainer.players["code"].network
    with torch.no_grad():
        z: Tensor = player.point(player(targets.index)).clone()
    return LatentPoints(z.expand(-1, space.G.layers, -1).contiguous() if single else z, points.y)


def reported(trainer: Any, before: int) -> Iterable[Any]:
    """A callback that reports progress."""
    report_progress("searching the latents", trainer.samples_seen, trainer.total)
    return ()


def spread_of(space: LatentSpace) -> tuple[Tensor, Tensor]:
    """Mean and standard deviation of samples' codes."""
    if not space.styles:
        return space.centre, torch.ones_like(space.centre)
    w = space.start(SAMPLES, seed=0).z[:, 0]
    return space.centre, w.std(0)


def nearest_samples(space: LatentSpace, x: Tensor, count: int, *, seed: int, label: Classes) -> list[LatentPoints]:
    """`count` beginnings for each picture: the codes of the samples that are nearest to it, the nearest first.

    Where no class is named, samples of all classes are compared, so that the class of a beginning is its sample's.

    Args:
        space: z or w.
        x: pictures [n, C, H, W].
        count: beginnings.
        seed: of the samples.
        label: their class.
    """
    points = space.start(SAMPLES, seed=seed, label=label)
    features = []
    for begin in range(0, SAMPLES, BUCKET):
        report_progress("comparing with samples", begin, SAMPLES)
        z, y = points.z[begin : begin + BUCKET], points.y
        features.append(small(space.generate(LatentPoints(z, None if y is None else y[begin : begin + BUCKET]))))
    order = torch.cdist(small(x), torch.cat(features)).argsort(1)[:, :count]
    return [LatentPoints(points.z[rows], None if points.y is None else points.y[rows]) for rows in order.T]


def small(x: Tensor) -> Tensor:
    """Pictures averaged over at most CELLS x CELLS cells, in one row each."""
    return F.adaptive_avg_pool2d(x, [min(CELLS, side) for side in x.shape[2:]]).flatten(1)

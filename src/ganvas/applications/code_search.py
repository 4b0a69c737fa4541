"""The search for latent codes of pictures, from several beginnings, of whose ends the best is taken."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor

from ..base.draws import preserved_rng
from ..base.errors import UsageError
from ..base.progress import report_progress
from ..games.inversion import pixel_error
from .latent_code import LatentCode, code_trainer
from .latent_space import LatentPoints, LatentSpace, has_styles, joined

SPACES = ("z", "w", "w+")
SAMPLES = 1024  # that give the spread of codes


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


def search_in(model: Any, space: str | None, *, steps: int, starts: int, seed: int) -> Search:
    """How codes are searched; without a space w of generators with styles, else z. Raises UsageError."""
    if not 0 <= steps <= 100_000 or not 1 <= starts <= 64:
        hint = "0 to 100,000 steps and 1 to 64 starts are possible."
        raise UsageError(f"cannot search {starts} times for {steps} steps", hint=hint)
    space = space or ("w" if has_styles(model.networks.get("G")) else "z")
    if space not in SPACES:
        raise UsageError(f"there is no space '{space}'", hint=f"There are: {', '.join(SPACES)}.")
    return Search(LatentSpace(model, styles=space != "z"), space == "w+", steps, seed)


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
    with preserved_rng(x.device):
        trainer = code_trainer(space.model, code, x, points.y, steps=search.steps, seed=search.seed)
        trainer.run([reported], fulfil=lambda save: None)
    player: Any = trainer.players["code"].network
    with torch.no_grad():
        z: Tensor = player.point(player(torch.arange(len(x)))).clone()
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

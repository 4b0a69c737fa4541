"""What a run's own metrics and its discriminator say."""

from dataclasses import replace
from typing import TYPE_CHECKING, cast

import torch
from jaxtyping import Float
from torch import Tensor

from ..base.draws import torch_seeded
from ..metrics import Result
from ..ops.unit_range import to_unit_range
from ..sessions.model import Model
from ..training import Scorer
from .image_set import PictureSet

if TYPE_CHECKING:
    from ..base.types import Verdict
    from ..data.source import Split
    from ..metrics.contract import Metric
    from ..recipes import Recipe

MOST = 10_000  # pictures of each set


@torch.no_grad()
def verdicts(model: Model, pictures: PictureSet) -> Float[Tensor, "n"]:
    """D's logit, the mean of its patches, of the first pictures; told the class where it wants one."""
    found: list[Tensor] = []
    shown = pictures.first(MOST)
    start = 0
    for block in shown.read():
        y = None if shown.y is None else shown.y[start : start + len(block)]
        start += len(block)
        x = to_unit_range(block)
        with torch_seeded(x.device, "verdicts", start):
            verdict = cast("Verdict", model.networks["D"](x, y, {}))
        found.append(verdict.scores.mean(1))
    return torch.cat(found)


def besides(recipe: "Recipe") -> tuple["Metric", ...]:
    """The recipe's metrics but those that every evaluation looks at anyway."""
    return tuple(metric for metric in recipe.scores if not metric.in_every_evaluation)


def recipe_scores(model: Model, split: "Split", seed: int) -> tuple[Result, ...]:
    """What the recipe scores besides, on a split of the run's data, whose fingerprint goes with it."""
    experiment = model.experiment
    recipe = experiment.recipe
    others = besides(recipe)
    scorer = Scorer(
        others,
        model.game,
        model.spec,
        reals=experiment.stream(split),
        split=split,
        train=experiment.stream("train"),
        seed=seed,
    )
    real = recipe.source.items(split).fingerprint if others else ""
    return tuple(replace(result, protocol={**result.protocol, "real": real}) for result in scorer.score(model.networks))

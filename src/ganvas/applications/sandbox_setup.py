"""What the sandbox trains: a recipe with overrides, whose settings may change while it runs."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NamedTuple

import torch

from ..base.errors import UsageError
from ..data.points import Mixture
from ..games.synthesis import Synthesis
from ..recipes import Experiment, Recipe, live_trainer, override, prepare, recipe
from ..training.distributed import ProcessGroup
from ..training.trainer import Trainer

WIDEST, DEEPEST, MOST_SAMPLES = 512, 8, 4096  # of the networks and of a batch
MAP_KINDS = {"NonSaturating": "probability", "Minimax": "probability", "LeastSquares": "target"}


class Shown(NamedTuple):
    """What a page wants to see.

    Args:
        average: whether G's averaged weights are drawn, where the recipe averages them.
        optimal: whether the optimal discriminator is drawn in place of D.
    """

    average: bool = False
    optimal: bool = False


class Setup(NamedTuple):
    """What is trained.

    Args:
        recipe: the name of a recipe of the catalogue.
        changes: overrides of it, by dotted path; plain values.
    """

    recipe: str
    changes: Mapping[str, Any]

    def changed(self, changes: Mapping[str, Any]) -> "Setup":
        """With further overrides, which come last and replace those of the same path and of paths below it."""
        others = {k: v for k, v in self.changes.items() if not any(f"{k}.".startswith(f"{new}.") for new in changes)}
        return Setup(self.recipe, {**others, **changes})

    @property
    def whole(self) -> Recipe:
        """The recipe with its overrides. Raises UsageError: it is not one for the plane, or too large."""
        found = override(recipe(self.recipe), self.changes)
        for name, player in found.players.items():
            widths = getattr(player.network, "widths", ())
            if len(widths) > DEEPEST or max(widths, default=0) > WIDEST:
                raise UsageError(
                    f"{name} has {len(widths)} hidden layers of up to {max(widths)} numbers",
                    hint=f"The sandbox takes up to {DEEPEST} of up to {WIDEST}.",
                )
        if found.batch_samples > MOST_SAMPLES:
            raise UsageError(f"batch_samples={found.batch_samples} is above {MOST_SAMPLES}")
        return found if isinstance(found.source, Mixture) else replace(found, scores=())  # no modes to count


def has_modes(experiment: Experiment) -> bool:
    """Whether the classes of the data are the modes of a mixture."""
    return isinstance(experiment.recipe.source, Mixture)


def prepared(setup: Setup, seed: int) -> Experiment:
    """The recipe with its data. Raises UsageError: its data are no points in the plane."""
    experiment = prepare(replace(setup.whole, seed=seed, threads=1, precision="fp32"))
    if not isinstance(experiment.recipe.game, Synthesis) or experiment.recipe.phases[1:]:
        raise UsageError(f"{setup.recipe} is no game of one G and one D in one phase")
    if experiment.spec.domain != "points" or experiment.spec.shape != (2,):
        raise UsageError(
            f"the data of {setup.recipe} are {experiment.spec.domain} of shape {list(experiment.spec.shape)}",
            hint="The sandbox trains with points in the plane, such as those of `ring`.",
        )
    return experiment


def trainer_of(experiment: Experiment) -> Trainer:
    """A trainer at its start, on this process and the CPU."""
    return live_trainer(experiment, torch.device("cpu"), ProcessGroup())


@torch.no_grad()
def take_over(trainer: Trainer, old: Trainer, now: Recipe, before: Recipe) -> None:
    """Set a new trainer to the state of an old one, as far as the settings are the same.

    A player whose network is the same keeps its weights, and its optimiser's memory where the optimiser is of the same
    kind. The average begins at the weights where there was none.
    """
    for name, player in trainer.players.items():
        was = old.players.get(name)
        if was is None or now.players[name].network != before.players[name].network:
            continue
        weights = was.weights()
        mine = player.weights()
        if not {key for key in mine if key.startswith("network.")} <= weights.keys():
            continue  # a constraint, such as spectral normalisation, was added or removed
        for key, value in mine.items():
            value.copy_(weights.get(key, weights["network." + key.partition(".")[2]]))
        if type(now.players[name].optimiser) is type(before.players[name].optimiser):
            player.restore(player.weights(), was.memory())
    for name in ("samples_seen", "position", "turns"):
        setattr(trainer, name, getattr(old, name))

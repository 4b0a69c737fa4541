"""Set-ups that fail in a known way, each with the change that cures it; tests show both, in four of five seeds."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from ..recipes import recipe_functions
from ..recipes.catalogue_entries import POINTS_KIND, kind_of

PLAIN: Mapping[str, Any] = {"G.ema": None, "game.penalties": [], "scores": [], "samples": 1_000_000_000}


class Failure(NamedTuple):
    """A failure to watch.

    Args:
        name: of the entry, which the page's texts use too.
        recipe: that is changed.
        changes: overrides under which the training fails.
        cure: further overrides, which mend it.
        rounds: after which it has failed, or is cured.
    """

    name: str
    recipe: str
    changes: Mapping[str, Any]
    cure: Mapping[str, Any]
    rounds: int


def adam(lr: float) -> dict[str, Any]:
    """Adam without momentum, at a learning rate that does not fall."""
    return {"kind": "Adam", "lr": lr, "beta1": 0.0, "beta2": 0.99}


def gallery() -> tuple[Failure, ...]:
    """The failures, in the order in which they are taught."""
    return (vanishing_gradient(), mode_collapse(), oscillation())


def vanishing_gradient() -> Failure:
    """The minimax loss against a D that learns faster: G's loss saturates, and its gradient with it.

    Goodfellow et al. 2014, section 3; Arjovsky and Bottou 2017, theorem 2.4. https://arxiv.org/abs/1701.04862
    """
    changes = {
        **PLAIN,
        "game.loss": {"kind": "Minimax"},
        "game.n_critic": 20,
        "G.optimiser": {"kind": "Sgd", "lr": 0.05},
        "D.optimiser": adam(0.005),
        "G.network.widths": [32, 32],
        "D.network.widths": [64, 64],
        "source.sigma": 0.02,
    }
    cure = {"game.loss": {"kind": "NonSaturating"}, "game.penalties": [{"kind": "R1", "gamma": 0.1}]}
    return Failure("vanishing_gradient", "ring", changes, cure, 90)


def mode_collapse() -> Failure:
    """16 Gaussians without a penalty: G makes a few of them, and moves on when D has learnt those.

    Metz et al. 2017, section 3.1. https://arxiv.org/abs/1611.02163
    """
    rate = adam(0.002)
    changes = {**PLAIN, "G.optimiser": rate, "D.optimiser": rate, "source": {"kind": "Grid", "side": 4, "sigma": 0.1}}
    cure = {"game.penalties": [{"kind": "R1", "gamma": 0.1}, {"kind": "R2", "gamma": 0.1}]}
    return Failure("mode_collapse", "ring", changes, cure, 900)


def oscillation() -> Failure:
    """The Dirac-GAN in the plane: the data are one point, G moves one point, D is linear; both circle for ever.

    Mescheder et al. 2018, section 2. https://arxiv.org/abs/1801.04406
    """
    rate = {"kind": "Sgd", "lr": 0.1}
    changes = {
        **PLAIN,
        "source": {"kind": "Ring", "modes": 1, "sigma": 0.0, "radius": 0.0},
        "G.network.widths": [],
        "D.network.widths": [],
        "G.optimiser": rate,
        "D.optimiser": rate,
    }
    return Failure("oscillation", "ring", changes, {"game.penalties": [{"kind": "R1", "gamma": 1.0}]}, 300)


def named_setups() -> dict[str, list[dict[str, Any]]]:
    """Set-ups that the tour and `ganvas lab --sandbox NAME` open: games by name, each a list of one or two."""
    rates = {"G.optimiser.lr": 0.002, "D.optimiser.lr": 0.002, "samples": 1_000_000_000}
    frozen = {**rates, "G.optimiser.lr": 0.0, "G.network.widths": [], "source": {"kind": "Clusters"}, "scores": []}
    found: dict[str, list[Mapping[str, Any]]] = {
        "game": [{**rates, "source.sigma": 0.05}],
        "optimal-discriminator": [frozen],
    }
    for each in gallery():
        name, fails, cured = each.name.replace("_", "-"), each.changes, {**each.changes, **each.cure}
        found |= {name: [fails], f"{name}-cured": [cured], f"{name}-both": [fails, cured]}
    return {
        name: [{"recipe": "ring", "changes": dict(changes), "seed": 0} for changes in sides]
        for name, sides in found.items()
    }


def contents() -> dict[str, Any]:
    """The failures of the gallery, the named set-ups, and the names of all recipes in the plane."""
    names = [name for name, function in recipe_functions().items() if kind_of(function()) == POINTS_KIND]
    return {"gallery": [each._asdict() for each in gallery()], "setups": named_setups(), "recipes": names}

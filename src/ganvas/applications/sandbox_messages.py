"""What the sandbox says: what there is to open, a game's settings, and one moment of it with its scores."""

import json
from typing import TYPE_CHECKING, Any

from ..recipes import dump, recipe_functions, to_yaml
from ..recipes.catalogue_entries import POINTS_KIND, kind_of
from .sandbox_frame import FAKES, REALS, Pictured, finite, fixed_noise, flat, frame, playing_networks, rounded
from .sandbox_gallery import gallery
from .sandbox_game import SandboxGame
from .sandbox_scores import scores

if TYPE_CHECKING:
    from .sandbox_setup import Shown


def contents() -> dict[str, Any]:
    """The failures of the gallery, and the names of all recipes in the plane."""
    names = [name for name, function in recipe_functions().items() if kind_of(function()) == POINTS_KIND]
    return {"gallery": [each._asdict() for each in gallery()], "recipes": names}


def moment(game: SandboxGame, shown: "Shown", *, scored: bool) -> dict[str, Any]:
    """A frame; with its scores if they are wanted."""
    found = frame(game, shown)
    if scored:
        found["scores"] = scores(game, Pictured(game, playing_networks(game, average=shown.average)))
    return found


def described(game: SandboxGame) -> dict[str, Any]:
    """A game's settings, its recipe as YAML and as a command, and its real points."""
    changes = game.setup.changes
    arguments = [f"{key}={json.dumps(value)}" for key, value in changes.items()]
    arguments += [] if game.experiment.recipe.scores or "scores" in changes else ["scores=[]"]
    return {
        "recipe": game.setup.recipe,
        "changes": changes,
        "seed": game.seed,
        "tree": dump(game.experiment.recipe),
        "yaml": to_yaml(game.experiment.recipe),
        "arguments": [*arguments, f"seed={game.seed}"],
        "real": flat(game, game.reals[:REALS]),
        "noise": rounded(fixed_noise(game, FAKES)[:, :2]),
        "window": [round(value, 6) for value in game.window],
        "map_kind": game.map_kind,
        "latent": list(game.latent),
        "modes": game.has_modes,
        "scale": finite(game.scale),
    }

"""The sandbox's messages: a game's settings, and one moment of it with its scores."""

import json
from typing import TYPE_CHECKING, Any

from ..recipes import dump, to_yaml
from .sandbox_frame import REALS, finite, flat, frame, rounded
from .sandbox_game import SandboxGame
from .sandbox_pictured import FAKES, Pictured, fixed_noise, playing_networks
from .sandbox_scores import scores

if TYPE_CHECKING:
    from .sandbox_setup import Shown


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

"""Slow motion: one turn of a game in the plane as numbered stages, with the very numbers that the turn then uses."""

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import torch

from ..base.draws import Draws
from ..games.synthesis import each_discriminator
from ..ops.eval_mode import eval_mode
from .sandbox_frame import finite, flat, frame, rounded
from .sandbox_game import SandboxGame
from .sandbox_pictured import Pictured, playing_networks

if TYPE_CHECKING:
    from .sandbox_setup import Shown

SHOWN = 128  # points of the batch that are drawn
STAGES = ("noise", "samples", "verdicts", "loss", "update")


def slow_round(game: SandboxGame, shown: "Shown") -> Iterator[Mapping[str, Any]]:
    """One round in stages; the turn is played at its last stage, and at no other anything changes.

    Args:
        game: at the start of a round, or of a turn.
        shown: what the frame of each update shows.

    Yields:
        `stage`: one of STAGES; `turn`: its name; `players`; `number` of the stage, from 1. Further: "noise" has
        `noise`, the z of the batch; "samples" has `fake`; "verdicts" has `real`, `fake` and D's mean logit of each;
        "loss" has the adversarial loss of the batch, `value`, and in a turn of G the `arrows` that lower it; "update"
        has these `arrows`, `terms`, `gradient`, the `frame`, and samples of the same z before (`fake`) and after it
        (`moved`).
    """
    begun = False
    while not begun or game.next_turn is not None:
        begun = True
        yield from slow_turn(game, shown)


def slow_turn(game: SandboxGame, shown: "Shown") -> Iterator[Mapping[str, Any]]:
    """One turn in stages."""
    name, _ = game.coming()
    players = game.rules.turns()[name].players
    about = {"turn": name, "players": list(players), "of": len(STAGES)}
    found, again = stages_before(game)
    for number, stage in enumerate(STAGES[:-1], 1):
        yield {**about, "stage": stage, "number": number, **found[stage]}
    game.play_turn()
    stats = {
        key.removeprefix(f"{name}."): finite(float(value))
        for key, value in game.trainer.stats.items()
        if key.startswith(f"{name}.")
    }
    gradient = stats.pop("gradient")
    now = frame(game, shown)
    arrows = {key: found["loss"][key] for key in ("arrows",) if key in found["loss"]}
    end = {**found["samples"], **arrows, "moved": again(), "terms": stats, "gradient": gradient, "frame": now}
    yield {**about, "stage": STAGES[-1], "number": len(STAGES), **end}


def stages_before(game: SandboxGame) -> tuple[dict[str, dict[str, Any]], Callable[[], list[float]]]:
    """What each stage before the update shows, from the noise that the turn will draw; G's samples of it, later on."""
    name, batch = game.coming()
    networks = playing_networks(game, average=False)
    rules = game.rules
    draws = Draws(*game.trainer.turn_key(name), rows=range(len(batch.x)), device=torch.device("cpu"))
    with torch.no_grad(), eval_mode(*networks.values()):
        pictured = Pictured(game, networks)
        latents = rules.latents(pictured.play, draws, batch)
        fake, real = rules.generate(pictured.play, latents, batch), batch.x
        logits = [pictured.all_logits(x) for x in (real, fake)]
        side = rules.loss.discriminator if "D" in rules.turns()[name].players else rules.loss.generator
        value = finite(float(each_discriminator(side, *logits).mean()))
        fake, real = fake[:SHOWN], real[:SHOWN]
        arrows = {"arrows": rounded(pictured.arrows(fake)[0])} if "G" in rules.turns()[name].players else {}
        assert latents.z is not None
        points = {"fake": flat(game, fake), "real": flat(game, real)}
        means = {"real_logit": finite(float(logits[0].mean())), "fake_logit": finite(float(logits[1].mean()))}
        found: dict[str, dict[str, Any]] = {
            "noise": {"noise": rounded(latents.z[:SHOWN])},
            "samples": {"fake": points["fake"]},
            "verdicts": {**points, **means},
            "loss": {**points, **means, "value": value, **arrows},
        }

    @torch.no_grad()
    def again() -> list[float]:
        with eval_mode(*networks.values()):
            return flat(game, rules.generate(pictured.play, latents, batch)[:SHOWN])

    return found, again

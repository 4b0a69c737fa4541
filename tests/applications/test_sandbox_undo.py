"""The sandbox goes back exactly, over changes and single turns; what was changed or given up comes back by undo."""

import json
from typing import Any

import pytest

from ganvas.applications.sandbox import Sandbox
from ganvas.applications.sandbox_frame import frame
from ganvas.applications.sandbox_game import MOMENTS
from ganvas.applications.sandbox_setup import Setup, Shown
from ganvas.applications.sandbox_stages import slow_round
from ganvas.base.errors import UsageError
from playing_points import SMALL, same, small, weights

SIDE = {"recipe": "ring", "changes": SMALL, "seed": 0}
BATCH = 32


class Heard:
    """A sandbox and what it sends."""

    def __init__(self, *sides: dict[str, Any]) -> None:
        self.sent: list[dict[str, Any]] = []
        self.sandbox = Sandbox(lambda message: self.sent.append(json.loads(json.dumps(message))))
        self.do("open", sides=sides or [SIDE])

    def do(self, what: str, **arguments: Any) -> None:
        self.sandbox.obey(json.dumps({"do": what, **arguments}))

    def play(self, frames: int = 1) -> None:
        self.do("play")
        for _ in range(frames):
            self.sandbox.advance()
        self.do("pause")

    def last(self, kind: str) -> dict[str, Any]:
        return [each for each in self.sent if each["kind"] == kind][-1]

    @property
    def rounds(self) -> list[int]:
        return [side["rounds"] for side in self.last("frame")["sides"]]


def test_it_goes_back_to_exactly_a_moment_that_was_not_stored() -> None:
    """Rounds are repeated from the stored moment before, with the turns and the changes that a person made between."""
    game, plain = small(), small()
    shown: dict[int, dict[str, Any]] = {}

    def play(rounds: int) -> None:
        for _ in range(rounds):
            game.play_rounds(1)
            shown[game.trainer.samples_seen] = frame(game, Shown())

    play(3)
    game.step_player("G")
    shown[game.trainer.samples_seen] = frame(game, Shown())
    game.step_player("D")
    play(3)
    game.change({"source": {"kind": "Moons", "samples": 500}, "D.network.widths": [8]})
    shown[game.trainer.samples_seen] = frame(game, Shown())
    play(3)
    game.moments = {0: game.moments[0]}
    for samples in sorted(shown, reverse=True):
        game.back(samples)
        assert frame(game, Shown()) == shown[samples], "points, map, terms and counters"
        game.moments = {0: game.moments[0]}
    plain.play_rounds(1)
    assert same(weights(game), weights(plain))
    for _ in range(MOMENTS * 2):
        game.play_rounds(1)
    game.back(7 * BATCH)
    assert game.trainer.samples_seen == 7 * BATCH


def test_before_a_change_of_data_are_the_former_data() -> None:
    heard = Heard()
    heard.play(2)
    there = heard.last("frame")
    ring = heard.last("setup")["sides"][0]
    heard.play()
    heard.do("change", side=0, changes={"source": {"kind": "Moons", "samples": 500}})
    assert heard.last("setup")["sides"][0]["real"] != ring["real"]
    heard.play()
    abandoned = heard.last("frame")["sides"][0]["terms"]
    heard.do("back", samples=[there["sides"][0]["samples"]])
    assert heard.last("back")["samples"] == there["sides"][0]["samples"]
    assert heard.last("setup")["sides"][0]["real"] == ring["real"]
    assert heard.last("setup")["undo"] == [], "the change is not made any more"
    now = heard.last("frame")["sides"][0]
    assert now["terms"] == there["sides"][0]["terms"] != abandoned
    assert now["scores"] == there["sides"][0]["scores"]
    assert now["fake"] == there["sides"][0]["fake"]


def test_to_leave_slow_motion_finishes_the_round_and_a_step_is_one_step() -> None:
    heard = Heard()
    for _ in range(3):
        heard.do("slow")
    heard.do("leave")
    assert heard.rounds == [1]
    (game,) = heard.sandbox.games
    before = weights(game)
    heard.do("step", player="D")
    changed = {key.partition(".")[0] for key, value in weights(game).items() if not (value == before[key]).all()}
    assert changed == {"D"}
    assert heard.rounds == [1]
    heard.do("leave")
    assert heard.rounds == [1], "nothing was begun"


def test_a_copy_goes_on_from_the_same_state_and_one_of_two_games_goes_on() -> None:
    heard = Heard()
    heard.play()
    before = weights(heard.sandbox.games[0])
    heard.do("copy")
    assert heard.rounds == [10, 10]
    assert not heard.last("setup")["begun"]
    assert all(same(weights(game), before) for game in heard.sandbox.games)
    heard.do("change", side=1, changes={"game.penalties": []})
    heard.play()
    first, second = map(weights, heard.sandbox.games)
    assert not same(first, second), "they train apart"
    plain = small()
    plain.play_rounds(20)
    assert same(first, weights(plain))
    heard.do("copy")
    assert heard.last("error")
    heard.do("single", side=1)
    assert (heard.rounds, heard.last("setup")["single"]) == ([20], 1)
    assert same(weights(heard.sandbox.games[0]), second)
    heard.do("undo")
    assert heard.rounds == [20, 20]
    assert [same(weights(game), then) for game, then in zip(heard.sandbox.games, (first, second), strict=True)] == [
        True,
        True,
    ]
    heard.do("back", samples=[5 * BATCH, 5 * BATCH])
    assert heard.rounds == [20, 20], "what came back begins there"


def test_a_copy_has_the_past_of_its_game() -> None:
    heard = Heard()
    heard.play()
    heard.do("copy")
    heard.play()
    heard.do("back", samples=[5 * BATCH, 5 * BATCH])
    assert heard.rounds == [5, 5]
    assert same(*map(weights, heard.sandbox.games))


def test_undo_brings_settings_and_games_back() -> None:
    heard = Heard()
    heard.do("undo")
    assert heard.last("error")
    heard.play()
    before = weights(heard.sandbox.games[0])
    heard.do("change", side=0, changes={"D.network.widths": [8]})
    assert heard.last("setup")["undo"] == ["change"]
    heard.do("undo")
    assert same(weights(heard.sandbox.games[0]), before), "no training followed: bit by bit"
    heard.do("change", side=0, changes={"G.optimiser.lr": 0.5})
    heard.play()
    heard.do("undo")
    assert heard.last("setup")["sides"][0]["changes"] == SMALL
    assert heard.rounds == [20], "the training goes on"
    after = weights(heard.sandbox.games[0])
    heard.do("open", sides=[{**SIDE, "seed": 7}], label="a failure")
    assert (heard.rounds, heard.last("setup")["label"]) == ([0], "a failure")
    heard.do("reset")
    heard.do("undo")
    assert heard.last("setup")["undo"] == ["open"]
    heard.do("undo")
    assert (heard.rounds, heard.last("setup")["label"]) == ([20], "")
    assert same(weights(heard.sandbox.games[0]), after)
    heard.play()
    assert heard.rounds == [30]


def test_an_override_replaces_those_below_its_path() -> None:
    setup = Setup("ring", {"source.sigma": 0.02, "seed": 1, "sources": 2})
    assert setup.changed({"source": {"kind": "Ring"}}).changes == {
        "seed": 1,
        "sources": 2,
        "source": {"kind": "Ring"},
    }
    again = Setup("ring", {"source": {"kind": "Grid"}, "source.sigma": 0.1}).changed({"source": {"kind": "Ring"}})
    assert again.changes == {"source": {"kind": "Ring"}}


def test_slow_motion_moves_the_same_points_and_has_arrows_for_the_one_who_learns() -> None:
    game = small({"game.penalties": [], "G.optimiser": {"kind": "Sgd", "lr": 0.05}})
    stages = list(slow_round(game, Shown()))
    d_update, g_loss, g_update = stages[4], stages[8], stages[9]
    assert "arrows" not in stages[3], "G does not learn in D's turn"
    assert d_update["moved"] == d_update["fake"]
    assert g_update["fake"] == g_loss["fake"]
    assert g_update["moved"] != g_update["fake"]
    moves = [b - a for a, b in zip(g_update["fake"], g_update["moved"], strict=True)]
    along = sum(move * arrow for move, arrow in zip(moves, g_loss["arrows"], strict=True))
    assert along > 0, "along the arrows, on the whole"


def test_an_unknown_side_is_refused() -> None:
    heard = Heard()
    heard.do("back", samples=[0, 0])
    assert heard.last("error")
    with pytest.raises(UsageError):
        heard.sandbox.sides.open([], "")

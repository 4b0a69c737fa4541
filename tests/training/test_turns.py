"""What a turn leaves behind: nothing where it is played again; and random numbers of its own in each part."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from ganvas.games.synthesis import Synthesis
from ganvas.recipes import Recipe, live_trainer, override, prepare
from ganvas.recipes import recipe as by_name
from ganvas.recipes.tiny import tiny_overrides
from ganvas.training import ProcessGroup, Trainer
from processes import Faulty, our_parts


@pytest.fixture(autouse=True)
def parts() -> Iterator[None]:
    Faulty.struck.clear()
    with our_parts():
        yield


def tiny(name: str, **changes: Any) -> Recipe:
    """A recipe at its smallest, on small grey pictures of noise."""
    base = by_name(name)
    keep = {key: value for key, value in tiny_overrides(name).items() if not key.startswith("source")}
    fixed = {"source": {"kind": "Blobs"}, "scores": [], "precision": "fp32", "threads": 1}
    return override(base, {**keep, **fixed, **changes})


def live(recipe: Recipe) -> Trainer:
    return live_trainer(prepare(recipe), torch.device("cpu"), ProcessGroup())


def faulty(recipe: Recipe, at: int) -> Recipe:
    """The recipe whose discriminator's loss is not a number once, when `at` samples have passed."""
    assert isinstance(recipe.game, Synthesis)
    return replace(recipe, game=Faulty(loss=recipe.game.loss, penalties=recipe.game.penalties, at=at, once=True))


@pytest.mark.parametrize("micro_batches", [1, 2])
def test_a_turn_that_is_played_again_changes_batch_norms_moments_once(micro_batches: int) -> None:
    struck, alone = (live(faulty(tiny("dcgan", micro_batches=micro_batches), at=at)) for at in (8, 1000))
    for trainer in (struck, alone):
        for _ in range(3):
            trainer.round()
    assert Faulty.struck == [8] * len(Faulty.struck) != []
    assert len(struck.recoveries) == 1
    for name, player in struck.players.items():
        theirs = alone.players[name].network.state_dict()
        assert any(key.endswith("running_var") for key in theirs)
        assert all(torch.equal(value, theirs[key]) for key, value in player.network.state_dict().items())


def test_parts_and_turns_have_dropout_masks_of_their_own() -> None:
    trainer = live(tiny("digits", micro_batches=2))
    masks: list[Tensor] = []
    (dropout,) = (module for module in trainer.players["D"].network.modules() if isinstance(module, nn.Dropout))
    dropout.register_forward_pre_hook(lambda _, inputs: (torch.ones_like(inputs[0]),))
    dropout.register_forward_hook(lambda _, inputs, output: masks.append(output.detach().clone()))
    trainer.round()
    trainer.round()
    assert len(masks) == 4
    assert {tuple(mask.shape) for mask in masks} == {tuple(masks[0].shape)}
    assert all(not torch.equal(one, other) for i, one in enumerate(masks) for other in masks[:i])

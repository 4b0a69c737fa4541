"""From a recipe to live players: the only place where descriptions become networks."""

import copy
import hashlib
import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import torch
from torch import nn

from ..base.draws import torch_seeded
from ..base.errors import DataError, ResourceError, UsageError, suggest
from ..base.types import Spec, TensorSpec
from ..data.source import Items, Split
from ..data.stream import Stored, Stream, Streams
from ..domains.audio import Audio
from ..domains.columns import Columns
from ..domains.contract import Domain
from ..domains.images import Images
from ..domains.points import Points
from ..domains.series import Series
from ..domains.tables import Tables
from ..domains.text import Text
from ..games.contract import Game
from ..networks.weight_norm import begin_from_data
from ..penalties.views import ChangesSpec
from ..training.accumulation import MicroBatches
from ..training.distributed import ProcessGroup
from ..training.phases import LivePhase
from ..training.player import LivePlayer
from ..training.trainer import Trainer
from .files import override
from .live_streams import further_streams, live_store, live_stream, streamed
from .schema import Recipe

CPU = torch.device("cpu")  # where networks are built


@dataclass(frozen=True)
class Experiment:
    """A recipe with its data: domain fitted, spec known."""

    recipe: Recipe  # with the fitted domain in it
    domain: Domain
    spec: Spec
    fingerprint: str  # of the training data, of all sources
    train_fingerprint: str = ""  # of the main source's training split; empty where it was not read
    _stores: dict[Split, Stored] = field(default_factory=dict, repr=False, compare=False)
    _streams: dict[tuple[Split, bool], Stream] = field(default_factory=dict, repr=False, compare=False)
    score_cache: dict[Any, Any] = field(
        default_factory=dict, repr=False, compare=False
    )  # what scores have computed of its reals

    def split_items(self, split: Split) -> Items:
        """One split of the main source, read from the data that the training split was read from.

        Raises:
            DataError: the training split has changed since, so that its items may now be in this split.
        """
        source = self.recipe.source
        items = source.items(split)
        if split != "train" and self.train_fingerprint not in ("", source.items("train").fingerprint):
            raise DataError(
                f"the data changed after the training split was read, so the split {split} cannot be read",
                where=str(getattr(source, "path", "")),
                hint="Restore the data, or train a new run on the changed data.",
            )
        return items

    def stream(self, split: Split, *, training: bool = False) -> Stream:
        """One split of the main source, encoded once and augmented only in training."""
        if (split, training) not in self._streams:
            if split not in self._stores:
                self._stores[split] = live_store(self.domain, self.split_items(split))
            joined = self.recipe.game.needs_streams and not training
            others = further_streams(self.recipe, self.domain, split, training=False) if joined else {}
            self._streams[split, training] = streamed(
                self.recipe, self.domain, self._stores[split], "data", training=training, others=others
            )
        return self._streams[split, training]


def prepare(recipe: Recipe) -> Experiment:
    """Read the training data, fit the domain, and find the form of a batch.

    Args:
        recipe: any recipe.

    Returns:
        The recipe with the fitted domain in it, the data's Spec and their fingerprint.

    Raises:
        DataError: the data cannot be read, or no domain fits them.
    """
    items = recipe.source.items("train")
    domain = (recipe.domain or domain_of(items)).fit(items)
    recipe = replace(recipe, domain=domain)
    y, given = None if items.y is None else items.y[:2], {name: each[:2] for name, each in items.given.items()}
    few = Items(x=items.x[:2], y=y, classes=items.classes, given=given)
    first = live_stream(recipe, domain, few, "data", training=True).batch(0, 2)
    specs = {
        name: TensorSpec(tuple(value.shape[1:]), str(value.dtype).removeprefix("torch."))
        for name, value in first.given.items()
    }
    others = {name: source.items("train") for name, source in recipe.streams.items()}
    spec = transformed_spec(recipe, domain.spec(items))
    specs |= {name: TensorSpec(spec.shape, spec.dtype) for name in others}
    specs |= {f"{name}.y": TensorSpec((), "int64") for name, each in others.items() if each.y is not None}
    spec = replace(spec, given=specs)
    for metric in recipe.scores:
        metric.check_spec(spec.opaque, recipe.game.output_kind)
    prints = [items.fingerprint, *(each.fingerprint for each in others.values())]
    fingerprint = prints[0] if len(prints) == 1 else hashlib.sha256("".join(prints).encode()).hexdigest()
    return Experiment(recipe, domain, spec, fingerprint, items.fingerprint)


def transformed_spec(recipe: Recipe, spec: Spec) -> Spec:
    """The spec after the transforms that change the form of x."""
    for transform in recipe.transforms:
        spec = transform.changed_spec(spec) if isinstance(transform, ChangesSpec) else spec
    return spec


def domain_of(items: Items) -> Domain:
    """The domain that data of this shape belong to."""
    if items.x.ndim == 3:
        return Series()
    if items.x.ndim == 4:
        return Images()
    if items.table:
        return Tables()
    if items.x.ndim == 2:
        return Columns() if items.columns else Points()
    if items.rate:
        return Audio()
    if items.x.dtype == object:
        return Text()
    raise DataError(f"no domain fits data of shape {list(items.x.shape)}", hint="Name one in the recipe: domain.")


def live_networks(recipe: Recipe, spec: Spec, names: Collection[str] | None = None) -> dict[str, nn.Module]:
    """Every player's network, prepared for its constraints, each with weights drawn from (seed, its name) only.

    Args:
        recipe, spec: what the networks are built from.
        names: of the players; None for all.
    """
    live: dict[str, nn.Module] = {}
    for name, player in recipe.players.items():
        if names is not None and name not in names:
            continue
        with torch_seeded(CPU, recipe.seed, "weights", name):
            live[name] = unshared(player.network, player.network.build(recipe.game.player_spec(name, spec)))
            for constraint in player.constraints:
                constraint.prepare(live[name])
    return live


def network_shapes(recipe: Recipe, spec: Spec) -> dict[str, dict[str, torch.Tensor]]:
    """Every player's state dict on the device "meta", which allocates nothing; on the CPU if torch cannot."""
    try:
        with torch.device("meta"):
            networks = live_networks(recipe, spec)
    except (RuntimeError, TypeError, ValueError):  # what torch raises where "meta" lacks an operation
        networks = live_networks(recipe, spec)
    return {name: network.state_dict() for name, network in networks.items()}


def check_room(recipe: Recipe, spec: Spec) -> None:
    """Raises ResourceError for networks whose weights are larger than the machine's memory."""
    weights = sum(value.nbytes for network in network_shapes(recipe, spec).values() for value in network.values())
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    if weights > memory:
        raise ResourceError(
            f"the networks' weights are {weights / 1e9:,.0f} GB, and the machine has {memory / 1e9:,.0f} GB",
            hint="Lower their widths.",
        )


def unshared(description: object, network: nn.Module) -> nn.Module:
    """The network, or a copy if the description holds it as an object: training must not change the description."""
    held = any(value is network for value in getattr(description, "__dict__", {}).values())
    return copy.deepcopy(network) if held else network


def live_trainer(experiment: Experiment, device: torch.device, world: ProcessGroup) -> Trainer:
    """A trainer at the start of the run."""
    recipe, spec = experiment.recipe, experiment.spec
    phases = live_phases(recipe)
    main = experiment.stream("train", training=True)
    check_batch(recipe, samples=len(main.store), parts=recipe.micro_batches * world.size)
    others = further_streams(recipe, experiment.domain, "train", training=True)
    check_room(recipe, spec)
    networks = live_networks(recipe, spec)
    with torch_seeded(CPU, recipe.seed, "begin"):
        for name, network in networks.items():
            begin_from_data(network, recipe.game.player_input(name, main.batch(0, recipe.batch_samples).x))
    players = {name: LivePlayer(player, networks[name].to(device)) for name, player in recipe.players.items()}
    trainer = Trainer(
        phases=phases,
        players=players,
        states=game_states(phases, spec, device),
        batches=Streams(main, others).batch,
        parts=MicroBatches(recipe.batch_samples, recipe.micro_batches, world),
        seed=recipe.seed,
        device=device,
        precision=recipe.precision,
    )
    world.broadcast([weight for player in players.values() for weight in player.weights().values()])
    return trainer


def check_batch(recipe: Recipe, *, samples: int, parts: int) -> None:
    """Raises an error for a batch that cannot be split, or that the data cannot fill.

    Args:
        recipe: its batch_samples.
        samples: how many training samples there are.
        parts: micro-batches of all processes together.

    Raises:
        UsageError: batch_samples is no multiple of the parts.
        DataError: there are fewer samples than one batch has.
    """
    if recipe.batch_samples % parts:
        raise UsageError(
            f"batch_samples={recipe.batch_samples} cannot be split into {parts} equal micro-batches",
            hint="Make it a multiple.",
        )
    if samples < recipe.batch_samples:
        raise DataError(
            f"{samples} training samples are fewer than one batch of {recipe.batch_samples}",
            hint="Bring more data, or lower batch_samples.",
        )


def game_states(phases: tuple[LivePhase, ...], spec: Spec, device: torch.device) -> dict[str, nn.Module]:
    """The buffers of every game that has some, by the name of its class; phases of one class share them."""
    states: dict[str, nn.Module] = {}
    for phase in phases:
        name = type(phase.game).__name__
        if name not in states and (state := phase.game.state(spec)) is not None:
            states[name] = state.to(device)
    return states


def live_phases(recipe: Recipe) -> tuple[LivePhase, ...]:
    """The recipe's phases with their changes made; a recipe without phases is one long phase."""
    if not recipe.phases:
        check_turns(recipe.game, recipe.game.round(), recipe)
        return (LivePhase(recipe.samples, recipe.game.round(), recipe.game, recipe.players),)
    whole = sum(phase.samples for phase in recipe.phases)
    live: list[LivePhase] = []
    begun = 0
    for phase in recipe.phases:
        changed = override(replace(recipe, game=phase.game or recipe.game), phase.changes)
        check_changes(recipe, changed, phase.changes)
        begun += phase.samples
        end = round(recipe.samples * begun / whole)
        turns = phase.turns or changed.game.round()
        check_turns(changed.game, turns, recipe)
        live.append(LivePhase(end - sum(each.samples for each in live), turns, changed.game, changed.players))
    return tuple(live)


def check_turns(game: Game, turns: tuple[str, ...], recipe: Recipe) -> None:
    """Every turn is one of the game's, and its player is there."""
    for turn in turns:
        if turn not in game.turns():
            raise UsageError(
                f"{type(game).__name__} has no turn '{turn}'",
                hint=suggest(turn, game.turns()) or f"It has: {', '.join(game.turns())}.",
            )
        for name in game.turns()[turn].players:
            if name not in recipe.players:
                raise UsageError(f"the turn '{turn}' needs a player {name}, and the recipe has none")
    if not any(game.turns()[turn].reals for turn in turns):
        raise UsageError(
            f"a round of {', '.join(turns)} never reads the data, so it would never end",
            hint="Add a turn that does.",
        )


def check_changes(recipe: Recipe, changed: Recipe, changes: Mapping[str, Any]) -> None:
    """A phase may change the game and how players learn; networks and data stay the same."""
    allowed = replace(recipe, game=changed.game, G=changed.G, D=changed.D, others=changed.others)
    networks = [(changed.players[name].network, player.network) for name, player in recipe.players.items()]
    if allowed != changed or any(now != before for now, before in networks):
        raise UsageError(
            f"a phase cannot change {', '.join(changes)}",
            hint="It may change the game, and the players' optimisers, averages and constraints.",
        )

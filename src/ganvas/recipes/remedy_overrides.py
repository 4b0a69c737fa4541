"""Remedies of the doctor as overrides of a recipe: arguments of `ganvas train`. Importing it does not import torch."""

import copy
import shlex
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ..base.trees import from_yaml
from ..diagnosis.remedies import Remedy, RemedyKind

Tree = Mapping[str, Any]  # config.yaml


def remedy_override(tree: Tree, remedy: Remedy) -> str:
    """A remedy as overrides of one recipe.

    Args:
        tree: the configuration of the run, as config.yaml has it.
        remedy: what to change.

    Returns:
        Dotted overrides, separated by spaces and quoted for a shell, such as "D.optimiser.lr=0.0001"; "" if the recipe
        has no field that this remedy changes.
    """
    return f"samples={remedy.samples}" if remedy.kind == "set the length" else OVERRIDES[remedy.kind](tree)


def value_at(tree: Any, *path: str) -> Any:
    """The value at a path of the configuration, through networks that wrap others; None if there is none."""
    for name in path:
        while isinstance(tree, dict) and name not in tree and isinstance(tree.get("network"), dict):
            tree = tree["network"]
        tree = tree.get(name) if isinstance(tree, dict) else None
    return tree


def tree_with(tree: Tree, applied: Iterable[str]) -> dict[str, Any]:
    """A copy of a configuration with overrides that this module made; those of paths that it lacks are left out."""
    changed = copy.deepcopy(dict(tree))
    for assignment in (each for text in applied for each in shlex.split(text)):
        path, _, value = assignment.partition("=")
        *parents, last = path.split(".")
        place = value_at(changed, *parents)
        if isinstance(place, dict) and last in place:
            place[last] = from_yaml(value)
    return changed


def number_text(value: float) -> str:
    """A number as text in an override, with three digits."""
    return f"{value:.3g}"


def scaled(tree: Tree, path: str, factor: float) -> str:
    """The override that multiplies a positive number, or the first nonzero end of a schedule; "" if there is none."""
    value = value_at(tree, *path.split("."))
    if isinstance(value, dict):
        ends = [name for name in ("start", "end") if value.get(name)]
        if not ends:
            return ""
        path, value = f"{path}.{ends[0]}", value[ends[0]]
    if not isinstance(value, int | float) or isinstance(value, bool) or value <= 0:
        return ""
    return f"{path}={number_text(factor * value)}"


def slower_players(tree: Tree) -> str:
    """Both learning rates divided by 3."""
    return " ".join(filter(None, (scaled(tree, f"{player}.optimiser.lr", 1 / 3) for player in "GD")))


def slower_discriminator(tree: Tree) -> str:
    """A quarter of D's turns if they are more than 5, else half its learning rate."""
    turns = value_at(tree, "game", "n_critic")
    if isinstance(turns, int) and turns > 5:
        return f"game.n_critic={max(1, turns // 4)}"
    return scaled(tree, "D.optimiser.lr", 1 / 2)


def has_minimax_loss(tree: Tree) -> bool:
    """Whether the game's loss is minimax, whose gradient for G vanishes where D wins."""
    return bool(value_at(tree, "game", "loss", "kind") == "Minimax")


def has_spectral_norm(tree: Tree) -> bool:
    """Whether spectral norm limits D's slope."""
    constraints = value_at(tree, "D", "constraints")
    return isinstance(constraints, list) and {"kind": "SpectralNorm"} in constraints


def stronger_penalty(tree: Tree) -> str:
    """Four times the weight of a penalty, or R1 if there was none; the non-saturating loss in place of minimax.

    Where spectral norm already limits D's slope and there is no penalty, a slower D.
    """
    if has_minimax_loss(tree):
        return "game.loss.kind=NonSaturating"
    penalties = value_at(tree, "game", "penalties")
    if penalties == [] and has_spectral_norm(tree):
        return slower_discriminator(tree)
    if penalties == []:
        return "game.penalties='[{kind: R1, gamma: 0.1}]'"
    for index, penalty in enumerate(penalties if isinstance(penalties, list) else []):
        inner = penalty.get("each", penalty) if isinstance(penalty, dict) else None
        if not isinstance(inner, dict):
            continue
        each = ".each" if "each" in penalty else ""
        for name in ("gamma", "weight"):
            if isinstance(inner.get(name), int | float) and inner[name] > 0:
                return f"game.penalties.{index}{each}.{name}={number_text(4 * inner[name])}"
    return ""


def nonsaturating_loss(tree: Tree) -> str:
    """The non-saturating loss in place of minimax, else a slower D."""
    return "game.loss.kind=NonSaturating" if has_minimax_loss(tree) else slower_discriminator(tree)


def is_list_of_int(value: Any) -> bool:
    """Whether a value is a list of at least one integer."""
    return isinstance(value, list) and bool(value) and all(isinstance(each, int) for each in value)


def larger_discriminator(tree: Tree) -> str:
    """D twice as wide, at least of a useful width; if its width has no field, twice its learning rate."""
    width, widths = value_at(tree, "D", "network", "width"), value_at(tree, "D", "network", "widths")
    if isinstance(width, int):
        return f"discriminator.width={max(16, 2 * width)}"
    if is_list_of_int(widths):
        generator = value_at(tree, "G", "network", "widths")
        least = max(generator) if is_list_of_int(generator) else 64
        layers = widths if len(widths) > 1 else widths * 2
        return f"discriminator.widths='{[max(least, 2 * each) for each in layers]}'"
    return scaled(tree, "D.optimiser.lr", 2.0)


def larger_generator(tree: Tree) -> str:
    """G twice as wide, if it is fully connected."""
    widths = value_at(tree, "G", "network", "widths")
    return f"generator.widths='{[2 * width for width in widths]}'" if isinstance(widths, list) and widths else ""


def equal_learning_rates(tree: Tree) -> str:
    """The smaller learning rate raised to the larger."""
    rates: dict[str, float] = {}
    for player in "GD":
        rate = value_at(tree, player, "optimiser", "lr")
        value = (rate.get("start") or rate.get("end")) if isinstance(rate, dict) else rate
        if isinstance(value, int | float):
            rates[player] = float(value)
    if len(rates) < 2:
        return ""
    low, high = sorted(rates, key=lambda player: rates[player])
    if rates[low] >= rates[high]:
        return ""
    scheduled = isinstance(value_at(tree, low, "optimiser", "lr", "start"), int | float)  # a schedule stays one
    return f"{low}.optimiser.lr{'.start' if scheduled else ''}={number_text(rates[high])}"


OVERRIDES: Mapping[RemedyKind, Callable[[Tree], str]] = {  # "set the length" needs no configuration
    "slow down both players": slower_players,
    "slow down the discriminator": slower_discriminator,
    "raise the lower learning rate": equal_learning_rates,
    "strengthen the penalty": stronger_penalty,
    "make the loss non-saturating": nonsaturating_loss,
    "enlarge the discriminator": larger_discriminator,
    "enlarge the generator": larger_generator,
}

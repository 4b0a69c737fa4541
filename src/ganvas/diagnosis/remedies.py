"""The meaning of a finding: a likely cause, and one change of the recipe to try, as an argument of `ganvas train`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from .rules import Finding

Tree = Mapping[str, Any]  # config.yaml


@dataclass(frozen=True)
class Diagnosis:
    """A finding for a user.

    Args:
        name: of the rule.
        severity: "wrong", "watch" (no fault, but worth knowing) or "well".
        message: one sentence with the numbers.
        cause: a likely cause, or "".
        remedy: overrides such as D.optimiser.lr=1e-4, or "" if none helps.
        since: samples at which it began.
    """

    name: str
    severity: str
    message: str
    cause: str = ""
    remedy: str = ""
    since: int = 0


def value_at(tree: Any, *path: str) -> Any:
    """The value at a path of the configuration, through networks that wrap others; None if there is none."""
    for name in path:
        while isinstance(tree, dict) and name not in tree and isinstance(tree.get("network"), dict):
            tree = tree["network"]
        tree = tree.get(name) if isinstance(tree, dict) else None
    return tree


def override_number(value: float) -> str:
    """A number as text in an override."""
    return f"{value:.3g}"


def scaled(tree: Tree, path: str, factor: float) -> str:
    """An override that multiplies a number, or the larger end of a schedule; "" if `path` has neither."""
    value = value_at(tree, *path.split("."))
    if isinstance(value, dict):
        path, value = next(
            ((f"{path}.{name}", value[name]) for name in ("start", "end") if value.get(name)), (path, None)
        )
    return (
        f"{path}={override_number(factor * value)}"
        if isinstance(value, int | float) and not isinstance(value, bool) and value > 0
        else ""
    )


def slower(tree: Tree) -> str:
    """Both learning rates divided by 3."""
    return " ".join(filter(None, (scaled(tree, f"{player}.optimiser.lr", 1 / 3) for player in "GD")))


def slower_critic(tree: Tree) -> str:
    """Fewer turns of D, or half its learning rate."""
    turns = value_at(tree, "game", "n_critic")
    return (
        f"game.n_critic={max(1, turns // 4)}"
        if isinstance(turns, int) and turns > 5
        else scaled(tree, "D.optimiser.lr", 1 / 2)
    )


def stronger_penalty(tree: Tree) -> str:
    """Four times the weight of a penalty, or R1 if there was none; the non-saturating loss in place of minimax."""
    if value_at(tree, "game", "loss", "kind") == "Minimax":
        return "game.loss.kind=NonSaturating"
    penalties = value_at(tree, "game", "penalties")
    if penalties == []:
        return "game.penalties='[{kind: R1, gamma: 0.1}]'"
    for place, penalty in enumerate(penalties if isinstance(penalties, list) else []):
        inner = penalty.get("each", penalty) if isinstance(penalty, dict) else None
        if not isinstance(inner, dict):
            continue
        each = ".each" if "each" in penalty else ""
        for name in ("gamma", "weight"):
            if isinstance(inner.get(name), int | float) and inner[name] > 0:
                return f"game.penalties.{place}{each}.{name}={override_number(4 * inner[name])}"
    return ""


def nonsaturating(tree: Tree) -> str:
    """The non-saturating loss in place of minimax, or a slower D."""
    return (
        "game.loss.kind=NonSaturating" if value_at(tree, "game", "loss", "kind") == "Minimax" else slower_critic(tree)
    )


def larger_critic(tree: Tree) -> str:
    """D twice as wide, at least of a useful width; if its width has no field, twice its learning rate."""
    width, widths = value_at(tree, "D", "network", "width"), value_at(tree, "D", "network", "widths")
    if isinstance(width, int):
        return f"discriminator.width={max(16, 2 * width)}"
    if isinstance(widths, list) and widths and all(isinstance(each, int) for each in widths):
        other = value_at(tree, "G", "network", "widths")
        least = max(other) if isinstance(other, list) and other and all(isinstance(each, int) for each in other) else 64
        return (
            f"discriminator.widths='{[max(least, 2 * each) for each in (widths if len(widths) > 1 else widths * 2)]}'"
        )
    return scaled(tree, "D.optimiser.lr", 2.0)


def equal_rates(tree: Tree) -> str:
    """The smaller learning rate raised to the larger."""
    heights: dict[str, float] = {}
    for player in "GD":
        rate = value_at(tree, player, "optimiser", "lr")
        height = (rate.get("start") or rate.get("end")) if isinstance(rate, dict) else rate
        if isinstance(height, int | float):
            heights[player] = float(height)
    if len(heights) < 2:
        return ""
    low, high = sorted(heights, key=lambda player: heights[player])
    start = (
        ".start" if isinstance(value_at(tree, low, "optimiser", "lr", "start"), int | float) else ""
    )  # a schedule stays one
    return f"{low}.optimiser.lr{start}={override_number(heights[high])}" if heights[low] < heights[high] else ""


def wider(tree: Tree) -> str:
    """G twice as wide, if it is fully connected."""
    widths = value_at(tree, "G", "network", "widths")
    return f"generator.widths='{[2 * width for width in widths]}'" if isinstance(widths, list) and widths else ""


def no_override(tree: Tree) -> str:
    """No override helps."""
    return ""


Remedy = Callable[[Tree], str]
ADVICE: Mapping[str, tuple[str, str, Remedy]] = {  # severity, likely cause, remedy
    "numbers broke": ("wrong", "The steps were too large, or a term of the loss can be infinite.", slower),
    "a player stands still": (
        "wrong",
        "Its learning rate is far too small, or its gradient does not reach it.",
        equal_rates,
    ),
    "repeated data": (
        "wrong",
        "The training data contain many duplicates, which both networks will learn best. Remove them.",
        no_override,
    ),
    "few data": (
        "wrong",
        "There are too few different training items: D will memorise them. Add data, or augment.",
        stronger_penalty,
    ),
    "full collapse": (
        "wrong",
        "G makes few samples, which D accepts, and D does not learn to reject them.",
        stronger_penalty,
    ),
    "weak discriminator": (
        "wrong",
        "D is too small or learns too slowly, or its labels are wrong: G gets no useful gradient.",
        larger_critic,
    ),
    "vanishing generator gradient": (
        "wrong",
        "D is saturated: its output is constant around G's samples.",
        nonsaturating,
    ),
    "discriminator too strong": ("wrong", "D learns faster than G, or has too many turns.", slower_critic),
    "divergence": ("wrong", "Steps are too large, or nothing limits D's gradient.", slower),
    "starved generator": (
        "wrong",
        "D has many turns for each turn of G, and the run is too short for that.",
        slower_critic,
    ),
    "oscillation": ("wrong", "Steps are too large: each network overshoots the change of the other.", slower),
    "discriminator overfits": (
        "wrong",
        "There are too few data for this D, or it has used them too often.",
        stronger_penalty,
    ),
    "memorisation": (
        "wrong",
        "G reproduces training items; there are too few of them for a run of this length.",
        stronger_penalty,
    ),
    "partial collapse": ("wrong", "G makes some kinds of samples well and others never.", stronger_penalty),
    "column off": (
        "wrong",
        "G or D is too small for these columns, or rare values of this one are never made; a longer run may be enough.",
        wider,
    ),
    "no progress": (
        "wrong",
        "Steps are too large to settle, or were too large early on; or G or D is too small for these data.",
        slower,
    ),
    "loader-bound": ("watch", "Reading and transforming the data takes longer than the networks.", no_override),
}


def diagnosis_of(finding: Finding, tree: Tree) -> Diagnosis:
    """A finding with its severity, cause and remedy for the configuration `tree`."""
    severity, cause, remedy = ADVICE[finding.name]
    evidence = finding.evidence[:1].upper() + finding.evidence[1:]
    return Diagnosis(
        finding.name, severity, f"{evidence}, since {finding.since:,} samples.", cause, remedy(tree), finding.since
    )

"""What a finding means for a person: plain words, a likely cause, and one change of the recipe to try, written as `ganvas train` takes it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from .rules import Finding

Tree = Mapping[str, Any]  # config.yaml as it was read


@dataclass(frozen=True)
class Diagnosis:
    """One finding in words. `severity`: "wrong", "watch" (not wrong, but worth knowing) or "well"."""

    name: str
    severity: str
    message: str
    cause: str = ""
    remedy: str = ""  # overrides, as in D.optimiser.lr=1e-4; empty where no override mends it
    since: int = 0  # samples


def value_at(tree: Any, *path: str) -> Any:
    """What stands at a path of the configuration, through networks that wrap others; None if nothing does."""
    for name in path:
        while isinstance(tree, dict) and name not in tree and isinstance(tree.get("network"), dict):
            tree = tree["network"]
        tree = tree.get(name) if isinstance(tree, dict) else None
    return tree


def override_number(value: float) -> str:
    """A value in an override."""
    return f"{value:.3g}"


def scaled(tree: Tree, path: str, factor: float) -> str:
    """`path` multiplied: a number, or the height of a schedule; empty where there is neither."""
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
    """Both players' steps at a third."""
    return " ".join(filter(None, (scaled(tree, f"{player}.optimiser.lr", 1 / 3) for player in "GD")))


def slower_critic(tree: Tree) -> str:
    """Fewer turns of D, or smaller steps."""
    turns = value_at(tree, "game", "n_critic")
    return (
        f"game.n_critic={max(1, turns // 4)}"
        if isinstance(turns, int) and turns > 5
        else scaled(tree, "D.optimiser.lr", 1 / 2)
    )


def held(tree: Tree) -> str:
    """A penalty four times as heavy, or one where there was none; a loss that keeps its gradient in the place of one that does not."""
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


def kept_gradient(tree: Tree) -> str:
    """The loss that keeps G's gradient when D wins, or a slower D."""
    return (
        "game.loss.kind=NonSaturating" if value_at(tree, "game", "loss", "kind") == "Minimax" else slower_critic(tree)
    )


def larger_critic(tree: Tree) -> str:
    """D twice as wide, and at least of a useful width; where that cannot be said in one word, with larger steps."""
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


def woken(tree: Tree) -> str:
    """The still player with the other's learning rate."""
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
    """G twice as wide, where it is fully connected."""
    widths = value_at(tree, "G", "network", "widths")
    return f"generator.widths='{[2 * width for width in widths]}'" if isinstance(widths, list) and widths else ""


def nothing(tree: Tree) -> str:
    """No override mends it."""
    return ""


Remedy = Callable[[Tree], str]
ADVICE: Mapping[str, tuple[str, str, Remedy]] = {  # severity, likely cause, remedy
    "numbers broke": ("wrong", "The steps were too large, or a term of the loss can be infinite.", slower),
    "a player stands still": ("wrong", "Its learning rate is far too small, or its gradient does not reach it.", woken),
    "repeated data": (
        "wrong",
        "The training data hold many copies; both players will learn those best. Take them out.",
        nothing,
    ),
    "few data": (
        "wrong",
        "There are too few different training items to stand for all: D will learn them by heart. Bring more, or augment.",
        held,
    ),
    "full collapse": ("wrong", "G has found few samples that please D, and D cannot chase it away from them.", held),
    "weak discriminator": (
        "wrong",
        "D is too small or learns too slowly, or what it is told is wrong: G has nobody to learn from.",
        larger_critic,
    ),
    "vanishing generator gradient": (
        "wrong",
        "D is so sure that its verdict is flat where G's samples are.",
        kept_gradient,
    ),
    "discriminator too strong": ("wrong", "D learns faster than G, or plays too many turns.", slower_critic),
    "divergence": ("wrong", "Steps are too large, or nothing holds D's slope.", slower),
    "starved generator": (
        "wrong",
        "D plays many turns for each of G's, and the run is too short for that.",
        slower_critic,
    ),
    "oscillation": ("wrong", "Each player overshoots what the other does.", slower),
    "discriminator overfits": ("wrong", "There are too few data for this D, or it has seen them too often.", held),
    "memorisation": ("wrong", "G draws training items; there are too few of them for this long a run.", held),
    "partial collapse": ("wrong", "G makes some kinds of samples well and leaves out others.", held),
    "column off": (
        "wrong",
        "G or D is too small for these columns, or rare values of this one are never made; more samples may be all it takes.",
        wider,
    ),
    "no progress": (
        "wrong",
        "Steps are too large to settle, or were too large early on; or G or D is too small for these data.",
        slower,
    ),
    "loader-bound": ("watch", "Reading and changing the data takes longer than the networks do.", nothing),
}


def diagnosis_of(finding: Finding, tree: Tree) -> Diagnosis:
    """A finding in words."""
    severity, cause, remedy = ADVICE[finding.name]
    words = finding.evidence[:1].upper() + finding.evidence[1:]
    return Diagnosis(
        finding.name, severity, f"{words}, since {finding.since:,} samples.", cause, remedy(tree), finding.since
    )

"""The scores of a run since its rules last changed: only these say which of its checkpoints is better."""

from collections.abc import Mapping, Sequence
from typing import Any

from .directory import Run


def current_scores(run: Run) -> list[dict[str, Any]]:
    """The scores since the last phase with other turns or another game began; all scores of a run without phases.

    A phase of regression ends with a better peak signal-to-noise ratio than the adversarial one after it, as it should
    (Blau and Michaeli 2018, https://arxiv.org/abs/1711.06077); so the two are not compared.

    Args:
        run: in training or finished.

    Returns:
        Lines of metrics.jsonl.

    Raises:
        CheckFailed: a file cannot be read.
    """
    records = run.read_metrics()
    reached = max((record["samples"] for record in records), default=0)
    since = rules_since(run.settings(), reached)
    return [record for record in records if record["samples"] > since] if since else records


def rules_since(settings: Mapping[str, Any], reached: int) -> int:
    """The samples at which the rules that hold at `reached` samples began; 0 if they always held.

    Args:
        settings: the tree of a recipe.
        reached: samples, at least 0; the end of a phase belongs to it.
    """
    phases = settings.get("phases") or []
    if not isinstance(phases, Sequence) or not all(isinstance(each, Mapping) for each in phases):
        return 0
    lengths = [each.get("samples", 0) for each in phases]
    whole, total = sum(lengths), settings.get("samples", 0)
    since, begun = 0, 0
    for number, phase in enumerate(phases):
        start = whole_batches(round(total * begun / whole), settings) if whole else 0
        if start >= reached:
            break
        if number and rules_of(phase) != rules_of(phases[number - 1]):
            since = start
        begun += lengths[number]
    return since


def whole_batches(samples: int, settings: Mapping[str, Any]) -> int:
    """Samples rounded up to whole batches: a phase begins with a round."""
    batch = max(1, int(settings.get("batch_samples", 1)))
    return -(-samples // batch) * batch


def rules_of(phase: Mapping[str, Any]) -> tuple[Any, ...]:
    """What a phase says of turns and game."""
    changes = phase.get("changes") or {}
    game = {key: value for key, value in changes.items() if str(key).partition(".")[0] in ("game", "loss", "penalties")}
    return list(phase.get("turns") or ()), phase.get("game"), game

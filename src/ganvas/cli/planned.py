"""`ganvas train --dry-run`: what was chosen, and what the run will cost."""

from typing import Any

from .output import print_message, print_result
from .progress import showing_progress


def print_plan(recipe: str | None, request: dict[str, Any], device: str) -> None:
    """Plan a run, and print what was chosen and its estimated costs."""
    from ..sessions.plan import plan

    with showing_progress():
        planned = plan(recipe, **request)
        for sentence in planned.messages:
            print_message(sentence)
        print_dry_run(planned.recipe, planned.minutes, device)


def print_dry_run(recipe: Any, minutes: float | None, device: str) -> None:
    """Print the estimated costs of a run."""
    from ..runs import duration_text
    from ..sessions.dry_run import dry_run, human_bytes

    cost = dry_run(recipe, minutes=minutes, device=device)
    lines = [f"{name:12} {count:,} parameters" for name, count in cost["parameters"].items()]
    lines += [
        f"{'speed':12} {cost['samples_per_second']:,.0f} samples/s with {cost['threads']} threads "
        f"in {cost['precision']}",
        f"{'time':12} {duration_text(cost['seconds'])} for {cost['samples']:,} samples, without snapshots and scores",
        f"{'memory':12} {human_bytes(cost['memory_bytes'])}",
        f"{'disk':12} {human_bytes(cost['disk_bytes'])}",
    ]
    print_result(cost, "\n".join(lines), prose=True)

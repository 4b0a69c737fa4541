"""A translator's score beside what needs no training, in words."""

from collections.abc import Mapping, Sequence
from typing import Any

ENLARGING = "Downscale"  # the transform of recipes that enlarge
RESTORING = ("Downscale", "Degrade")  # whose input is a worse form of the true picture


def baseline_sentence(settings: Mapping[str, Any], records: Sequence[Mapping[str, Any]]) -> str:
    """The newest score on val beside its baseline; "" where the recipe has none, or nothing was scored.

    Holes: a fill with the mean. Enlargement: bicubic interpolation. Restoration: the input as it is.

    Args:
        settings: the tree of the recipe.
        records: of a run's metrics, the oldest first.
    """
    on_val = {each["name"]: each["value"] for each in records if each["protocol"].get("split") == "val"}
    hole, filled = on_val.get("hole_l1"), on_val.get("mean_fill_l1")
    if hole is not None and filled is not None:
        return f"In the holes: L1 {hole:.3f} on val, and {filled:.3f} by a fill with the mean; {judged(filled - hole)}"
    kinds = {each.get("kind") if isinstance(each, Mapping) else each for each in settings.get("transforms", ())}
    psnr, given = on_val.get("psnr"), on_val.get("psnr_of_input")
    if psnr is None or given is None or not kinds.intersection(RESTORING):
        return ""
    other = "bicubic enlargement" if ENLARGING in kinds else "the input as it is"
    return f"PSNR {psnr:.2f} dB on val, and {given:.2f} dB by {other}; {judged(psnr - given)}"


def judged(gain: float) -> str:
    """Whether training was worth it."""
    return "the model is better." if gain > 0 else "the model is not better yet: train it longer."

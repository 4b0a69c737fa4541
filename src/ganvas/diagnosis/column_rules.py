"""The rule for a column of a table whose distribution the samples miss, even if all columns together fit."""

from .history import History, Thresholds, stuck

BEGIN, DISTANCE = "column.", ".apart"  # of the name of a signal, around that of the column


def column_off(h: History, i: int, t: Thresholds) -> str | None:
    """The column with the largest distance or a wrong spread, without improvement over a quarter of the run."""
    names = [
        name[len(BEGIN) : -len(DISTANCE)]
        for name in h.measurements[i].signals
        if name.startswith(BEGIN) and name.endswith(DISTANCE)
    ]
    off = [(h.now(f"{BEGIN}{name}{DISTANCE}", i) or 0.0, name) for name in names if is_off(h, i, t, name)]
    if not off:
        return None
    apart, name = max(off)
    more = f" ({len(off)} columns are off)" if len(off) > 1 else ""
    sd, shift = (h.now(f"{BEGIN}{name}.{signal}", i) for signal in ("sd", "shift"))
    if sd is not None and not 0.5 <= sd <= 2:
        return f"column '{name}' has standard deviation {sd:,.3g} times that of the data{more}"
    if shift is not None and abs(shift) >= 0.5 * apart:
        side = "above" if shift > 0 else "below"
        return f"the mean of column '{name}' is {abs(shift):,.2g} standard deviations {side} that of the data{more}"
    return f"the values of column '{name}' are {apart:,.2g} standard deviations from those of the data on average{more}"


def is_off(h: History, i: int, t: Thresholds, name: str) -> bool:
    """Whether a column's distance or spread is wrong beyond chance, without improvement over a quarter of the run."""
    apart, sd, chance = (h.now(f"{BEGIN}{name}.{signal}", i) for signal in ("apart", "sd", "chance"))
    if apart is None or not stuck(h, i, t, f"{BEGIN}{name}{DISTANCE}"):
        return False
    spread = (
        sd is not None
        and chance is not None
        and not 1 / t.spread <= sd <= t.spread
        and abs(sd**2 - 1) > t.by_chance * chance
    )
    return apart > t.column or spread

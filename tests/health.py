"""Looks of the doctor at runs of which it is known what is wrong with them."""

from collections.abc import Callable
from typing import Any

from ganvas.runs import SignalsMeasured

TOTAL, LOOKS = 10_000, 20
WELL = {
    "finite": 1.0,
    "x.finite": 1.0,
    "G.update": 1e-3,
    "D.update": 2e-3,
    "G.turns": 0.5,
    "generator.gradient": 1.0,
    "x.coverage": 0.9,
    "x.precision": 0.9,
    "x.apart": 1.2,
    "x.repeated": 0.02,
    "x.rank": 1.0,
    "x.nearer": 0.5,
    "x.wobble": 0.05,
    "x.moved": 0.05,
    "D.ahead": 0.6,
    "D.held": 0.0,
    "D.memory": 0.51,
    "D.held_ratio": 0.02,
    "data.coverage": 1.0,
    "data.repeated": 0.02,
    "data.items": 50_000.0,
    "data.shown": 256.0,
    "data.held": 256.0,
    "wait": 0.02,
}
Change = Callable[[int], dict[str, Any]]


def looks(change: Change = lambda i: {}, first: int = 0) -> list[SignalsMeasured]:
    """Looks at a run that is well, changed from the look of this number on."""
    signals = [{**WELL, **(change(i) if i >= first else {})} for i in range(LOOKS)]
    return [SignalsMeasured(samples=TOTAL * (i + 1) // LOOKS, time=0.0, signals=each) for i, each in enumerate(signals)]


ILL: dict[str, Change] = {
    "numbers broke": lambda i: {"finite": 0.0},
    "a player stands still": lambda i: {"G.update": 0.0},
    "repeated data": lambda i: {"data.repeated": 0.6},
    "few data": lambda i: {"data.coverage": 0.5, "data.items": 64.0},
    "full collapse": lambda i: {"x.coverage": 0.02, "x.repeated": 0.7},
    "weak discriminator": lambda i: {"D.ahead": 0.5, "x.apart": 8.0},
    "vanishing generator gradient": lambda i: {"generator.gradient": 1e-3 if i > 2 else 1.0, "D.ahead": 1.0},
    "discriminator too strong": lambda i: {"D.ahead": 1.0, "x.apart": 8.0},
    "divergence": lambda i: {"x.apart": 4.0 + i},
    "oscillation": lambda i: {"x.wobble": 0.6, "x.apart": 2.0},
    "starved generator": lambda i: {"G.turns": 0.09, "x.apart": 2.0},
    "discriminator overfits": lambda i: {"D.memory": 0.8},
    "memorisation": lambda i: {"x.nearer": 0.95, "data.items": 100.0},
    "partial collapse": lambda i: {"x.coverage": 0.15, "x.precision": 0.9},
    "column off": lambda i: {
        "column.pay.apart": 0.8,
        "column.pay.sd": 0.01,
        "column.pay.shift": 0.1,
        "column.pay.chance": 0.1,
    },
    "no progress": lambda i: {"x.apart": 3.5, "D.ahead": 0.8},
    "loader-bound": lambda i: {"wait": 0.5},
}

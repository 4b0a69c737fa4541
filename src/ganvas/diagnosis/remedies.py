"""What a finding means: how grave it is, a likely cause, and the kind of remedy to try.

A remedy is named by its kind alone. Which field of a recipe it changes is known to recipes/remedy_overrides.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from .rules import Finding

RemedyKind = Literal[
    "slow down both players",
    "slow down the discriminator",
    "raise the lower learning rate",
    "strengthen the penalty",
    "make the loss non-saturating",
    "enlarge the discriminator",
    "enlarge the generator",
    "set the length",
]


@dataclass(frozen=True)
class Remedy:
    """A change of the recipe to try, without the names of the recipe's fields.

    Args:
        kind: what to change.
        samples: for "set the length": real samples over the whole run.
    """

    kind: RemedyKind
    samples: int = 0


Advise = Callable[[Remedy], str]


def no_advice(remedy: Remedy) -> str:
    """No text for any remedy."""
    return ""


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


ADVICE: Mapping[str, tuple[str, str, RemedyKind | None]] = {  # severity, likely cause, kind of remedy
    "numbers broke": (
        "wrong",
        "The steps were too large, or a term of the loss can be infinite.",
        "slow down both players",
    ),
    "a player stands still": (
        "wrong",
        "Its learning rate is far too small, or its gradient does not reach it.",
        "raise the lower learning rate",
    ),
    "repeated data": (
        "wrong",
        "The training data contain many duplicates, which both networks will learn best. Remove them.",
        None,
    ),
    "few data": (
        "wrong",
        "There are too few different training items: D will memorise them. Add data, or augment.",
        "strengthen the penalty",
    ),
    "full collapse": (
        "wrong",
        "G makes few samples, which D accepts, and D does not learn to reject them.",
        "strengthen the penalty",
    ),
    "weak discriminator": (
        "wrong",
        "D is too small or learns too slowly, or its labels are wrong: G gets no useful gradient.",
        "enlarge the discriminator",
    ),
    "vanishing generator gradient": (
        "wrong",
        "D is saturated: its output is constant around G's samples.",
        "make the loss non-saturating",
    ),
    "discriminator too strong": (
        "wrong",
        "D learns faster than G, or has too many turns.",
        "slow down the discriminator",
    ),
    "divergence": ("wrong", "Steps are too large, or nothing limits D's gradient.", "slow down both players"),
    "starved generator": (
        "wrong",
        "D has many turns for each turn of G, and the run is too short for that.",
        "slow down the discriminator",
    ),
    "oscillation": (
        "wrong",
        "Steps are too large: each network overshoots the change of the other.",
        "slow down both players",
    ),
    "discriminator overfits": (
        "wrong",
        "There are too few data for this D, or it has used them too often.",
        "strengthen the penalty",
    ),
    "memorisation": (
        "wrong",
        "G reproduces training items; there are too few of them for a run of this length.",
        "strengthen the penalty",
    ),
    "partial collapse": ("wrong", "G makes some kinds of samples well and others never.", "strengthen the penalty"),
    "column off": (
        "wrong",
        "G or D is too small for these columns, or rare values of this one are never made; a longer run may be enough.",
        "enlarge the generator",
    ),
    "no progress": (
        "wrong",
        "Steps are too large to settle, or were too large early on; or G or D is too small for these data.",
        "slow down both players",
    ),
    "loader-bound": ("watch", "Reading and transforming the data takes longer than the networks.", None),
}


def diagnosis_of(finding: Finding, advise: Advise = no_advice) -> Diagnosis:
    """The diagnosis of a finding: its severity, its likely cause and the text of its remedy.

    Args:
        finding: of a rule.
        advise: the text of a remedy, "" if the recipe has no field for it.
    """
    severity, cause, kind = ADVICE[finding.name]
    evidence = finding.evidence[:1].upper() + finding.evidence[1:]
    message = f"{evidence}, since {finding.since:,} samples."
    remedy = advise(Remedy(kind)) if kind else ""
    return Diagnosis(finding.name, severity, message, cause, remedy, finding.since)

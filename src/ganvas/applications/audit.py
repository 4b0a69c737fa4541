"""`ganvas.audit`: what a model, and samples of it, reveal about the data that it was trained on."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from ..base.errors import UsageError
from ..evaluation.evaluate import evaluate, makes_pictures
from ..metrics import Result
from ..metrics.black_box import BLACK_BOX, sample_membership
from ..sessions.load_model import Model, load

if TYPE_CHECKING:
    from ..evaluation.evaluation import Evaluation

Place = str | os.PathLike[str]


class Rule(NamedTuple):
    """When a score counts as a leak.

    Attributes:
        text: what is measured, for a person.
        sign: 1 where a high value is a leak, -1 where a low one is.
        effect: how far from chance it must be, besides being significant.
        of: "samples", or "weights" where an attacker needs D.
    """

    text: str
    sign: int
    effect: float
    of: str


RULES = {
    "membership_auc": Rule("membership by D's scores (white box), AUC", 1, 0.05, "weights"),
    BLACK_BOX: Rule("membership by distances to samples (black box), AUC", 1, 0.05, "samples"),
    "copied": Rule("share of samples as near to training data as 1 % of held-out data", 1, 0.02, "samples"),
    "authenticity_gap": Rule(
        "share of samples farther from training data than these are, less that of held-out data", -1, 0.05, "samples"
    ),
    "table_membership_auc": Rule("membership by distances to samples (black box), AUC", 1, 0.05, "samples"),
    "table_copies": Rule("share of samples that equal a training row", 1, 0.01, "samples"),
    "table_nearer_to_train": Rule("share of samples nearer to training rows than to held-out ones", 1, 0.05, "samples"),
}
QUANTILES = {1: 1.645, 2: 1.960, 3: 2.128, 4: 2.241, 5: 2.326}  # of the normal at 1 - 0.05 / number of checks


@dataclass(frozen=True)
class Check:
    """One score against its rule.

    Args:
        result: the score, with its error and its protocol.
        chance: its value where nothing is told.
        leaks: whether it differs from chance by the rule's effect, significantly among all checks of the audit.
    """

    result: Result
    chance: float
    leaks: bool

    @property
    def rule(self) -> Rule:
        """The rule of the score."""
        return RULES[self.result.name]

    @property
    def excess(self) -> float:
        """How far the score is beyond chance on the leaking side, less the effect that is allowed."""
        return self.rule.sign * (self.result.value - self.chance) - self.rule.effect

    @property
    def line(self) -> str:
        """For a person."""
        reach = "" if self.result.error is None else f" ± {1.96 * self.result.error:.3f}"
        end = "LEAKS" if self.leaks else "no leak found"
        return f"{self.rule.text}: {self.result.value:.3f}{reach}, chance {self.chance:.3f}: {end}"


@dataclass(frozen=True)
class Audit:
    """What was found of a model.

    Args:
        model: that was audited.
        checks: of the model.
        others: further scores of distances, which are no checks.
        n: samples that were compared.
    """

    model: Model = field(repr=False)
    checks: tuple[Check, ...]
    others: tuple[Result, ...] = ()
    n: int = 0

    @property
    def leaking(self) -> tuple[Check, ...]:
        """The checks that found a leak."""
        return tuple(check for check in self.checks if check.leaks)

    @property
    def verdict(self) -> str:
        """A sentence or two for a person."""
        found = {check.rule.of for check in self.leaking}
        if "samples" in found:
            return (
                "Samples of this model tell which data it was trained on. Do not give them away where the data are "
                "private. Train on more data, or for a shorter time."
            )
        if found:
            return (
                "The discriminator tells which data it was trained on; no leak was found in samples. Give "
                "samples away, or a model without D, but not the run."
            )
        return (
            "No leak was found. This is no proof of privacy: an attacker who knows more may learn more, and of models "
            "that tell nothing one in 20 has a check that says otherwise."
        )

    @property
    def lines(self) -> list[str]:
        """For a person: each check, and the verdict."""
        return [*(check.line for check in self.checks), self.verdict]

    def plain(self) -> dict[str, Any]:
        """As JSON has it.

        Returns:
            Verdict, checks and other scores, each with its value, error, n and protocol.
        """
        checks = [
            {
                "name": check.result.name,
                "text": check.rule.text,
                "value": check.result.value,
                "error": check.result.error,
                "chance": check.chance,
                "n": check.result.n,
                "of": check.rule.of,
                "leaks": check.leaks,
                "protocol": dict(check.result.protocol),
            }
            for check in self.checks
        ]
        others = {each.name: each.value for each in self.others}
        return {"verdict": self.verdict, "leaks": bool(self.leaking), "checks": checks, "others": others}


def audit(run: "Model | Place", *, n: int | None = None, seed: int = 0, at: str = "auto") -> Audit:
    """Measure what a model reveals about its training data: copies, distances, and membership inference.

    Every score compares training data with val, which the model has not been trained on. Black box: an attacker has
    samples alone, and takes what is near to one for a member (Chen et al. 2020, section 4.2,
    https://arxiv.org/abs/1909.03935). White box: the attacker has D too, and takes what D scores high for a member
    (Hayes et al. 2019, section 3.1, https://arxiv.org/abs/1705.07663). A leak is called where a score is beyond chance
    by a stated effect, and significantly so: all checks together call at most one model in 20 that tells nothing.

    Args:
        run: a run's folder, or the Model that `load` returned; of pictures or tables, with its data.
        n: samples; None: as many as held-out data, at most 10,000.
        seed: of the samples.
        at: the checkpoint, as `load` takes it.

    Returns:
        Checks, and a verdict in words.

    Raises:
        UsageError: there is nothing to check of such data.
        DataError: the data are missing or have changed.
    """
    model = run if isinstance(run, Model) else load(run, at=at)
    if makes_pictures(model):
        found = evaluate(model, metrics=("memorisation",), n=n, seed=seed)
        results = [*found.results, *black_box(found)]
    else:
        results = list(evaluate(model, seed=seed).results)
    known = [result for result in results if result.name in RULES]
    if not known:
        raise UsageError("there is nothing to audit of such data", where=str(model.run), hint="Pictures or tables.")
    others = tuple(result for result in results if result.name in ("nearest_ratio", "d_overfitting", "copying_z"))
    return Audit(model, checked(known), others, max(result.n for result in known))


def black_box(found: "Evaluation") -> list[Result]:
    """Membership by the distance to the nearest sample, in the space in which copies are searched."""
    sets = found.features
    if not {"train", "held", "fake"} <= sets.keys():
        return []
    space = next(iter(sets["train"].spaces))
    train, held, fake = (sets[name].spaces[space].sample for name in ("train", "held", "fake"))
    return [sample_membership(train=train, held=held, fake=fake, protocol={"space": space})]


def checked(results: Sequence[Result]) -> tuple[Check, ...]:
    """Each score against its rule; significance is shared out among all of them (Bonferroni)."""
    least = QUANTILES[min(len(results), max(QUANTILES))]
    checks = []
    for result in results:
        rule, chance = RULES[result.name], 0.0 if result.real_vs_real is None else result.real_vs_real
        beyond = rule.sign * (result.value - chance)
        error = binomial_error(result) if result.error is None else result.error
        significant = beyond > least * error
        checks.append(Check(result, chance, significant and beyond > rule.effect))
    return tuple(checks)


def binomial_error(share: Result) -> float:
    """The standard error of a share of n independent samples."""
    return (share.value * (1 - share.value) / share.n) ** 0.5


def audit_table(found: Audit) -> str:
    """The checks as a table of Markdown."""
    rows = [
        f"| {check.rule.text} | {check.result.value:.3f} | {check.chance:.3f} | {'yes' if check.leaks else 'no'} |"
        for check in found.checks
    ]
    return "\n".join(["| check | value | chance | leak |", "| --- | --- | --- | --- |", *rows])

"""The grade of generated pictures: good, usable, poor or failed, from two of their scores. Nothing here needs torch."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

GRADES = ("failed", "poor", "usable", "good")  # rising
# Each row has the bounds of poor, usable and good. docs/evaluate.md has the runs that they were chosen on, by eye.
DISTANCE = (60.0, 10.0, 3.0)  # Frechet distance in multiples of real-vs-real, at most
COVERAGE = (0.1, 0.35, 0.7)  # of the coverage of reals, at least
RECALL = (0.0, 0.1, 0.5)  # of the recall of reals, at least; recall 0 alone is no failure: it needs fine detail
DUPLICATES = (0.5, 0.15, 0.05)  # share of samples with a near-copy, beyond that of reals, at most
ENOUGH = 200  # pictures of the data; scores of fewer are too rough for "good"
CHANCE = 2.0  # standard errors, in favour of the samples


@dataclass(frozen=True)
class Grade:
    """A grade, and the two numbers that decide it.

    Args:
        name: one of GRADES.
        distance: the Frechet distance in multiples of its real-vs-real value; None if it is not a finite number.
        score: the name of the second score: "duplicates", or coverage or recall as in "photo_coverage".
        value: of the second score.
        few: the number of pictures of the data that the scores are of, if it is under ENOUGH; else 0.
    """

    name: str
    distance: float | None
    score: str
    value: float
    few: int = 0

    @property
    def rank(self) -> int:
        """0 for "failed" to 3 for "good"."""
        return GRADES.index(self.name)

    @property
    def evidence(self) -> str:
        """The two numbers as text."""
        far = (
            "their distance to the data is not a finite number"
            if self.distance is None
            else f"{self.distance:.1f} times as far from the data as real pictures"
        )
        rough = f"; a rough score, of {self.few} pictures" if self.few else ""
        if self.score == "duplicates":
            return f"{far}, {self.value:.0%} duplicates{rough}"
        if self.score.endswith("_recall"):
            return f"{far}, {self.value:.0%} of the data are among them{rough}"
        return f"{far}, {self.value:.0%} of the data have one near them{rough}"


def grade_of(scores: Sequence[Mapping[str, Any]]) -> Grade | None:
    """The worst of the grades by distance, by duplicates, by coverage and by recall.

    Of the last three the one with the worst grade is named, the first of them in this order if several have it;
    coverage if all are good. Scores of fewer than ENOUGH pictures are "usable" at most.

    Args:
        scores: name, value, error, real_vs_real and n of each score of one scoring, as in metrics.jsonl. The first
            Frechet distance counts, with coverage and recall in the same space.

    Returns:
        The grade; None without a Frechet distance that has a real-vs-real value, or without any of the other scores.
    """
    known = {str(score["name"]): score for score in scores}
    first = next((name for name in known if name.endswith("_frechet")), "")
    base = known[first].get("real_vs_real") if first else None
    space = first.removesuffix("frechet")
    seconds = [name for name in ("duplicates", f"{space}coverage", f"{space}recall") if name in known]
    if not base or base <= 0 or not seconds:
        return None
    value = known[first]["value"]
    distance = None if value is None else value / base
    by_distance = (
        0
        if value is None
        else sum(value - CHANCE * (known[first].get("error") or 0.0) <= bound * base for bound in DISTANCE)
    )
    ranks = {name: second_rank(known[name]) for name in seconds}
    preferred = f"{space}coverage" if set(ranks.values()) == {len(GRADES) - 1} else ""
    worst = min(seconds, key=lambda name: (ranks[name], name != preferred))
    n = int(known[first].get("n") or ENOUGH)
    few = n if n < ENOUGH else 0
    rank = min(by_distance, ranks[worst], len(GRADES) - (2 if few else 1))
    return Grade(GRADES[rank], distance, worst, float(known[worst]["value"] or 0.0), few)


def second_rank(score: Mapping[str, Any]) -> int:
    """The rank by duplicates, coverage or recall; 0 for a value that is not finite."""
    value, base, slack = score["value"], score.get("real_vs_real"), CHANCE * (score.get("error") or 0.0)
    if value is None:
        return 0
    if score["name"] == "duplicates":
        return sum(value - (base or 0.0) - slack <= bound for bound in DUPLICATES)
    bounds = RECALL if score["name"].endswith("_recall") else COVERAGE
    return sum(value + slack >= bound * (base or 1.0) for bound in bounds)

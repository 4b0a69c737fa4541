"""Whether two feature spaces say different things of the same samples."""

from collections.abc import Iterator, Sequence
from itertools import chain
from math import hypot

from ..metrics.contract import Result

SAME, NEAR, AWAY = 1.5, 5.0, 30.0  # times the real-vs-real baseline
MOST, SOME, LITTLE = 0.9, 0.6, 0.2  # of the baseline
CHANCE = 2.0  # standard errors
APART, GRADES = 0.25, 2  # shares of the baseline, and grades, by which two spaces disagree


def distance_grade(result: Result) -> int:
    """The grade of a distance by its multiple of the real-vs-real value: 0 for as near as reals, to 3 for far."""
    baseline = result.real_vs_real or 0.0
    if result.value <= SAME * baseline or result.value - baseline <= CHANCE * (result.error or 0.0):
        return 0
    return next((grade for grade, limit in ((1, NEAR), (2, AWAY)) if result.value <= limit * baseline), 3)


def share_grade(result: Result) -> int:
    """The grade of precision or coverage by its share of the real-vs-real value (of 1 without one): 0 best, to 3."""
    share = share_of_baseline(result)
    return next((grade for grade, least in enumerate((MOST, SOME, LITTLE)) if share >= least), 3)


def share_of_baseline(result: Result) -> float:
    """The value divided by the real-vs-real value, or by 1 without one."""
    return result.value / (result.real_vs_real or 1.0)


def disagreement(results: Sequence[Result]) -> str:
    """A sentence where the first two feature spaces disagree; "" where they agree or only one was measured.

    They disagree where their coverages, as shares of the real-vs-real values, differ by more than 0.25, or where
    coverage, precision or distance are two grades apart; shares by more than two standard errors in any case.

    Args:
        results: of an evaluation.
    """
    spaces = [each.name.removesuffix("_frechet") for each in results if each.name.endswith("_frechet")][:2]
    known = {result.name: result for result in results}
    if len(spaces) < 2:
        return ""
    pairs = {
        ending: (known[one], known[other])
        for ending in ("_coverage", "_precision", "_frechet")
        if {one := f"{spaces[0]}{ending}", other := f"{spaces[1]}{ending}"} <= known.keys()
    }
    first = next(chain(differing_shares(pairs), differing_distances(pairs)), "")
    return f"The feature spaces disagree: {first}. Judge by the pictures themselves." if first else ""


def differing_shares(pairs: dict[str, tuple[Result, Result]]) -> Iterator[str]:
    """The shares of the first of coverage and precision on which two spaces disagree."""
    for ending in ("_coverage", "_precision"):
        if ending not in pairs:
            continue
        one, other = pairs[ending]
        gap = abs(share_of_baseline(one) - share_of_baseline(other))
        error = hypot(*((each.error or 0.0) / (each.real_vs_real or 1.0) for each in (one, other)))
        apart = abs(share_grade(one) - share_grade(other)) >= GRADES or (ending == "_coverage" and gap > APART)
        if apart and gap > CHANCE * error:
            yield f"{share_text(one)}, {share_text(other)}"


def differing_distances(pairs: dict[str, tuple[Result, Result]]) -> Iterator[str]:
    """The Frechet distances of two spaces whose grades are two apart."""
    if "_frechet" not in pairs or not all(each.real_vs_real and each.real_vs_real > 0 for each in pairs["_frechet"]):
        return
    one, other = pairs["_frechet"]
    if abs(distance_grade(one) - distance_grade(other)) >= GRADES:
        yield ", ".join(
            f"{each.name} is {each.value / (each.real_vs_real or 1.0):.3g} times its real-vs-real value"
            for each in (one, other)
        )


def share_text(result: Result) -> str:
    """A score as a share of its real-vs-real value."""
    of = "" if result.real_vs_real is None else " of its real-vs-real value"
    return f"{result.name} is {share_of_baseline(result):.0%}{of}"

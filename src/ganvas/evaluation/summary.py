"""The verdict on an evaluation: distance to the data, precision, coverage, copies, balance of classes."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from ..metrics.contract import Result
from ..metrics.score_names import flattery
from .disagreement import CHANCE, disagreement, distance_grade, share_grade

ENDINGS = ("_frechet", "_precision", "_coverage")  # of the first space; with SINGLE the five main scores
SINGLE = ("duplicates", "copied")
DISTANCES = ("as near to the data as real samples", "near to the data", "some way from the data", "far from the data")
RARE = 0.6  # of its share in the data; below it a class is too rare


def headlines(results: Sequence[Result]) -> list[Result]:
    """The main scores: for pictures at most five named ones, for other data the first five."""
    space = next((result.name.removesuffix(ENDINGS[0]) for result in results if result.name.endswith(ENDINGS[0])), None)
    if space is None:
        return list(results[:5])
    known, names = {result.name: result for result in results}, (*(f"{space}{ending}" for ending in ENDINGS), *SINGLE)
    return [known[name] for name in names if name in known]


def verdict(results: Sequence[Result]) -> tuple[str, ...]:
    """One sentence for each of the main scores that is there, one on classes, and cautions.

    Cautions: the second feature space says something else than the first; the model has trained in the first.

    Args:
        results: of an evaluation.

    Returns:
        The sentences; none without a Frechet distance.
    """
    known = {result.name: result for result in headlines(results)}
    by_ending = {
        ending: next((result for name, result in known.items() if name.endswith(ending)), None) for ending in ENDINGS
    }
    questions: tuple[tuple[Result | None, Callable[[Result], str]], ...] = (
        (by_ending["_frechet"], nearness),
        (by_ending["_precision"], realism),
        (by_ending["_coverage"], variety),
        (known.get("duplicates"), alike),
        (known.get("copied"), copies),
    )
    sentences = tuple(sentence(result) for result, sentence in questions if result is not None)
    head = by_ending["_frechet"]
    if head is None:
        return ()
    cautions = filter(None, (disagreement(results), flattery(head.name, head.protocol)))
    return (*sentences, *classes(results), *cautions)


def nearness(result: Result) -> str:
    """A sentence on the Frechet distance."""
    if not result.real_vs_real or result.real_vs_real <= 0:
        return f"Distance to the data: {result.value:.3g}; without a real-vs-real value it cannot be graded."
    times = result.value / result.real_vs_real
    return (
        f"Samples are {DISTANCES[distance_grade(result)]}: {result.name} is {times:.3g} times its real-vs-real value."
    )


def realism(result: Result) -> str:
    """A sentence on precision."""
    grade = graded(
        result,
        "Nearly all samples are realistic",
        "Most samples are realistic",
        "Many samples are not realistic",
        "Almost no sample is realistic",
    )
    return f"{grade}: {result.value:.0%} are among the real ones{baseline(result)}."


def variety(result: Result) -> str:
    """A sentence on coverage."""
    grade = graded(
        result,
        "Samples are as varied as the data",
        "Some of the data's variety is missing",
        "Much of the data's variety is missing",
        "There is almost no variety",
    )
    return f"{grade}: {result.value:.0%} of the real data have a sample near them{baseline(result)}."


def graded(result: Result, most: str, some: str, little: str, none: str) -> str:
    """One of four, by the share of the baseline (of 1 where there is none)."""
    return (most, some, little, none)[share_grade(result)]


def alike(result: Result) -> str:
    """A sentence on near-copies among the samples."""
    if above(result):
        return f"Samples repeat each other: {result.value:.1%} have a near-copy among the others{baseline(result)}."
    return "Samples do not repeat each other."


def copies(result: Result) -> str:
    """A sentence on copies of training data."""
    if above(result):
        return f"Training data are copied: {result.value:.1%} of the samples are copies{baseline(result)}."
    return "No copies of training data were found."


def above(result: Result) -> bool:
    """Whether a share is above its baseline by more than 2 standard errors and more than 0.01."""
    return result.value - (result.real_vs_real or 0.0) > max(CHANCE * (result.error or 0.0), 0.01)


def baseline(result: Result) -> str:
    """The real-vs-real value in brackets, if there is one."""
    return "" if result.real_vs_real is None else f" (real vs real: {result.real_vs_real:.0%})"


def classes(results: Iterable[Result]) -> tuple[str, ...]:
    """A sentence on the shares of classes, if the samples were classified."""
    shares: Mapping[str, Result] = {
        result.name.removeprefix("share_"): result
        for result in results
        if result.name.startswith("share_") and result.real_vs_real
    }
    rare = {
        name: each
        for name, each in shares.items()
        if each.value < RARE * (each.real_vs_real or 0.0) - CHANCE * (each.error or 0.0)
    }
    if not shares:
        return ()
    if not rare:
        return ("No class is missing or much too rare.",)
    listed = ", ".join(f"{name} ({each.value:.1%}, in the data {each.real_vs_real:.1%})" for name, each in rare.items())
    return (f"These classes are too rare: {listed}.",)

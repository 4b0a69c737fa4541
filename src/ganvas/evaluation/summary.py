"""An evaluation in words: nearness to the data, variety, copies of training data, balance of classes."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from ..metrics.contract import Result

ENDINGS = (
    "_frechet",
    "_precision",
    "_coverage",
)  # of the first space; with the two below, the five numbers that matter
SINGLE = ("duplicates", "copied")
SAME, NEAR, AWAY = 1.5, 5.0, 30.0  # times the real-vs-real baseline
MOST, SOME, LITTLE = 0.9, 0.6, 0.2  # of the baseline
CHANCE = 2.0  # standard errors
RARE = 0.6  # of its share of the data: a class is made too rarely below


def headlines(results: Sequence[Result]) -> list[Result]:
    """The numbers that matter: of pictures at most five; of others their first five, whatever they are."""
    space = next((result.name.removesuffix(ENDINGS[0]) for result in results if result.name.endswith(ENDINGS[0])), None)
    if space is None:
        return list(results[:5])
    known, names = {result.name: result for result in results}, (*(f"{space}{ending}" for ending in ENDINGS), *SINGLE)
    return [known[name] for name in names if name in known]


def verdict(results: Sequence[Result]) -> tuple[str, ...]:
    """Sentences, each about one question that the results answer; none for results that answer none of them."""
    known = {result.name: result for result in headlines(results)}
    by_ending = {
        ending: next((result for name, result in known.items() if name.endswith(ending)), None) for ending in ENDINGS
    }
    asked: tuple[tuple[Result | None, Callable[[Result], str]], ...] = (
        (by_ending["_frechet"], nearness),
        (by_ending["_precision"], realism),
        (by_ending["_coverage"], variety),
        (known.get("duplicates"), alike),
        (known.get("copied"), copies),
    )
    said = tuple(words(result) for result, words in asked if result is not None)
    return (*said, *classes(results)) if by_ending["_frechet"] is not None else ()


def nearness(result: Result) -> str:
    """By the Frechet distance."""
    if not result.real_vs_real or result.real_vs_real <= 0:
        return (
            f"Distance to the data: {result.value:.3g}; without a real-vs-real value it cannot be called near or far."
        )
    times = result.value / result.real_vs_real
    near = times <= SAME or result.value - result.real_vs_real <= CHANCE * (result.error or 0.0)
    words = (
        "as near to the data as real ones"
        if near
        else "near to the data"
        if times <= NEAR
        else "some way from the data"
        if times <= AWAY
        else "far from the data"
    )
    return f"Samples are {words}: {result.name} is {times:.3g} times that of real against real."


def realism(result: Result) -> str:
    """By precision."""
    words = graded(
        result,
        "Nearly all samples look real",
        "Most samples look real",
        "Many samples do not look real",
        "Hardly any sample looks real",
    )
    return f"{words}: {result.value:.0%} lie among real ones{baseline(result)}."


def variety(result: Result) -> str:
    """By coverage."""
    words = graded(
        result,
        "They are as varied as the data",
        "Some of the data's variety is missing",
        "Much of the data's variety is missing",
        "There is hardly any variety",
    )
    return f"{words}: {result.value:.0%} of the data have a sample near them{baseline(result)}."


def graded(result: Result, most: str, some: str, little: str, none: str) -> str:
    """One of four, by the share of the baseline (of 1 where there is none)."""
    share = result.value / (result.real_vs_real or 1.0)
    return most if share >= MOST else some if share >= SOME else little if share >= LITTLE else none


def alike(result: Result) -> str:
    """By near-copies among the samples."""
    if above(result):
        return f"Samples repeat each other: {result.value:.1%} have a near-copy among the others{baseline(result)}."
    return "Samples do not repeat each other."


def copies(result: Result) -> str:
    """By copies of training data."""
    if above(result):
        return f"Training data are copied: {result.value:.1%} of the samples are copies{baseline(result)}."
    return "There is no sign of copied training data."


def above(result: Result) -> bool:
    """Whether a share is above its baseline by more than chance, and by more than one in a hundred."""
    return result.value - (result.real_vs_real or 0.0) > max(CHANCE * (result.error or 0.0), 0.01)


def baseline(result: Result) -> str:
    """The real-vs-real value, where there is one."""
    return "" if result.real_vs_real is None else f" (real against real: {result.real_vs_real:.0%})"


def classes(results: Iterable[Result]) -> tuple[str, ...]:
    """By each class's share, where classes are read from the samples."""
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
        return ("No class is missing or made much too rarely.",)
    listed = ", ".join(f"{name} ({each.value:.1%}, in the data {each.real_vs_real:.1%})" for name, each in rare.items())
    return (f"Made too rarely: class {listed}.",)

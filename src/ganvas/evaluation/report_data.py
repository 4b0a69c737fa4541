"""The content of the report page of an evaluation."""

from dataclasses import replace
from typing import Any

import numpy as np
from torch import Tensor

from ..metrics import VERSIONS, balance_of, closest_pairs, extrapolate
from ..runs import Run
from .evaluation import Evaluation, plain_result
from .grading import grade_sentences
from .report_content import ClassHistogram, Extrapolation, ImagePair, ReportContent, TrainingDistances
from .summary import verdict

PAIRS, GRID = 12, 64  # pictures on the page


def report_content(found: Evaluation, run: Run | None) -> ReportContent:
    """The content of the report page.

    Args:
        found: the evaluation.
        run: the run that was scored, for its history; None for pictures.

    Returns:
        The content.
    """
    results = [plain_result(result) for result in found.results]
    history = (
        [] if run is None else [record for record in run.read_metrics() if record["protocol"].get("split") == "val"]
    )
    counts = {"earlier scorings of the test split": found.test_scorings[0].before} if found.test_scorings else {}
    facts = {
        **found.scored,
        **counts,
        **({} if found.inputs is None else {"versions": VERSIONS, **found.inputs.protocol}),
    }
    page = ReportContent(
        found.title if run is None else f"{run.path.resolve().name}: {found.title}",
        results,
        facts=facts,
        history=history,
        notes=found.messages,
        tables=found.tables,
        pictures=found.pictures,
        verdict=(*grade_sentences(found.results), *verdict(found.results)),
    )
    if found.inputs is None:
        return page
    return replace(
        page,
        histogram=histogram(found),
        neighbours=neighbours(found),
        extrapolation=extrapolation(found),
        pairs=pairs(found),
        grid=found.inputs.fake.sheet(GRID),
    )


def histogram(found: Evaluation) -> ClassHistogram | None:
    """The class histogram of the first space that has classes."""
    for space, real in found.features["real"].spaces.items():
        balance = balance_of(real=real, fake=found.features["fake"].spaces[space])
        if balance is not None:
            named = (
                found.inputs.real.classes
                if found.inputs is not None and len(found.inputs.real.classes) == len(balance.real)
                else ()
            )
            return ClassHistogram(
                named or [str(number) for number in range(len(balance.real))], balance.fake, balance.real
            )
    return None


def extrapolation(found: Evaluation) -> Extrapolation | None:
    """The first space's Frechet distance of all samples, of halves and of quarters, and its limit.

    None if the distance is not computed with all features of the space.
    """
    space, real = next(iter(found.features["real"].spaces.items()))
    fake, name = found.features["fake"].spaces[space], f"{space}_frechet"
    counted = next((result.protocol["count"] for result in found.results if result.name == f"{name}_infinity"), 0)
    limit = extrapolate(real=real, fake=fake) if counted == real.mean.shape[1] else None
    if limit is None:
        return None
    return Extrapolation(
        [fake.n / share for share, _ in limit.points],
        [value for _, value in limit.points],
        limit.value,
        limit.error,
        name,
    )


def neighbours(found: Evaluation) -> TrainingDistances | None:
    """The distances to the nearest training picture, if copies were searched."""
    return (
        None
        if found.memorization is None
        else TrainingDistances(found.memorization.fake.distance.tolist(), found.memorization.held.distance.tolist())
    )


def pairs(found: Evaluation) -> tuple[ImagePair, ...]:
    """The fakes nearest to training pictures, with these pictures."""
    if found.memorization is None or found.inputs is None or found.inputs.train is None:
        return ()
    near = closest_pairs(found.memorization.fake, PAIRS)
    space = next(iter(found.features["train"].spaces))
    of_fake, of_train = (
        found.features[name].spaces[space].sample_numbers[index].tolist()
        for name, index in (("fake", near.fake), ("train", near.train))
    )
    drawn = zip(
        pictures(found.inputs.fake.at(of_fake)),
        pictures(found.inputs.train.at(of_train)),
        near.distance.tolist(),
        strict=True,
    )
    return tuple(ImagePair(fake, nearest, distance) for fake, nearest, distance in drawn)


def pictures(x: Tensor) -> list[np.ndarray[Any, Any]]:
    """uint8 [C, H, W] as [H, W, C], one by one."""
    return list(x.permute(0, 2, 3, 1).numpy())

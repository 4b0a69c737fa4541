"""The scores of sets of pictures. Each set is read once for all feature extractors."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from ..base.errors import DataError, UsageError
from ..metrics import (
    PAIRED,
    VERSIONS,
    Extractor,
    Memorization,
    Result,
    copy_scores,
    duplicate_score,
    extractor_scores,
    membership_scores,
    require_extractor,
    trained_in,
)
from ..sessions.model import Model
from .discriminator_scores import mean_logits
from .embeddings import MOST_TRAINING, SetFeatures, extract_features, first_pixels, merge_features, real_vs_real_values
from .inputs import EvaluationInputs

Spaces = tuple[Extractor, ...]


def check_spaces(spaces: Spaces, shape: tuple[int, ...]) -> Spaces:
    """The extractors, checked: different names, and all take pictures of this shape [C, H, W]. Raises UsageError."""
    for place, extractor in enumerate(spaces):
        require_extractor(extractor)
        if extractor.name in {other.name for other in spaces[:place]}:
            raise UsageError(
                f"two feature spaces have the name '{extractor.name}'", hint="Rename one, or leave it out."
            )
        if not extractor.covers(shape):
            raise UsageError(
                f"the feature space '{extractor.name}' does not take pictures of shape {list(shape)}",
                hint="Leave it out.",
            )
    return spaces


def memorization_space(spaces: Spaces) -> Extractor:
    """The space of the copy scores: the first that is not expensive, because it reads all training pictures."""
    return next((extractor for extractor in spaces if not extractor.expensive), spaces[0])


def features_of_sets(
    inputs: EvaluationInputs, spaces: Spaces, *, seed: int, memorization: bool
) -> dict[str, SetFeatures]:
    """Feature statistics of each set, in one pass over it.

    Training pictures are read in the memorization space only; those that are the other reals are not read again.
    """
    extract = partial(extract_features, seed=seed)
    found = {"real": extract(inputs.real, spaces), "fake": extract(inputs.fake, spaces)}
    if inputs.other_reals is not None:
        found["other_reals"] = extract(inputs.other_reals, spaces, retain=MOST_TRAINING)
    if memorization and inputs.train is not None and inputs.held is not None:
        home = memorization_space(spaces)
        found["held"] = found["real"] if inputs.held is inputs.real else extract(inputs.held, [home])
        known = 0 if inputs.other_reals is None else inputs.other_reals.n
        parts = [found["other_reals"]] if inputs.other_reals is not None else []
        if known < inputs.train.n:
            parts.append(extract(inputs.train.after(known), [home], retain=MOST_TRAINING, start=known))
        found["train"] = merge_features(parts, home.name)
    return found


def scores_of_pictures(
    inputs: EvaluationInputs, spaces: Spaces, features: Mapping[str, SetFeatures], groups: Collection[str]
) -> list[Result]:
    """The scores of these groups except memorisation and recipe."""
    results = list(space_scores(inputs, spaces, features, groups))
    if "classes" in groups:
        results += class_shares(spaces, features)
    if "diversity" in groups:
        results.append(duplicates(inputs))
    return results


def space_scores(
    inputs: EvaluationInputs, spaces: Spaces, features: Mapping[str, SetFeatures], groups: Collection[str]
) -> Iterator[Result]:
    """The scores of every space, each with its real-vs-real value."""
    for extractor in spaces:
        real, fake = (features[name].spaces[extractor.name] for name in ("real", "fake"))
        known: dict[str, float] = {}
        if inputs.other_reals is not None:
            other = features["other_reals"].spaces[extractor.name]
            measure = partial(extractor_scores, extractor, real=real, fake=other, groups=groups, errors=False)
            key = [sorted(groups), int(real.seed)]
            known = real_vs_real_values((inputs.real, inputs.other_reals), extractor, key, measure)
        for result in extractor_scores(extractor, real=real, fake=fake, groups=groups):
            yield replace(result, real_vs_real=known.get(result.name))


def class_shares(spaces: Spaces, features: Mapping[str, SetFeatures]) -> Iterator[Result]:
    """Each class's share of the fakes, and the share of fakes classified as the requested class.

    Both are of the first space that has the classes of the data.
    """
    correct, of_reals = features["fake"].correct, features["real"].correct
    extractor = next((each for each in spaces if each.name in (correct or of_reals)), None)
    if extractor is None:
        return
    fake, real = (features[name].spaces[extractor.name] for name in ("fake", "real"))
    n, protocol = fake.n, extractor.describe()
    shares, real_shares = (side.class_counts.sum(0).double() / side.n for side in (fake, real))
    for number, (share, real_vs_real) in enumerate(zip(shares.tolist(), real_shares.tolist(), strict=True)):
        yield Result(f"share_{number}", share, n, (share * (1 - share) / n) ** 0.5, None, protocol, real_vs_real)
    if extractor.name in correct:
        share = correct[extractor.name] / n
        known = of_reals.get(extractor.name)  # if the reals have labels
        real_vs_real = None if known is None else known / real.n
        yield Result("read_as_asked", share, n, (share * (1 - share) / n) ** 0.5, False, protocol, real_vs_real)


def duplicates(inputs: EvaluationInputs) -> Result:
    """The share of fakes with a near-copy among the fakes by pixels; its real-vs-real value is that of other reals."""
    real = first_pixels(inputs.real, PAIRED)
    other = inputs.other_reals
    real_vs_real = None if other is None else duplicate_score(real=real, fake=first_pixels(other, PAIRED)).value
    found = duplicate_score(real=real, fake=first_pixels(inputs.fake, PAIRED))
    return replace(found, real_vs_real=real_vs_real)


def memorization_scores(
    model: Model | None, inputs: EvaluationInputs, spaces: Spaces, features: Mapping[str, SetFeatures], seed: int
) -> tuple[list[Result], Memorization | None, tuple[str, ...]]:
    """Scores of copies and of membership, the nearest training pictures, and messages on missing scores."""
    results: list[Result] = []
    memorization, messages = None, []
    if "train" in features:
        space = memorization_space(spaces)
        try:
            found, memorization = copy_scores(
                **{name: features[name].spaces[space.name] for name in ("train", "held", "fake")},
                protocol=space.describe(),
                seed=seed,
            )
            results += found
        except DataError as error:
            messages.append(f"Copies are not searched: {error}")
        if model is not None and has_logits(model, inputs):
            try:
                sets = inputs.membership_sets()
                results += membership_scores(**{name: mean_logits(model, images) for name, images in sets})
            except (DataError, UsageError) as error:
                messages.append(f"The discriminator's overfitting is not measured: {error}")
    train = "" if inputs.train is None else inputs.train.data
    return list(with_protocol(results, {"train": train})), memorization, tuple(messages)


def has_logits(model: Model, inputs: EvaluationInputs) -> bool:
    """Whether the model has a discriminator for all these pictures; a class-conditional one needs their labels."""
    labelled = not model.conditional or all(images.y is not None for _, images in inputs.membership_sets())
    return not model.game.needs_data and "D" in model.networks and labelled


def with_protocol(results: Iterable[Result], protocol: Mapping[str, Any]) -> tuple[Result, ...]:
    """The results with more fields in their protocols."""
    return tuple(replace(result, protocol={**protocol, **result.protocol}) for result in results)


def final_results(
    results: Sequence[Result], inputs: EvaluationInputs, own: Sequence[Result], trained: Collection[str] = ()
) -> tuple[Result, ...]:
    """The scores of pictures with the complete protocol, then those of the recipe; of equal names the first counts.

    Scores in a space that the model has trained in have that in their protocol.
    """
    complete = with_protocol(results, {**inputs.protocol, "versions": VERSIONS})
    marked = [replace(each, protocol={**each.protocol, **trained_in(each.name, trained)}) for each in complete]
    every = [*marked, *own]
    return tuple({result.name: result for result in reversed(every)}.values())[::-1]

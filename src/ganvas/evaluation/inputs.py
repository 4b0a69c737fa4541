"""The sets of pictures of an evaluation: fakes, reals, and the generator's training pictures."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..base.errors import DataError, UsageError
from ..data.source import BYTES, Split, Units
from ..sessions.load_model import Model, found_model, holds_model, load
from .folder_images import folder_images
from .image_set import PictureSet, array_images
from .model_images import classes_of, generated_images, split_images

MOST = 10_000  # fakes by default
Pictures = str | os.PathLike[str] | np.ndarray[Any, Any]  # a path, a Run, or uint8 [n, h, w, c]


@dataclass(frozen=True)
class EvaluationInputs:
    """The sets of pictures of an evaluation, all of one shape.

    Args:
        title: a short description.
        fake: the generated pictures.
        real: the reals to score against.
        train: the generator's training pictures, if they are known.
        held: held-out reals, which were not used in training; copies are searched if `train` and `held` are known.
        other_reals: training pictures, as many as there are fakes, for the real-vs-real values.
        protocol: split, fingerprints and sizes.
        messages: sentences, such as why a set is missing.
    """

    title: str
    fake: PictureSet
    real: PictureSet
    train: PictureSet | None
    held: PictureSet | None
    other_reals: PictureSet | None
    protocol: Mapping[str, Any]
    messages: tuple[str, ...] = ()

    def membership_sets(self) -> Iterator[tuple[str, PictureSet]]:
        """The sets whose logits show how far D overfits: fake, train and held."""
        yield "fake", self.fake
        if self.train is not None and self.held is not None:
            yield from (("train", self.train), ("held", self.held))


def check_arguments(what: object, real: object, train: object, *, split: str, n: object) -> None:
    """Raises UsageError for arguments of wrong types or values, before anything is opened."""
    for name, given in {"what is scored": what, "the reals": real, "the training pictures": train}.items():
        if isinstance(given, str) and not given:
            raise UsageError(
                f"the path of {name} is empty",
                hint="Maybe a shell variable is not set. Leave the option out, or name a run or pictures.",
            )
        known = isinstance(given, str | os.PathLike | np.ndarray) or (
            isinstance(given, Model) if given is what else given is None
        )
        if not known:
            raise UsageError(
                f"{name} cannot be of type {type(given).__name__}",
                hint="Give a path, or a NumPy array, uint8 [n, h, w, c].",
            )
    if split not in ("val", "test"):
        raise UsageError(f"there is no split '{split}' to score on", hint="There are: val, test.")
    if n is not None and (not isinstance(n, int | np.integer) or n < 1):
        raise UsageError(f"cannot score {n} fakes", hint="Give n of at least 1, or leave it out.")


def find_inputs(
    what: Model | Pictures,
    real: Pictures | None,
    train: Pictures | None,
    *,
    split: Split,
    n: int | None,
    seed: int,
    parts: Any = (),
) -> EvaluationInputs:
    """The sets of pictures for the arguments of `evaluate`.

    Args:
        what: a model, or the fakes.
        real: the reals; None for the model's own split.
        train: the training pictures; None for the model's own.
        split: of the model's data.
        n: the number of fakes; None for as many as reals, at most MOST.
        seed: of the latents and the classes.
        parts: custom classes for runs among the pictures.

    Returns:
        The sets.

    Raises:
        DataError: pictures cannot be read, or differ in shape.
        UsageError: there are no reals.
    """
    model = what if isinstance(what, Model) else None
    if model is not None:
        return inputs_of_model(model, real, train, split=split, n=n, seed=seed, parts=parts)
    if real is None:
        raise UsageError("there are no real pictures to score against", hint="Name them with --against FOLDER.")
    reals = images_of(real, "the reals", split, parts=parts)
    fakes = images_of(what, "the fakes", split, (reals.shape, reals.units), parts=parts)
    if n is None and fakes.n > MOST:
        fakes = replace(
            fakes, messages=(*fakes.messages, f"{MOST:,} of {fakes.n:,} fakes are scored; -n {fakes.n} scores all.")
        )
    fakes = note_fewer(fakes.first(n or MOST), n)
    training = (
        None
        if train is None
        else images_of(train, "the training pictures", "train", (reals.shape, reals.units), parts=parts)
    )
    return build_inputs(f"{fakes.name} against {reals.name}", fakes, reals, training, reals, "all", seed)


def inputs_of_model(
    model: Model,
    real: Pictures | None,
    train: Pictures | None,
    *,
    split: Split,
    n: int | None,
    seed: int,
    parts: Any = (),
) -> EvaluationInputs:
    """The sets for a model, against its own data or other reals."""
    like = (model.spec.shape, model.units)
    reals = split_images(model, split) if real is None else images_of(real, "the reals", split, like, parts=parts)
    fakes = note_fewer(generated_images(model, n or min(MOST, reals.n), seed=seed, split=split), n)
    training = (
        split_images(model, "train")
        if train is None
        else images_of(train, "the training pictures", "train", like, parts=parts)
    )
    held = reals if real is None else split_images(model, split)
    made = build_inputs(
        f"{fakes.n:,} generated pictures against {reals.name}",
        fakes,
        reals,
        training,
        held,
        split if real is None else "all",
        seed,
    )
    if not model.game.needs_data:
        return replace(made, protocol={**made.protocol, **classes_of(model)})
    return replace(
        made,
        other_reals=None,
        messages=(*made.messages, "There are no real-vs-real values: the model changes pictures of the same split."),
    )


def build_inputs(
    title: str, fakes: PictureSet, reals: PictureSet, train: PictureSet | None, held: PictureSet, split: str, seed: int
) -> EvaluationInputs:
    """The sets with `other_reals`: training pictures, as many as fakes. Raises DataError for other shapes."""
    for each in (fakes, *(() if train is None else (train,))):
        if each.shape != reals.shape:
            raise DataError(
                f"{each.name} have the shape {list(each.shape)} and the reals {list(reals.shape)}",
                hint="Convert both to one size and colour.",
            )
    messages = [sentence for each in (fakes, reals, train) if each is not None for sentence in each.messages]
    if missing := why_no_other_reals(fakes, reals, train):
        messages.append(missing)
    unseen = train is None or train.data != held.data
    if not unseen:
        messages.append("Copies are not searched: that needs real pictures that were not used in training.")
    protocol = {
        "split": split,
        "real": reals.data,
        "n_real": reals.n,
        "n_fake": fakes.n,
        "prepared": reals.prepared,
        "seed": seed,
        "prepared_fakes": fakes.prepared,
    }
    other_reals = None if train is None or missing else train.first(fakes.n)
    return EvaluationInputs(
        title, fakes, reals, train, held if unseen else None, other_reals, protocol, tuple(messages)
    )


def why_no_other_reals(fakes: PictureSet, reals: PictureSet, train: PictureSet | None) -> str:
    """Why there are no real-vs-real values; empty if there are."""
    if train is None:
        return (
            "The training pictures are unknown, so copies are not searched and there are no real-vs-real values. "
            "Name them with --train FOLDER."
        )
    if train.n < fakes.n:
        return (
            f"There are no real-vs-real values: they need as many training pictures as fakes, {fakes.n:,}; "
            f"there are {train.n:,}."
        )
    return "There are no real-vs-real values: the reals are the training pictures." if train.data == reals.data else ""


def note_fewer(fakes: PictureSet, n: int | None) -> PictureSet:
    """The fakes, with a message if there are fewer than requested."""
    fewer = n is not None and fakes.n < n
    return (
        replace(
            fakes,
            messages=(*fakes.messages, f"Only {fakes.n:,} fakes are scored, all that there are; {n:,} were requested."),
        )
        if fewer
        else fakes
    )


def images_of(
    what: Any, name: str, split: Split, like: tuple[tuple[int, ...], Units] | None = None, *, parts: Any = ()
) -> PictureSet:
    """The pictures of an array, of a path, or of a split of a run's data, with the shape and units `like`.

    Raises DataError, UsageError.
    """
    shape, units = (None, None) if like is None else like
    if isinstance(what, np.ndarray):
        return array_images(what, name=name, units=BYTES if units is None or what.dtype == np.uint8 else units)
    return images_of_run(what, split, parts) if is_run(what) else folder_images(what, like=shape, units=units)


def images_of_run(path: str | os.PathLike[str], split: Split, parts: Any = ()) -> PictureSet:
    """A split of a run's data, without labels, because the scored model may have other classes."""
    model = load(path, parts=parts)
    if model.spec.domain != "images":
        raise UsageError(
            "this run's data are not pictures",
            where=str(path),
            hint="Name a run that was trained on pictures, or a folder of them.",
        )
    try:
        model.check_data()
        found = split_images(model, split)
    except DataError as error:
        hint = "Restore its data, or name a folder of pictures."
        raise UsageError(
            f"the training data of this run cannot be read: {error.what}", where=str(path), hint=hint
        ) from error
    return replace(
        found,
        name=f"{found.name} of {path}",
        y=None,
        messages=(f"{path} is a run: {found.name} of its data are used.",),
    )


def is_run(path: str | os.PathLike[str]) -> bool:
    """Whether the path is a run or a model folder, or the name of a ready-made model."""
    return holds_model(path)


def open_model(what: Model | Pictures, parts: Any = ()) -> Model | None:
    """The model of a run; None for pictures. Raises UsageError if there is nothing at the path."""
    if isinstance(what, Model | np.ndarray):
        return what if isinstance(what, Model) else None
    path = found_model(what)
    if not path.exists():
        raise UsageError("there is no such file or folder", where=str(path), hint="Name a run or pictures.")
    return load(path, parts=parts) if is_run(path) else None

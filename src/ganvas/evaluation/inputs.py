"""The sets of an evaluation: fakes, reals, and the generator's training pictures."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from ..base.errors import DataError, UsageError
from ..data.source import BYTES, Split, Units
from ..sessions.model import Model, load
from .folder_images import folder_images
from .image_set import PictureSet, array_images
from .model_images import classes_of, generated_images, split_images

MOST = 10_000  # fakes where nobody says how many
Pictures = str | os.PathLike[str] | np.ndarray[Any, Any]  # a path, a Run, or uint8 [n, h, w, c]


@dataclass(frozen=True)
class EvaluationInputs:
    """Pictures of all kinds, of one shape.

    `other_reals`: reals other than `real`, as many as there are fakes, where there are so many.

    `held`: reals like those of `train`, from which the fakes' maker has not learnt; copies are looked for where both
    are known.
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
        """Those that tell what D has learnt by heart."""
        yield "fake", self.fake
        if self.train is not None and self.held is not None:
            yield from (("train", self.train), ("held", self.held))


def check_arguments(what: object, real: object, train: object, *, split: str, n: object) -> None:
    """Raises UsageError for arguments of wrong types or values, before anything is opened."""
    for name, given in {"what is scored": what, "the reals": real, "the training pictures": train}.items():
        if isinstance(given, str) and not given:
            raise UsageError(
                f"the path of {name} is empty",
                hint="Is a variable not set? Leave the option out, or name a run or pictures.",
            )
        known = isinstance(given, str | os.PathLike | np.ndarray) or (
            isinstance(given, Model) if given is what else given is None
        )
        if not known:
            raise UsageError(
                f"{name} cannot be of type {type(given).__name__}", hint="Give a path, or uint8 [n, h, w, c] in NumPy."
            )
    if split not in ("val", "test"):
        raise UsageError(f"there is no split '{split}' to score on", hint="There are: val, test.")
    if n is not None and (not isinstance(n, int | np.integer) or n < 1):
        raise UsageError(f"cannot score {n} fakes", hint="Ask for at least 1, or leave n out.")


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
    """`parts`: classes of a person's own, for runs among the pictures. Raises DataError, UsageError."""
    model = what if isinstance(what, Model) else None
    if model is not None:
        return inputs_of_model(model, real, train, split=split, n=n, seed=seed, parts=parts)
    if real is None:
        raise UsageError("pictures are scored against real ones", hint="Name them: --against FOLDER.")
    reals = images_of(real, "the reals", split, parts=parts)
    fakes = images_of(what, "the fakes", split, (reals.shape, reals.units), parts=parts)
    if n is None and fakes.n > MOST:
        fakes = replace(
            fakes, messages=(*fakes.messages, f"{MOST:,} of {fakes.n:,} fakes are scored: -n {fakes.n} takes all.")
        )
    fakes = note_fewer(fakes.first(n or MOST), n)
    learnt = (
        None
        if train is None
        else images_of(train, "the training pictures", "train", (reals.shape, reals.units), parts=parts)
    )
    return build_inputs(f"{fakes.name} against {reals.name}", fakes, reals, learnt, reals, "all", seed)


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
    """A model against its own data, or against others."""
    like = (model.spec.shape, model.units)
    reals = split_images(model, split) if real is None else images_of(real, "the reals", split, like, parts=parts)
    fakes = note_fewer(generated_images(model, n or min(MOST, reals.n), seed=seed, split=split), n)
    learnt = (
        split_images(model, "train")
        if train is None
        else images_of(train, "the training pictures", "train", like, parts=parts)
    )
    held = reals if real is None else split_images(model, split)
    made = build_inputs(
        f"{fakes.n:,} pictures that the model makes against {reals.name}",
        fakes,
        reals,
        learnt,
        held,
        split if real is None else "all",
        seed,
    )
    if not model.game.needs_data:
        return replace(made, protocol={**made.protocol, **classes_of(model)})
    return replace(
        made,
        other_reals=None,
        messages=(*made.messages, "The fakes are answers to pictures of the same split: no real-vs-real values."),
    )


def build_inputs(
    title: str, fakes: PictureSet, reals: PictureSet, train: PictureSet | None, held: PictureSet, split: str, seed: int
) -> EvaluationInputs:
    """The sets of an evaluation, with other reals: training pictures, as many as there are fakes. Raises DataError."""
    for each in (fakes, *(() if train is None else (train,))):
        if each.shape != reals.shape:
            raise DataError(
                f"{each.name} have the shape {list(each.shape)} and the reals {list(reals.shape)}",
                hint="Bring both to one size and colour.",
            )
    messages = [sentence for each in (fakes, reals, train) if each is not None for sentence in each.messages]
    if missing := why_no_other_reals(fakes, reals, train):
        messages.append(missing)
    unseen = train is None or train.data != held.data
    if not unseen:
        messages.append("Copies are not looked for: that takes real pictures that were not learnt from.")
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
    """A sentence where there are no training pictures for the real-vs-real values; empty where there are."""
    if train is None:
        return (
            "The training pictures are not known: copies are not looked for, and there are no real-vs-real values. "
            "Name them with --train FOLDER."
        )
    if train.n < fakes.n:
        return (
            f"No real-vs-real values: they take {fakes.n:,} training pictures, as many as there are fakes; "
            f"there are {train.n:,}."
        )
    return "The reals are the training pictures: no real-vs-real values." if train.data == reals.data else ""


def note_fewer(fakes: PictureSet, n: int | None) -> PictureSet:
    """With a sentence where there are fewer than were asked for."""
    fewer = n is not None and fakes.n < n
    return (
        replace(
            fakes, messages=(*fakes.messages, f"All {fakes.n:,} fakes that there are are scored: {n:,} were asked for.")
        )
        if fewer
        else fakes
    )


def images_of(
    what: Any, name: str, split: Split, like: tuple[tuple[int, ...], Units] | None = None, *, parts: Any = ()
) -> PictureSet:
    """An array, a path, or a split of the data of a run. `like`: shape and units of what they are compared with.

    Raises DataError, UsageError.
    """
    shape, units = (None, None) if like is None else like
    if isinstance(what, np.ndarray):
        return array_images(what, name=name, units=BYTES if units is None or what.dtype == np.uint8 else units)
    return images_of_run(what, split, parts) if is_run(what) else folder_images(what, like=shape, units=units)


def images_of_run(path: str | os.PathLike[str], split: Split, parts: Any = ()) -> PictureSet:
    """A split of a run's data, without labels: its classes may be others than those of the scored model."""
    model = load(path, parts=parts)
    if model.spec.domain != "images":
        raise UsageError(
            "this run has no pictures to score by",
            where=str(path),
            hint="Name a run that was trained on pictures, or a folder of them.",
        )
    try:
        model.check_data()
        found = split_images(model, split)
    except DataError as error:
        hint = "Bring its data back, or name a folder of pictures."
        raise UsageError(
            f"the pictures that this run was trained on cannot be had: {error.what}", where=str(path), hint=hint
        ) from error
    return replace(
        found,
        name=f"{found.name} of {path}",
        y=None,
        messages=(f"{path} is a run: {found.name} of its data are taken.",),
    )


def is_run(path: str | os.PathLike[str]) -> bool:
    """Whether a run is here."""
    return (Path(path) / "config.yaml").is_file()


def open_model(what: Model | Pictures, parts: Any = ()) -> Model | None:
    """The model, where this is a run; None where it is pictures. Raises UsageError."""
    if isinstance(what, Model | np.ndarray):
        return what if isinstance(what, Model) else None
    path = Path(what)
    if not path.exists():
        raise UsageError("there is nothing here", where=str(path), hint="Name a run or pictures.")
    return load(path, parts=parts) if is_run(path) else None

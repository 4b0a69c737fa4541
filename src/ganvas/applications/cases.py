"""What is scored against what: fakes, reals, and where the fakes' maker has learnt."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from ..base.errors import DataError, UsageError
from ..data.source import Split
from .folders import of_folder
from .made import of_model, of_split
from .sample import Model, load
from .sets import PictureSet, of_array

MOST = 10_000  # fakes where nobody says how many
Pictures = Path | str | np.ndarray[Any, Any]


@dataclass(frozen=True)
class Case:
    """Pictures of all kinds, of one shape. `floor`: reals other than `real`, as many as there are fakes, where there are so many.

    `held`: reals like those of `train`, from which the fakes' maker has not learnt; copies are looked for where both are known.
    """

    title: str
    fake: PictureSet
    real: PictureSet
    train: PictureSet | None
    held: PictureSet | None
    floor: PictureSet | None
    protocol: Mapping[str, Any]
    said: tuple[str, ...] = ()

    def judged(self) -> Iterator[tuple[str, PictureSet]]:
        """Those that tell what D has learnt by heart."""
        yield "fake", self.fake
        if self.train is not None and self.held is not None:
            yield from (("train", self.train), ("held", self.held))


def case_of(what: Model | Pictures, real: Pictures | None, train: Pictures | None, *, split: Split, n: int | None, seed: int) -> Case:
    """Raises DataError, UsageError."""
    model = what if isinstance(what, Model) else None
    if model is not None:
        return of_run(model, real, train, split=split, n=n, seed=seed)
    if real is None:
        raise UsageError("pictures are scored against real ones", mend="Name them: --against FOLDER.")
    reals = pictures_of(real, "the reals")
    fakes = pictures_of(what, "the fakes", reals.shape)
    if n is None and fakes.n > MOST:
        fakes = replace(fakes, said=(*fakes.said, f"{MOST:,} of {fakes.n:,} fakes are scored: -n {fakes.n} takes all."))
    fakes = fakes.first(n or MOST)
    learnt = None if train is None else pictures_of(train, "the training pictures", reals.shape)
    return cased(f"{fakes.name} against {reals.name}", fakes, reals, learnt, reals, "all", seed)


def of_run(model: Model, real: Pictures | None, train: Pictures | None, *, split: Split, n: int | None, seed: int) -> Case:
    """A model against its own data, or against others."""
    reals = of_split(model, split) if real is None else pictures_of(real, "the reals", model.spec.shape)
    fakes = of_model(model, n or min(MOST, reals.n), seed=seed, y=reals.y, split=split)
    learnt = of_split(model, "train") if train is None else pictures_of(train, "the training pictures", model.spec.shape)
    held = reals if real is None else of_split(model, split)
    made = cased(f"{fakes.n:,} pictures that the model makes against {reals.name}", fakes, reals, learnt, held, split if real is None else "all", seed)
    if model.game.from_noise:
        return made
    return replace(made, floor=None, said=(*made.said, "The fakes are answers to pictures of the same split: no real-against-real values."))


def cased(title: str, fakes: PictureSet, reals: PictureSet, learnt: PictureSet | None, held: PictureSet, split: str, seed: int) -> Case:
    """The floor found: training pictures, as many as there are fakes. Raises DataError."""
    for each in (fakes, *(() if learnt is None else (learnt,))):
        if each.shape != reals.shape:
            raise DataError(f"{each.name} have the shape {list(each.shape)} and the reals {list(reals.shape)}", mend="Bring both to one size and colour.")
    said = tuple(sentence for each in (fakes, reals, learnt) if each is not None for sentence in each.said)
    floor = None
    if learnt is None:
        said = (*said, "Where the fakes' maker has learnt is not known, so copies are not looked for and reals not held against reals: --train FOLDER.")
    elif learnt.n < fakes.n:
        said = (*said, f"No real-against-real values: they take {fakes.n:,} training pictures, as many as there are fakes; there are {learnt.n:,}.")
    elif learnt.data == reals.data:
        said = (*said, "The reals are the training pictures: no real-against-real values.")
    else:
        floor = learnt.first(fakes.n)
    apart = learnt is None or learnt.data != held.data
    if not apart:
        said = (*said, "Copies are not looked for: that takes real pictures that were not learnt from.")
    protocol = {"split": split, "real": reals.data, "n_real": reals.n, "n_fake": fakes.n, "prepared": reals.prepared, "seed": seed}
    return Case(title, fakes, reals, learnt, held if apart else None, floor, {**protocol, "prepared_fakes": fakes.prepared}, said)


def pictures_of(what: Any, name: str, like: tuple[int, ...] | None = None) -> PictureSet:
    """An array, or a path."""
    return of_array(what, name=name) if isinstance(what, np.ndarray) else of_folder(what, like=like)


def opened(what: Model | Pictures) -> Model | None:
    """The model, where this is a run; None where it is pictures. Raises UsageError."""
    if isinstance(what, Model | np.ndarray):
        return what if isinstance(what, Model) else None
    path = Path(what)
    if not path.exists():
        raise UsageError("there is nothing here", where=str(path), mend="Name a run or pictures.")
    return load(path) if (path / "config.yaml").is_file() else None

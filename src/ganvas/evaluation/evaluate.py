"""How good a run, or a folder of pictures, is: `ganvas.evaluate("runs/mnist")`."""

import html
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from ..base.errors import DataError, UsageError
from ..metrics import (
    GROUPS,
    PAIRED,
    VERSIONS,
    Extractor,
    Memorization,
    Result,
    check_groups,
    copy_scores,
    duplicate_score,
    extractor_scores,
    membership_scores,
    require_extractor,
)
from ..sessions.ledger import Scorings
from ..sessions.model import Model
from .discriminator_scores import recipe_scores, verdicts
from .embeddings import LEARNT, Looked, look, merged, pixels, real_vs_real_values, spaces
from .inputs import Case, Pictures, case_of, check_given, opened
from .scorings import count_test_scorings

if TYPE_CHECKING:
    from ..recipes import Recipe

FEW = 4  # scores in a line about an evaluation
ALL = (*GROUPS, "memorisation", "recipe")


@dataclass(frozen=True)
class Evaluation:
    """Every score, the headline first, and what a page about them shows.

    Args:
        title: what was compared with what.
        results: the scores, the headline first.
        case: the sets of pictures; None where the run makes no pictures.
        said: notes, a sentence each.
        looked: what was read of each set, by name and space.
        copied: distances to training pictures, or None.
        scored: which checkpoint, or which pictures.
    """

    title: str
    results: tuple[Result, ...]
    case: Case | None = None  # None where the run makes no pictures
    said: tuple[str, ...] = ()
    looked: Mapping[str, Looked] = field(default_factory=dict, repr=False)  # "real", "fake", ... by space
    copied: Memorization | None = field(default=None, repr=False)
    scored: Mapping[str, Any] = field(default_factory=dict)  # which checkpoint, or which pictures
    test_scorings: tuple[Scorings, ...] = ()  # of the test splits that were read, else of the run's own

    def __repr__(self) -> str:
        few = [f"{result.name} {told(result.value, result.error)}" for result in self.results[:FEW]]
        more = [f"{len(self.results) - FEW} more"] if len(self.results) > FEW else []
        return f"Evaluation({', '.join([repr(self.title), *few, *more])})"

    def _repr_html_(self) -> str:
        head = "".join(f"<th>{name}</th>" for name in ("score", "value", "n", "real"))
        lines = [
            (
                each.name,
                told(each.value, each.error),
                f"{each.n:,}",
                "" if each.real_vs_real is None else f"{each.real_vs_real:.4g}",
            )
            for each in self.results
        ]
        rows = "".join(f"<tr>{''.join(f'<td>{html.escape(cell)}</td>' for cell in line)}</tr>" for line in lines)
        return f"<div>{html.escape(self.title)}</div><table><tr>{head}</tr>{rows}</table>"

    def __getitem__(self, name: str) -> Result:
        """A score by its name. Raises KeyError."""
        return {result.name: result for result in self.results}[name]

    def plain(self) -> dict[str, Any]:
        """As JSON has it; numbers that are not finite become null.

        Returns:
            A tree of dicts, lists, texts and numbers.
        """
        return {
            "title": self.title,
            "scored": dict(self.scored),
            "results": [plain(result) for result in self.results],
            "notes": list(self.said),
            "test_scorings": [
                {"data": each.data, "before": each.before, "counted": each.counted} for each in self.test_scorings
            ],
        }


def told(value: float, error: float | None) -> str:
    """1.66 +- 0.08"""
    return f"{value:.4g}" + ("" if error is None else f" +- {error:.2g}")


def evaluate(
    what: Model | Pictures,
    *,
    real: Pictures | None = None,
    train: Pictures | None = None,
    split: Literal["val", "test"] = "val",
    n: int | None = None,
    metrics: Collection[str] | None = None,
    profile: str | None = None,
    features: Path | None = None,
    weights: Path | None = None,
    extractors: Collection[Extractor] = (),
    seed: int = 0,
    data: Path | str | None = None,
    parts: "Recipe | Collection[Any]" = (),
) -> Evaluation:
    """Score samples against real data: a model's, a run's, or pictures from anywhere.

    Each set is read once for all scores. A run that is named as `real` gives its `split`, as `train` its training pictures.

    Args:
        what: a Model, a run, a folder of pictures, or uint8 [n, h, w, c].
        real: pictures to compare with; None: the run's `split`.
        train: pictures that the generator was trained on, for memorisation scores; None: the run's own.
        split: "val" or "test".
        n: samples of each side, at most.
        metrics: groups of scores, some of frechet, kernel, neighbours, diversity, sliced, classes, memorisation,
            recipe; None: all.
        profile: "tf1", "pytorch-fid" or "clean", for the FID.
        features: an ONNX file as one more space.
        weights: a file of published weights.
        extractors: further spaces.
        seed: of samples and drawn subsets.
        data: where the run's own data are now, if they were moved.
        parts: classes of your own that the run's recipe uses, such as [MyLoss], or the Recipe itself.

    Returns:
        Every score with its error, n and protocol; `found["digit_frechet"]` is one of them.

    Raises:
        GanvasError: an option does not fit (UsageError), data cannot be read (DataError), or weights are not there
            (MissingExtra).
    """
    check_given(what, real, train, split=split, n=n)
    wanted = ALL if metrics is None else names(metrics)
    model = with_data(opened(what, parts), data)
    pictured = model is None or (model.spec.domain == "images" and model.game.output_kind == "samples")
    if not pictured:
        options = {
            "--against": real,
            "--train": train,
            "-n": n,
            "--weights": weights,
            "--profile": profile,
            "--features": features,
        }
        others = [f"--metrics {name}" for name in wanted if metrics is not None and name != "recipe"] + [
            "extractors"
        ] * bool(extractors)
        refuse([*(option for option, value in options.items() if value is not None), *others])
    if model is not None:
        model.check_data()
    own = recipe_scores(model, split, seed) if model and real is None and "recipe" in wanted else ()
    if model is not None and not pictured:
        title = f"{type(model.experiment.recipe.source).__name__}, the recipe's own scores"
        return counted(Evaluation(title, own, said=model.notes, scored=model.facts), model, real, split, wanted)
    case = case_of(model or what, real, train, split=split, n=n, seed=seed, parts=parts)
    found, said = spaces(case.real.shape, case.real.classes, profile=profile, features=features, weights=weights)
    every = distinct((*extractors, *found), case.real.shape)
    looked = look_at_all(case, every, seed=seed, learnt="memorisation" in wanted)
    results = list(space_scores(every, looked, wanted, case))
    if "classes" in wanted:
        results += class_shares(every, looked)
    if "diversity" in wanted:
        results.append(near_copies(case))
    added, copied, why = learnt_scores(model, case, every, looked, seed)
    results += stating(added, {"train": "" if case.train is None else case.train.data})
    final = unique([*stating(results, {**case.protocol, "versions": VERSIONS}), *own])
    without = lacking(() if metrics is None else wanted, results, own)
    scored = {"pictures": case.fake.data} if model is None else model.facts
    return counted(
        Evaluation(
            case.title,
            final,
            case,
            (*(() if model is None else model.notes), *said, *case.said, *why, *without),
            looked,
            copied,
            scored,
        ),
        model,
        real,
        split,
        wanted,
    )


def with_data(model: Model | None, data: Path | str | None) -> Model | None:
    """The model, its data at another place if one is named. Raises DataError unless they are the same, UsageError where it has none."""
    if data is None:
        return model
    if model is None:
        raise UsageError(
            "--data says where the data of a run were moved to, and this is no run",
            hint="Name real pictures with --against.",
        )
    return model.with_data(data)


def names(metrics: Collection[str]) -> tuple[str, ...]:
    """Groups that there are. Raises UsageError."""
    if isinstance(metrics, str) or not metrics:
        raise UsageError("metrics are a list of names", hint="Such as metrics=['frechet', 'neighbours'].")
    check_groups(metrics, ALL)
    return tuple(metrics)


def refuse(options: Sequence[str]) -> None:
    """Raises UsageError for what a run without pictures has no use for."""
    if options:
        raise UsageError(
            f"{options[0]} does not apply: this run makes no pictures, so only its recipe's own scores are taken",
            hint="Leave it out.",
        )


def lacking(wanted: Collection[str], results: Collection[Result], own: Collection[Result]) -> Iterator[str]:
    """A sentence for each group that was asked for and has no score. Why copies are not looked for is said where that is found."""
    ends = tuple(result.name.rpartition("_")[2] for result in results)
    if "neighbours" in wanted and "precision" not in ends:
        yield "No neighbours: that takes more than 5 pictures on each side."
    if "classes" in wanted and not any(result.name.endswith("_inception_score") for result in results):
        yield "No classes: no network here names classes of such pictures; --profile tf1 brings one that does."
    if "recipe" in wanted and not own:
        yield "No scores of the recipe: they are those of a run on its own data, besides what is measured anyway."


def measured(found: Evaluation) -> Evaluation:
    """Raises UsageError where there is no score at all."""
    if not found.results:
        raise UsageError(
            "nothing was measured",
            hint=" ".join(found.said) or "The recipe names no scores, and only pictures have others.",
        )
    return found


def counted(found: Evaluation, model: Model | None, real: Any, split: str, wanted: Collection[str]) -> Evaluation:
    """The evaluation with the count of scorings of the test split. Raises UsageError where there is no score at all."""
    scorings = count_test_scorings(model, real, measured(found).case, split=split, groups=wanted)
    texts = tuple(each.text for each in scorings if each.counted)
    return replace(found, test_scorings=scorings, said=(*found.said, *texts))


def learnt_scores(
    model: Model | None, case: Case, every: tuple[Extractor, ...], looked: Mapping[str, Looked], seed: int
) -> tuple[list[Result], Memorization | None, tuple[str, ...]]:
    """What tells of copies, where that can be asked, and sentences where it cannot: other scores stand without."""
    found: list[Result] = []
    copied, why = None, []
    if "train" in looked:
        space = home(every)
        try:
            of_copies, copied = copy_scores(
                **{name: looked[name].spaces[space.name] for name in ("train", "held", "fake")},
                protocol=space.describe(),
                seed=seed,
            )
            found += of_copies
        except DataError as error:
            why.append(f"Copies are not looked for: {error}")
        if model is not None and judges(model, case):
            try:
                found += membership_scores(**{name: verdicts(model, pictures) for name, pictures in case.judged()})
            except (DataError, UsageError) as error:
                why.append(f"D is not asked what it has learnt by heart: {error}")
    return found, copied, tuple(why)


def judges(model: Model, case: Case) -> bool:
    """Whether its D can say of all these pictures how real they are: one that is told classes must be told theirs."""
    told = not model.conditional or all(pictures.y is not None for _, pictures in case.judged())
    return not model.game.needs_data and "D" in model.networks and told


def distinct(every: tuple[Extractor, ...], shape: tuple[int, ...]) -> tuple[Extractor, ...]:
    """The spaces, if each has a name of its own and can see such pictures. Raises UsageError."""
    for place, extractor in enumerate(every):
        require_extractor(extractor)
        if extractor.name in {other.name for other in every[:place]}:
            raise UsageError(
                f"two spaces are called '{extractor.name}'", hint="Give one another name, or leave it out."
            )
        if not extractor.covers(shape):
            raise UsageError(
                f"the space '{extractor.name}' cannot see pictures of shape {list(shape)}", hint="Leave it out."
            )
    return every


def home(every: tuple[Extractor, ...]) -> Extractor:
    """The space in which copies are looked for: the first that is not expensive, as all training pictures go through it."""
    return next((extractor for extractor in every if not extractor.expensive), every[0])


def look_at_all(case: Case, every: tuple[Extractor, ...], *, seed: int, learnt: bool) -> dict[str, Looked]:
    """Every set once: reals, fakes, other reals; the training pictures in one space only, and the other reals among them not again."""
    looked = {"real": look(case.real, every, seed=seed), "fake": look(case.fake, every, seed=seed)}
    if case.other_reals is not None:
        looked["other_reals"] = look(case.other_reals, every, seed=seed, keep=LEARNT)
    if learnt and case.train is not None and case.held is not None:
        looked["held"] = looked["real"] if case.held is case.real else look(case.held, [home(every)], seed=seed)
        seen = 0 if case.other_reals is None else case.other_reals.n
        parts = [looked["other_reals"]] if case.other_reals is not None else []
        if seen < case.train.n:
            parts.append(look(case.train.after(seen), [home(every)], seed=seed, keep=LEARNT, start=seen))
        looked["train"] = merged(parts, home(every).name)
    return looked


def space_scores(
    every: Collection[Extractor], looked: Mapping[str, Looked], wanted: Collection[str], case: Case
) -> Iterator[Result]:
    """Of every space, each with what reals against reals have."""
    for extractor in every:
        real, fake = (looked[name].spaces[extractor.name] for name in ("real", "fake"))
        known: dict[str, float] = {}
        if case.other_reals is not None:
            between = {
                "real": real,
                "fake": looked["other_reals"].spaces[extractor.name],
                "groups": wanted,
                "errors": False,
            }
            measure = partial(extractor_scores, extractor, **between)  # type: ignore[arg-type]
            known = real_vs_real_values(
                (case.real, case.other_reals), extractor, [sorted(wanted), int(real.seed)], measure
            )
        for result in extractor_scores(extractor, real=real, fake=fake, groups=wanted):
            yield replace(result, real_vs_real=known.get(result.name))


def class_shares(every: Collection[Extractor], looked: Mapping[str, Looked]) -> Iterator[Result]:
    """Of the first space that names the data's classes: the share of each, and of the fakes that are read as what was asked for."""
    for extractor in every:
        if extractor.name in looked["fake"].right or (
            not looked["fake"].right and extractor.name in looked["real"].right
        ):
            fake, real = (looked[name].spaces[extractor.name] for name in ("fake", "real"))
            n, said = fake.n, extractor.describe()
            shares, shares_of_reals = (side.class_counts.sum(0).double() / side.n for side in (fake, real))
            for number, (share, real_vs_real) in enumerate(zip(shares.tolist(), shares_of_reals.tolist(), strict=True)):
                yield Result(f"share_{number}", share, n, (share * (1 - share) / n) ** 0.5, None, said, real_vs_real)
            if extractor.name in looked["fake"].right:
                right = looked["fake"].right[extractor.name] / n
                of_reals = looked["real"].right.get(extractor.name)  # where they come with classes
                real_vs_real = None if of_reals is None else of_reals / real.n
                yield Result("read_as_asked", right, n, (right * (1 - right) / n) ** 0.5, False, said, real_vs_real)
            return


def near_copies(case: Case) -> Result:
    """Fakes that are alike pixel by pixel, and the same share among other reals."""
    of_real = pixels(case.real, PAIRED)
    real_vs_real = (
        None if case.other_reals is None else duplicate_score(real=of_real, fake=pixels(case.other_reals, PAIRED)).value
    )
    return replace(duplicate_score(real=of_real, fake=pixels(case.fake, PAIRED)), real_vs_real=real_vs_real)


def stating(results: Iterable[Result], protocol: Mapping[str, Any]) -> tuple[Result, ...]:
    """With this in the protocol of each."""
    return tuple(replace(result, protocol={**protocol, **result.protocol}) for result in results)


def unique(results: Sequence[Result]) -> tuple[Result, ...]:
    """The first of each name."""
    return tuple({result.name: result for result in reversed(results)}.values())[::-1]


def plain(result: Result) -> dict[str, Any]:
    """A result as JSON has it; numbers that are not finite become null."""
    finite = {
        key: value if not isinstance(value, float) or abs(value) < float("inf") else None
        for key, value in vars(result).items()
    }
    return {**finite, "protocol": dict(result.protocol)}

"""The names of the scores of pictures, by group. Nothing here needs torch."""

from collections.abc import Collection, Mapping

from ..base.errors import UsageError, suggest

SCORES: Mapping[str, tuple[str, ...]] = {  # what begins with _ follows the name of a feature space
    "frechet": ("_frechet", "_frechet_infinity", "fd"),
    "kernel": ("_kernel",),
    "neighbours": ("_precision", "_recall", "_density", "_coverage", "_clipped_density", "_clipped_coverage"),
    "diversity": ("_vendi_ratio", "duplicates"),
    "sliced": ("_sliced",),
    "classes": (
        "_inception_score",
        "_inception_score_of_splits",
        "_class_variation",
        "_class_divergence",
        "_missing_classes",
        "share_",
        "read_as_asked",
    ),
    "memorisation": (
        "nearest_ratio",
        "copied",
        "authenticity_gap",
        "copying",
        "copying_z",
        "membership_auc",
        "d_overfitting",
    ),
}
GROUPS = tuple(name for name in SCORES if name != "memorisation")  # of one feature space
ALL_GROUPS = (*SCORES, "recipe")  # of an evaluation; "recipe": the metrics that the recipe names
SPACES = ("digit", "digit_mlp", "photo", "resnet", "random", "pixel", "inception", "inception_own")


def group_of(name: str, spaces: Collection[str] = ()) -> str | None:
    """The group that measures a score of this name; None for an unknown name.

    Args:
        name: such as "digit_frechet", "copied" or "share_3".
        spaces: the feature spaces that a name may begin with; any without them.
    """
    for group, endings in SCORES.items():
        for ending in endings:
            space = name.removesuffix(ending)
            if (
                name == ending
                or (ending[-1] == "_" and name.startswith(ending))
                or (ending[0] == "_" and space != name and (not spaces or space in spaces))
            ):
                return group
    return None


def score_names() -> list[str]:
    """Every name, in every feature space."""
    return [
        f"{space}{ending}"
        for endings in SCORES.values()
        for ending in endings
        for space in (SPACES if ending[0] == "_" else ("",))
    ]


def check_groups(wanted: Collection[str], known: Collection[str]) -> None:
    """Refuses names that are no groups of scores.

    Args:
        wanted: names.
        known: names that exist.

    Raises:
        UsageError: the first name that does not exist, with a similar one that does.
    """
    for name in wanted:
        if name not in known:
            raise UsageError(
                f"there are no metrics called '{name}'", hint=suggest(name, known) or f"There are: {', '.join(known)}."
            )


def trained_in(name: str, trained: Collection[str]) -> dict[str, str]:
    """The field of a score's protocol that says that the model has trained in the score's feature space.

    Scores of models that did and did not train in it then refuse to compare, as the score flatters the first.

    Args:
        name: of the score.
        trained: names of the spaces that the model has trained in.

    Returns:
        {"trained_in": the space}, or nothing for a score of another space.
    """
    return next(({"trained_in": space} for space in sorted(trained) if name.startswith(f"{space}_")), {})


def flattery(name: str, protocol: Mapping[str, object]) -> str:
    """A sentence for a score in features that the model has trained in; "" for another score."""
    space = protocol.get("trained_in")
    return f"{name} flatters this model: it was trained in the features of '{space}'." if space else ""

"""Splits of single pictures: by their pixels, or by groups that stay together, such as those of one patient."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from ..base.errors import DataError
from ..base.wording import counted
from .labels import some_names
from .pair_splits import component_splits, components
from .splits import SPLITS as SPLITS
from .splits import groups as equal_pictures
from .splits import order as order
from .splits import split

HINT = (
    "Bring pictures of at least 3 patients or groups, put them into folders named train, val and test, or say with "
    "source.group which belong together: 'source.group=#[0-9]{3}' holds ten neighbouring slices of a volume together."
)


class Grouped(NamedTuple):
    """What is known of pictures when they are split.

    Args:
        digests: of each one's pixels.
        named: the split that each one's folder names, or "".
        groups: the key of each one's group, or "".
        plain: whether each is of one plain colour: such pictures are equal to many, and join nothing.
        names: of the files.
    """

    digests: Sequence[bytes]
    named: Sequence[str]
    groups: Sequence[str]
    plain: Sequence[bool]
    names: Sequence[str]

    def component(self) -> list[int]:
        """Equal numbers for pictures of one group, and for equal pictures that are not plain."""
        keys = [
            [
                *([("group", group)] if group else []),
                *([] if plain and group else [("pixels", digest)]),
            ]
            for digest, group, plain in zip(self.digests, self.groups, self.plain, strict=True)
        ]
        return components(keys)

    def split(self, seed: int) -> tuple[list[Any], np.ndarray[Any, Any] | None]:
        """The split of each picture, and the number of its group; None where there are no groups.

        Raises DataError where folders put one group into two splits.
        """
        if not any(self.groups):
            return list(split(self.digests, self.named, seed)), None
        component = self.component()
        splits = component_splits(component, self.digests, self.named, seed)
        check_apart(self.groups, splits, self.names)
        return list(splits), np.array(component, np.int64)

    def numbers(self, places: Any, component: np.ndarray[Any, Any] | None) -> np.ndarray[Any, Any]:
        """The number of the group of the pictures at these places."""
        return equal_pictures([self.digests[place] for place in places]) if component is None else component[places]


def check_apart(groups: Sequence[str], splits: Sequence[str], names: Sequence[str]) -> None:
    """Raises DataError where folders put one group of pictures into two splits."""
    known, first = dict[str, set[str]](), dict[str, str]()
    for key, name, found in zip(groups, names, splits, strict=True):
        known.setdefault(key, set()).add(found)
        first.setdefault(key, name)
    torn = [first[key] for key, found in known.items() if key and len(found) > 1]
    if torn:
        raise DataError(
            f"folders put {counted(len(torn), 'patient or group', 'patients or groups')} into two splits, such as that "
            f"of {some_names(torn)}",
            hint="Move all pictures of each into one of the folders, or say with source.group which belong together.",
        )


def check_held_out(facts: Any, where: str) -> None:
    """Raises DataError where the groups in the facts of an entry are too few to be split."""
    empty = [name for name in SPLITS if not facts["splits"][name]]
    if facts.get("components") and empty:
        raise DataError(
            f"no picture is left for {' and '.join(empty)}: pictures of one patient or group stay together, and these "
            f"make {counted(facts['components'], 'set')}",
            where=where,
            hint=HINT,
        )


def group_message(facts: Any) -> tuple[str, ...]:
    """How many patients or groups the pictures of an entry are of; nothing without groups."""
    if not facts.get("components"):
        return ()
    number = counted(facts["groups"], "patient or group", "patients or groups")
    return (f"the pictures are of {number}, and none is in two splits (source.group)",)

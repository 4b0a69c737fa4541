"""Whether there are enough pictures, and enough room for them on the disk."""

import shutil
from collections.abc import Mapping
from pathlib import Path

from ..base.errors import DataError, ResourceError
from ..base.wording import counted, shortened
from .listing_messages import printable as printable

ENOUGH = 20  # different pictures below which there is nothing to learn and nothing to split
SHOWN = 3


def check_enough(count: int, different: int, broken: Mapping[str, str], path: str, least: int = ENOUGH) -> None:
    """So many different pictures, or a sentence that says why there are fewer."""
    if different >= least:
        return
    usable = f"{count:,} usable picture{'s' * (count != 1)}"
    same = f", only {different} of them different" if different < count else ""
    skipped = f"; {len(broken):,} skipped: {causes(broken)}" if broken else ""
    raise DataError(
        f"{usable}{same}{skipped}", where=path, hint=f"Bring at least {ENOUGH} different ones." if count else ""
    )


def causes(broken: Mapping[str, str]) -> str:
    """The first few broken files with their causes."""
    named = [f"{printable(name)} ({cause})" for name, cause in list(broken.items())[:SHOWN]]
    return ", ".join(named) + (f" and {len(broken) - SHOWN:,} more" if len(broken) > SHOWN else "")


def check_room(folder: Path, need: int) -> None:
    """Refuse at once what cannot fit. Raises ResourceError."""
    free = shutil.disk_usage(folder).free
    if need > free:
        hint = "Make room, `ganvas data clear` what is not needed, or set GANVAS_CACHE to a folder on a larger disk."
        raise ResourceError(
            f"decoding takes {need / 1e9:,.1f} GB of disk and {free / 1e9:,.1f} GB are free",
            where=str(folder.parent),
            hint=hint,
        )


def class_messages(untrained: Mapping[str, int], rare: Mapping[str, int]) -> tuple[str, ...]:
    """Messages about classes without a training picture, and with one or two, with their numbers of pictures."""
    messages: list[str] = []
    if untrained:
        names = shortened([f"{printable(name)} ({count:,})" for name, count in untrained.items()])
        one = len(untrained) == 1
        pictures = counted(sum(untrained.values()), "picture")
        rest = f"{'it' if one else 'they'} cannot be generated, and {'its' if one else 'their'} {pictures} are left out"
        messages.append(f"{counted(len(untrained), 'class has', 'classes have')} no training picture: {names}; {rest}")
    if rare:
        names = shortened([f"{printable(name)} ({count})" for name, count in rare.items()])
        messages.append(
            f"{counted(len(rare), 'class has', 'classes have')} only one or two training pictures: {names}; "
            "little can be learnt of so few"
        )
    return tuple(messages)

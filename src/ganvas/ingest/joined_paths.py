"""Several paths, or a pattern such as photos/*.jpg, as one listing: folders and single pictures, named below what they have in common."""

import hashlib
import os
from collections import Counter, defaultdict
from glob import has_magic, iglob
from itertools import islice
from pathlib import Path

from ..base.errors import DataError
from ..base.wording import shortened
from . import listing
from .listing import ENDINGS, MOST_MEMBERS, Listing, arranged, facts_of_path, stamp

Where = str | tuple[str, ...]  # one path, or several
ALONE = (".zip", ".npz", ".npy", ".tar")
JOINED = "joined"  # a kind of listing


def shown(where: Where) -> str:
    """One path or several, for people."""
    return where if isinstance(where, str) else shortened(where, 3)


def several(where: Where) -> tuple[str, ...]:
    """The paths one by one."""
    return (where,) if isinstance(where, str) else where


def listed(where: Where, encoding: str = "utf-8") -> Listing:
    """What lies at one path or several; a pattern stands for all that it matches. Raises DataError."""
    given = several(where)
    found = [path for each in given for path in expanded(each)]
    if len(found) == 1 and not (is_picture(found[0]) and found != list(given)):
        return listing.listed(found[0], encoding)
    return join(found, where)


def expanded(path: str) -> list[str]:
    """The path itself, or in the order of the alphabet what a pattern matches. Raises DataError where that is nothing, or too much."""
    here = Path(path).expanduser()
    if here.exists() or not has_magic(path):
        return [path]
    matches = sorted(islice(iglob(str(here), recursive=True), MOST_MEMBERS + 1))
    if not matches:
        raise DataError(
            "nothing matches this pattern", where=path, hint="Check how it is spelt; ** stands for any folders."
        )
    if len(matches) > MOST_MEMBERS:
        raise DataError(f"more than {MOST_MEMBERS:,} files match this pattern", where=path, hint="Name a narrower one.")
    return matches


def is_picture(path: str) -> bool:
    """Whether a path is a single file with the ending of a picture."""
    return os.path.splitext(path)[1].lower() in ENDINGS and not os.path.isdir(path)


def join(paths: list[str], where: Where) -> Listing:
    """Folders and single pictures as one listing. What lies in two of them counts once."""
    whole = [os.path.abspath(os.path.expanduser(path)) for path in paths]
    base = os.path.commonpath([os.path.dirname(path) for path in whole])
    found, others, stamps, roots, tables = dict[str, str](), Counter[str](), list[str](), list[str](), list[str]()
    singles = dict[str, os.stat_result | None]()
    for path in dict.fromkeys(whole):
        name = os.path.relpath(path, base).replace(os.sep, "/")
        if os.path.isdir(path):
            part = listing.listed(path)
            new = {f"{name}/{each}": str(place) for each, place in zip(part.names, part.places, strict=True)}
            found |= new
            others.update(part.others)
            tables += [f"{name}/{table}" for table in part.tables]
            stamps.append(part.stamp)
            roots += [name] if new else []
        elif is_picture(path):
            found[name] = path
            singles[name] = facts_of_path(path)
        else:
            check_joined(path)
            others[os.path.splitext(path)[1].lower()] += 1
    names = tuple(sorted(found))
    digest = hashlib.sha256(repr((names, stamps, stamp(singles), roots)).encode(errors="surrogatepass")).hexdigest()
    return Listing(
        JOINED, Path(base), names, tuple(found[name] for name in names), digest, others, tuple(tables), tuple(roots)
    )


def check_joined(path: str) -> None:
    """Raises DataError for what can only be read alone, and for what is not there."""
    if os.path.splitext(path)[1].lower() in ALONE:
        raise DataError("only folders and pictures are joined", where=path, hint="Unpack it, or name it alone.")
    if not os.path.exists(path):
        listing.listed(path)  # says what is wrong with it


def root_of(name: str, roots: set[str]) -> str:
    """The joined folder that a picture comes from, "" for a single one."""
    while name and name not in roots:
        name = name.rpartition("/")[0]
    return name


def arranged_parts(of: Listing) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Split and class folder of each picture, as `arranged` finds them; where joined folders have the same class folders inside, those are the classes."""
    splits, folders = arranged(of.names)
    if not of.roots or any(splits):
        return splits, folders
    roots, inside = set(of.roots), defaultdict[str, list[str]](list)
    for name in of.names:
        inside[root_of(name, roots)].append(name)
    inner = dict[str, str]()
    for root, names in inside.items():
        below = arranged(tuple(name.removeprefix(f"{root}/") for name in names))[1]
        inner |= dict(zip(names, below, strict=True))
    common = Counter(kind for names in inside.values() for kind in {inner[name] for name in names})
    shared = all(inner.values()) and len(common) > 1 and max(common.values()) > 1
    return splits, tuple(inner[name] for name in of.names) if shared else folders


def by_root(of: Listing) -> dict[str, int]:
    """How many pictures come from each folder that is joined; single ones are not counted."""
    roots = set(of.roots)
    counts = Counter(root_of(name, roots) for name in of.names)
    return {root: counts[root] for root in of.roots}

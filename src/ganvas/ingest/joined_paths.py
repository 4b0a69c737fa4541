"""Several paths, or a pattern such as photos/*.jpg, as one listing with names relative to their common folder."""

import hashlib
import os
import time
from collections import Counter, defaultdict
from dataclasses import replace
from glob import has_magic, iglob
from itertools import islice
from pathlib import Path

import numpy as np

from ..base.errors import DataError
from ..base.wording import shortened
from .file_state import FileState, size_and_time, stat_of
from .folder_names import splits_and_classes
from .listing import LISTED, MOST_MEMBERS, Listing, ending_of, list_path, stamp
from .volume_slices import with_slices

DataPath = str | tuple[str, ...]  # one path, or several
SINGLE = (".zip", ".npz", ".npy", ".tar")
JOINED = "joined"  # a kind of listing


def path_text(where: DataPath) -> str:
    """One path or several, for people."""
    return where if isinstance(where, str) else shortened(where, 3)


def as_paths(where: DataPath) -> tuple[str, ...]:
    """The paths one by one."""
    return (where,) if isinstance(where, str) else where


def list_paths(where: DataPath, encoding: str = "utf-8") -> Listing:
    """The pictures at one path or several; a pattern stands for all that it matches. Raises DataError."""
    begun = time.time_ns()
    given = as_paths(where)
    matches = {each: tuple(expanded(each)) for each in given}
    paths = [path for each in given for path in matches[each]]
    if len(paths) == 1 and not (is_picture(paths[0]) and paths != list(given)):
        listing = list_path(paths[0], encoding)
    else:
        listing = join(paths, begun)
    listing = with_slices(listing)
    patterns = {each: found for each, found in matches.items() if found != (each,)}
    return replace(listing, patterns=patterns) if patterns else listing


def expanded(path: str) -> list[str]:
    """The path itself, or in alphabetical order what a pattern matches. Raises DataError for none or too many."""
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
    return ending_of(path) in LISTED and not os.path.isdir(path)


def join(paths: list[str], begun: int) -> Listing:
    """Folders and single pictures as one listing; what is in two of them counts once. `begun`: time.time_ns()."""
    whole = [os.path.abspath(os.path.expanduser(path)) for path in paths]
    base = os.path.commonpath([os.path.dirname(path) for path in whole])
    found, others, stamps, roots, tables = dict[str, str](), Counter[str](), list[str](), list[str](), list[str]()
    singles, parts = dict[str, os.stat_result | None](), list[Listing]()
    for path in dict.fromkeys(whole):
        name = os.path.relpath(path, base).replace(os.sep, "/")
        if os.path.isdir(path):
            part = list_path(path)
            parts.append(part)
            new = {f"{name}/{each}": str(place) for each, place in zip(part.names, part.places, strict=True)}
            found |= new
            others.update(part.others)
            tables += [f"{name}/{table}" for table in part.tables]
            stamps.append(part.stamp)
            roots += [name] if new else []
        elif is_picture(path):
            found[name] = path
            singles[name] = stat_of(path)
        else:
            check_joined(path)
            others[ending_of(path)] += 1
    names = tuple(sorted(found))
    places = tuple(found[name] for name in names)
    digest = hashlib.sha256(repr((names, stamps, stamp(singles), roots)).encode(errors="surrogatepass")).hexdigest()
    state = joined_state(begun, places, parts, {found[name]: facts for name, facts in singles.items()})
    return Listing(JOINED, Path(base), names, places, digest, others, tuple(tables), roots=tuple(roots), state=state)


def joined_state(
    begun: int, places: tuple[str, ...], parts: list[Listing], singles: dict[str, os.stat_result | None]
) -> FileState | None:
    """Of all parts together; None where one is not known."""
    known = {place: size_and_time(facts) for place, facts in singles.items()}
    watched, newest = dict[str, tuple[int, ...]](), [moment for _, moment in known.values()]
    for part in parts:
        if part.state is None:
            return None
        known |= dict(zip(map(str, part.places), map(tuple, part.state.facts.tolist()), strict=True))
        watched |= part.state.watched
        newest.append(part.state.newest_ns)
    facts = np.array([known[place] for place in places], np.int64).reshape(-1, 2)
    return FileState(begun, max(newest, default=0), watched, facts)


def check_joined(path: str) -> None:
    """Raises DataError for a path that cannot be joined, and for a missing one."""
    if os.path.splitext(path)[1].lower() in SINGLE:
        raise DataError("only folders and pictures are joined", where=path, hint="Unpack it, or name only this path.")
    if not os.path.exists(path):
        list_path(path)  # raises the error


def root_of(name: str, roots: set[str]) -> str:
    """The joined folder that a picture comes from, "" for a single one."""
    while name and name not in roots:
        name = name.rpartition("/")[0]
    return name


def splits_and_classes_of(of: Listing) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Split and class folder of each picture, as in `splits_and_classes`.

    Where joined folders have the same class folders inside, those are the classes.
    """
    splits, folders = splits_and_classes(of.names)
    if not of.roots or any(splits):
        return splits, folders
    roots, inside = set(of.roots), defaultdict[str, list[str]](list)
    for name in of.names:
        inside[root_of(name, roots)].append(name)
    inner = dict[str, str]()
    for root, names in inside.items():
        below = splits_and_classes(tuple(name.removeprefix(f"{root}/") for name in names))[1]
        inner |= dict(zip(names, below, strict=True))
    common = Counter(kind for names in inside.values() for kind in {inner[name] for name in names})
    shared = all(inner.values()) and len(common) > 1 and max(common.values()) > 1
    return splits, tuple(inner[name] for name in of.names) if shared else folders


def by_root(of: Listing) -> dict[str, int]:
    """How many pictures come from each folder that is joined; single ones are not counted."""
    roots = set(of.roots)
    counts = Counter(root_of(name, roots) for name in of.names)
    return {root: counts[root] for root in of.roots}

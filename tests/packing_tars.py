"""Shards and traps for tests, made as files."""

import io
import tarfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from painting import Pixels, noise, picture

Files = Iterable[tuple[str, bytes]]


def coded(pixels: Pixels, form: str = "PNG") -> bytes:
    """A picture file's bytes."""
    held = io.BytesIO()
    picture(pixels).save(held, form)
    return held.getvalue()


def tar(path: Path, files: Files, form: int = tarfile.PAX_FORMAT) -> Path:
    """A tar of these files in this order."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(path, "w", format=form) as archive:
        for name, content in files:
            facts = tarfile.TarInfo(name)
            facts.size = len(content)
            archive.addfile(facts, io.BytesIO(content))
    return path


def samples(first: int, count: int, *, label: str | None = None, side: int = 8) -> Iterable[tuple[str, bytes]]:
    """Different PNGs; with `label` cls or json a class beside each, its number modulo three."""
    for seed in range(first, first + count):
        yield f"{seed:05d}.png", coded(noise(seed, side, side))
        if label == "cls":
            yield f"{seed:05d}.cls", f"{seed % 3}\n".encode()
        if label == "json":
            yield f"{seed:05d}.json", b'{"class": "kind %d"}' % (seed % 3)


def shards(root: Path, counts: Iterable[int], *, label: str | None = None, side: int = 8) -> str:
    """Shards with so many samples each; the pattern that names them all."""
    first = 0
    number = -1
    for number, count in enumerate(counts):
        tar(root / f"s-{number:03d}.tar", samples(first, count, label=label, side=side))
        first += count
    return str(root / f"s-{{000..{number:03d}}}.tar")


def header(name: bytes = b"a.png", size: bytes = b"00000000010", kind: bytes = b"0", **places: bytes) -> bytes:
    """A header block with a sum that holds, whatever it claims."""
    block = bytearray(512)
    block[: len(name)] = name
    block[124 : 124 + len(size)] = size
    block[156:157] = kind
    block[257:265] = b"ustar\x0000"
    block[148:156] = b" " * 8
    block[148:156] = f"{sum(block):06o}\0 ".encode()
    return bytes(block)


def with_links(path: Path, links: Mapping[str, bytes]) -> Path:
    """A sound shard of 400 with further members of other kinds in it."""
    tar(path, samples(0, 400))
    with tarfile.open(path, "a") as archive:
        for name, kind in links.items():
            facts = tarfile.TarInfo(name)
            facts.type, facts.linkname = kind, "/etc/passwd"
            archive.addfile(facts)
    return path

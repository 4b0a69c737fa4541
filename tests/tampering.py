"""Runs that somebody has changed: one seeded change of one file, the manifest made to agree with it or not, and one
command that reads the run.
"""

import hashlib
import json
import math
import os
import re
import resource
import shutil
import signal
import struct
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout, suppress
from io import StringIO, TextIOWrapper
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any, NamedTuple
from unittest.mock import patch

import numpy as np
import torch
import yaml
from PIL import Image

import ganvas
from ganvas.cli import main as command
from ganvas.runs import Progress, Run, SignalsMeasured

SECONDS = 10  # that a command may take
ROOM = 1 << 30  # bytes that a command may add to the address space
CODES = (0, 2, 3, 4, 5, 6, 7)
QUICK: dict[str, Any] = {"batch_samples": 8, "samples": 64, "saves": 4, "precision": "fp32", "threads": 1}
RING = {
    **QUICK,
    "generator.widths": [8],
    "discriminator.widths": [8],
    "source.samples": 200,
    "scores.0.n": 50,
    "scorings": 2,
    "snapshots": 1,
}
PICTURES = {**QUICK, "generator.width": 4, "discriminator.width": 4, "scores": [], "snapshots": 1}
RAW = {  # JSON and YAML that Python cannot write
    "1" * 5000: "a whole number of 5,000 digits",
    "-" + "9" * 5000: "a negative one",
    "1e400": "a number too large",
    "NaN": "not a number",
    "-Infinity": "not finite",
    "[" * 100_000: "lists without an end",
    "[" * 100_000 + "]" * 100_000: "100,000 lists in each other",
    "[" * 300 + "]" * 300: "300 lists in each other",
    '{"a":' * 300 + "1" + "}" * 300: "300 objects in each other",
    '"\\ud800"': "half of a surrogate pair",
    '{"kind": 1, "kind": 2}': "a key twice",
}
VALUES: tuple[Any, ...] = (
    *(
        None,
        True,
        False,
        -1,
        0,
        1,
        7,
        2**31,
        2**53,
        2**63,
        -(2**63),
        2**64,
        10**30,
        -1.5,
        0.5,
        1e-320,
        1e308,
        "",
        "x",
        "nan",
        "1e400",
        "a" * 10_000,
    ),
    *(
        "../x",
        "/dev/zero",
        "\x00",
        "\x1b[2J",
        "samples-000000000064",
        [],
        {},
        [[]],
        [1, 2, 3],
        [-1],
        [3, 10**6, 10**6],
        [0],
        ["x"],
        [None],
        [10**30],
    ),
    *(
        {"a": 1},
        {"kind": "Cosine"},
        {"kind": "Recipe"},
        {"": ""},
        {"1": [1]},
        [{"name": "x"}],
        [{"name": "modes", "value": "x", "samples": -1}],
        [2] * 1000,
    ),
)
NAMES = ("state.json", "players.safetensors", "optimisers.safetensors", "game.safetensors")


class Hang(BaseException):
    """A command took too long; no `except Exception` stops it."""


class Outcome(NamedTuple):
    """What became of one command on one changed run."""

    seed: int
    change: str
    words: tuple[str, ...]
    code: int
    text: str  # stdout and stderr
    seconds: float

    @property
    def fault(self) -> str:
        """What is wrong with it, or an empty text."""
        if self.code not in CODES:
            return f"exit code {self.code}"
        if "Traceback" in self.text:
            return "traceback"
        return "memory" if "not enough memory" in self.text else ""

    def __str__(self) -> str:
        return (
            f"{self.seed}: {self.change}: {' '.join(self.words)}: {self.fault or self.code}: {self.text.strip()[-300:]}"
        )


def make(place: Path) -> None:
    """The sound runs `ring` and `pictures` in a folder, with looks of the doctor, scores and ratings."""
    place.mkdir(exist_ok=True)
    draw = np.random.default_rng(0)
    for number in range(60):
        folder = place / "own" / "ab"[number % 2]
        folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray(draw.integers(0, 255, (8, 8, 3), dtype=np.uint8)).save(folder / f"{number}.png")
    ganvas.train("ring", out=place / "ring", changes=RING)
    ganvas.train("cgan.concat", data=place / "own", labels="folders", size=8, out=place / "pictures", changes=PICTURES)
    for name in ("ring", "pictures"):
        run = Run(place / name)
        run.config.write_text(
            run.config.read_text().replace("\nsamples: 64\n", "\nsamples: 80\n")
        )  # so that a resume has rounds to play
        for look in range(6):
            signals = {
                "finite": 1.0,
                "x.finite": 1.0,
                "x.coverage": 0.5,
                "x.apart": 2.0,
                "D.ahead": 0.7,
                "G.turns": 0.5,
                "data.items": 180.0,
            }
            run.add(SignalsMeasured(samples=8 * look, time=1.0 + look, signals=signals))
            run.add(
                Progress(
                    samples=8 * look, time=1.0 + look, terms={"generator.adversarial": 0.7}, samples_per_second=100.0
                )
            )
    records: list[dict[str, Any]] = [
        {"session": "s", "kind": "session", "annotator": "j", "protocol": {"mode": "real or fake", "seed": 0}},
        {"session": "s", "kind": "rating", "place": 0, "truth": "fake", "answer": "real"},
    ]
    (place / "pictures" / "ratings.jsonl").write_text(
        "".join(json.dumps({"version": 1, "time": 1.0, **record}) + "\n" for record in records)
    )
    os.chdir(place)  # commands read and write below it
    for words in (
        ["eval", "pictures", "-n", "8", "--metrics", "diversity"],
        ["sample", "pictures", "-n", "2", "-o", "made.npz"],
        ["eval", "ring"],
    ):
        outcome = played(words, 0, "sound")
        assert outcome.code == 0, str(outcome)


def strike(seed: int, place: Path) -> Outcome:
    """The change and the command of this seed, on a copy of a run of `make`'s folder; the copy goes again."""
    random = Random(f"tampered {seed}")
    name = random.choice(("ring", "ring", "ring", "pictures"))
    run, cache = place / "run", place / "cache"
    shutil.copytree(place / name, run)
    shutil.copytree(os.environ["GANVAS_CACHE"], cache)
    with patch.dict(os.environ, {"GANVAS_CACHE": str(cache)}):
        try:
            change, words = CHANGES[random.choices(list(CHANGES), [weight for _, weight in CHANGES.values()])[0]][0](
                random, run, cache
            )
            return played(words, seed, f"{name}, {change}")
        finally:
            torch.set_num_threads(1)
            for folder in (run, cache, place / "other"):
                clear(folder)


def clear(folder: Path) -> None:
    """A folder with anything in it, or what has taken its place."""
    if folder.is_dir() and not folder.is_symlink():
        shutil.rmtree(folder)
    else:
        folder.unlink(missing_ok=True)


def played(words: list[str], seed: int, change: str) -> Outcome:
    """A command in this process, within SECONDS and ROOM."""
    out, err, begun = TextIOWrapper(open(os.devnull, "wb"), encoding="utf-8"), StringIO(), time.perf_counter()  # noqa: SIM115  # strict, as a terminal is
    with (
        patch.object(sys, "argv", ["ganvas", *words]),
        patch("ganvas.serve.human.serve", lambda *_, **__: None),
        patch("ganvas.sessions.launch.launch", lambda *_, **__: 5),
        out,
        redirect_stdout(out),
        redirect_stderr(err),
    ):
        try:
            with limited():
                command.main()
            code = 0
        except SystemExit as end:
            code = int(end.code or 0)
        except Hang:
            code = -1
    return Outcome(seed, change, tuple(words), code, err.getvalue(), time.perf_counter() - begun)


@contextmanager
def limited() -> Iterator[None]:
    """Hang after SECONDS; MemoryError beyond ROOM."""

    def ring(*_: Any) -> None:
        raise Hang

    before, (soft, hard) = signal.signal(signal.SIGALRM, ring), resource.getrlimit(resource.RLIMIT_AS)
    with suppress(OSError, ValueError):  # where the system says how much there is, and can limit it
        taken = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (taken + ROOM, hard))
    signal.alarm(SECONDS)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def reading(random: Random, run: Path) -> list[str]:
    """A command that reads the run."""
    made, quick = run.parent / "other", ["threads=1", "precision=fp32"]
    return random.choice(
        (
            ["resume", str(run)],
            ["resume", str(run)],
            [
                "sample",
                str(run),
                "-n",
                "2",
                "-o",
                str(made / "x.npz"),
                "--at",
                random.choice(("newest", "best", "48", "64", "x", "9" * 5000)),
            ],
            ["sample", str(run), "-n", "2", "-o", str(made / "x.npz")],
            [
                "eval",
                str(run),
                *random.choice(
                    (["--metrics", "diversity", "-n", "8"], ["--metrics", "recipe"], ["--metrics", "recipe"])
                ),
            ],
            ["eval", "human", str(run), "-n", "2", "--no-browser"],
            ["compare", str(run), str(run)],
            ["compare", str(run.parent / "ring"), str(run)],
            ["doctor", str(run)],
            ["verify", "made.npz", "--run", str(run)],
            ["train", "--init-from", str(run), "-o", str(made), "samples=16", *quick],
            ["recipes", "show", str(run / "config.yaml")],
        )
    )


def of_a_state(random: Random, run: Path, cache: Path) -> tuple[str, list[str]]:
    """One value of state.json, vouched for by the manifest."""
    path = checkpoint_of(random, run) / "state.json"
    return f"state.json, {changed_json(random, path)}{vouched(random, path)}", reading(random, run)


def of_a_manifest(random: Random, run: Path, cache: Path) -> tuple[str, list[str]]:
    """What a manifest names, and how."""
    folder = checkpoint_of(random, run)
    path = folder / "MANIFEST.json"
    tree = json.loads(path.read_text())
    name = random.choice(NAMES)
    how = random.randrange(4)
    if how == 0:
        del tree[name]
        (folder / name).unlink()
        said = f"without {name}"
    elif how == 1:
        other = random.choice(
            (
                "../../config.yaml",
                str(run / "config.yaml"),
                "/dev/zero",
                "/",
                "..",
                ".",
                "",
                "\x00",
                "a/b",
                "/proc/self/mem",
            )
        )
        tree[other] = tree.pop(name) if random.random() < 0.5 else tree[name]
        said = f"{name} is {other!r}"
    elif how == 2:
        (folder / name).write_bytes(b"")
        tree[name] = {"bytes": 0, "sha256": hashlib.sha256(b"").hexdigest()}
        said = f"{name} is empty"
    else:
        return f"MANIFEST.json, {changed_json(random, path)}", reading(random, run)
    path.write_text(json.dumps(tree))
    return f"MANIFEST.json, {said}", reading(random, run)


def of_tensors(random: Random, run: Path, cache: Path) -> tuple[str, list[str]]:
    """The header of a file of tensors, or its numbers."""
    path = checkpoint_of(random, run) / random.choice(NAMES[1:])
    data = path.read_bytes()
    length = struct.unpack("<Q", data[:8])[0]
    header, body = json.loads(data[8 : 8 + length]), data[8 + length :]
    how = random.randrange(8)
    if how == 0:
        size = random.choice((0, 1, 2**31, 2**63, 2**64 - 1, len(data)))
        path.write_bytes(struct.pack("<Q", size) + data[8:])
        said = f"header of {size} bytes"
    elif how == 1:
        path.write_bytes(data[: random.choice((0, 3, 8, 9, len(data) - 1))])
        said = "cut short"
    elif how == 2:
        path.write_bytes(data[: 8 + length] + bytes(random.choice((b"\xff", b"\x7f"))) * len(body))
        said = "numbers of one byte"
    elif how == 3 and header:
        header.pop(random.choice([*header]))
        said = "without a tensor"
        path.write_bytes(tensors(header, body))
    elif how == 4:
        header[
            random.choice(("x", "G", "G.network.", "Q.network.0.weight", "G.exp_avg.", "\ud800", "__metadata__"))
        ] = {
            "dtype": "F32",
            "shape": [1],
            "data_offsets": [len(body), len(body) + 4],
        }
        path.write_bytes(tensors(header, body + b"\0\0\0\0"))
        said = "with one more"
    elif how == 5:
        dtype, shape = (
            random.choice(("F32", "F64", "I64", "U8", "BF16", "F8_E4M3", "C64", "BOOL")),
            random.choice(([4], [], [0], [2, 2], [1] * 70)),
        )
        size = math.prod(shape) * {"F32": 4, "F64": 8, "I64": 8, "BF16": 2, "C64": 8}.get(dtype, 1)
        name = random.choice([*header] or ["x"])
        rest = [key for key in header if key not in (name, "__metadata__")]
        header, parts, place = {}, [], 0
        old = json.loads(data[8 : 8 + length])
        for key in rest:
            begin, end = old[key]["data_offsets"]
            header[key] = {**old[key], "data_offsets": [place, place + end - begin]}
            parts.append(body[begin:end])
            place += end - begin
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [place, place + size]}
        path.write_bytes(tensors(header, b"".join(parts) + bytes(size)))
        said = f"{name} is {dtype} {shape}"
    else:
        text = mutated(random, header)
        path.write_bytes(struct.pack("<Q", len(text)) + text + body)
        said = f"a header of {text[:80]!r}"
    return f"{path.name}, {said}{vouched(random, path)}", reading(random, run)


def tensors(header: Any, body: bytes) -> bytes:
    """A safetensors file."""
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + body


def of_facts(random: Random, run: Path, cache: Path) -> tuple[str, list[str]]:
    """One value of a JSON file beside the checkpoints."""
    path = run / random.choice(
        [name for name in ("environment.json", "status.json", "evaluation-val.json") if (run / name).exists()]
    )
    words = (
        ["compare", str(run), str(run)]
        if path.name.startswith("evaluation") and random.random() < 0.7
        else reading(random, run)
    )
    return f"{path.name}, {changed_json(random, path)}", words


def of_lines(random: Random, run: Path, cache: Path) -> tuple[str, list[str]]:
    """One line of a file of lines, or what stands between lines."""
    path = run / random.choice(
        [name for name in ("events.jsonl", "events.jsonl", "metrics.jsonl", "ratings.jsonl") if (run / name).exists()]
    )
    lines = path.read_bytes().splitlines()
    place = random.randrange(len(lines))
    how = random.randrange(6)
    if how == 0:
        lines[place] = lines[place][: random.randrange(len(lines[place]))]
    elif how == 1:
        lines[place] = random.randbytes(50).replace(b"\n", b"")
    elif how == 2:
        lines = [lines[place]] * 3
    else:
        lines[place] = mutated(random, json.loads(lines[place]), 0.6)
    path.write_bytes(b"\n".join(lines) + b"\n")
    reader = {
        "events.jsonl": ["doctor", str(run)],
        "metrics.jsonl": ["compare", str(run), str(run)],
        "ratings.jsonl": ["eval", "human", str(run), "-n", "2"],
    }
    words = reader[path.name] if random.random() < 0.6 else reading(random, run)
    return f"{path.name}, {lines[min(place, len(lines) - 1)][:120]!r}", words


def of_a_recipe(random: Random, run: Path, cache: Path) -> tuple[str, list[str]]:
    """One value of config.yaml, or YAML that grows."""
    path = run / "config.yaml"
    if random.random() < 0.2:
        path.write_text(path.read_text() + random.choice(GROWING))
        return "config.yaml grows", reading(random, run)
    text = mutated(random, yaml.safe_load(path.read_text()))
    path.write_bytes(text)  # JSON is YAML
    return "config.yaml, " + described(text), reading(random, run)


GROWING = (
    "\nstreams: {a: &a ["
    + "x," * 10
    + "x], "
    + ", ".join(f"{new}: &{new} [" + f"*{old}," * 10 + f"*{old}]" for old, new in pairwise("abcdefgh"))
    + "}\n",
    "\nstreams: &t {a: *t}\n",
    "\nstreams: {a: &a [*a]}\n",
    "\nphases: &p [{kind: Phase, samples: 1, changes: {x: *p}}]\n",
    "\nstreams: {a: 1e400, b: .nan, c: 2001-01-01, d: !!binary aGk=, e: !!set {x}, 3: 4, [1, 2]: x}\n",
    "\nstreams: {" + "{" * 5000,
    "\nstreams: !!python/object/apply:os.getcwd []\n",
    "\nstreams: {x: " + "1:" * 3000 + "1}\n",
    "\nstreams: {x: 0x" + "f" * 5000 + "}\n",
    "\x00",
    "\nstreams: {<<: [{a: 1}, {b: 2}], <<: {c: 3}}\n",
)


def of_bytes(random: Random, run: Path, cache: Path) -> tuple[str, list[str]]:
    """Bytes of any file."""
    path = random.choice([each for each in run.rglob("*") if each.is_file() and each.suffix != ".webp"])
    data = bytearray(path.read_bytes())
    how = random.randrange(4)
    if how == 0 and data:
        for _ in range(random.choice((1, 10))):
            data[random.randrange(len(data))] ^= 1 << random.randrange(8)
    elif how == 1:
        data = data[: random.choice((0, 3, len(data) // 2))]
    elif how == 2:
        data = bytearray(random.randbytes(200))
    else:
        place = random.randrange(len(data) + 1)
        data[place:place] = random.choice((b"\0", b"\xff\xfe", b"[" * 100_000, b"\xed\xa0\x80", b"1" * 5000))
    path.write_bytes(data)
    return f"bytes of {path.relative_to(run)}{vouched(random, path)}", reading(random, run)


def of_kinds(random: Random, run: Path, cache: Path) -> tuple[str, list[str]]:
    """Something else in the place of a file or a folder."""
    path = random.choice([each for each in run.rglob("*") if each.suffix != ".webp"])
    clear(path)
    kinds: dict[str, Callable[[], object]] = {
        "a pipe": lambda: os.mkfifo(path),
        "a folder": path.mkdir,
        "a link to nothing": lambda: path.symlink_to("nothing"),
        "a link to itself": lambda: path.symlink_to(path),
        "a device": lambda: path.symlink_to("/dev/zero"),
        "missing": lambda: None,
    }
    kind = random.choice([*kinds])
    kinds[kind]()
    return f"{path.relative_to(run)} is {kind}", reading(random, run)


def of_the_cache(random: Random, run: Path, cache: Path) -> tuple[str, list[str]]:
    """One value of an entry of the cache, or bytes of it."""
    path = random.choice([each for each in cache.rglob("*") if each.is_file() and each.name[0] != "."])
    if path.name == "entry.json" and random.random() < 0.8:
        said = changed_json(random, path)
    else:
        path.write_bytes(
            random.choice((b"", b"\0" * 100, path.read_bytes()[:-1], random.randbytes(path.stat().st_size)))
        )
        said = "bytes"
    own = str(run.parent / "own")
    words = random.choice(
        (
            ["data", "list"],
            ["data", "list", "--json"],
            ["data", "clear", "--all"],
            ["resume", str(run)],
            ["eval", str(run), "--metrics", "diversity"],
            [
                "train",
                "cgan.concat",
                "--data",
                own,
                "--labels",
                "folders",
                "--size",
                "8",
                "-o",
                str(run.parent / "other"),
                *(f"{k}={v}" for k, v in PICTURES.items()),
            ],
        )
    )
    return f"cache, {path.name}, {said}", words


def checkpoint_of(random: Random, run: Path) -> Path:
    """Mostly the newest."""
    every = sorted((run / "checkpoints").glob("samples-*"), reverse=True)
    return every[0] if random.random() < 0.7 else random.choice(every)


def vouched(random: Random, path: Path) -> str:
    """Mostly the manifest is made to agree."""
    manifest = path.parent / "MANIFEST.json"
    if path == manifest or not manifest.exists() or random.random() < 0.1:
        return ""
    data = path.read_bytes()
    tree: dict[str, Any] = json.loads(manifest.read_text())
    tree[path.name] = {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    manifest.write_text(json.dumps(tree))
    return ", vouched for"


def changed_json(random: Random, path: Path) -> str:
    """One value of a JSON file is another now; what it is, in words."""
    text = mutated(random, json.loads(path.read_text()))
    path.write_bytes(text)
    return described(text)


def described(text: bytes) -> str:
    found = re.search(rb"<([^<>]{1,60})>", text)
    return found[1].decode() if found else f"{len(text)} bytes"


def mutated(random: Random, tree: Any, hostile: float = 0.3) -> bytes:
    """JSON with one value replaced, taken away or renamed, anywhere in the tree; `hostile`: how often by what Python
    cannot write.
    """
    spots = list(inner(tree))
    holder, key = random.choice(spots) if spots and random.random() < 0.95 else (None, None)
    how = random.random()
    raw = random.choice([*RAW]) if random.random() < hostile else None
    value = "<raw>" if raw is not None else random.choice(VALUES)
    if holder is None:
        tree = value
    elif how < 0.15:
        del holder[key]
    elif how < 0.25 and isinstance(holder, dict):
        holder[random.choice(("x", "", "\x00", "../x", "a" * 1000, "kind", "9" * 5000))] = holder.pop(key)
    elif how < 0.35 and isinstance(holder, list):
        holder.append(value)
    else:
        holder[key] = value
    text = json.dumps(tree)
    return (text if raw is None else text.replace('"<raw>"', raw)).encode()


def inner(tree: Any) -> Iterator[tuple[Any, Any]]:
    """All places of a tree, as (list or object, key)."""
    for key in range(len(tree)) if isinstance(tree, list) else list(tree) if isinstance(tree, dict) else ():
        yield tree, key
        yield from inner(tree[key])


CHANGES: dict[str, tuple[Callable[[Random, Path, Path], tuple[str, list[str]]], int]] = {
    "state": (of_a_state, 4),
    "manifest": (of_a_manifest, 2),
    "tensors": (of_tensors, 3),
    "facts": (of_facts, 2),
    "lines": (of_lines, 4),
    "recipe": (of_a_recipe, 3),
    "bytes": (of_bytes, 2),
    "kinds": (of_kinds, 2),
    "cache": (of_the_cache, 1),
}

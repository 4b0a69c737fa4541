"""The names and texts of the package use the field's standard terms: STYLE's NAMES and WORDS, enforced room by room."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

SRC = Path(__file__).parents[1] / "src" / "ganvas"
COLUMNS = 120
IN_NAMES = re.compile(
    r"told|tells?|seen|sees?|said|says?|looks?|looked|thief|borne|whoever|beside|asked|gone|keeps?|kept|mend(s|ed)?"
    r"|deals?|dealt|hired?|crew|alone|pace|rung|words|aloud|anew"
)
IN_NAMES_ALLOWED = {"samples_seen"}
IN_DOCSTRINGS = re.compile(
    r"\b(told|tells?|(?<!samples )seen|said|looks?|looked|thief|borne|whoever|asked|gone|dealt|crew|hired?|rung|alone"
    r"|aloud|anew|where\b.{0,40}\blies?\b|(?:is|are) to be|of (?:one's|its|their|his|her) own)\b",
    re.IGNORECASE,
)
BARE = re.compile("check|read|write|shown|places|number|named|found|made|given|every|lines|of")
NAMES_OF_OTHERS = {("runs/read_provenance.py", "tell")}  # the interface of Python's files, which zipfile calls

FILES = sorted(SRC.rglob("*.py"))


def room_of(file: Path) -> str:
    """The folder of src/ganvas that a file is in, "" for the package's own."""
    return str(file.relative_to(SRC)).rpartition("/")[0]


ROOMS = sorted({room_of(file) for file in FILES})


@cache
def tree_of(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"))


def parts_of(name: str) -> list[str]:
    """The words of an identifier: read_all, ReadAll and READ_ALL are read and all."""
    return [part.lower() for part in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", name)]


def defined_names(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """(line, name) for each class, function, argument, variable, attribute and import alias that a file names."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.lineno, node.name
        elif isinstance(node, ast.arg):
            yield node.lineno, node.arg
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.lineno, node.id
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.lineno, node.attr
        elif isinstance(node, ast.alias) and node.asname:
            yield getattr(node, "lineno", 0), node.asname
        elif isinstance(node, ast.MatchAs | ast.MatchStar) and node.name:
            yield node.lineno, node.name


def first_docstring_lines(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """(line, first line) of each docstring."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            text = ast.get_docstring(node)
            if text:
                yield node.body[0].lineno, text.splitlines()[0]


def banned_names(file: Path) -> list[str]:
    name = str(file.relative_to(SRC))
    found = [(0, file.stem), *defined_names(tree_of(file))]
    return [
        f"{name}:{line}: the name {identifier} holds '{word}'"
        for line, identifier in sorted(set(found))
        if identifier not in IN_NAMES_ALLOWED and (name, identifier) not in NAMES_OF_OTHERS
        for word in filter(IN_NAMES.fullmatch, parts_of(identifier))
    ]


def banned_docstrings(file: Path) -> list[str]:
    return [
        f"{file.relative_to(SRC)}:{line}: the first docstring line holds '{found[0]}'"
        for line, text in first_docstring_lines(tree_of(file))
        if (found := IN_DOCSTRINGS.search(text))
    ]


def bare_functions(file: Path) -> list[str]:
    return [
        f"{file.relative_to(SRC)}:{node.lineno}: the function {node.name} does not say of what"
        for node in tree_of(file).body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and BARE.fullmatch(node.name)
    ]


def long_lines(file: Path) -> list[str]:
    return [
        f"{file.relative_to(SRC)}:{number}: {len(line)} columns"
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1)
        if len(line) > COLUMNS
    ]


@cache
def classes_of_one_name() -> dict[str, list[str]]:
    """For each room the classes that another module of the package defines under the same name."""
    where: dict[str, list[Path]] = defaultdict(list)
    for file in FILES:
        for node in tree_of(file).body:
            if isinstance(node, ast.ClassDef):
                where[node.name].append(file)
    faults: dict[str, list[str]] = defaultdict(list)
    for name, files in where.items():
        for room in {room_of(file) for file in files} if len(files) > 1 else ():
            faults[room].append(f"class {name}: {', '.join(str(file.relative_to(SRC)) for file in files)}")
    return faults


@cache
def faults_of(room: str) -> tuple[str, ...]:
    """All faults of a room, one line each."""
    files = [file for file in FILES if room_of(file) == room]
    rules = (banned_names, banned_docstrings, bare_functions, long_lines)
    faults = [fault for rule in rules for file in files for fault in rule(file)]
    return (*faults, *classes_of_one_name().get(room, ()))


@pytest.mark.parametrize("room", ROOMS)
def test_rooms_use_standard_terms(room: str) -> None:
    assert not faults_of(room), "\n" + "\n".join(faults_of(room))


def test_identifiers_are_split_at_underscores_and_capitals() -> None:
    assert parts_of("ReadXMPText_of2") == ["read", "xmp", "text", "of", "2"]
    assert parts_of("_samples_seen") == ["samples", "seen"]
    assert parts_of("FILE_BYTES") == ["file", "bytes"]


def test_names_of_every_kind_are_found() -> None:
    text = (
        "import x as told\nclass Thief:\n    crew: int\n    def look(self, said, *asked, **gone):\n"
        "        self.rung = [kept for kept in said]\n"
    )
    names = {name for _, name in defined_names(ast.parse(text))}
    assert names >= {"told", "Thief", "crew", "look", "said", "asked", "gone", "rung", "kept"}


@pytest.mark.parametrize(
    ("text", "banned"),
    [
        ("What was seen of them.", True),
        ("The number of samples seen.", False),
        ("Where the data lie.", True),
        ("Which file is to be read.", True),
        ("The Frechet distance.", False),
    ],
)
def test_first_docstring_lines_are_searched(text: str, banned: bool) -> None:
    assert bool(IN_DOCSTRINGS.search(text)) is banned

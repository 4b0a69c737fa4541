"""STYLE's starred lines, enforced."""

import ast
import importlib.util
import re
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, is_dataclass
from functools import cache
from pathlib import Path

import pytest

SRC = Path(__file__).parents[1] / "src" / "ganvas"
ROWS = (  # from the lowest
    ("base",),
    ("runs",),
    ("ingest", "ops"),
    ("domains", "data"),
    ("networks", "losses", "penalties", "augment"),
    ("metrics",),
    ("games",),
    ("training",),
    ("diagnosis",),
    ("recipes",),
    ("sessions",),
    ("weights",),
    ("evaluation",),
    ("applications",),
    ("lab", "serve"),
    ("cli",),
)
HEIGHT = {folder: height for height, row in enumerate(ROWS) for folder in row}
FILE_LINES, FUNCTION_LINES, OWN_MODULES, BLOCK, DUPLICATED = 300, 40, 6, 6, 0.05
UNLIMITED = ("recipes", "cli")
UNSAFE_MODULES = {"pickle", "cPickle", "dill", "cloudpickle", "marshal", "shelve", "joblib"}
UNSAFE_CALLS = {
    "eval",
    "exec",
    "torch.save",
    "torch.load",
    "yaml.load",
    "yaml.unsafe_load",
    "yaml.full_load",
    "os.system",
}
UNSAFE_SWITCHES = {"shell", "allow_pickle"}
CONVERTER = "weights/converter.py"  # the one place that may call torch.load, with weights_only=True
MACHINE_PATH = re.compile(r"(?<![\w.:/])/(home|root|work|tmp|Users|mnt|opt|var)/|[A-Z]:\\\\")

FILES = sorted(SRC.rglob("*.py"))


def each_file(law: Callable[[Path], None]) -> Callable[[], None]:
    """A test of a law that every file keeps; it names all files that do not. A test of each file would be thousands."""

    def test() -> None:
        broken = {}
        for file in FILES:
            try:
                law(file)
            except AssertionError as error:
                broken[str(file.relative_to(SRC))] = str(error)
        assert not broken, "\n".join(f"{name}: {error}" for name, error in broken.items())

    test.__name__ = law.__name__
    return test


@cache
def tree_of(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"))


def name_of(file: Path) -> str:
    parts = ("ganvas", *file.relative_to(SRC).with_suffix("").parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def folder_of(module: str) -> str:
    return module.split(".")[1] if "." in module else ""


MODULES = {name_of(file): file for file in FILES}


def is_face(module: str) -> bool:
    return MODULES[module].name == "__init__.py"


def under_type_checking(tree: ast.Module) -> set[ast.AST]:
    tests = [node for node in ast.walk(tree) if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)]
    return {inner for node in tests for statement in node.body for inner in ast.walk(statement)}


def imports(file: Path) -> Iterator[tuple[str, str]]:
    """(the package or module that a statement names, the module that is meant) for each of ours, at run time."""
    here = name_of(file)
    package = here if file.name == "__init__.py" else here.rpartition(".")[0]
    hidden = under_type_checking(tree_of(file))
    for node in ast.walk(tree_of(file)):
        if node in hidden:
            continue
        if isinstance(node, ast.Import):
            yield from ((alias.name, alias.name) for alias in node.names if alias.name.split(".")[0] == "ganvas")
        elif isinstance(node, ast.ImportFrom):
            base = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            named = ".".join([*base, *(node.module.split(".") if node.module else [])])
            if named.split(".")[0] == "ganvas":
                yield from (
                    (named, f"{named}.{alias.name}" if f"{named}.{alias.name}" in MODULES else named)
                    for alias in node.names
                )


def circles(graph: dict[str, set[str]]) -> list[str]:
    """Nodes that can reach themselves."""

    def reachable(start: str) -> set[str]:
        found: set[str] = set()
        waiting = list(graph[start])
        while waiting:
            node = waiting.pop()
            if node not in found:
                found.add(node)
                waiting += graph.get(node, ())
        return found

    return [node for node in graph if node in reachable(node)]


def test_every_file_that_breaks_a_law_is_named() -> None:
    def law(file: Path) -> None:
        assert file.name[0] < "z", file.stem

    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(globals(), "FILES", [SRC / name for name in ("z/one.py", "two.py", "zoo.py", "zero.py")])
        with pytest.raises(AssertionError, match=r"(?s)zoo\.py.*zero\.py") as found:
            each_file(law)()
    assert "two.py" not in str(found.value)


def test_the_map_knows_every_folder() -> None:
    assert {file.parent.name for file in FILES if file.parent != SRC} <= set(HEIGHT)


@each_file
def test_folders_are_one_deep(file: Path) -> None:
    assert len(file.relative_to(SRC).parts) <= 2


@each_file
def test_imports_point_down(file: Path) -> None:
    here = folder_of(name_of(file))
    if here not in HEIGHT:  # the root's own files stand above all
        return
    for _, meant in imports(file):
        there = folder_of(meant)
        if there in HEIGHT and there != here:
            assert HEIGHT[there] <= HEIGHT[here], f"{here}/ may not import {meant}"


def test_no_circles_between_folders() -> None:
    graph: dict[str, set[str]] = defaultdict(set)
    for file in FILES:
        here = folder_of(name_of(file))
        if here in HEIGHT:
            graph[here] |= {folder_of(meant) for _, meant in imports(file)} - {here, ""}
    assert circles(dict(graph)) == []


def test_no_circles_between_modules() -> None:
    graph: dict[str, set[str]] = {}
    for file in FILES:
        here = name_of(file)
        graph[here] = {meant for _, meant in imports(file)} - {here}
    assert circles(graph) == []


def test_base_imports_nothing_of_ours() -> None:
    outward = {
        meant
        for file in FILES
        for _, meant in imports(file)
        if folder_of(name_of(file)) == "base" and folder_of(meant) != "base"
    }
    assert outward == set()


@each_file
def test_files_are_short(file: Path) -> None:
    assert len(file.read_text(encoding="utf-8").splitlines()) <= FILE_LINES


@each_file
def test_functions_are_short(file: Path) -> None:
    functions = [node for node in ast.walk(tree_of(file)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    long = {node.name: lines for node in functions if (lines := body_lines(node)) > FUNCTION_LINES}
    assert long == {}


def body_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of a function without its signature and docstring: docstrings list every argument."""
    body = node.body[1:] if ast.get_docstring(node) is not None else node.body
    return (node.end_lineno or 0) - body[0].lineno + 1 if body else 0


@each_file
def test_few_modules_of_ours_are_imported(file: Path) -> None:
    if file.name == "__init__.py" or folder_of(name_of(file)) in UNLIMITED:
        return
    assert len(sorted({named for named, _ in imports(file)})) <= OWN_MODULES, sorted(
        {named for named, _ in imports(file)}
    )


def counted_lines(file: Path) -> list[tuple[int, str]]:
    skipped: set[int] = set()
    for node in ast.walk(tree_of(file)):
        if isinstance(node, ast.Import | ast.ImportFrom):
            skipped |= set(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    lines = enumerate(file.read_text(encoding="utf-8").splitlines(), start=1)
    return [
        (number, line.strip())
        for number, line in lines
        if line.strip() and not line.strip().startswith("#") and number not in skipped
    ]


def duplicated_share(texts: dict[str, list[tuple[int, str]]]) -> tuple[float, list[str]]:
    places: dict[tuple[str, ...], list[tuple[str, int]]] = defaultdict(list)
    for name, lines in texts.items():
        for start in range(len(lines) - BLOCK + 1):
            places[tuple(text for _, text in lines[start : start + BLOCK])].append((name, start))
    twice: set[tuple[str, int]] = set()
    for found in places.values():
        apart = [
            place
            for place in found
            if any(other[0] != place[0] or abs(other[1] - place[1]) >= BLOCK for other in found)
        ]
        twice |= {(name, start + offset) for name, start in apart for offset in range(BLOCK)}
    where = Counter(name for name, _ in twice)
    return len(twice) / sum(map(len, texts.values())), [f"{name}: {count} lines" for name, count in where.most_common()]


def test_little_is_duplicated() -> None:
    share, where = duplicated_share({str(file.relative_to(SRC)): counted_lines(file) for file in FILES})
    assert share < DUPLICATED, where


def test_the_count_of_duplicates_counts() -> None:
    block = [(number, f"line {number}") for number in range(6)]
    other = [(number, f"other {number}") for number in range(6)]
    assert duplicated_share({"a": block, "b": block + other})[0] == pytest.approx(12 / 18)
    assert duplicated_share({"a": block, "b": other})[0] == 0


@each_file
def test_nothing_is_unpickled_or_evaluated(file: Path) -> None:
    for node in ast.walk(tree_of(file)):
        if isinstance(node, ast.Import):
            assert not {alias.name.split(".")[0] for alias in node.names} & UNSAFE_MODULES
        elif isinstance(node, ast.ImportFrom) and not node.level:
            assert (node.module or "").split(".")[0] not in UNSAFE_MODULES
            assert not {f"{node.module}.{alias.name}" for alias in node.names} & UNSAFE_CALLS
        elif isinstance(node, ast.Call):
            on = {
                word.arg for word in node.keywords if isinstance(word.value, ast.Constant) and word.value.value is True
            }
            allowed = {"torch.load"} if "weights_only" in on and str(file.relative_to(SRC)) == CONVERTER else set()
            assert ast.unparse(node.func) not in UNSAFE_CALLS - allowed, f"line {node.lineno}"
            assert not on & UNSAFE_SWITCHES, f"line {node.lineno}"


@each_file
def test_no_path_of_a_machine(file: Path) -> None:
    found = [line for line in file.read_text(encoding="utf-8").splitlines() if MACHINE_PATH.search(line)]
    assert found == []


def test_machine_paths_are_told_from_urls() -> None:
    assert MACHINE_PATH.search('"/home/me/data"')
    assert not MACHINE_PATH.search("https://example.org/home/page")


@each_file
def test_public_things_have_docstrings(file: Path) -> None:
    tree = tree_of(file)
    bare = [
        node.name
        for node in tree.body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        and node.name[0] != "_"
        and not ast.get_docstring(node)
    ]
    assert bare == []
    assert ast.get_docstring(tree) or not tree.body, "the file says nothing of itself"


def test_losses_and_penalties_name_their_source() -> None:
    from ganvas.base.types import Loss
    from ganvas.penalties.contract import Penalty
    from ganvas.recipes.discover import fits, parts

    mathematics = [part for part in parts().values() if fits(part, Loss) or fits(part, Penalty)]
    assert {"NonSaturating", "R1"} <= {part.__name__ for part in mathematics}
    assert [part.__name__ for part in mathematics if "https://" not in (part.__doc__ or "")] == []


def test_every_part_is_frozen() -> None:
    from ganvas.recipes.discover import parts

    assert len(parts()) > 20
    thawed = [name for name, part in parts().items() if not (is_dataclass(part) and part.__dataclass_params__.frozen)]  # type: ignore[attr-defined]
    assert thawed == []


def undocumented_fields(part: type) -> list[str]:
    """Fields without an entry under Args in the docstring of the class or of one that it inherits from."""
    entries = "\n".join((base.__doc__ or "").partition("Args:")[2] for base in part.__mro__ if base is not object)
    documented = {name for line in re.findall(r"^\s+([\w, ]+):", entries, re.M) for name in line.split(", ")}
    return [each.name for each in fields(part) if each.name not in documented]


def test_every_part_documents_its_fields() -> None:
    from ganvas.recipes.discover import parts

    rooms = {"networks", "games", "losses", "penalties", "augment", "training"}
    found = {name: part for name, part in parts().items() if folder_of(part.__module__) in rooms}
    assert {"Dcgan", "Synthesis", "R1", "Adam"} <= found.keys()
    assert {name: lacking for name, part in found.items() if (lacking := undocumented_fields(part))} == {}


def test_a_field_without_an_entry_is_found() -> None:
    @dataclass
    class Part:
        """A part.

        Args:
            a, b: two numbers.
        """

        a: int
        b: int
        c: int

    assert undocumented_fields(Part) == ["c"]


def test_light_imports_leave_torch_alone() -> None:
    light = ["ganvas", "ganvas.runs", *(["ganvas.cli.main"] if importlib.util.find_spec("ganvas.cli.main") else [])]
    program = f"import sys, {', '.join(light)}; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"

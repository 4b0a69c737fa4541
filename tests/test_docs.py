"""The README and docs are true: blocks run; names, options, paths and numbers are those of the code."""

import ast
import inspect
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, replace
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
import torch
import typer.main
from PIL import Image
from torch import nn

import ganvas
from ganvas.cli import main
from ganvas.ingest import decode, decode_worker, listing, npz, tar, text_files
from ganvas.recipes.files import ALIASES
from ganvas.recipes.tiny import tiny_overrides

ROOT = Path(__file__).parents[1]
SRC = ROOT / "src" / "ganvas"
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
NOT_RUN = re.compile(r"<!-- not run: (.+) -->")
train = ganvas.train


class Block(NamedTuple):
    """A block of Python: the number of its first line, its text, and why it is not run; empty if it is."""

    line: int
    text: str
    not_run: str


def blocks(page: Path) -> Iterator[Block]:
    lines = page.read_text(encoding="utf-8").split("\n")
    for number, line in enumerate(lines):
        if line.startswith("```python"):
            end = lines.index("```", number)
            reason = NOT_RUN.fullmatch(lines[number - 1])
            yield Block(number + 2, "\n".join(lines[number + 1 : end]), reason[1] if reason else "")


def small(recipe: Any = None, **options: Any) -> Any:
    """`ganvas.train` for a second, for examples whose own size takes minutes."""
    changes = {"precision": "fp32", "threads": 1, "snapshots": 1, "saves": 1, "scorings": 1}
    kept = {name: value for name, value in options.items() if name not in ("minutes", "changes", "quiet")}
    if recipe == "mnist":
        return train(recipe, **kept, **few_digits(), changes=changes | tiny_overrides(recipe), quiet=True)
    changes |= {"samples": 640, "source.samples": 400} | ({"scores.0.n": 100} if recipe.scores else {})
    return train(recipe, **kept, changes=changes, quiet=True)


def digits(run: str, seed: int = 0) -> Any:
    return train("mnist", **few_digits(), out=run, changes={**DIGITS, "seed": seed}, quiet=True)


def few_digits() -> dict[str, Any]:
    """Data of 500 grey pictures of 28 x 28, in place of 70,000 digits."""
    if not Path("digits.npz").exists():
        x = np.random.default_rng(0).integers(0, 256, (500, 28, 28), np.uint8)
        np.savez("digits.npz", x=x, y=np.arange(500) % 10)
    return {"data": "digits.npz", "labels": "y"}


def evaluated(monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    """What the blocks of evaluate.md find: runs of digits, two folders of pictures, a network, features."""
    for seed, name in enumerate(("digits", "base-0", "base-1", "mine-0", "mine-1")):
        digits(f"runs/{name}", seed)
    for seed, folder in enumerate(("photos", "training")):
        Path(folder).mkdir()
        for number, picture in enumerate(np.random.default_rng(seed).integers(0, 256, (30, 28, 28), np.uint8)):
            Image.fromarray(picture).save(f"{folder}/{number}.png")
    network = nn.Sequential(nn.AdaptiveAvgPool2d(4), nn.Flatten())
    real = ganvas.evaluate
    few = {"n": 20, "metrics": ["frechet"]}
    monkeypatch.setattr(ganvas, "evaluate", lambda what, **options: real(what, **options | few))
    return {"network": network, "x": torch.randn(64, 8), "y": torch.randn(64, 8)}


def judged(monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    digits("runs/digits")
    return {"ask": lambda picture: "real" if picture.mean() > 20 else "fake"}


DIGITS = {
    "samples": 64,
    "batch_samples": 32,
    "generator.width": 4,
    "discriminator.width": 4,
    "precision": "fp32",
    "threads": 1,
    "snapshots": 0,
    "scorings": 1,
    "diagnoses": 0,
    "scores": [{"kind": "DigitScores", "n": 50}],
}
SETTINGS: Mapping[str, Callable[[pytest.MonkeyPatch], dict[str, object]]] = {
    "evaluate.md": evaluated,
    "human.md": judged,
}
USES: Mapping[str, Callable[[dict[str, Any]], Any]] = {  # the part that a page defines, in a recipe
    "add-a-game.md": lambda names: replace(ganvas.recipe("ring"), game=names["MatchFeatures"]()),
    "add-a-loss.md": lambda names: with_game(loss=names["RelativisticSquares"]()),
    "add-a-network.md": lambda names: with_generator(names["ResidualMlp"](width=8)),
    "add-a-penalty-or-view.md": lambda names: with_game(penalties=(names["Drift"](),)),
    "add-a-recipe.md": lambda names: names["spiral_relativistic"](),
    "add-a-source-or-domain.md": lambda names: replace(ganvas.recipe("ring"), source=names["Sines"](), scores=()),
}


def with_game(**fields: Any) -> Any:
    ring = ganvas.recipe("ring")
    return replace(ring, game=replace(ring.game, **fields))  # type: ignore[type-var]


def with_generator(network: Any) -> Any:
    ring = ganvas.recipe("ring")
    assert ring.G is not None
    return replace(ring, G=replace(ring.G, network=network))


@each_page
def test_python_blocks_run(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = list(blocks(page))
    if not found:
        return
    monkeypatch.chdir(tmp_path)
    if page.name != "python.md":  # its numbers are small by themselves
        monkeypatch.setattr(ganvas, "train", small)
    names: dict[str, Any] = {"__name__": "__main__"}
    if page.name in SETTINGS:
        names |= SETTINGS[page.name](monkeypatch)
    for block in found:
        if not block.not_run:
            exec(compile("\n" * (block.line - 1) + block.text, str(page), "exec"), names)
    if page.name in USES:
        assert small(USES[page.name](names)).state() == "finished"


@each_page
def test_calls_have_the_arguments_of_the_functions(page: Path) -> None:
    """Of blocks that are not run, too."""
    for block in blocks(page):
        for node in ast.walk(ast.parse(block.text)):
            if isinstance(node, ast.Call) and (function := public(node.func)) is not None:
                inspect.signature(function).bind(*node.args, **{word.arg or "": word.value for word in node.keywords})


@each_page
def test_blocks_import_public_names_alone(page: Path) -> None:
    """Modules may change in any version; what a page shows must not."""
    for block in blocks(page):
        for node in ast.walk(ast.parse(block.text)):
            if (
                isinstance(node, ast.ImportFrom)
                and (node.module or "").startswith("ganvas")
                and page.name != "human.md"
            ):
                face = import_module(node.module or "")
                assert {alias.name for alias in node.names} <= set(face.__all__), ast.unparse(node)
                assert node.module in {"ganvas", *(f"ganvas.{name}" for name in ganvas.__all__)}


def public(node: ast.expr) -> Any:
    """What `ganvas.x.y` in a block is, if it can be called."""
    dotted = ast.unparse(node)
    if not re.fullmatch(r"ganvas(\.\w+)+", dotted):
        return None
    found: Any = ganvas
    for name in dotted.split(".")[1:]:
        found = getattr(found, name)
    return found


def test_the_view_of_its_page_mirrors_reals_and_fakes() -> None:
    names: dict[str, Any] = {}
    for block in blocks(ROOT / "docs" / "add-a-penalty-or-view.md"):
        exec(block.text, names)
    x = torch.arange(4.0).expand(64, 1, 1, 4)
    seen = names["Mirror"]().view(x, ganvas.games.Draws("test", rows=range(64)), "real")
    same = (seen == x).all(3).flatten()
    assert torch.equal(seen[~same], x[~same].flip(3))
    assert 0 < int(same.sum()) < 64


@cache
def trees() -> list[ast.Module]:
    """The package's modules, parsed."""
    return [ast.parse(file.read_text(encoding="utf-8")) for file in SRC.rglob("*.py")]


@cache
def defined() -> dict[str, set[str]]:
    """Every class, function and constant of the package, with the names that the class's body and methods define."""
    found: dict[str, set[str]] = {}
    for tree in trees():
        for node in tree.body:
            for name in bound(node):
                found.setdefault(name, set()).update(members(node))
    return found


def bound(node: ast.stmt) -> list[str]:
    if isinstance(node, ast.ClassDef | ast.FunctionDef):
        return [node.name]
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    return [name.id for target in targets for name in ast.walk(target) if isinstance(name, ast.Name)]


def members(node: ast.stmt) -> set[str]:
    if not isinstance(node, ast.ClassDef):
        return set()
    own = {name for statement in node.body for name in bound(statement)}
    through_self = {
        each.attr
        for each in ast.walk(node)
        if isinstance(each, ast.Attribute) and isinstance(each.value, ast.Name) and each.value.id == "self"
    }
    return own | through_self


def spans(page: Path) -> list[str]:
    """Text in backticks."""
    text = re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    return re.findall(r"`([^`\n]+)`", text)


FOREIGN = {"Float", "Image", "KeyboardInterrupt", "None", "True", "False", "Content-Type"}  # of Python and others


@each_page
def test_names_in_backticks_are_of_the_code(page: Path) -> None:
    of_page = {name for block in blocks(page) for node in ast.parse(block.text).body for name in bound(node)}
    wrong = []
    for span in spans(page):
        match = re.match(r"([A-Z]\w*[a-z]\w*)(?:\.([a-z]\w*))?(?=$|[(.\[,])", span)
        if match and match[1] not in FOREIGN | of_page:
            name, member = match.groups()
            if name not in defined() or (member and defined()[name] and member not in defined()[name]):
                wrong.append(span)
    assert wrong == []


@each_page
def test_paths_of_files_are_there(page: Path) -> None:
    text = re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    paths = set(re.findall(r"(?<![\w/.])(?:[a-z_]+/)+[a-z_0-9]+\.py\b", text))
    missing = [path for path in paths if not any((root / path).exists() for root in (ROOT, SRC))]
    assert [path for path in missing if not path.startswith("gan_extras/")] == []


@each_page
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
        if not re.match(r"https?:|mailto:", target):
            path, _, anchor = target.partition("#")
            file = page if not path else page.parent / path
            assert file.exists(), target
            if anchor:
                assert anchor in anchors(file), target


def anchors(page: Path) -> set[str]:
    """Of headings, as they are made for a page."""
    heads = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


@cache
def options() -> set[str]:
    """Every --option of every command."""
    found, waiting = {"--help", "--json", "--quiet", "--verbose"}, [typer.main.get_command(main.app)]
    while waiting:
        command = waiting.pop()
        waiting += getattr(command, "commands", {}).values()
        found |= {name for each in command.params for name in (*each.opts, *each.secondary_opts)}
    return found


SCRIPTS = re.compile(r"`(benchmarks/|git )[^`]*`")
OTHER_PROGRAMS = re.compile(r"--(master|rdzv|node|max-restarts|nproc|nnodes|standalone|slow)")  # torchrun, pytest


@each_page
def test_options_are_those_of_the_command(page: Path) -> None:
    lines = page.read_text(encoding="utf-8").split("\n")
    named = {name for line in lines for name in re.findall(r"(?<![\w-])--[a-z][a-z0-9-]+", re.sub(SCRIPTS, "", line))}
    assert {name for name in named - options() if not OTHER_PROGRAMS.match(name)} == set()


@cache
def arguments() -> set[str]:
    """Every parameter of a function and field of a class of the package, and what overrides may call them."""
    nodes = [node for tree in trees() for node in ast.walk(tree)]
    of_classes = {name for names in defined().values() for name in names}
    return of_classes | {node.arg for node in nodes if isinstance(node, ast.arg)} | set(ALIASES)


@each_page
def test_settings_are_those_of_the_code(page: Path) -> None:
    """`name=value` and `part.name=value`, in backticks and after `ganvas train`."""
    text = page.read_text(encoding="utf-8")
    commands = " ".join(line for line in text.split("\n") if line.strip().startswith("ganvas train"))
    named = [match[1] for span in spans(page) for match in [re.match(r"([a-zA-Z_][\w.]*)=[^=\s]", span)] if match]
    named += re.findall(r"(?<=\s)'?([a-zA-Z_][\w.]*)=", commands)
    every = {part for name in named for part in name.split(".") if not part.isdigit() and not part.isupper()}
    assert every - arguments() - {"weights_only", "requires_grad"} == set()  # of torch


def test_every_error_and_its_exit_code_is_in_the_readme() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8").partition("## Exit codes")[2].partition("## ")[0]
    codes = {error.exit_code for name in ganvas.__all__ if issubclass_of_ours(error := getattr(ganvas, name))}
    assert {int(code) for code in re.findall(r"(?:^|· )(\d)(?= )", text, re.MULTILINE)} == codes | {0}


def issubclass_of_ours(value: object) -> bool:
    return isinstance(value, type) and issubclass(value, ganvas.GanvasError)


MIB = 2**20
DEFAULTS = {field.name: field.default for field in fields(ganvas.Recipe)}
NUMBERS: tuple[tuple[str, str], ...] = (  # page, and a text with numbers that are the code's
    ("limits.md", f"a side | {decode.LEAST_SIDE} to {decode.MOST_SIDE:,} pixels"),
    (
        "limits.md",
        f"{decode.MOST_PIXELS // 10**6} million pixels; {decode.MOST_DRAFT_PIXELS // 10**6} million for",
    ),
    ("limits.md", f"a file | {decode.MOST_BYTES // MIB} MiB"),
    ("limits.md", f"{decode.MOST_HELD // 10**6} MB by estimate; above {decode.EXCLUSIVE_BYTES // 10**6} MB"),
    ("limits.md", f"{decode_worker.MEMORY // MIB:,} MiB of address space"),
    ("limits.md", f"{decode_worker.SECONDS} s a picture"),
    ("limits.md", f"a zip | {listing.MOST_MEMBERS:,} members"),
    (
        "limits.md",
        f"an array x of more than {npz.LARGE['x'] // MIB} MiB, or y of more than {npz.LARGE['y'] // MIB} MiB, "
        f"may inflate {npz.MOST_RATIO} times",
    ),
    ("limits.md", f"a list, a table of labels | {text_files.MOST_BYTES // MIB} MiB"),
    ("limits.md", f"{tar.MOST_MEMBERS:,} members in a tar"),
    ("limits.md", f"broken pictures | {ganvas.data.Pictures.broken * 100:g} %"),
    ("doctor.md", f"`diagnoses={DEFAULTS['diagnoses']}`"),
)


@pytest.mark.parametrize(("page", "text"), NUMBERS)
def test_numbers_are_those_of_the_code(page: str, text: str) -> None:
    assert text in (ROOT / "docs" / page).read_text(encoding="utf-8")

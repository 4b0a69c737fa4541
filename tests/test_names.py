"""What `import ganvas` offers, and when it is loaded."""

import ast
import pkgutil
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

import ganvas
from ganvas.base.lazy import homes
from ganvas.recipes.discover import is_protocol
from test_house import HEIGHT

SRC = Path(ganvas.__file__).parent
FACES = [name for name in ganvas.__all__ if isinstance(getattr(ganvas, name), ModuleType)]
LAZY = ["ganvas", *(f"ganvas.{name}" for name in FACES)]
each_face = pytest.mark.parametrize("face", LAZY)


def test_every_name_that_is_listed_is_there() -> None:
    assert {
        "train",
        "resume",
        "load",
        "evaluate",
        "compare",
        "verify",
        "recipe",
        "recipes",
        "Recipe",
        "Run",
        "Model",
        "Evaluation",
        "Result",
        "GanvasError",
    } <= set(dir(ganvas))
    assert {"losses", "penalties", "networks", "games", "metrics", "data", "optimisers"} <= set(FACES)
    assert ganvas.recipe("ring") == ganvas.recipes.recipe("ring")
    assert ganvas.losses.Hinge is import_module("ganvas.losses.hinge").Hinge


@each_face
def test_a_face_lists_its_names_and_has_them(face: str) -> None:
    module = import_module(face)
    assert dir(module) == sorted(module.__all__)
    assert [name for name in dir(module) if getattr(module, name) is None] == []


@each_face
def test_no_name_of_a_face_is_that_of_a_module_in_its_folder(face: str) -> None:
    """Importing such a module would replace the name by the module."""
    folder = getattr(import_module(face), "__path__", ())
    modules = {module.name for module in pkgutil.iter_modules(folder)}
    assert {name for name, (_, attribute) in homes(face).items() if attribute} & modules == set()


def test_a_part_is_in_one_face() -> None:
    """Names of two faces would be documented twice. `Recipe`, `Result` and `recipe` are at the top besides."""
    listed = [name for face in LAZY[1:] for name in dir(import_module(face))]
    assert sorted(name for name in set(listed) if listed.count(name) > 1) == []


def test_every_part_that_ganvas_ships_is_in_a_face() -> None:
    from ganvas.base import types, updates
    from ganvas.domains.contract import Domain
    from ganvas.recipes.discover import fits, lacks, parts

    every = [(module, value) for module in (types, updates) for value in vars(module).values()]
    contracts = [value for module, value in every if is_protocol(value) and value.__module__ == module.__name__]
    contracts = [contract for contract in contracts if lacks(object, contract)]  # not those of a call alone
    contracts += [Domain, ganvas.games.Game, ganvas.data.Source, ganvas.metrics.Metric, ganvas.metrics.Extractor]
    contracts += [ganvas.penalties.Penalty, ganvas.augment.View, ganvas.schedules.Schedule]
    shipped = {name for name, part in parts().items() if any(fits(part, contract) for contract in contracts)}
    assert {"Hinge", "Mlp", "Ring", "Adam", "Ema", "Cosine", "Synthesis", "DigitScores"} <= shipped
    assert shipped - {name for face in LAZY for name in dir(import_module(face))} == set()


def test_a_face_offers_only_what_stands_below_it() -> None:
    for face in FACES:
        if face in HEIGHT:
            there = {home.split(".")[1] for home, _ in homes(f"ganvas.{face}").values()}
            assert {folder for folder in there if HEIGHT[folder] > HEIGHT[face]} == set(), face


def test_no_file_of_ours_imports_from_a_root_module() -> None:
    """`ganvas.optimisers` and `ganvas.schedules` stand above all folders; nothing below them may need them."""
    roots = {file.stem for file in SRC.glob("*.py")} - {"__init__", "__main__"}
    for file in SRC.glob("*/*.py"):
        named = {
            (node.module or "").split(".")[0] if node.module else alias.name
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
            if isinstance(node, ast.ImportFrom) and node.level == 2
            for alias in node.names
        }
        assert named & roots == set(), file


@each_face
def test_a_name_that_is_not_there(face: str) -> None:
    module = import_module(face)
    with pytest.raises(AttributeError) as caught:
        module.trian  # noqa: B018
    assert caught.value.name == "trian"
    assert caught.value.obj is module


def test_names_and_faces_are_listed_without_torch() -> None:
    program = f"""
import sys, ganvas
for name in {FACES}:
    dir(getattr(ganvas, name))
ganvas.Run, ganvas.GanvasError
print('train' in dir(ganvas), 'Hinge' in dir(ganvas.losses), 'torch' in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "True", "False"]

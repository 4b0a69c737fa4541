"""What the README and docs say of the code is so: blocks run; names, options, paths and numbers are those of the code."""

import ast
import inspect
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

import ganvas

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
    """`ganvas.train` at the recipe's tiny size, for examples whose own size takes minutes."""
    named = ganvas.recipe(recipe) if isinstance(recipe, str) else recipe
    tiny = {**named.tiny} or {"samples": 640, "source.samples": 400, "scores.0.n": 100}
    if isinstance(named.source, ganvas.data.Mnist):
        options |= few_digits()
        tiny |= {"scores": []}
    changes = {"precision": "fp32", "threads": 1, "snapshots": 1, "saves": 1, "scorings": 1, "looks": 1}
    options = {name: value for name, value in options.items() if name not in ("minutes", "changes", "quiet")}
    return train(
        named, changes={**changes, **tiny, "seed": len(list(Path.cwd().glob("runs/*")))}, quiet=True, **options
    )


def digits(run: str, seed: int = 0) -> Any:
    return train("mnist", **few_digits(), out=run, changes={**DIGITS, "seed": seed}, quiet=True)


def few_digits() -> dict[str, Any]:
    """Data of 200 grey pictures of 28 x 28, in place of 70,000 digits."""
    if not Path("digits.npz").exists():
        x = np.random.default_rng(0).integers(0, 256, (200, 28, 28), np.uint8)
        np.savez("digits.npz", x=x, y=np.arange(200) % 10)
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
    "looks": 0,
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
    tiny = {name: value for name, value in ring.tiny.items() if name != "generator.widths"}
    return replace(ring, G=replace(ring.G, network=network), tiny=tiny)


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

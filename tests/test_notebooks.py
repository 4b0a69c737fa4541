"""The notebooks of docs/notebooks run in a kernel, and draw the progress and the sheets in their cells."""

import ast
import inspect
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

import ganvas

ROOT = Path(__file__).parents[1]
PAGES = sorted((ROOT / "docs" / "notebooks").glob("*.ipynb"))
SHORT = {"samples": "1_280", "minutes": "0.3"}  # the one number of a page that a test changes
each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)


def code(page: Path) -> Iterator[str]:
    for cell in nbformat.read(page, as_version=4).cells:
        if cell.cell_type == "code":
            yield cell.source


def outputs(page: Path, folder: Path) -> list[dict[str, Any]]:
    """What the cells of a page show after it has run with a short training, as data by kind."""
    book = nbformat.read(page, as_version=4)
    changed = 0
    for cell in book.cells:
        for name, value in SHORT.items():
            cell.source, count = re.subn(rf"^{name} = [\d._]+", f"{name} = {value}", cell.source, flags=re.MULTILINE)
            changed += count
    assert changed == 1
    NotebookClient(book, timeout=800, kernel_name="python3", resources={"metadata": {"path": folder}}).execute()
    shown = [each for cell in book.cells if cell.cell_type == "code" for each in cell.outputs]
    return [dict(each.get("data", {"text/plain": each.get("text", "")})) for each in shown]


@each_page
def test_a_page_is_stored_without_outputs_and_calls_what_there_is(page: Path) -> None:
    nbformat.validate(book := nbformat.read(page, as_version=4))
    assert [cell for cell in book.cells if cell.get("outputs") or cell.get("execution_count")] == []
    for text in code(page):
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Call) and (dotted := re.fullmatch(r"ganvas\.(\w+)", ast.unparse(node.func))):
                keywords = {word.arg or "": word.value for word in node.keywords}
                inspect.signature(getattr(ganvas, dotted[1])).bind(*node.args, **keywords)


@pytest.mark.timeout(900)
@pytest.mark.parametrize(
    "page", [pytest.param(page, marks=pytest.mark.slow) for page in PAGES], ids=lambda page: page.stem
)
def test_a_page_runs_and_draws(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT / "src")]))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    shown = outputs(page, tmp_path)
    texts = "\n".join(each.get("text/plain", "") for each in shown)
    assert re.search(r" samples  started, [\d,]+ samples in all", texts), "the progress; its last line goes at the end"
    sheets = [each for each in shown if "data:image/webp;base64," in each.get("text/html", "")]
    assert len(sheets) >= 2
    assert any("<table" in each.get("text/html", "") for each in shown)

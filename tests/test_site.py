"""The pages of the documentation, as `make docs` builds them: without a warning, every public name, every page."""

import os
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import ganvas

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    to = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-b", "html", "-d", str(to / "trees")]
    environment = os.environ | {"PYTHONPATH": str(ROOT / "src")}
    done = subprocess.run(
        [*command, str(ROOT / "docs"), str(to / "html")], env=environment, capture_output=True, text=True, timeout=280
    )
    assert (done.returncode, done.stderr) == (0, "")
    return to / "html"


def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def test_every_page_is_there(site: Path) -> None:
    wanted = {page.relative_to(ROOT / "docs").with_suffix(".html") for page in (ROOT / "docs").rglob("*.md")}
    assert [page for page in wanted if not (site / page).is_file()] == []
    assert "Two commands" in text_of(site / "index.html"), "the README is the first page"
    assert 'href="track.html"' in text_of(site / "index.html")


def test_every_public_name_is_in_the_reference(site: Path) -> None:
    for face in ["ganvas", *(name for name in ganvas.__all__ if hasattr(getattr(ganvas, name), "__all__"))]:
        page = text_of(site / "api" / f"{face}.html")
        module = ganvas if face == "ganvas" else import_module(f"ganvas.{face}")
        named = {
            name
            for name in module.__all__
            if not name.startswith("_") and not hasattr(getattr(module, name), "__path__")
        }
        missing = {name for name in named if not re.search(rf"\b{name}\b", page)}
        assert missing == set(), face


def test_a_notebook_can_be_had_from_its_page(site: Path) -> None:
    links = re.findall(r'href="(_downloads/[^"]+\.ipynb)"', text_of(site / "notebooks.html"))
    assert len(set(links)) == len(list((ROOT / "docs" / "notebooks").glob("*.ipynb"))) == 3
    assert all((site / link).is_file() for link in links)


def test_what_a_page_loads_is_of_the_site(site: Path) -> None:
    """No font, script or picture from elsewhere: the site reads without a network."""
    text = text_of(site / "index.html")
    loaded = re.findall(r'<(?:script|img)[^>]* src="([^"]+)"', text) + re.findall(
        r'<link rel="stylesheet"[^>]* href="([^"]+)"', text
    )
    assert loaded
    assert [each for each in loaded if each.startswith(("http:", "https:", "//"))] == []

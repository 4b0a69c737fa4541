"""The pages' modules by TypeScript's checker, and the pages by axe, where .ci/run has installed them."""

import shutil
import subprocess
from pathlib import Path

import pytest

import ganvas
from browser import FOUND, Page, new_page
from ganvas.recipes import override, recipe
from ganvas.recipes.tiny import tiny_overrides
from serving import served

ROOT = Path(__file__).parents[2]
PAGES = ROOT / "src" / "ganvas" / "lab" / "pages"
MODULES = ROOT / ".node" / "node_modules"
TSC = MODULES / "typescript" / "bin" / "tsc"
AXE = MODULES / "axe-core" / "axe.min.js"
NODE = shutil.which("node")
STRICT = ["--noEmit", "--allowJs", "--checkJs", "--strict", "--target", "es2023", "--module", "es2022"]
STRICT += ["--skipLibCheck"]  # of TypeScript's own declarations
LINES = 300


@pytest.mark.parametrize("file", sorted(PAGES.glob("*.js")), ids=lambda file: file.name)
def test_modules_are_short_and_checked(file: Path) -> None:
    text = file.read_text()
    assert text.startswith("// @ts-check\n")
    assert len(text.splitlines()) <= LINES
    assert "innerHTML" not in text
    assert "http" not in text.replace("http://www.w3.org/2000/svg", ""), "nothing is loaded from elsewhere"


if NODE and TSC.is_file():

    def test_typescript_finds_nothing() -> None:
        found = subprocess.run(
            [str(NODE), str(TSC), *STRICT, "--lib", "es2023,dom,dom.iterable", str(PAGES / "main.js")],
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert found.stdout == ""
        assert found.returncode == 0


if FOUND and AXE.is_file():

    def faults(page: Page) -> list[str]:
        """What axe finds against WCAG 2.1 A and AA, colours included."""
        page.run(AXE.read_text() + "; 0")
        return list(
            page.run(
                "axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice']}).then(r => "
                "r.violations.flatMap(v => v.nodes.map(n => `${v.id}: ${n.target} ${n.failureSummary}`)))"
            )
        )

    def faults_of_both(page: Page) -> list[str]:
        """In light colours and in dark ones."""
        found = []
        for dark in (True, False):
            page.screen(1280, 900, dark=dark)
            found += faults(page)
        return found

    def test_axe_finds_nothing(tmp_path: Path) -> None:
        changes = {**tiny_overrides("cgan"), "precision": "fp32", "threads": 1}
        for name in ("one", "two"):
            ganvas.train(override(recipe("cgan"), changes), out=tmp_path / "runs" / name)
        with served(tmp_path / "runs") as address, new_page() as page:
            page.screen(1280, 900)
            page.call("Page.navigate", url=address)
            page.until("document.querySelectorAll('.runs tbody a').length === 2")
            assert faults_of_both(page) == []
            ids = page.run("[...document.querySelectorAll('.runs tbody a')].map(a => a.getAttribute('href').slice(1))")
            for place, there in {
                ids[0]: ".sheet img",
                f"compare={','.join(ids)}": ".compare .sheet img",
                f"explore={ids[0]}": ".sliders input",
                "sandbox": ".score",
                "sandbox=mode-collapse-both.5": ".guide:not([hidden]) h2",
                "tour": "#chapter-8",
            }.items():
                page.run(f"location.hash = '{place}'")
                page.until(f"document.querySelector('{there}') !== null", 60)
                page.run("document.querySelectorAll('details').forEach(each => { each.open = true; })")
                assert faults_of_both(page) == [], place

    def test_axe_finds_nothing_in_the_forms_of_a_page_with_control(tmp_path: Path) -> None:
        changes = {**tiny_overrides("cgan"), "precision": "fp32", "threads": 1}
        ganvas.train(override(recipe("cgan"), changes), out=tmp_path / "run")
        with served(tmp_path / "run", controls=True) as address, new_page() as page:
            page.screen(1280, 900)
            page.call("Page.navigate", url=address)
            page.until("document.querySelector('.sheet img') !== null", 30)
            page.run("document.querySelectorAll('details').forEach(each => { each.open = true; })")
            page.until("document.querySelector('.fork') !== null")
            for button, there in {".noted button": "#note-text", ".fork": "#fork-changes"}.items():
                page.run(f"document.querySelector('{button}').click()")
                page.until(f"document.querySelector('{there}') !== null")
                assert faults_of_both(page) == [], there
                page.run("document.querySelector('dialog').close()")
                page.until("document.querySelector('dialog') === null")
            page.choose(".language", "zh")
            page.until("document.documentElement?.lang.startsWith('zh')")
            page.until("document.querySelector('.sheet img') !== null", 30)
            assert faults_of_both(page) == []

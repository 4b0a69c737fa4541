"""How Sphinx makes pages of docs/*.md: `make docs`."""

import re
from pathlib import Path

from sphinx.application import Sphinx

from ganvas.base.version import VERSION

ROOT = Path(__file__).parents[1]
READMES = {"README.md": "index.md", "README.zh.md": "chinese.md"}  # in the repository, and as a page of the site
LINK = re.compile(r"\[([^\]]*)\]\((?!https?:|#)([^)#\s]+)([^)]*)\)")
TEXT = re.compile(r"<!-- text of (README[.\w]*\.md) -->")

project = "ganvas"
copyright = "the ganvas developers, Apache-2.0"
release = VERSION
extensions = ["myst_parser"]
exclude_patterns = ["_build", "notebooks"]
myst_heading_anchors = 4
html_theme = "furo"
html_title = f"ganvas {VERSION}"
html_copy_source = False


def of_the_root(match: re.Match[str]) -> str:
    """A link of a README as a page of docs needs it; one to what the site has not is text alone."""
    text, target, anchor = match.groups()
    if target.startswith("docs/"):
        return f"[{text}]({target.removeprefix('docs/')}{anchor})"
    outside = (ROOT / target).is_dir() or (target.endswith(".md") and target not in READMES)
    return text if outside else f"[{text}](../{target}{anchor})"


def with_readmes(app: Sphinx, page: str, source: list[str]) -> None:
    """The READMEs are pages of the site, under names of their own."""
    text = TEXT.sub(lambda found: LINK.sub(of_the_root, (ROOT / found[1]).read_text(encoding="utf-8")), source[0])
    for name, known in READMES.items():
        text = text.replace(f"](../{name}", f"]({known}")
    source[0] = text


def setup(app: Sphinx) -> None:
    """Called by Sphinx."""
    app.connect("source-read", with_readmes)

"""The list of recipes as it is shipped: read from a file, so that nothing of PyTorch is loaded for it."""

import json
from importlib import resources
from typing import NamedTuple

FILE = "catalogue.json"  # written by docs/generate_recipes.py


class Entry(NamedTuple):
    """A recipe in a list. `paper` ("Radford et al. 2016") and `url` are empty where it follows none.

    `module` is that of its function, such as "dcgan".
    """

    name: str
    kind: str
    what: str
    paper: str
    url: str
    module: str


def listed() -> list[Entry]:
    """All recipes, sorted by kind and name."""
    rows = json.loads((resources.files("ganvas.recipes") / FILE).read_text(encoding="utf-8"))
    return [Entry(**row) for row in rows]

"""Writes the list of recipes that the command prints from the recipes themselves: python docs/generate_recipes.py"""

import json
from importlib import resources
from pathlib import Path

from ganvas.recipes.catalogue_entries import entries
from ganvas.recipes.listed import FILE


def written() -> str:
    """The text of the file: a recipe a line."""
    lines = ",\n".join(json.dumps(each._asdict(), ensure_ascii=False) for each in entries())
    return f"[\n{lines}\n]\n"


if __name__ == "__main__":
    Path(str(resources.files("ganvas.recipes") / FILE)).write_text(written(), encoding="utf-8")

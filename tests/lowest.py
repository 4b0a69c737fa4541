"""Prints every dependency of pyproject.toml, those of extras too, at its lower bound, for `make test-lowest`."""

import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from packaging.version import Version

PYPROJECT = Path(__file__).parents[1] / "pyproject.toml"
NOT_USED = ("dev",)  # what the tests alone need; their own versions are those of constraints.txt


def lower_bounds(text: str) -> dict[str, Version]:
    """The highest lower bound of each package that a project and its extras name.

    Args:
        text: of pyproject.toml.

    Raises:
        ValueError: a dependency has no lower bound.
    """
    project = tomllib.loads(text)["project"]
    extras = [
        each for name, wanted in project["optional-dependencies"].items() if name not in NOT_USED for each in wanted
    ]
    found: dict[str, Version] = {}
    for requirement in map(Requirement, [*project["dependencies"], *extras]):
        bounds = [Version(each.version) for each in requirement.specifier if each.operator == ">="]
        if not bounds:
            raise ValueError(f"{requirement} has no lower bound")
        found[requirement.name] = max(*bounds, found.get(requirement.name, Version("0")))
    return found


if __name__ == "__main__":
    print("\n".join(f"{name}=={version}" for name, version in lower_bounds(PYPROJECT.read_text()).items()))

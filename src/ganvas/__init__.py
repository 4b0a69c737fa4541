"""ganvas trains, judges, explains and ships generative adversarial networks on your own data.

import ganvas
run = ganvas.train("mnist", minutes=3)
images = ganvas.load(run.path).sample(64, seed=0)
"""
# ruff: noqa: E402 (the path is put right before anything else is imported)

import os
import sys


def _keep_out_the_current_folder() -> None:
    """`python -m ganvas` looks for modules in the current folder first; that holds a person's data, and a file `csv.py` in it must not replace Python's own."""
    if sys.argv[:1] == ["-m"] and "-m ganvas" in " ".join(sys.orig_argv) and not sys.flags.safe_path:
        try:
            sys.path.remove(os.getcwd())
        except (OSError, ValueError):  # the folder was removed, or Python has not put it there
            return


_keep_out_the_current_folder()

from importlib import import_module
from typing import TYPE_CHECKING, Any

from .base.errors import GanvasError
from .base.version import VERSION as __version__

if TYPE_CHECKING:
    from . import recipes
    from .applications.verify import verify
    from .evaluation.compare_groups import Comparison, compare
    from .evaluation.evaluate import Evaluation, evaluate
    from .metrics.contract import Result
    from .recipes import Recipe, recipe
    from .runs import Run
    from .sessions.model import Model, load
    from .sessions.resume import resume
    from .sessions.train import train

__all__ = [
    "Comparison",
    "Evaluation",
    "GanvasError",
    "Model",
    "Recipe",
    "Result",
    "Run",
    "__version__",
    "compare",
    "evaluate",
    "load",
    "recipe",
    "recipes",
    "resume",
    "train",
    "verify",
]

_HOMES = {  # the module that each name is imported from, at its first use
    "Comparison": "evaluation.compare_groups",
    "Evaluation": "evaluation.evaluate",
    "Model": "sessions.model",
    "Recipe": "recipes",
    "Result": "metrics.contract",
    "Run": "runs",
    "compare": "evaluation.compare_groups",
    "evaluate": "evaluation.evaluate",
    "load": "sessions.model",
    "recipe": "recipes",
    "recipes": "",
    "resume": "sessions.resume",
    "train": "sessions.train",
    "verify": "applications.verify",
}


def __getattr__(name: str) -> Any:
    """Imported at first use: `import ganvas` alone must not wait for torch."""
    if name not in _HOMES:
        raise AttributeError(f"module 'ganvas' has no attribute '{name}'")
    home = _HOMES[name]
    return getattr(import_module(f"ganvas.{home}"), name) if home else import_module(f"ganvas.{name}")


def __dir__() -> list[str]:
    """What there is to use; completion shows these names without importing torch."""
    return sorted(__all__)

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
    from .applications.evaluate import evaluate
    from .applications.sample import Model, load
    from .applications.train import resume, train
    from .applications.verify import verify

__all__ = ["GanvasError", "Model", "__version__", "evaluate", "load", "resume", "train", "verify"]

_HOMES = {"evaluate": "evaluate", "train": "train", "resume": "train", "load": "sample", "Model": "sample", "verify": "verify"}


def __getattr__(name: str) -> Any:
    """Imported at first use: `import ganvas` alone must not wait for torch."""
    if name not in _HOMES:
        raise AttributeError(f"module 'ganvas' has no attribute '{name}'")
    return getattr(import_module(f"ganvas.applications.{_HOMES[name]}"), name)

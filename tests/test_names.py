"""What `import ganvas` offers, and when it is loaded."""

import subprocess
import sys

import pytest

import ganvas


def test_every_name_that_is_listed_is_there() -> None:
    assert {
        "train",
        "resume",
        "load",
        "evaluate",
        "verify",
        "recipe",
        "recipes",
        "Recipe",
        "Run",
        "Model",
        "Evaluation",
        "Result",
        "GanvasError",
    } <= set(dir(ganvas))
    assert dir(ganvas) == sorted(ganvas.__all__)
    for name in dir(ganvas):
        assert getattr(ganvas, name) is not None
    assert ganvas.recipe("ring") == ganvas.recipes.recipe("ring")


def test_a_name_that_is_not_there() -> None:
    with pytest.raises(AttributeError, match="trian"):
        ganvas.trian  # noqa: B018


def test_listing_the_names_does_not_import_torch() -> None:
    program = "import sys, ganvas; dir(ganvas); ganvas.Run; print('train' in dir(ganvas), 'torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "False"]

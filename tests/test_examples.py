"""The examples in docstrings of public parts run, and print what they say."""

import doctest
import inspect
import pkgutil
from importlib import import_module

import pytest

import ganvas.augment
import ganvas.losses
import ganvas.metrics
import ganvas.ops
import ganvas.penalties
from ganvas.base.types import Loss, Transform
from ganvas.recipes.discover import fits

FOLDERS = (ganvas.augment, ganvas.losses, ganvas.metrics, ganvas.ops, ganvas.penalties)
MODULES = [
    import_module(each.name) for face in FOLDERS for each in pkgutil.iter_modules(face.__path__, face.__name__ + ".")
]
PUBLIC = {
    f"{module.__name__}.{name}": value
    for module in MODULES
    for name, value in vars(module).items()
    if not name.startswith("_")
    and inspect.isroutine(value) | inspect.isclass(value)
    and value.__module__ == module.__name__
}
EXAMPLES = {name: value for name, value in PUBLIC.items() if ">>>" in (inspect.getdoc(value) or "")}


@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_an_example_prints_what_it_says(name: str) -> None:
    found = doctest.DocTestParser().get_doctest(inspect.getdoc(EXAMPLES[name]) or "", {}, name, None, None)
    report: list[str] = []
    result = doctest.DocTestRunner().run(found, out=report.append)
    assert result.attempted > 0
    assert result.failed == 0, "".join(report)


def test_every_loss_and_transform_has_an_example() -> None:
    bare = [
        name
        for name, value in PUBLIC.items()
        if isinstance(value, type)
        and value not in (Loss, Transform)
        and (fits(value, Loss) or fits(value, Transform))
        and name not in EXAMPLES
    ]
    assert bare == []
    assert len(EXAMPLES) >= 9

"""Faces that import their names at first use."""

import sys
from importlib import import_module
from pathlib import Path

import pytest

from ganvas.base.lazy import homes

FACE = """
from typing import TYPE_CHECKING

from ganvas.base.lazy import lazy_face

if TYPE_CHECKING:
    from . import whole
    from .heavy import Thing, other as renamed
    from .heavy import inner as inner
else:
    __getattr__, __dir__ = lazy_face(__name__)

__all__ = ["Thing", "renamed", "whole"]
"""


@pytest.fixture
def face(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    folder = tmp_path / "lazy_of_a_test"
    folder.mkdir()
    (folder / "__init__.py").write_text(FACE, encoding="utf-8")
    (folder / "heavy.py").write_text("Thing, other, inner = 1, 2, 3\n", encoding="utf-8")
    (folder / "whole.py").write_text("", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    for module in ("lazy_of_a_test", "lazy_of_a_test.heavy", "lazy_of_a_test.whole"):
        monkeypatch.setitem(sys.modules, module, None)
        monkeypatch.delitem(sys.modules, module)
    import_module("lazy_of_a_test")
    return "lazy_of_a_test"


def test_names_are_imported_at_their_first_use(face: str) -> None:
    module = import_module(face)
    assert dir(module) == ["Thing", "renamed", "whole"]
    assert f"{face}.heavy" not in sys.modules
    assert (module.Thing, module.renamed, module.inner) == (1, 2, 3)
    assert module.whole is sys.modules[f"{face}.whole"]
    with pytest.raises(AttributeError):
        module.other  # noqa: B018


def test_where_each_name_is_defined(face: str) -> None:
    assert homes(face) == {
        "whole": (f"{face}.whole", ""),
        "Thing": (f"{face}.heavy", "Thing"),
        "renamed": (f"{face}.heavy", "other"),
        "inner": (f"{face}.heavy", "inner"),
    }


def test_a_face_without_its_source_says_so(face: str, monkeypatch: pytest.MonkeyPatch) -> None:
    module = sys.modules[face]
    assert module.__spec__ is not None
    monkeypatch.setattr(module.__spec__, "loader", None)
    with pytest.raises(ImportError) as caught:
        homes(face)
    assert caught.value.name == face

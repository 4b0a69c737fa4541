"""docs/api is what the docstrings say today, and they say all that they must."""

import importlib.util
from inspect import cleandoc
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[1]
SCRIPT = ROOT / "docs" / "generate_api.py"


def loaded() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate_api", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


api = loaded()


@pytest.mark.parametrize("face", api.faces())
def test_every_public_name_has_arguments_returns_and_errors(face: str) -> None:
    assert [fault for entry in api.entries(face) for fault in api.faults(entry)] == []


@pytest.mark.parametrize("face", api.faces())
def test_every_public_name_is_on_its_page(face: str) -> None:
    page = (api.API / f"{face.rpartition('.')[2]}.md").read_text(encoding="utf-8")
    assert page == api.page(face), "run: python docs/generate_api.py"
    for entry in api.entries(face):
        assert f"\n## {entry.name}\n" in page


def test_there_is_no_page_of_a_face_that_is_gone() -> None:
    assert {file.name for file in api.API.glob("*.md")} == set(api.pages())


def test_a_docstring_is_read_by_section() -> None:
    doc = api.parsed(
        cleandoc("""What it is.

    More.

    Args:
        real, fake: logits [B, K],
            on two lines.
        n: a count: at least 1.

    Returns:
        float64 [B], of each sample.

    Raises:
        DataError: no data.
    """)
    )
    assert doc.first == "What it is."
    assert doc.names("Args") == {"real", "fake", "n"}
    assert doc.sections["Args"][0] == ("real, fake", "logits [B, K], on two lines.")
    assert doc.sections["Returns"] == [("", "float64 [B], of each sample.")]
    assert doc.names("Raises") == {"DataError"}


SOURCE = '''
from dataclasses import dataclass, field
from typing import ClassVar

@dataclass(frozen=True)
class Base:
    """Base."""

    first: int

@dataclass(frozen=True)
class Part(Base):
    """A part.

    Args:
        first: one.
        third: not there.
    """

    kind: ClassVar[str] = "part"
    second: float = field(default_factory=float)

    def __post_init__(self) -> None:
        if self.second < 0:
            raise ValueError("negative")

def function(x: int, *, y: int = 2) -> int:
    """It adds."""
    if x < 0:
        raise KeyError(x)
    return x + y

def bare(): ...
'''


@pytest.fixture
def face(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    (tmp_path / "face_of_a_test.py").write_text(SOURCE, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    return "face_of_a_test"


@pytest.mark.parametrize(
    ("name", "faults"),
    [
        ("Part", ["no Args for second", "Args for third, which it does not have", "no Raises for ValueError"]),
        ("function", ["no Args for x, y", "no Returns", "no Raises for KeyError"]),
        ("bare", ["nothing says what it is"]),
    ],
)
def test_what_a_docstring_lacks_is_found(face: str, name: str, faults: list[str]) -> None:
    entry = api.entry(face, name, face, name)
    assert api.faults(entry) == [f"{face}.{name}: {fault}" for fault in faults]


def test_a_signature_has_inherited_fields_and_defaults_as_they_are_written(face: str) -> None:
    assert api.signature(api.entry(face, "Part", face, "Part")) == "Part(first: int, second: float = float())"
    assert api.signature(api.entry(face, "function", face, "function")) == "function(x: int, *, y: int = 2) -> int"

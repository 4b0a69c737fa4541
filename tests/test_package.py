"""The wheel: the same bytes wherever it is built, all files, and of use in an environment that has nothing of ours."""

import hashlib
import os
import re
import subprocess
import sys
import sysconfig
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest
import yaml

import ganvas
from lowest import lower_bounds

ROOT = Path(__file__).parents[1]
MOST_BYTES = 35_000_000  # of the wheel: weights of two networks that score, and the digits, are 30 million of them


def call(*command: str | Path, folder: Path) -> str:
    clean = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "GANVAS_NO_SKIP")}
    done = subprocess.run(list(map(str, command)), cwd=folder, env=clean, capture_output=True, text=True, timeout=200)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def build(source: Path, to: Path, kind: str) -> Path:
    call(sys.executable, "-m", "hatchling", "build", "-t", kind, "-d", to, folder=source)
    (made,) = to.glob("*.whl" if kind == "wheel" else "*.tar.gz")
    return made


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The wheel of this tree, and the sdist."""
    to = tmp_path_factory.mktemp("dist")
    return build(ROOT, to, "wheel"), build(ROOT, to, "sdist")


def test_the_wheel_has_the_same_bytes_from_the_sdist_in_another_folder(
    built: tuple[Path, Path], tmp_path: Path
) -> None:
    wheel, sdist = built
    with tarfile.open(sdist) as tar:
        tar.extractall(tmp_path, filter="data")
    (source,) = tmp_path.iterdir()
    for file in source.rglob("*"):
        os.utime(file, (1e9, 1e9))  # another time
    again = build(source, tmp_path / "dist", "wheel")
    assert hashlib.sha256(again.read_bytes()).digest() == hashlib.sha256(wheel.read_bytes()).digest()


def test_the_wheel_has_every_file_and_stays_small(built: tuple[Path, Path]) -> None:
    wheel, _ = built
    inside = {name for name in zipfile.ZipFile(wheel).namelist() if name.startswith("ganvas/")}
    package = ROOT / "src" / "ganvas"
    files = {path.relative_to(package.parent).as_posix() for path in package.rglob("*") if path.is_file()}
    assert inside == {name for name in files if "__pycache__" not in name}
    assert "ganvas/py.typed" in inside
    assert wheel.stat().st_size < MOST_BYTES
    assert f"under {MOST_BYTES // 10**6} MB" in (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_wheel_is_of_use_in_an_empty_environment(built: tuple[Path, Path], tmp_path: Path) -> None:
    """Of use without the tree. Other packages are lent to it; `make release` installs them from the index."""
    venv = tmp_path / "venv"
    call(sys.executable, "-m", "venv", "--without-pip", venv, folder=tmp_path)
    python = venv / "bin" / "python"
    pip: list[str | Path] = [sys.executable, "-m", "pip", "--python", python, "--disable-pip-version-check"]
    call(*pip, "install", "--quiet", "--no-deps", "--no-index", built[0], folder=tmp_path)
    (home,) = (venv / "lib").glob("python*/site-packages")
    lent = [path for path in sys.path if path.endswith("site-packages")] or [sysconfig.get_path("purelib")]
    (home / "lent.pth").write_text("\n".join(lent))
    printed = call(venv / "bin" / "ganvas", "sample", "mnist-demo", "-n", "4", "-o", "grid.png", folder=tmp_path)
    assert "grid.png" in printed
    assert (tmp_path / "grid.png").stat().st_size > 0
    found = call(python, "-c", "import ganvas; print(ganvas.__file__)", folder=tmp_path).strip()
    assert Path(found).is_relative_to(venv)


def test_every_dependency_has_a_lower_bound() -> None:
    bounds = lower_bounds((ROOT / "pyproject.toml").read_text())
    assert {"torch", "tensorboardX", "wandb"} <= bounds.keys()
    extra = 'dependencies = ["a>=1.2,<3", "b>=2"]\noptional-dependencies = {x = ["a>=1.10"], dev = ["c"]}'
    assert {name: str(found) for name, found in lower_bounds(f"[project]\n{extra}").items()} == {"a": "1.10", "b": "2"}
    with pytest.raises(ValueError, match="no lower bound"):
        lower_bounds('[project]\ndependencies = ["a<3"]\noptional-dependencies = {}')


def test_the_lowest_run_has_every_extra() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    named = re.search(r"^EXTRAS := (.+)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert named
    assert set(named[1].split(",")) == extras.keys() - {"dev", "docs", "notebooks", "release"}


def test_the_citation_is_of_this_version() -> None:
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert (citation["version"], citation["license"]) == (ganvas.__version__, "Apache-2.0")
    assert {"cff-version", "message", "title", "authors"} <= citation.keys()

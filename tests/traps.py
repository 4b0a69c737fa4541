"""Folders whose files would be executed if the current folder stood on Python's path."""

from pathlib import Path

NAMES = ("csv", "json", "numpy", "random", "torch", "typing", "yaml")  # modules that ganvas and torch import


class Trap:
    """A folder with a file for each of NAMES that notes when it is executed."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.note = folder, folder / "executed.txt"
        folder.mkdir(parents=True, exist_ok=True)
        for name in NAMES:
            (folder / f"{name}.py").write_text(
                f"open({str(self.note)!r}, 'a').write('{name} ')\nraise ImportError('the wrong {name}')\n"
            )

    @property
    def executed(self) -> str:
        """The names of the files that were executed."""
        return self.note.read_text() if self.note.exists() else ""

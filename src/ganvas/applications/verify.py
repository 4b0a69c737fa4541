"""Whether files say that ganvas generated them, and which run did."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..base.errors import CheckFailed
from ..runs import MARKER, Run, checkpoints, read_mark
from ..runs.model_folder import is_model_folder, read_facts
from ..runs.run_files import CONFIG_BYTES
from ..sessions.found_model import found_model

PLAYERS = "players.safetensors"


@dataclass(frozen=True)
class Verified:
    """What was found in a file.

    A mark can be taken off, and put on another picture: the pixels are not compared with it.

    Args:
        file: the path.
        mark: tool, model and seed, or None where there is no mark.
        of_run: whether the mark names the run that was asked about; None: none was.
    """

    file: str
    mark: Mapping[str, Any] | None  # generated, tool, model, seed
    of_run: bool | None = None  # whether the mark is of the given run; None without one

    @property
    def holds(self) -> bool:
        """Whether the file has a mark, and it is of the given run where one is given."""
        return self.mark is not None and self.of_run is not False

    @property
    def text(self) -> str:
        """The content of the mark as a sentence."""
        if self.mark is None:
            return "no mark found"
        of_run = {None: "", True: ", of this run", False: ", NOT of this run"}[self.of_run]
        model, seed = self.mark["model"][:12], self.mark["seed"]
        return f"carries the mark of {self.mark['tool']}, model {model}, seed {seed}{of_run}"


def verify(file: Path | str, run: Path | str | None = None) -> Verified:
    """Read the mark that ganvas writes into generated files.

    Args:
        file: a PNG, WebP, TIFF, .wav, .npz or .csv file.
        run: asks whether the model of this run or model folder made it.

    Returns:
        What the mark says, and whether it is the run's.

    Raises:
        GanvasError: the file cannot be read, or there is no such run.
    """
    mark = read_mark(Path(file))
    of_run = None if run is None or mark is None else mark["model"] in models_of(found_model(run))
    return Verified(str(file), mark, of_run)


def models_of(place: Path) -> set[str]:
    """The SHA-256 values that files of a run or of a model folder may have as `model`."""
    if is_model_folder(place):
        weights = read_facts(place).weights
        return {weights.model, weights.sha256}
    return models(Run.open(place))


def models(run: Run) -> set[str]:
    """The SHA-256 values that a run's files may have as `model`.

    Those of the weights of each checkpoint that is still there, and, for previews, of the recipe now and earlier.
    """
    weights = set()
    for path in checkpoints.newest_first(run.checkpoints):
        try:
            weights.add(checkpoints.sha256(path / PLAYERS, inside=run.path))
        except FileNotFoundError:  # a damaged checkpoint has made nothing
            continue
        except OSError as error:
            raise CheckFailed(
                f"cannot read {path.name}/{PLAYERS}: {error.strerror or error}", where=str(path)
            ) from error
    try:
        earlier = run.earlier()
    except CheckFailed:  # the names of earlier recipes are lost, those of now are not
        earlier = []
    return weights | {hashlib.sha256(run.read_file(MARKER, CONFIG_BYTES)).hexdigest(), *earlier}

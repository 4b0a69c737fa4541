"""Training as people call it: from a recipe's name or a folder of pictures to a run directory."""

import os
import time
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any

from ..recipes import Recipe
from ..runs import Listener, Run
from .device import find_device, settings_kept
from .display import shown
from .plan import Data, PictureOptions, plan
from .start import trained


def train(
    recipe: str | Recipe | None = None,
    *,
    data: Data | None = None,
    size: str | int | tuple[int, int] | None = None,
    fit: str | None = None,
    channels: int | None = None,
    background: str | None = None,
    labels: str | None = None,
    range: str | None = None,
    encoding: str | None = None,
    flips: bool | None = None,
    init_from: str | os.PathLike[str] | None = None,
    out: Path | str | None = None,
    changes: Mapping[str, Any] | None = None,
    minutes: float | None = None,
    test: bool = False,
    device: str = "auto",
    listen: Listener | None = None,
    say: Callable[[str], None] | None = None,
    quiet: bool = False,
    parts: Recipe | Collection[Any] = (),
    on_signal: Callable[[str], object] | None = None,
) -> Run:
    """Train a recipe (a name, a .yaml file or a Recipe) with dotted `changes`; returns the run. Raises GanvasError, and KeyboardInterrupt after Ctrl-C.

    `data` are your own pictures (a folder, zip, list of files, .npz, shards, a pattern, or several) or a table of numbers; without a recipe one is chosen,
    and `minutes` is 20.
    `size` 64 or "64x48" (width x height), `fit` "crop", "pad" or "stretch", `channels` 1 or 3, `background` a colour for what is transparent,
    `labels` "folders", a .csv, "y" or "cls", `range` "0:4095", "min:max" or "1%:99%" for pictures of more than 8 bits: the values that become black and
    white; whatever is left out is guessed, and `say` is called with every guess and choice.
    `encoding` is that of a table's text, such as "latin-1". `flips` mirrors pictures in half of the passes. `init_from` is a run whose weights are the start.
    `minutes` sets the recipe's samples, so that the run ends about so long after the call, reading, scores and snapshots included.
    The run ends with scores on val. With `test` the finished run is scored on test too, which the ledger of test scorings counts (docs/evaluate.md).
    `listen` is called with every event. On a terminal and in a notebook a line shows how far the run is; `quiet` leaves it out.
    `parts` are classes of your own that a .yaml file or the run of `init_from` names, as in `load`; those that `recipe` and `changes` use need not be passed.

    After SIGINT (Ctrl-C) or SIGTERM the round ends and a checkpoint is written. Then KeyboardInterrupt is raised, or the process ends by SIGTERM; with
    `on_signal` it is called with the signal's name instead, and the run is returned. A second signal ends at once. In a thread that is not the main one,
    and where the program has a handler of its own for SIGTERM, that signal is left alone. torch's threads and global random generators are restored.
    """
    begun = time.monotonic()
    place = find_device(device)
    options = PictureOptions(size, fit, channels, background, labels, range, encoding, flips)
    with settings_kept(place), shown(quiet, listen, say) as heard:
        planned = plan(
            recipe,
            data=data,
            options=options,
            init_from=init_from,
            changes=changes,
            minutes=minutes,
            device=place.type,
            parts=parts,
        )
        session = trained(planned, place, out, heard, begun, test=test)
    return session.handed_back(on_signal)

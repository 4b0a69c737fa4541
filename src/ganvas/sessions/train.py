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
    device: str = "auto",
    listen: Listener | None = None,
    say: Callable[[str], None] | None = None,
    quiet: bool = False,
    parts: Recipe | Collection[Any] = (),
    on_signal: Callable[[str], object] | None = None,
) -> Run:
    """Train a recipe, or choose one for your own data, and return the run.

    After SIGINT (Ctrl-C) or SIGTERM the round ends and a checkpoint is written. Then KeyboardInterrupt is raised, or the process
    ends by SIGTERM; with `on_signal` it is called with the signal's name instead, and the run is returned. A second signal ends at
    once. In a thread that is not the main one, and where the program has a handler of its own for SIGTERM, that signal is left
    alone. torch's threads and global random generators are restored.

    Args:
        recipe: a name, a .yaml file or a Recipe; None: chosen for `data`.
        data: your own pictures (a folder, zip, list of files, .npz, shards, a pattern, or several) or a table of
            numbers.
        size: of the pictures: 64, or "64x48" (width x height) in pixels. This and the options up to `flips` are
            guessed where they are None.
        fit: "crop", "pad" or "stretch": how another shape is brought to this one.
        channels: 1 for grey, 3 for colour.
        background: colour behind transparent pixels, such as "white" or "#102030".
        labels: "folders", a table such as labels.csv, "y" of an .npz, or "cls" of shards.
        range: "0:4095", "min:max" or "1%:99%": the values that become black and white, in pictures of more than 8
            bits.
        encoding: of the text of a table or a list, such as "latin-1".
        flips: whether pictures are mirrored in half of the passes.
        init_from: a run whose weights are the start.
        out: the run's folder; None: a new one under runs/.
        changes: values or parts by dotted path, such as {"D.optimiser.lr": 1e-4, "seed": 1}.
        minutes: from the call to the end, reading, scores and snapshots included; it sets the recipe's samples. None:
            20 for a chosen recipe, else the recipe's samples.
        device: "cpu", "cuda" or "auto".
        listen: called with every event of the run.
        say: called with every guess and choice, a sentence each.
        quiet: show no progress, which is otherwise shown on a terminal and in a notebook.
        parts: classes of your own that a .yaml file or the run of `init_from` names; those that `recipe` and
            `changes` use need not be passed.
        on_signal: called with "SIGINT" or "SIGTERM" after such a signal has ended the run.

    Returns:
        The run, finished; with `on_signal`, finished or interrupted.

    Raises:
        GanvasError: the recipe or an option is wrong (UsageError), the data cannot be read (DataError), memory or
            disk is short (ResourceError), or training diverged (Diverged).
        KeyboardInterrupt: after SIGINT, when the last checkpoint is written, without `on_signal`.
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
        session = trained(planned, place, out, heard, begun)
    return session.handed_back(on_signal)

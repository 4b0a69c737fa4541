"""`ganvas.train`: trains a recipe, or one chosen for own data, and writes a run directory."""

import os
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..runs import Listener, Run
from .device import find_device, settings_restored
from .listeners import listening
from .plan import Data, PictureOptions, plan
from .start import trained

if TYPE_CHECKING:
    from ..recipes import Recipe
    from .event_callback import EventFunction


def train(
    recipe: "str | Recipe | None" = None,
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
    to: str | os.PathLike[str] | None = None,
    reverse: bool | None = None,
    scale: int | None = None,
    init_from: str | os.PathLike[str] | None = None,
    init_at: str = "newest",
    out: Path | str | None = None,
    changes: Mapping[str, Any] | None = None,
    minutes: float | None = None,
    test: bool = False,
    remedies: bool = True,
    device: str = "auto",
    on_event: Listener | None = None,
    on_message: Callable[[str], None] | None = None,
    quiet: bool = False,
    parts: "Recipe | Collection[Any]" = (),
    on_signal: Callable[[str], object] | None = None,
    callback: "EventFunction | None" = None,
    track: Sequence[str] = (),
) -> Run:
    """Train a recipe, or a recipe chosen for your own data, and return the run.

    The run ends with scores on val. After SIGINT (Ctrl-C) or SIGTERM the round ends and a checkpoint is written; a
    second signal ends at once. In a thread that is not the main one, and where the program has a handler of its own
    for SIGTERM, that signal is left to the program. torch's number of threads and global random generators are
    restored.

    Args:
        recipe: a name such as "mnist", the path of a .yaml file, or a Recipe; None to choose one for `data`.
        data: your own pictures (a folder, zip, list of files, .npz, shards, a pattern, or several of these), or a
            table of numbers. They replace the recipe's source.
        size: of the pictures, in pixels: 64, or "64x48" for width x height. None to choose by the data, as below.
        fit: "crop", "pad" or "stretch" for pictures of another shape.
        channels: 1 for grey, 3 for colour.
        background: a colour behind transparent pixels, such as "white" or "#102030"; "keep" keeps transparency.
        labels: "folders", the path of a .csv, "y" for that array of an .npz, or "cls" for shards.
        range: for pictures of more than 8 bits, the values that become black and white: "0:4095", "min:max" or
            "1%:99%".
        encoding: of the text of a table or list, such as "latin-1".
        flips: whether pictures are mirrored in half of the passes.
        to: for recipes that translate pictures (docs/picture-to-picture.md): the truths of the pictures of `data`, or
            the set that those are translated to.
        reverse: whether the pictures of `to` are translated to those of `data` instead.
        scale: the factor of super-resolution, instead of the recipe's own.
        init_from: the folder of a run whose weights are the start.
        init_at: its checkpoint: "newest", "best", "auto" or a number of samples, as in `load`.
        out: the folder of the run, which must be new; None for a new one under runs/.
        changes: overrides by dotted path, such as {"G.optimiser.lr": 1e-4}.
        minutes: from this call to the end of the run, with reading, scores and snapshots; sets the recipe's samples.
            20 if neither a recipe nor samples are given.
        test: whether to score the finished run on test too, which the ledger of test scorings counts
            (docs/evaluate.md).
        remedies: whether the run may go back to a checkpoint and train on with other settings where the doctor finds
            a full collapse or divergence, as often as the recipe's `remedies` says (docs/doctor.md). False for never.
        device: "cpu", "cuda", or "auto" for a GPU if there is one.
        on_event: called with every event of the run.
        on_message: called with a message for every inferred value and choice.
        quiet: whether to show no progress, which is otherwise shown on a terminal and in a notebook.
        parts: classes of your own that a .yaml file or the run of `init_from` names, as in `load`; those that
            `recipe` and `changes` use need not be passed.
        on_signal: called with "SIGINT" or "SIGTERM" after such a signal has ended the run; the run is returned then.
        callback: called with each event as a dict (its kind, samples, time, ...), in the process that writes. It
            returns None, "save" for a checkpoint after the round, or "stop" for one and the end of the run.
        track: names of trackers that follow the run, such as "tensorboard", "wandb" or "mlflow" (docs/track.md).

    Returns:
        The run, finished; with `on_signal`, finished or interrupted.

    Raises:
        UsageError: the recipe, an override or an option is wrong.
        DataError: the data cannot be read or do not fit.
        ResourceError: memory or disk do not suffice.
        Diverged: numbers that are not finite remained after two rollbacks.
        KeyboardInterrupt: after SIGINT, without `on_signal`; after SIGTERM the process ends by that signal.
    """
    started_at = time.monotonic()
    place = find_device(device)
    truths = None if to is None else os.fspath(to)
    options = PictureOptions(size, fit, channels, background, labels, range, encoding, flips, truths, reverse, scale)
    with settings_restored(place), listening(quiet, on_event, on_message, callback, track) as listeners:
        planned = plan(
            recipe,
            data=data,
            options=options,
            init_from=init_from,
            init_at=init_at,
            changes={**(changes or {}), **({} if remedies else {"remedies": 0})},
            minutes=minutes,
            parts=parts,
        )
        session = trained(planned, place, out, listeners, started_at, test=test)
    return session.result(on_signal)

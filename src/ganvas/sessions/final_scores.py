"""Which splits a finished run is scored on, the scores, and how the run ended."""

from typing import TYPE_CHECKING

from torch import nn

from ..base.errors import DataError
from ..metrics.grade import grade_of
from ..runs import Run, Scored, Stopped, chosen_checkpoint, chosen_scores, fingerprint_of_test, read_events, wants_test
from ..training import record_scores
from .ledger import add_scoring
from .load_model import load

if TYPE_CHECKING:
    from ..data.source import Split
    from ..recipes import Experiment
    from .session import TrainingSession


def open_splits(run: Run, experiment: "Experiment") -> tuple["tuple[Split, ...]", str]:
    """Read val, and test on request, before training, so that later changes of the data files have no effect.

    Returns:
        The splits, and the fingerprint of test; "" if the run is not scored on it.

    Raises:
        DataError: the data changed since the training split was read, or the test split since the run began.
    """
    splits: tuple[Split, ...] = ("val", "test") if wants_test(run) else ("val",)
    found = ""
    if "test" in splits:
        found = experiment.split_items("test").fingerprint
        if found != (fingerprint_of_test(run) or found):
            raise DataError(
                "the test split is not that of the start of this run: its data changed",
                where=str(run.path),
                hint="Restore the data, or train a new run on the changed data.",
            )
    for split in splits:
        experiment.stream(split)
    return splits, found


def score_finished(session: "TrainingSession") -> None:
    """Record the scores of the splits that were not scored at this position.

    A scoring on test is in the ledgers first, so that none is missing there. It is of the checkpoint that is used
    afterwards: an earlier one, where that is better on val.
    """
    run, samples = session.run, session.trainer.samples_seen
    events = [event for event in read_events(run.events) if isinstance(event, Scored) and event.samples == samples]
    scored = {event.split for event in events}
    for split in session.splits:
        if split not in scored:
            better = chosen_checkpoint(run) if split == "test" else None
            networks = session.networks() if better is None else earlier(session, better.samples)
            results = session.scorer(split).score(networks)
            if split == "test":
                add_scoring(session.test_fingerprint, model="", run=run.path)
            record_scores(run, samples, results, split, checkpoint=better.samples if better else None)


def earlier(session: "TrainingSession", samples: int) -> dict[str, nn.Module]:
    """The networks of an earlier checkpoint of the run, as `ganvas.load` has them."""
    networks = load(session.run.path, at=str(samples), parts=session.experiment.recipe).networks
    return {name: network.to(session.trainer.device) for name, network in networks.items()}


def record_end(session: "TrainingSession", reason: str) -> None:
    """Record why the run ended, and the grade of a finished one."""
    found = grade_of(chosen_scores(session.run)) if reason == "finished" else None
    grade = {"grade": vars(found)} if found else {}
    session.run.add(Stopped(**session.now(), reason=reason, notes=grade))
    facts = {"reason": reason, "samples": session.trainer.samples_seen, **grade}
    session.run.status("finished" if reason == "finished" else "interrupted", **facts)

"""The best scores of a run so far, and the checkpoints that reached them."""

from collections.abc import Collection, Iterable
from typing import Any

from ..metrics.contract import Result
from ..runs.checkpoint_state import BestScore


class BestScores:
    """The best value of each metric's primary score that has a direction, with the position of its checkpoint.

    Attributes:
        scores: best values of checkpoints that are written, by score name.
        pending: the same with those of the checkpoint that is about to be written; empty if none is better.
    """

    def __init__(self) -> None:
        self.scores: dict[str, BestScore] = {}
        self.pending: dict[str, BestScore] = {}

    def record(self, results: Iterable[Result], headlines: Collection[str], samples: int, *, since: int = 0) -> bool:
        """True if a primary score improved on its best so far; it counts once `commit` reports a written checkpoint.

        Args:
            results: of one scoring.
            headlines: names of the primary scores, the first metric's first.
            samples: samples seen at the scoring.
            since: samples at which the rules of training last changed; earlier scores no longer count.
        """
        self.scores = {name: mark for name, mark in self.scores.items() if mark.samples > since}
        better = {
            result.name: BestScore(result.name, result.value, samples)
            for result in results
            if result.name in headlines and self.beats(result)
        }
        whole = self.scores | better
        self.pending = {name: whole[name] for name in headlines if name in whole} if better else {}
        return bool(better)

    def commit(self, written: bool) -> None:
        """Called after an attempt to write the checkpoint: `written` says whether it succeeded."""
        self.scores, self.pending = self.pending if written and self.pending else self.scores, {}

    def beats(self, result: Result) -> bool:
        """True if a result is better than the best so far; False for results without a direction and for NaN."""
        if result.lower_is_better is None or result.value != result.value:
            return False
        if result.name not in self.scores:
            return True
        before = self.scores[result.name].value
        return result.value < before if result.lower_is_better else result.value > before

    @property
    def primary_at(self) -> int | None:
        """Samples seen at the best value of the first metric's primary score; None before the first."""
        return next((mark.samples for mark in self.scores.values()), None)

    @property
    def samples(self) -> set[int]:
        """Samples seen at the checkpoints that hold a best score."""
        return {mark.samples for mark in (*self.scores.values(), *self.pending.values())}

    def to_json(self) -> list[dict[str, Any]]:
        """The best scores as a tree for a checkpoint's state.json."""
        return [dict(vars(mark)) for mark in (self.pending or self.scores).values()]

    def restore(self, saved: Iterable[BestScore]) -> None:
        """Set the best scores to those of a checkpoint's state."""
        self.scores = {mark.name: mark for mark in saved}

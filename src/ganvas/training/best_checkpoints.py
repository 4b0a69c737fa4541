"""The best scores of a run so far, and the checkpoints that hold them."""

from collections.abc import Collection, Iterable
from typing import Any

from ..metrics.contract import Result
from ..runs.checkpoint_state import BestScore


class BestScores:
    """The scores of every metric's headline, as far as it has a better and a worse; the first metric's first."""

    def __init__(self) -> None:
        self.scores: dict[str, BestScore] = {}
        self.pending: dict[str, BestScore] = {}  # of the checkpoint that is about to be written

    def record(self, results: Iterable[Result], headlines: Collection[str], samples: int) -> bool:
        """Whether any headline, the first metric's first, was never better. It counts once its checkpoint is written: `settle` says."""
        better = {
            result.name: BestScore(result.name, result.value, samples)
            for result in results
            if result.name in headlines and self.beats(result)
        }
        whole = self.scores | better
        self.pending = {name: whole[name] for name in headlines if name in whole} if better else {}
        return bool(better)

    def commit(self, written: bool) -> None:
        """What came of the checkpoint."""
        self.scores, self.pending = self.pending if written and self.pending else self.scores, {}

    def beats(self, result: Result) -> bool:
        """Whether a result is better than the best so far; one that has no better is not."""
        if result.lower_is_better is None or result.value != result.value:
            return False
        if result.name not in self.scores:
            return True
        before = self.scores[result.name].value
        return result.value < before if result.lower_is_better else result.value > before

    @property
    def samples(self) -> set[int]:
        """Where the checkpoints worth keeping stand."""
        return {mark.samples for mark in (*self.scores.values(), *self.pending.values())}

    def to_json(self) -> list[dict[str, Any]]:
        """For a checkpoint's state.json."""
        return [dict(vars(mark)) for mark in (self.pending or self.scores).values()]

    def restore(self, saved: Iterable[BestScore]) -> None:
        """The scores of a checkpoint's state."""
        self.scores = {mark.name: mark for mark in saved}

"""The best scores of a run so far, and the checkpoints that hold them."""

from collections.abc import Collection, Iterable

from ..metrics.contract import Result


class Best:
    """{name: {"value", "samples"}} of every metric's headline, as far as it has a better and a worse."""

    def __init__(self) -> None:
        self.marks: dict[str, dict[str, float]] = {}

    def note(self, results: Iterable[Result], headlines: Collection[str], samples: int) -> bool:
        """Whether any headline was never better."""
        better = [result for result in results if result.name in headlines and self.beats(result)]
        self.marks |= {result.name: {"value": result.value, "samples": samples} for result in better}
        return bool(better)

    def beats(self, result: Result) -> bool:
        """Whether a result is better than the best so far; one that has no better is not."""
        if result.lower_is_better is None or result.value != result.value:
            return False
        if result.name not in self.marks:
            return True
        before = self.marks[result.name]["value"]
        return result.value < before if result.lower_is_better else result.value > before

    @property
    def samples(self) -> set[int]:
        """Where the checkpoints worth keeping stand."""
        return {int(mark["samples"]) for mark in self.marks.values()}

"""Captions of pictures that do not exist, from a small grammar: English whose every sentence can be checked."""

from dataclasses import dataclass

from ..base.draws import uniform_rows
from ..base.types import Count
from .source import Items, Split
from .text_lines import as_array, split_lines

SIZES = ("", "small ", "large ")
COLOURS = ("black", "white", "red", "green", "blue", "brown", "grey", "yellow")
THINGS = ("dog", "cat", "bird", "horse", "man", "woman", "child", "bus", "bench", "kite", "boat", "clock")
PLACES = ("on a", "beside a", "behind a", "in front of a", "near a")
CHOICES = (SIZES, COLOURS, THINGS, PLACES, SIZES, COLOURS, THINGS)


@dataclass(frozen=True)
class MadeCaptions:
    """Different sentences such as "a small brown dog beside a red bench".

    Args:
        samples: how many are drawn, over all splits, before repeated ones are left out; 5 % of them are val and 5 %
            test, at least 50.
        seed: of the draws and of the splits.
    """

    samples: Count = 5_000
    seed: int = 0

    def items(self, split: Split) -> Items:
        u = uniform_rows((self.seed, "captions"), range(self.samples), len(CHOICES))
        lines = list(dict.fromkeys(caption(row.tolist()) for row in u))
        return Items(x=as_array(split_lines(lines, self.seed)[split]))


def caption(u: list[float]) -> str:
    """A sentence from uniform numbers, one for each choice."""
    size, colour, thing, place, other, hue, last = (
        choice[int(number * len(choice))] for choice, number in zip(CHOICES, u, strict=True)
    )
    return f"a {size}{colour} {thing} {place} {other}{hue} {last}"

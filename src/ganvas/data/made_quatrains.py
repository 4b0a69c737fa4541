"""Quatrains of characters drawn at random under the rules of tones and rhyme: a language whose form can be checked."""

from dataclasses import dataclass
from typing import Literal

from ..base.draws import uniform_rows
from ..base.types import Count
from .source import Items, Split
from .text_lines import as_array, split_lines

LEVEL = {  # characters of a level tone in today's standard Chinese, by their rhyme
    "eng": "青情驚庭鳴陵亭靈晴生聲城成燈東宮終松公",
    "an": "天千煙憐閑先偏田山寒三然安殘",
    "en": "人門深塵真恩心今新林因秦君雲",
    "ang": "江陽香楊芳傷常腸黃霜雙",
    "ou": "秋流遊幽悠",
    "i": "時西溪期啼絲詩稀",
}
OBLIQUE = "日自此事裏似起亦碧氣四世憶寄寂死使細始紫樹入復故暮舞楚五物住木影靜病鏡景定水未醉對翠桂酒柳舊又久在海帶愛萬斷晚亂到照老早半岸暗伴欲玉綠我坐所後口手小曉笑夜妾"  # noqa: E501
LINES = 4


@dataclass(frozen=True)
class MadeQuatrains:
    """Poems of four lines of 5 or 7 characters that mean nothing, without punctuation.

    Of each line the characters 2, 4 (and 6) alternate between level and oblique tones; line 2 begins this the other way
    round than line 1, line 3 as line 2, line 4 as line 1. Lines 2 and 4 end in two different characters of one rhyme,
    lines 1 and 3 in an oblique tone. All else is drawn uniformly.

    Args:
        samples: how many, over all splits; 5 % of them are val and 5 % test, at least 50.
        length: characters of a line.
        seed: of the draws and of the splits.
    """

    samples: Count = 5_000
    length: Literal[5, 7] = 5
    seed: int = 0

    def items(self, split: Split) -> Items:
        u = uniform_rows((self.seed, "quatrains"), range(self.samples), LINES * self.length + 2)
        poems = list(dict.fromkeys(poem(row.tolist(), self.length) for row in u))
        return Items(x=as_array(split_lines(poems, self.seed)[split]))


def poem(u: list[float], length: int) -> str:
    """A poem from uniform numbers, one for each character, one for the rhyme and one for the pattern."""
    *drawn, of_rhyme, of_pattern = u
    rhyme = list(LEVEL.values())[int(of_rhyme * len(LEVEL))]
    every, level = "".join(LEVEL.values()) + OBLIQUE, "".join(LEVEL.values())
    begins = [of_pattern < 0.5]
    begins += [not begins[0], not begins[0], begins[0]]
    made: list[str] = []
    for line in range(LINES):
        for place in range(length):
            if place == length - 1:
                others = rhyme.replace(made[2 * length - 1], "") if line == 3 else rhyme
                choice = others if line % 2 else OBLIQUE
            elif place % 2:
                choice = level if begins[line] == (place % 4 == 1) else OBLIQUE
            else:
                choice = every
            made.append(choice[int(drawn[line * length + place] * len(choice))])
    return "".join(made)

"""English captions of pictures, as text."""

from dataclasses import replace

from ..data.made_captions import MadeCaptions
from ..domains.text import Text
from .schema import Recipe
from .text import TINY as TINY
from .text import text


def captions() -> Recipe:
    """Captions, by words.

    COCO captions with --data, one a line; else sentences of a small grammar. The 2,000 most frequent words; the
    recipe text besides.
    """
    return replace(text(), source=MadeCaptions(), domain=Text(tokens="words", most=2_000, longest=30))

"""The evaluation of poems: what every text has, and rhyme, tones and lines beside those of held-out poems."""

from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from ..base.errors import MissingExtra
from ..metrics import Result
from ..metrics.poem_form import CLASSES, Reading, poem_results
from .evaluation import Evaluation
from .recipe_scores import evaluate_recipe

if TYPE_CHECKING:
    from ..data.source import Split
    from ..sessions.model import Model

LEAST = 50  # poems of each side


def evaluate_poems(model: "Model", split: "Split", seed: int) -> Evaluation:
    """The evaluation of a run on poems (domain Poems).

    Raises:
        DataError: its data are missing or have changed.
        MissingExtra: pypinyin is not installed.
    """
    found = evaluate_recipe(model, split, seed)
    return replace(found, results=(*found.results, *poem_scores(model, split, seed)))


def poem_scores(model: "Model", split: "Split", seed: int, temperature: float | None = None) -> Iterator[Result]:
    """Scores of the form, each beside that of the held-out poems. Raises MissingExtra without pypinyin."""
    domain: Any = model.domain
    held = [domain.cut(poem) for poem in model.experiment.split_items(split).x.tolist()]
    made = [domain.cut(poem) for poem in model.sample(max(LEAST, len(held)), seed=seed, temperature=temperature)]
    length = model.spec.shape[0] // domain.lines
    further = {"split": split, "seed": seed, "spec_sha256": model.spec.sha256}
    for mine, real in zip(*(poem_results(side, reading, length) for side in (made, held)), strict=True):
        yield replace(mine, real_vs_real=real.value, protocol={**mine.protocol, **further})


@lru_cache(maxsize=20_000)
def reading(character: str) -> Reading | None:
    """The usual reading of a character in today's standard Chinese, by pypinyin; None for one without.

    Raises:
        MissingExtra: pypinyin is not installed.
    """
    try:
        from pypinyin import Style, pinyin
    except ImportError as error:
        raise MissingExtra("tones and rhymes need pypinyin", hint='pip install "ganvas[text]"') from error
    if not character:
        return None
    found = pinyin(character, style=Style.FINALS_TONE3, strict=True, errors="ignore")
    if not found or not found[0][0][-1:].isdigit():
        return None
    final, tone = found[0][0][:-1], found[0][0][-1]
    return Reading(CLASSES.get(final, -1), tone in "12")

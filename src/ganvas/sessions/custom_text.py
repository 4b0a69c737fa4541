"""A recipe for a person's own text: how it is read, what is chosen, and the scores that fit."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..data.custom_text import as_text, guess_text, text_messages
from ..data.custom_text import is_text as is_text
from ..domains.text_messages import as_text_domain, check_form, unfitted_domain, vocabulary_messages
from ..recipes import Recipe, override, reasons_text
from ..recipes.auto_text import TextFacts, check_makes_text, choose_text, score_text
from .custom_data import scores_that_fit


def with_text(
    base: Recipe | None, path: Path | str, encoding: str | None, changes: Mapping[str, Any]
) -> tuple[Recipe, tuple[str, ...]]:
    """A recipe for the lines of this text, and messages about what was inferred and chosen.

    Args:
        base: a recipe whose source is replaced; None to choose one.
        path: of the text.
        encoding: of the file; None to infer it.
        changes: the overrides; those of source and domain apply while the text is read.

    Raises:
        DataError: the text cannot be read.
        UsageError: an override or an option is wrong, or the recipe makes no text.
    """
    if base is not None:
        check_makes_text(base, str(path))
    guessed = guess_text(str(path), encoding)
    example, _ = choose_text(guessed, TextFacts(1_000, 0, 100, "words"))
    domain = unfitted_domain(None if base is None else base.domain)
    reading = {key: value for key, value in changes.items() if key.startswith(("source.", "domain."))}
    changed = override(replace(example, domain=domain), reading)
    source = as_text(changed.source)
    items = source.items("train")
    fitted = as_text_domain(changed.domain).fit(items)
    check_form(fitted, (source.items(split).x for split in ("train", "val", "test")))
    messages = (*text_messages(source), *vocabulary_messages(fitted, items))
    facts = TextFacts(len(items), len(source.items("val")), len(fitted.known), fitted.tokens)
    if base is None:
        chosen, reasons = choose_text(source, facts)
        return replace(chosen, domain=domain), (*messages, *reasons_text(reasons, changes))
    fitting_recipe, more = scores_that_fit(replace(base, source=source, domain=domain), lambda: score_text(facts))
    return fitting_recipe, (*messages, *more)

"""A recipe for a person's own pairs of texts: how they are read, and what is chosen."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..base.errors import UsageError
from ..base.wording import counted
from ..data.text_pairs_file import TextPairsFile, read_pairs
from ..domains.text_pairs import TextPairs
from ..ingest.text_cells import has_pairs_header
from ..recipes import Recipe, override
from ..recipes import recipe as by_name


def answers(base: Recipe | None, path: Path | str) -> bool:
    """Whether a file is read as pairs: for a recipe of pairs, or by its header, such as "question,answer"."""
    return has_pairs_header(path) if base is None else isinstance(base.domain, TextPairs)


def with_pairs(
    base: Recipe | None, path: Path | str, encoding: str | None, changes: Mapping[str, Any]
) -> tuple[Recipe, tuple[str, ...]]:
    """A recipe for the pairs of this file, and messages about what was inferred and chosen.

    Args:
        base: a recipe of pairs whose source is replaced; None for seq2seq.
        path: of the file.
        encoding: of the file; None to infer it.
        changes: the overrides; those of source and domain apply while the file is read.

    Raises:
        DataError: the file cannot be read.
        UsageError: an override is wrong.
    """
    made = base or by_name("seq2seq")
    source = TextPairsFile(str(Path(path).expanduser()), encoding=encoding or "")
    reading = {key: value for key, value in changes.items() if key.startswith(("source.", "domain."))}
    changed = override(replace(made, source=source, domain=TextPairs()), reading)
    if not isinstance(changed.source, TextPairsFile) or not isinstance(changed.domain, TextPairs):
        raise UsageError("--data names pairs, and source.kind or domain.kind another kind of data")
    fitted = changed.domain.fit(changed.source.items("train"))
    own = replace(made, source=changed.source, domain=TextPairs())
    return own, (*messages(changed.source, fitted), *(() if base else (CHOSEN,)))


CHOSEN = "The recipe seq2seq: an LSTM reads the question and writes the answer, by maximum likelihood."


def messages(source: TextPairsFile, domain: TextPairs) -> Iterator[str]:
    """How the file was read, one sentence each."""
    found = read_pairs(source)
    total = sum(map(len, found.splits.values()))
    yield f"text of {counted(total, 'pair')} of a question and its answer"
    if found.incomplete:
        yield f"{counted(found.incomplete, 'row lacks', 'rows lack')} one of the two, left out"
    for name, side in (("questions", domain.questions), ("answers", domain)):
        yield f"{name}: {counted(len(side.known), 'different token')} ({side.tokens}), at most {side.length} each"

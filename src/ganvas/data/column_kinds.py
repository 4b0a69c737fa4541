"""What each column of a table is: a number, a category, a date, an identifier, and why."""

import math
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from ..base.errors import DataError
from ..base.wording import command
from ..ingest.dialect import value
from ..ingest.raw_column import ABSENT, Codes, Numbers, RawColumn
from .table_column import Kind, TableColumn
from .table_dates import form_of, seconds, step_of

YES_NO = (
    ("no", "yes"),
    ("n", "y"),
    ("false", "true"),
    ("f", "t"),
    ("0", "1"),
    ("non", "oui"),
    ("nein", "ja"),
    ("否", "是"),
)
FEW = 30  # different texts among numbers up to which a column is a category
MOST_CATEGORIES = 5_000
NAMED_ID = re.compile(r"(^|[\W_])(id|uuid|guid|key|index|no|nr|number)$|^unnamed: 0$", re.IGNORECASE)
NUMBERED = re.compile(r"(.*?)(\d+)")
UUID = re.compile(r"[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)
INFINITE = re.compile(r"[+-]?(inf|infinity)", re.IGNORECASE)
LONG = 40  # characters, on average, from which texts are free text


class Learnt(NamedTuple):
    """A column with its values: float64 [N], numbers, seconds or places in `categories`, NaN where missing."""

    column: TableColumn
    values: Numbers | None  # None: not learnt


def learnt(raw: RawColumn, kind: Kind | None, where: str) -> Learnt:
    """What a column is taken for, and its values.

    Args:
        raw: as it is written.
        kind: what it is to be taken for; None to infer it.
        where: the file, for errors.

    Raises:
        DataError: every cell is missing, cells are of several types, or it cannot be of the requested kind.
    """
    absent = raw.absent
    if absent.all():
        hint = f"Leave it out: {command('--drop', raw.name)}"
        raise DataError(f"every cell of column '{raw.name}' is missing", where=where, hint=hint)
    facts = TableColumn(
        raw.name,
        "text",
        rows=len(absent),
        missing=int(absent.sum()),
        missing_text=raw.missing_text,
        padding=raw.padding,
        dtype=raw.dtype,
    )
    why = "as requested" if kind else ""
    if kind in ("category", "yes/no", "constant", "identifier", "text") or raw.codes is not None:
        return of_texts(raw, facts, kind, why, where)
    if raw.odd and not few_values(raw):
        raise mixed(raw, where)
    if raw.odd:
        return of_texts(raw, facts, "category", "few values, some of which are no numbers", where)
    return of_numbers(raw, facts, kind, why, where)


def few_values(raw: RawColumn) -> bool:
    """Whether a column of numbers and texts has few values, none of them infinite."""
    infinite = any(INFINITE.fullmatch(text) for text in raw.odd.values())
    return not infinite and len(raw.as_texts()[1]) <= FEW


def mixed(raw: RawColumn, where: str) -> DataError:
    """The error for texts or infinite numbers in a column of numbers."""
    infinite = any(INFINITE.fullmatch(text) for text in raw.odd.values())
    what = "infinite numbers" if infinite else "numbers and texts"
    message = f"column '{raw.name}' holds {what}: {'; '.join(raw.places[:3])}"
    hint = (
        "Remove them, or leave the cells empty."
        if infinite
        else f"Correct them, or {command('--column', raw.name + '=category')}."
    )
    return DataError(message, where=where, hint=hint)


def of_numbers(raw: RawColumn, facts: TableColumn, kind: Kind | None, why: str, where: str) -> Learnt:
    """A column of numbers. Raises DataError where it cannot be of the requested kind."""
    assert raw.numbers is not None
    values: Numbers = raw.numbers
    known = values[np.isfinite(values)]
    distinct = np.unique(known)
    facts = replace(
        facts, decimals=raw.decimals, low=float(distinct[0]), high=float(distinct[-1]), distinct=len(distinct)
    )
    if kind == "date":
        return of_texts(raw, facts, kind, why, where)
    if kind in ("number", "whole"):
        if kind == "whole" and raw.decimals != 0:
            message = f"column '{raw.name}' cannot be whole numbers: it has decimals"
            raise DataError(message, where=where, hint=command("--column", f"{raw.name}=number"))
        return Learnt(replace(facts, type=kind, why=why), values)
    if len(distinct) == 1 and not facts.missing:
        return of_texts(raw, facts, "constant", "one value", where)
    if raw.coded:
        few = len(distinct) <= len(values) / 2
        return of_texts(raw, facts, "category" if few else "identifier", "begins with zeros, as codes do", where)
    if len(distinct) <= 2:
        kind = "yes/no" if is_yes_no(raw.as_texts()[1]) else "category"
        return of_texts(raw, facts, kind, f"{len(distinct)} values", where)
    if raw.decimals == 0 and not facts.missing and is_identifier(raw.name, known):
        return Learnt(replace(facts, type="identifier", why="each row has its own", form=numbered(known)), None)
    if raw.decimals == 0 and form_of([str(int(each)) for each in distinct.tolist()]):
        return of_texts(raw, facts, "date", "", where)
    return (
        Learnt(replace(facts, type="whole", why="no decimals"), values)
        if raw.decimals == 0
        else Learnt(replace(facts, type="number", why=decimals_text(raw.decimals)), values)
    )


def decimals_text(decimals: int) -> str:
    """How numbers are written."""
    return "numbers" if decimals < 0 else f"{decimals} decimal{'s' if decimals > 1 else ''}"


def is_identifier(name: str, known: Numbers) -> bool:
    """Whether whole numbers are all different, and run on without gaps or have a name that says so."""
    distinct = np.unique(known)
    whole = len(distinct) == len(known) and len(known) > 1
    return whole and (bool((np.diff(known) == 1).all()) or NAMED_ID.search(name) is not None)


def numbered(known: Numbers) -> str:
    """The form of new whole numbers."""
    return f"|0|{int(known.max()) + 1}"


def of_texts(raw: RawColumn, facts: TableColumn, kind: Kind | None, why: str, where: str) -> Learnt:
    """A column of texts. Raises DataError where it cannot be of the requested kind."""
    codes, texts = raw.as_texts()
    counts = np.bincount(codes[codes != ABSENT], minlength=len(texts))
    facts = replace(facts, distinct=int((counts > 0).sum()))
    if kind in (None, "date"):
        form = form_of(texts)
        if form:
            return of_dates(codes, texts, form, facts, why or f"dates such as {texts[0]}")
        if kind == "date":
            message = f"column '{raw.name}' cannot be dates: no known form fits '{texts[0][:60]}'"
            raise DataError(message, where=where, hint="Write them as 2024-12-31 or 2024-12-31 23:59:59.")
    if kind in ("number", "whole"):
        return of_numbers(as_numbers(raw, codes, texts, where), facts, kind, why, where)
    chosen, reason = (kind, why) if kind else kind_of_texts(raw.name, texts, counts, facts)
    facts = replace(facts, type=chosen, why=reason)
    if chosen == "text":
        return Learnt(facts, None)
    if chosen == "identifier":
        return Learnt(replace(facts, form=identifier_form(texts)), None)
    if chosen == "constant":
        if len(texts) > 1:
            message = f"column '{raw.name}' has {len(texts):,} values and cannot be constant"
            raise DataError(message, where=where, hint=f"Leave it out: {command('--drop', raw.name)}")
        return Learnt(replace(facts, categories=texts), None)
    check_categories(raw.name, len(texts), where)
    values: Numbers = np.where(codes == ABSENT, math.nan, codes.astype(np.float64))
    return Learnt(replace(facts, categories=texts), values)


def as_numbers(raw: RawColumn, codes: Codes, texts: Sequence[str], where: str) -> RawColumn:
    """A column of texts as one of numbers. Raises DataError for a text that is none."""
    each = [value(text, commas=True) for text in texts]
    if None in each:
        message = f"column '{raw.name}' cannot be numbers: '{texts[each.index(None)][:60]}' is none"
        raise DataError(message, where=where, hint=command("--column", f"{raw.name}=category"))
    found = np.array(each, np.float64)
    decimals = max((len(text.partition(".")[2]) for text in texts), default=0)
    return replace(raw, numbers=np.where(codes == ABSENT, math.nan, found[codes]), codes=None, decimals=decimals)


def check_categories(name: str, count: int, where: str) -> None:
    """Raises DataError for too many categories."""
    if count > MOST_CATEGORIES:
        message = f"column '{name}' has {count:,} different values, and at most {MOST_CATEGORIES:,} are categories"
        raise DataError(message, where=where, hint=f"Leave it out: {command('--drop', name)}")


def kind_of_texts(name: str, texts: Sequence[str], counts: Any, facts: TableColumn) -> tuple[Kind, str]:
    """What texts are, and why."""
    present, distinct = facts.rows - facts.missing, len(texts)
    if distinct == 1 and not facts.missing:
        return "constant", "one value"
    if is_yes_no(texts):
        return "yes/no", " or ".join(texts)
    if distinct == present and present > FEW:
        each_row = sum(len(text.split()) for text in texts[:1000]) / min(1000, distinct)
        return ("identifier", "each row has its own") if each_row < 1.5 else ("text", "each row has its own words")
    if distinct > max(FEW, present / 3) or distinct > MOST_CATEGORIES:
        return "text", f"{distinct:,} different texts in {present:,} rows"
    if distinct > FEW and sum(map(len, texts)) / distinct > LONG:
        return "text", f"{sum(map(len, texts)) / distinct:.0f} characters on average"
    return "category", f"{distinct:,} different texts" if distinct > 1 else "one value, or missing"


def is_yes_no(texts: Sequence[str]) -> bool:
    """Whether these are the two answers to a question."""
    return tuple(sorted(text.lower() for text in texts)) in {tuple(sorted(pair)) for pair in YES_NO}


def of_dates(codes: Codes, texts: Sequence[str], form: str, facts: TableColumn, why: str) -> Learnt:
    """A column of dates: seconds since 1970."""
    each = np.array([seconds(text, form) for text in texts], np.float64)
    if len(each) == 1 and not facts.missing:
        return Learnt(replace(facts, type="constant", why="one value", categories=tuple(texts)), None)
    values: Numbers = np.where(codes == ABSENT, math.nan, each[codes])
    low, high = float(each.min()), float(each.max())
    return Learnt(replace(facts, type="date", why=why, form=form, step=step_of(form), low=low, high=high), values)


def identifier_form(texts: Sequence[str]) -> str:
    """The form of new identifiers: a UUID, or a prefix with numbers after the largest."""
    if all(UUID.fullmatch(text) for text in texts):
        return "uuid"
    matches = [NUMBERED.fullmatch(text) for text in texts]
    prefixes = {match[1] for match in matches if match}
    if all(matches) and len(prefixes) == 1:
        digits = {len(match[2]) for match in matches if match}
        largest = max(int(match[2]) for match in matches if match)
        return f"{prefixes.pop()}|{digits.pop() if len(digits) == 1 else 0}|{largest + 1}"
    return "row-|6|1"

import json
import math
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ganvas.base.trees import (
    MAX_DEPTH,
    MAX_INTEGER,
    float_or_none,
    from_json,
    from_yaml,
    is_count,
    read_json,
    read_yaml,
)

PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63)
    | st.floats(allow_nan=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner, max_size=3)
    ),
    max_leaves=20,
)


@given(PLAIN)
def test_plain_values_come_back(tree: Any) -> None:
    assert from_json(json.dumps(tree)) == tree


@pytest.mark.parametrize(
    "text",
    [
        "1" * 5000,
        str(MAX_INTEGER),
        "[" * 100_000,
        "[" * (MAX_DEPTH + 2) + "]" * (MAX_DEPTH + 2),
        '"\\ud800"',
        '{"\\udfff": 1}',
        "",
        "{",
        b"\xff",
        b"\x00",
    ],
)
def test_json_that_no_file_of_ours_holds_is_a_value_error(text: str | bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  # of any kind: json has its own
        from_json(text)


LETTERS = "abcdefghijklmnopqrstuvwxyz"


@pytest.mark.parametrize(
    "text",
    [
        "a: &a [x]\n" + "\n".join(f"{new}: &{new} [*{old}, *{old}, *{old}]" for old, new in pairwise(LETTERS)),
        "a: &a {x: 1}\n" + "\n".join(f"{new}: &{new} {{<<: [*{old}, *{old}]}}" for old, new in pairwise(LETTERS)),
        "&a [*a]",
        "&a {x: {y: *a}}",
        "[" * 5000,
        "a: 2001-01-01",
        "a: !!binary aGk=",
        "a: !!set {x}",
        "a: !!python/object/apply:os.getcwd []",
        "0x" + "f" * 5000,
        "a: *nothing",
        "a\x00",
        '"\\ud800"',
        "x" * 2**19,
    ],
    ids=range(14),
)
def test_yaml_that_grows_or_is_not_plain_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  # of any kind
        from_yaml(text)


def test_yaml_has_aliases_written_out() -> None:
    assert from_yaml("{a: &a [1, 2], b: *a, c: {d: *a}}") == {"a": [1, 2], "b": [1, 2], "c": {"d": [1, 2]}}
    assert from_yaml("") is None


def test_files_that_are_too_large_or_not_regular_are_os_errors(tmp_path: Path) -> None:
    with (tmp_path / "large").open("wb") as file:
        file.truncate(2**40)
    for read in (read_json, read_yaml):
        for path in (tmp_path / "large", tmp_path, tmp_path / "nothing"):
            with pytest.raises(OSError):  # noqa: PT011  # of any kind
                read(path)


def test_counts_and_numbers() -> None:
    assert [value for value in (0, 7, 2**53, -1, 2**53 + 1, True, 1.0, "1", None) if is_count(value)] == [0, 7, 2**53]
    assert [float_or_none(value) for value in (1, 2.5, None, math.inf, math.nan)] == [1.0, 2.5, None, None, None]
    wrong: tuple[Any, ...] = (True, "1", [], MAX_INTEGER)
    for value in wrong:
        with pytest.raises(ValueError, match="not a number"):
            float_or_none(value)

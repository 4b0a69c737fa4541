"""What the command prints on a narrow terminal, and the list of recipes."""

import inspect
import itertools
import json
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ganvas.cli.output import HANGING, WORD, columns, wrapped
from ganvas.recipes import recipe_functions
from ganvas.recipes.catalogue_entries import KINDS, cited, entries
from ganvas.recipes.listed import listed
from speaking import ganvas

TEXT = st.text(st.sampled_from("ab,. `\n"), max_size=200)


@given(TEXT, st.integers(5, 100))
def test_lines_break_at_spaces_alone(text: str, width: int) -> None:
    broken = wrapped(text, width)
    assert broken.split() == text.split(), "no word is cut, none is lost"
    for line in broken.split("\n"):
        assert (
            len(line.rstrip()) <= width
            or len(WORD.findall(line.strip())) <= 1
            or HANGING.match(line).end() >= width // 2  # type: ignore[union-attr]
        )


def test_the_rest_of_a_line_stands_below_its_second_column() -> None:
    assert wrapped("  score     one two three", 20) == "  score     one two\n            three"
    assert wrapped("  Likely: one two three", 16) == "  Likely: one\n  two three"
    assert wrapped("as it is", None) == "as it is"
    assert wrapped("type `ganvas resume run` now", 20) == "type\n`ganvas resume run`\nnow", (
        "a command can still be pasted"
    )


HELPS = (["eval", "score"], ["train"], ["resume"], ["data", "check"], ["compare"])


@pytest.mark.parametrize("width", [60, 80, 120])
@pytest.mark.parametrize("words", HELPS)
def test_help_fits_and_cuts_no_word(words: list[str], width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "1000")
    whole = set(ganvas(*words, "--help").out.split())
    monkeypatch.setenv("COLUMNS", str(width))
    said = ganvas(*words, "--help").out
    assert all(len(line) <= width for line in said.splitlines())
    pieces = ["", *said.split()]
    cut = [
        word
        for before, word in itertools.pairwise(pieces)
        if word not in whole and "-" not in word and before[-1:] != "-"
    ]
    assert cut == [], "hyphens apart, words are whole"


def test_errors_are_wrapped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    said = ganvas("train", "nothing-of-this-name")
    assert said.code == 2
    assert all(len(line) <= 60 for line in said.err.splitlines())
    monkeypatch.delenv("COLUMNS")
    assert columns(sys.stdout) is None or sys.stdout.isatty()


def test_recipes_are_listed_by_kind_with_their_papers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    data = json.loads(ganvas("recipes", "list", "--json").out)
    said = ganvas("recipes", "list").out
    assert all(len(line) <= 80 for line in said.splitlines())
    listed = [line for line in said.splitlines() if line.startswith("  ")]
    assert [line.split()[0] for line in listed] == [entry.name for entry in entries()], "one line each"
    assert [line for line in said.splitlines() if line and line[0] != " "] == list(KINDS)
    assert data.keys() == recipe_functions().keys()
    assert data["dcgan"]["paper"] == "Radford et al. 2016"
    assert data["dcgan"]["url"] == "https://arxiv.org/abs/1511.06434"


def test_papers_are_those_of_the_docstrings() -> None:
    for entry in entries():
        function = recipe_functions()[entry.name]
        said = f"{inspect.getdoc(function)} {inspect.getdoc(inspect.getmodule(function))}"
        assert entry.paper == "" or entry.paper.split()[0] in said
        assert bool(entry.paper) == ("https://" in said), entry.name
    assert cited("Arjovsky, Chintala and Bottou", "2017") == "Arjovsky et al. 2017"
    assert cited("Mirza and Osindero", "2014") == "Mirza and Osindero 2014"
    kinds = {entry.name: entry.kind for entry in entries()}
    assert (kinds["ring"], kinds["mnist"], kinds["infogan"], kinds["digits"]) == (
        "Points in the plane",
        "Pictures by class",
        "Pictures, without labels",
        "Classifiers",
    )


def test_the_list_that_is_shipped_is_that_of_the_recipes() -> None:
    assert listed() == entries(), "write it again: make api"

"""Series from tables: windows whose splits share no rows, sequences by a column, and what is refused."""

import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ganvas.base.errors import DataError, GanvasError, UsageError
from ganvas.data.made_sines import MadeSines
from ganvas.data.series_cuts import spans
from ganvas.data.series_file import SeriesFile, series_messages
from ganvas.data.source import SPLITS

ROWS = 300


def written(path: Path, lines: list[str]) -> str:
    path.write_text("\n".join(lines) + "\n")
    return str(path)


@pytest.fixture
def recording(tmp_path: Path) -> str:
    """A recording whose column `row` is the number of each row."""
    lines = [f"2024-01-{day // 24 + 1:02d} {day % 24:02d}:00,{day},{day * day % 97}" for day in range(ROWS)]
    return written(tmp_path / "recording.csv", ["time,row,other", *lines])


@pytest.fixture
def many(tmp_path: Path) -> str:
    """Twenty sequences of 3 to 7 steps with an attribute; rows of two sequences stand between each other."""
    lines = []
    for first in range(0, 20, 2):
        for step in range(7):
            pair = [number for number in (first, first + 1) if step < 3 + number % 5]
            lines += [f"p{number},{step},{number + step / 10},{'ab'[number % 2]}" for number in pair]
    return written(tmp_path / "many.csv", ["patient,day,value,ward", *lines])


@pytest.mark.parametrize("parts", ["blocks", "end"])
@pytest.mark.parametrize("step", [1, 3])
def test_windows_of_different_splits_share_no_rows(recording: str, parts: Any, step: int) -> None:
    source = SeriesFile(recording, window=10, step=step, parts=parts)
    rows = {split: source.items(split).x[:, :, 0] for split in SPLITS}
    for found in rows.values():
        assert len(found)
        assert (np.diff(found, axis=1) == 1).all()  # each is a stretch of the recording
    sets = [set(found.ravel().tolist()) for found in rows.values()]
    assert sum(map(len, sets)) == len(set.union(*sets))
    assert source.items("train").columns == ("row", "other")
    if parts == "end":
        assert max(sets[0]) < min(sets[1]) < max(sets[1]) < min(sets[2])
        assert max(sets[2]) >= ROWS - step


def test_blocks_cover_the_recording() -> None:
    every = sorted(span for split in SPLITS for span in spans(10_000, 24, split, "blocks", 0))
    assert every[0][0] == 0
    assert every[-1][1] == 10_000
    assert all(before[1] == after[0] for before, after in itertools.pairwise(every))
    sizes = {split: sum(last - first for first, last in spans(10_000, 24, split, "blocks", 0)) for split in SPLITS}
    assert sizes == {"train": 8_000, "val": 1_000, "test": 1_000}
    assert spans(10_000, 24, "val", "blocks", 0) != spans(10_000, 24, "val", "blocks", 1)


def test_sequences_by_a_column(many: str) -> None:
    source = SeriesFile(many, sequence="patient", order="day")
    items = {split: source.items(split) for split in SPLITS}
    assert [len(items[split]) for split in SPLITS] == [16, 2, 2]
    numbers = [round(float(each.x[k, 0, 0])) for each in items.values() for k in range(len(each))]
    assert sorted(numbers) == list(range(20))  # whole sequences, each in one split
    for each in items.values():
        assert each.x.shape[1:] == (7, 2)
        for sequence in each.x:
            number = round(float(sequence[0, 0]))
            length = 3 + number % 5
            np.testing.assert_allclose(sequence[:length, 0], number + np.arange(length) / 10)
            assert np.isnan(sequence[length:]).all()
            assert (sequence[:length, 1] == number % 2).all()
    assert [column.type for column in items["train"].table] == ["identifier", "identifier", "number", "category"]


def test_windows_of_sequences(many: str) -> None:
    items = SeriesFile(many, sequence="patient", order="day", window=5).items("train")
    assert items.x.shape[1] == 5
    assert items.group is not None
    assert (np.floor(items.x[:, 0, 0] + 1e-9) == items.group).all()
    assert any("left out" in text for text in series_messages(SeriesFile(many, sequence="patient", window=5)))


def refused(tmp_path: Path, lines: list[str], **fields: Any) -> str:
    with pytest.raises(DataError) as error:
        SeriesFile(written(tmp_path / "bad.csv", lines), **fields).items("train")
    assert error.value.exit_code == 3
    return str(error.value)


def test_bad_recordings(tmp_path: Path) -> None:
    good = [f"{row},{row % 7}" for row in range(100)]
    assert "shorter than one window" in refused(tmp_path, ["a,b", *good[:20]])
    assert "too short to split" in refused(tmp_path, ["a,b", *good])
    assert "row 3" in refused(tmp_path, ["a,b", *good[:2], "2,", *good[3:]], window=5)
    text = refused(tmp_path, ["a,b", *good[:50], "50,broken", *good[51:]], window=5)
    assert "'b' holds text" in text
    assert "line 52" in text
    assert "'kind' holds text" in refused(tmp_path, ["a,kind", *(f"{k},{'xy'[k % 2]}" for k in range(99))], window=5)
    late = [f"2024-01-{1 + row // 10:02d},{row * row % 13}" for row in range(99)]
    assert "row 2 is not later" in refused(tmp_path, ["time,b", *late], window=5)
    assert "row 51" in refused(tmp_path, ["a,b", *good[:50], "3,1", *good[51:]], window=5, order="a")


def test_bad_sequences(tmp_path: Path) -> None:
    few = [f"{row // 5},{row % 5},{row}" for row in range(25)]
    assert "too few to split" in refused(tmp_path, ["id,t,v", *few], sequence="id", order="t")
    many = [f"{row // 5},{row % 5},{row}" for row in range(100)]
    assert "every sequence is shorter" in refused(tmp_path, ["id,t,v", *many], sequence="id", order="t", window=6)
    assert "names no sequence in row 1" in refused(tmp_path, ["id,t,v", ",0,1", *many], sequence="id")


def test_an_unknown_column(recording: str) -> None:
    with pytest.raises(UsageError, match="no column 'tim'"):
        SeriesFile(recording, order="tim").items("train")
    with pytest.raises(GanvasError):
        SeriesFile(recording, window=1).items("train")


def test_sines_by_hand() -> None:
    source = MadeSines(channels=2, length=4, samples=8, frequency=(0.25, 0.25), phase=(0.0, 0.0))
    np.testing.assert_allclose(source.items("train").x[0, :, 0], [0, 1, 0, -1], atol=1e-12)
    assert (MadeSines().items("val").x[:10] != MadeSines().items("train").x[:10]).any()

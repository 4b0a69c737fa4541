"""Several paths and patterns as one data set."""

import os
from pathlib import Path

import numpy as np
import pytest

from ganvas.base.errors import DataError
from ganvas.data.infer_options import infer_options
from ganvas.data.pictures import Pictures
from ganvas.ingest.assign_labels import assign_labels
from ganvas.ingest.survey import survey
from painting import folder, numbered, zipped


def listed_names(*paths: Path | str) -> tuple[str, ...]:
    return survey(tuple(map(str, paths))).listing.names


def test_folders_are_joined_under_names_of_their_own(tmp_path: Path) -> None:
    one, other = folder(tmp_path / "x" / "one", ["a.png", "b.png"]), folder(tmp_path / "one", ["a.png"])
    assert listed_names(one, other) == ("one/a.png", "x/one/a.png", "x/one/b.png")
    assert listed_names(other, one) == listed_names(one, other)
    assert listed_names(tmp_path, one) == tuple(f"{tmp_path.name}/{name}" for name in listed_names(one, other)), (
        "what lies in two of them counts once"
    )
    places = survey((str(one), str(other))).listing.places
    assert all(Path(str(place)).is_file() for place in places)
    assert (
        f"2 folders are joined to one data set: x{os.sep}one (2), one (1)"
        in infer_options(survey((str(one), str(other))))[1]
    )


@pytest.mark.parametrize(
    ("paths", "splits", "classes"),
    [
        (("a", "b"), {""}, {"a", "b"}),
        (("kinds/train", "kinds/test"), {"train", "test"}, {"cats", "dogs"}),
        (("kinds/train", "more"), {""}, {"cats", "dogs"}),
    ],
)
def test_classes_of_joined_folders(tmp_path: Path, paths: tuple[str, ...], splits: set[str], classes: set[str]) -> None:
    folder(
        tmp_path,
        [
            "a/1.png",
            "b/2.png",
            *(
                f"{place}/{kind}/{place[0]}.png"
                for place in ("kinds/train", "kinds/test", "more")
                for kind in ("cats", "dogs")
            ),
        ],
    )
    of = assign_labels(survey(tuple(str(tmp_path / path) for path in paths)).listing, "folders")
    assert (set(of.splits), set(of.labels)) == (splits, classes)


def test_a_pattern_is_what_it_matches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder(tmp_path, ["p/a1.png", "p/a2.png", "p/b.png", "p/deep/a3.png"]))
    assert survey("p/a*.png").listing.names == ("a1.png", "a2.png")
    assert survey("p/**/a*.png").listing.names == ("a1.png", "a2.png", "deep/a3.png")
    assert survey("p/b*.png").listing.names == ("b.png",)
    assert survey("*").listing.names == ("a1.png", "a2.png", "b.png", "deep/a3.png")
    (tmp_path / "p" / "a[1].png").write_bytes(b"a name, no pattern")
    assert listed_names("p/a[1].png", "p/b.png") == ("a[1].png", "b.png")
    with pytest.raises(DataError, match="nothing matches"):
        _ = survey("q/*.png").listing


def test_archives_are_not_joined(tmp_path: Path) -> None:
    root = folder(tmp_path / "a", ["1.png"])
    zipped(root, tmp_path / "a.zip")
    with pytest.raises(DataError, match=r"a\.zip") as error:
        listed_names(root, tmp_path / "a.zip")
    assert error.value.exit_code == 3
    with pytest.raises(DataError, match="nothing at this path"):
        listed_names(root, tmp_path / "b")


def test_joined_folders_are_a_source_with_a_cache_of_their_own(tmp_path: Path) -> None:
    one, other = folder(tmp_path / "one", numbered(30)), folder(tmp_path / "other", numbered(20, "x{:03}.png"))
    both, swapped = (Pictures(tuple(map(str, paths)), 8, 8).items("train") for paths in ((one, other), (other, one)))
    assert both.fingerprint == swapped.fingerprint
    assert sum(len(Pictures((str(one), str(other)), 8, 8).items(split)) for split in ("train", "val", "test")) == 50
    folder(other, ["new.png"], height=9)
    assert not np.array_equal(both.x, Pictures((str(one), str(other)), 8, 8).items("train").x)

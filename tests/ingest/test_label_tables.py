"""Classes as other tools write them down."""

import json
import os
import unicodedata
import zipfile
from pathlib import Path

import pytest

from ganvas.base.errors import DataError
from ganvas.ingest.assign_labels import assign_labels
from ganvas.ingest.label_tables import pairs
from ganvas.ingest.labels import match_labels
from ganvas.ingest.survey import survey
from painting import folder

NAMES = ("a/1.png", "a/2.png", "b/3.png")


def written(path: Path, text: str) -> str:
    path.write_text(text, encoding="utf-8")
    return str(path)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("t.csv", "1.png,cat\na/2.png,dog\n3,cat\n"),
        ("t.csv", "1.png;cat\n2.png;dog\n3.png;cat\n"),
        ("t.tsv", "1.png\tcat\n2.png\tdog\n3.png\tcat\n"),
        ("metadata.csv", "file_name,text\na/1.png,cat\na/2.png,dog\nb/3.png,cat\n"),
        ("metadata.csv", "text,file_name\ncat,a/1.png\ndog,a/2.png\ncat,b/3.png\n"),
        (
            "metadata.jsonl",
            "".join(
                json.dumps({"file_name": name, "label": kind}) + "\n"
                for name, kind in zip(NAMES, ("cat", "dog", "cat"), strict=True)
            ),
        ),
        ("onehot.csv", "file,cat,dog\n1.png,1,0\n2.png,0,1\n3.png,1,0\n"),
        ("t.json", json.dumps({"a/1.png": "cat", "a/2.png": "dog", "b/3.png": "cat"})),
        ("t.csv", "A\\1.png,cat\n".lower() + "a\\2.png,dog\nb\\3.png,cat\n"),
    ],
)
def test_tables_of_many_kinds(tmp_path: Path, name: str, text: str) -> None:
    assert match_labels(NAMES, (), written(tmp_path / name, text)) == ("cat", "dog", "cat")


def test_dataset_json_of_stylegan(tmp_path: Path) -> None:
    root = folder(tmp_path / "set", NAMES)
    for labels in (
        [["a/1.png", 1], ["a/2.png", 0], ["b/3.png", 1]],
        [["a/1.png", [0, 1]], ["a/2.png", [1, 0]], ["b/3.png", [0, 1]]],
    ):
        written(root / "dataset.json", json.dumps({"labels": labels}))
        assert assign_labels(survey(str(root)).listing, "dataset.json").labels == ("1", "0", "1")
    assert survey(str(root)).listing.tables == ("dataset.json",)
    with zipfile.ZipFile(tmp_path / "set.zip", "w") as archive:
        for name in (*NAMES, "dataset.json"):
            archive.write(root / name, name)
    assert assign_labels(survey(str(tmp_path / "set.zip")).listing, "dataset.json").labels == ("1", "0", "1")
    for tree in ({"labels": None}, {"labels": [["a", 1.5, 2]]}, {"labels": [["a/1.png", [0.5, 0.5]]]}, [1, 2]):
        written(root / "dataset.json", json.dumps(tree))
        with pytest.raises(DataError, match=r"dataset\.json"):
            assign_labels(survey(str(root)).listing, "dataset.json")


def test_one_column_of_several_is_asked_for(tmp_path: Path) -> None:
    table = written(tmp_path / "metadata.csv", "file_name,kind,colour\n1.png,cat,red\n2.png,dog,blue\n3.png,cat,red\n")
    with pytest.raises(DataError, match="kind, colour") as error:
        match_labels(NAMES, (), table)
    assert f"{table}:kind" in error.value.hint
    assert match_labels(NAMES, (), f"{table}:colour") == ("red", "blue", "red")
    with pytest.raises(DataError, match="size"):
        match_labels(NAMES, (), f"{table}:size")


@pytest.mark.parametrize("text", ["{", '{"file_name": "a"}\n{"text": 1}\n', "[1]\n"])
def test_a_jsonl_that_cannot_be_read(tmp_path: Path, text: str) -> None:
    with pytest.raises(DataError, match="labels"):
        match_labels(NAMES, (), written(tmp_path / "m.jsonl", text))


def test_a_pipe_is_no_table(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "labels.csv")
    for table in (str(tmp_path / "labels.csv"), "/dev/zero"):
        with pytest.raises(DataError, match="labels"):
            pairs(table)


def test_letters_that_are_spelt_otherwise_are_the_same(tmp_path: Path) -> None:
    composed, apart = (unicodedata.normalize(form, "café") for form in ("NFC", "NFD"))
    assert match_labels(
        (f"{apart}.png", "b.png"), (), written(tmp_path / "t.csv", f"{composed}.png,{apart}\nb.png,{composed}\n")
    ) == (composed, composed)


def test_letter_case_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"no label") as error:
        match_labels(("a.png", "b.png"), (), written(tmp_path / "t.csv", "A.PNG,cat\nb.png,dog\n"))
    assert "'A.PNG'" in error.value.hint


def test_latin_1(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_bytes("1.png,café\n2.png,thé\n3.png,thé\n".encode("latin-1"))
    assert match_labels(NAMES, (), str(tmp_path / "t.csv"), "latin-1") == ("café", "thé", "thé")
    with pytest.raises(DataError, match="UTF-8"):
        match_labels(NAMES, (), str(tmp_path / "t.csv"))

"""Data that were moved after training: what is said, and --data NEW."""

import hashlib
import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import ganvas
from ganvas.base.draws import uniform_rows
from ganvas.base.errors import DataError, UsageError
from ganvas.data.csv import Csv
from ganvas.data.labelled_subset import LabelledSubset
from ganvas.data.mnist import Mnist
from ganvas.data.pictures import Pictures
from ganvas.data.shards import Shards
from ganvas.recipes import Recipe, moved, read_recipe
from ganvas.recipes import recipe as by_name
from ganvas.recipes.moved_data import is_missing, moved_labels, recorded_path
from ganvas.runs import Run
from ganvas.runs.run_files import EARLIER
from speaking import ganvas as command
from speaking import spoken

POINTS: dict[str, Any] = {
    "generator.widths": [8],
    "discriminator.widths": [8],
    "batch_samples": 8,
    "samples": 80,
    "scores": [],
    "snapshots": 0,
    "diagnoses": 0,
}
FIXED = {"precision": "fp32", "threads": 1}
PICTURES = {
    "generator.width": 4,
    "discriminator.width": 4,
    "batch_samples": 16,
    "samples": 32,
    "snapshots": 1,
    "saves": 1,
    "diagnoses": 0,
    **FIXED,
}


def rows(path: Path, first: float = 0.5) -> Path:
    """A table of 60 points."""
    points = uniform_rows(("moved",), range(60), 2)
    points[0, 0] = first
    path.parent.mkdir(exist_ok=True)
    path.write_text("\n".join(f"{a:.6f},{b:.6f}" for a, b in points))
    return path


def of_rows(path: Path, out: Path) -> Run:
    recipe = by_name("ring")
    return ganvas.train(recipe, changes={**POINTS, **FIXED, "source": {"kind": "Csv", "path": str(path)}}, out=out)


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Trained on tmp_path/old/rows.csv, which is then at tmp_path/new/rows.csv."""
    found = of_rows(rows(tmp_path / "old" / "rows.csv"), tmp_path / "run")
    (tmp_path / "old").rename(tmp_path / "new")
    return found


def test_it_is_said_where_they_were(run: Run, tmp_path: Path) -> None:
    before = run.config.read_bytes()
    spoken(3, command("resume", run.path), str(tmp_path / "old" / "rows.csv"), "--data NEW")
    assert run.config.read_bytes() == before


def test_the_same_data_elsewhere_are_taken_and_remembered(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = run.config.read_bytes()
    monkeypatch.chdir(tmp_path)
    assert command("resume", run.path, "--data", "new/rows.csv").code == 0
    assert recorded_path(read_recipe(run.config)) == str(tmp_path / "new" / "rows.csv")
    assert command("resume", run.path).code == 0, "config.yaml says where they are"
    assert run.read_json("environment.json")[EARLIER] == [hashlib.sha256(old).hexdigest()]


def test_other_data_are_refused_and_both_places_named(run: Run, tmp_path: Path) -> None:
    before = run.config.read_bytes()
    other = rows(tmp_path / "other" / "rows.csv", first=0.25)
    spoken(3, command("resume", run.path, "--data", other), str(other), str(tmp_path / "old" / "rows.csv"))
    assert run.config.read_bytes() == before


def test_a_place_that_is_not_there_is_named(run: Run, tmp_path: Path) -> None:
    spoken(3, command("resume", run.path, "--data", tmp_path / "nowhere.csv"), "nowhere.csv")
    spoken(2, command("resume", run.path, "--data", ""), "--data")


def test_sources_without_a_path_refuse_it(tmp_path: Path) -> None:
    for source in (Mnist(), LabelledSubset(Mnist())):
        with pytest.raises(UsageError, match="--data") as raised:
            moved(sourced(source), "elsewhere")
        assert type(source).__name__ in str(raised.value)


def sourced(source: Any) -> Recipe:
    return replace(
        by_name("ring"), source=source, streams={"side": Csv("/old/rows.csv"), "other": Csv("/else/rows.csv")}
    )


def test_the_path_is_replaced_wherever_it_stands(tmp_path: Path) -> None:
    new = str(tmp_path / "new.csv")
    found = moved(sourced(Csv("/old/rows.csv", seed=3)), new)
    assert found.source == Csv(new, seed=3)
    assert found.streams == {"side": Csv(new), "other": Csv("/else/rows.csv")}
    assert moved(sourced(LabelledSubset(Csv("/old/rows.csv"))), new).source == LabelledSubset(Csv(new))
    assert recorded_path(sourced(LabelledSubset(Pictures("p", 8, 8)))) == "p"
    assert recorded_path(sourced(Mnist())) is None


def test_a_pattern_of_shards_is_gone_with_its_folder(tmp_path: Path) -> None:
    assert not is_missing(str(tmp_path / "train-{000..099}.tar"))
    assert is_missing(str(tmp_path / "away" / "train-{000..099}.tar"))
    assert moved(sourced(Shards("/old/{0..3}.tar", 8, 8)), tmp_path / "{0..3}.tar").source == Shards(
        str(tmp_path / "{0..3}.tar"), 8, 8
    )


def test_a_table_of_labels_moves_along(tmp_path: Path) -> None:
    (tmp_path / "old").mkdir()
    (tmp_path / "new").mkdir()
    old, new, inside, outside = (
        str(tmp_path / "old"),
        str(tmp_path / "new"),
        str(tmp_path / "old" / "kinds.csv"),
        str(tmp_path / "kinds.csv"),
    )
    for labels in ("", "folders", "y", "cls"):
        assert moved_labels(labels, old, new) == labels
    with pytest.raises(DataError, match=r"kinds\.csv"):
        moved_labels(inside, old, new)
    Path(outside).touch()
    assert moved_labels(outside, old, new) == outside
    (tmp_path / "new" / "kinds.csv").touch()
    assert moved_labels(inside, old, new) == str(tmp_path / "new" / "kinds.csv")
    Path(inside).touch()
    assert moved_labels(inside, old, new) == str(tmp_path / "new" / "kinds.csv"), "the one beside the data counts"


def pictures(place: Path) -> Path:
    """60 pictures and their table of classes."""
    place.mkdir()
    noise = uniform_rows(("moved pictures",), range(60), 8 * 8 * 3).reshape(60, 8, 8, 3)
    for number, x in enumerate(noise):
        Image.fromarray((x * 255).astype(np.uint8)).save(place / f"{number}.png")
    (place / "kinds.csv").write_text(
        "file,label\n" + "\n".join(f"{number}.png,{'ab'[number % 2]}" for number in range(60))
    )
    return place


def test_pictures_with_a_table_are_evaluated_and_trained_on_elsewhere(tmp_path: Path) -> None:
    place = pictures(tmp_path / "old")
    run = ganvas.train(data=place, labels=str(place / "kinds.csv"), changes=PICTURES, out=tmp_path / "run")
    place.rename(tmp_path / "new")
    spoken(3, command("eval", run.path), str(place), "--data NEW")
    config = run.config.read_bytes()
    said = command("eval", run.path, "--data", tmp_path / "new", "--metrics", "frechet", "--json")
    assert said.code == 0, said
    assert json.loads(said.out)["results"]
    assert run.config.read_bytes() == config, "eval changes nothing of the run"
    assert command("resume", run.path, "--data", tmp_path / "new").code == 0
    source = read_recipe(run.config).source
    assert isinstance(source, Pictures)
    assert (source.path, source.labels) == (str(tmp_path / "new"), str(tmp_path / "new" / "kinds.csv"))
    shutil.rmtree(tmp_path / "new")
    spoken(2, command("eval", tmp_path, "--data", tmp_path), "--data", "no run")


def test_data_at_several_paths_cannot_be_moved_by_one_name() -> None:
    several = replace(by_name("dcgan"), source=Pictures(("a", "b"), 8, 8))
    with pytest.raises(UsageError, match="2 paths"):
        moved(several, "c")

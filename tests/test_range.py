"""Pictures of more than 8 bits from the command line: trained, sampled in their own units, judged, and refused where
the range is none.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import ganvas
import painting
from ganvas.cli.main import main


def command(monkeypatch: pytest.MonkeyPatch, *words: str | Path) -> int:
    monkeypatch.setattr("sys.argv", ["ganvas", *map(str, words)])
    try:
        main()
    except SystemExit as end:
        return int(end.code or 0)
    return 0


def scans(root: Path, count: int = 60) -> Path:
    """Discs in air, in Hounsfield units: -1000 and about 40."""
    root.mkdir()
    rng = np.random.default_rng(0)
    y, x = np.mgrid[:8, :8]
    for number in range(count):
        inside = (y - rng.uniform(2, 5)) ** 2 + (x - rng.uniform(2, 5)) ** 2 < 6
        (root / f"{number:03}.tif").write_bytes(
            painting.deep_tiff((np.where(inside, 40, -1000) + rng.integers(0, 60, (8, 8))).astype(np.int16))
        )
    return root


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("range")
    data = scans(root / "scans")
    said: list[str] = []
    changes = {"samples": 64, "generator.width": 8, "discriminator.width": 8, "threads": 1, "precision": "fp32"}
    changes |= {"scorings": 1, "diagnoses": 1, "snapshots": 1}
    ganvas.train(data=data, range="-1000:200", out=root / "run", changes=changes, device="cpu", on_message=said.append)
    assert any("-1000:200" in sentence for sentence in said)
    return root / "run"


def test_samples_have_the_units_of_the_data(run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert command(monkeypatch, "sample", run, "-n", "4", "-o", tmp_path / "out") == 0
    assert command(monkeypatch, "sample", run, "-n", "4", "-o", tmp_path / "out.npz") == 0
    assert command(monkeypatch, "sample", run, "-n", "4", "-o", tmp_path / "out.png") == 0
    files = sorted((tmp_path / "out").iterdir())
    assert [file.name for file in files] == [f"{place:06}.tif" for place in range(4)]
    with np.load(tmp_path / "out.npz") as arrays:
        x = arrays["x"]
    assert (x.dtype, x.shape) == (np.int16, (4, 8, 8, 1))
    for file, tile in zip(files, x, strict=True):
        with Image.open(file) as picture:
            np.testing.assert_array_equal(np.asarray(picture), tile[:, :, 0])
    assert x.min() < 0
    with Image.open(tmp_path / "out.png") as sheet:
        assert sheet.mode == "L"
    assert command(monkeypatch, "verify", "--run", run, *files, tmp_path / "out.npz", tmp_path / "out.png") == 0


def test_the_range_is_part_of_the_model(run: Path) -> None:
    model = ganvas.load(run)
    assert model.units == ("int16", -1000, 200)
    assert model.spec.units == "int16 -1000:200"
    assert model.view(np.array([-1000, -400, 200])).tolist() == [0, 128, 255]


def test_scores_see_the_same_range_everywhere(run: Path) -> None:
    own = ganvas.evaluate(run, metrics=["frechet"])
    folder = ganvas.evaluate(run, real=run.parent / "scans", metrics=["frechet"])
    assert own.inputs is not None
    assert folder.inputs is not None
    assert folder.inputs.real.units == own.inputs.real.units
    assert "values of -1000:200" in folder.inputs.real.prepared
    x = ganvas.load(run).sample(8)
    assert ganvas.evaluate(x, real=run.parent / "scans", metrics=["frechet"]).inputs is not None


def test_what_begins_from_a_run_takes_its_range(run: Path, tmp_path: Path) -> None:
    from ganvas.sessions.plan import plan

    planned = plan(data=run.parent / "scans", init_from=run)
    source: Any = planned.recipe.source
    assert (source.depth, source.low, source.high) == ("int16", -1000, 200)


@pytest.mark.parametrize(("range", "code"), [("5", 2), ("9:3", 2), ("0:99999", 3)])
def test_a_range_that_is_none(
    run: Path, range: str, code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command(monkeypatch, "train", "--data", run.parent / "scans", "--range", range) == code
    assert range in capsys.readouterr().err


def test_pictures_that_differ_by_a_factor_are_no_duplicates(tmp_path: Path) -> None:
    from ganvas.ingest.report import check_pictures
    from ganvas.ingest.survey import survey

    x = np.random.default_rng(0).integers(0, 900, (8, 8)).astype(np.int16)
    for name, values in {"a": x, "b": 2 * x, "c": x}.items():
        (tmp_path / f"{name}.tif").write_bytes(painting.deep_tiff(values))
    assert check_pictures(survey(str(tmp_path))).duplicates == (("a.tif", "c.tif"),)


def test_a_report_of_deep_pictures(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command(monkeypatch, "data", "check", run.parent / "scans", "--sheet", tmp_path / "sheet.png", "--json") == 0
    report = json.loads(capsys.readouterr().out)
    assert (report["depths"], report["broken"], report["duplicates"]) == ({"int16": 60}, {}, [])
    with Image.open(tmp_path / "sheet.png") as sheet:
        assert np.asarray(sheet).std() > 50

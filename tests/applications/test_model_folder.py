"""Models leave a run: a folder that travels, and files for other runtimes that compute the same."""

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

import ganvas
from ganvas.base.errors import CheckFailed, DataError, UsageError
from ganvas.cli import main as command
from ganvas.domains.columns import Columns
from ganvas.domains.images import Images
from ganvas.domains.label_maps import LabelMaps
from ganvas.domains.points import Points
from ganvas.recipes import override, recipe
from ganvas.recipes.portable import LEFT_OUT, portable_tree
from ganvas.recipes.tiny import tiny_overrides
from ganvas.runs.model_folder import read_facts, tree_digest
from painting import folder as painted
from painting import numbered

FIXED: dict[str, Any] = {"precision": "fp32", "threads": 1, "snapshots": 0}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny run on a person's own pictures, whose folder must not travel."""
    place = tmp_path_factory.mktemp("somewhere")
    pictures = painted(place / "holiday-of-anna", [f"{kind}/{name}" for kind in "ab" for name in numbered(40)], 16, 16)
    changes = {
        "generator.width": 4,
        "discriminator.width": 4,
        "samples": 32,
        "batch_samples": 16,
        "scores": [],
        **FIXED,
    }
    return ganvas.train(
        "mnist", data=str(pictures), labels="folders", out=place / "run", changes=changes, quiet=True
    ).path


@pytest.fixture(scope="module")
def folder(run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("models") / "model"
    ganvas.export(run, out, licence="CC0-1.0", data_note="Painted by a test.")
    return out


def test_a_folder_gives_the_samples_of_the_run(run: Path, folder: Path) -> None:
    ours, theirs = ganvas.load(run), ganvas.load(folder)
    assert set(theirs.networks) == {"G"}, "what is needed to use it"
    np.testing.assert_array_equal(theirs.sample(5, seed=3, classes="b"), ours.sample(5, seed=3, classes="b"))
    assert theirs.sha256 == ours.sha256, "the same numbers make the same files, marks included"
    assert theirs.spec == ours.spec
    assert repr(theirs) == repr(ours)


def test_no_path_and_no_name_of_the_data_travels(run: Path, folder: Path) -> None:
    place = run.parent
    assert str(place) in (run / "config.yaml").read_text(), "else this test sees nothing"
    for file in folder.iterdir():
        content = file.read_bytes()
        for private in (str(place), place.name, "holiday-of-anna", str(Path.home()), str(folder.parent)):
            assert private.encode() not in content, f"{file.name} has {private}"


def test_the_same_model_gives_the_same_bytes(run: Path, folder: Path, tmp_path: Path) -> None:
    again = ganvas.load(folder).save_pretrained(tmp_path / "again")
    assert {file.name for file in again} == {"model.safetensors", "model.json", "README.md", "samples.webp"}
    for file in again:
        assert file.read_bytes() == (folder / file.name).read_bytes(), file.name


def test_the_card_says_what_it_is(folder: Path) -> None:
    card = (folder / "README.md").read_text()
    assert card.startswith("---\nlicense: cc0-1.0\npipeline_tag: unconditional-image-generation\n")
    assert "colour pictures of 16 x 16 pixels, by class: a, b" in card
    assert "Painted by a test." in card
    assert "ganvas sample FOLDER" in card


def test_commands_take_it_in_the_place_of_a_run(
    folder: Path, run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    grid, trained = tmp_path / "grid.png", tmp_path / "tuned"
    assert ended(["sample", str(folder / "model.safetensors"), "-n", "4", "-o", str(grid)], monkeypatch) == 0
    assert ended(["verify", str(grid), "--run", str(folder)], monkeypatch) == 0
    assert ended(["verify", str(grid), "--run", str(run)], monkeypatch) == 0, "made by the same weights"
    strip = str(tmp_path / "walk.png")
    assert ended(["edit", str(folder), "interpolate", "--frames", "2", "-o", strip], monkeypatch) == 0
    without = ["train", "--init-from", str(folder), "-o", str(trained)]
    assert ended(without, monkeypatch) == 2, "it has no data"
    pictures = str(run.parent / "holiday-of-anna")
    assert (
        ended(
            [*without, "--data", pictures, "--labels", "folders", "samples=16", "threads=1", "precision=fp32"],
            monkeypatch,
        )
        == 0
    )
    assert "have no weights" not in (trained / "log.txt").read_text()
    assert ganvas.load(folder).with_data(pictures).experiment.fingerprint == ganvas.load(run).experiment.fingerprint


def test_a_run_begins_with_its_weights(run: Path, tmp_path: Path) -> None:
    ganvas.export(run, tmp_path / "all", every=True)
    facts = read_facts(tmp_path / "all")
    assert facts.players == ("G", "D")
    pictures = str(run.parent / "holiday-of-anna")
    options = {"samples": 16, "G.optimiser.lr": 1e-12, "D.optimiser.lr": 1e-12, **FIXED}
    tuned = ganvas.train(
        init_from=tmp_path / "all", data=pictures, labels="folders", out=tmp_path / "tuned", changes=options, quiet=True
    )
    before, after = load_file(tmp_path / "all" / "model.safetensors"), ganvas.load(tuned.path)
    for name in ("G", "D"):
        for key, value in after.networks[name].named_parameters():
            torch.testing.assert_close(value.data, before[f"{name}.{key}"], atol=1e-6, rtol=1e-5)


def test_bfloat16_halves_it(run: Path, folder: Path, tmp_path: Path) -> None:
    ganvas.export(run, tmp_path / "half", precision="bfloat16")
    sizes = [(place / "model.safetensors").stat().st_size for place in (tmp_path / "half", folder)]
    assert sizes[0] < 0.6 * sizes[1]
    rounded, exact = ganvas.load(tmp_path / "half"), ganvas.load(folder)
    assert rounded.sha256 != exact.sha256
    for key, value in rounded.networks["G"].state_dict().items():
        torch.testing.assert_close(value, exact.networks["G"].state_dict()[key], rtol=2**-8, atol=0)


@pytest.mark.parametrize("name", ["model.json", "model.safetensors"])
def test_a_changed_byte_is_found(folder: Path, tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(folder, tmp_path / "changed")
    file = tmp_path / "changed" / name
    data = bytearray(file.read_bytes())
    place = data.index(b'"CC0-1.0"') + 1 if name == "model.json" else len(data) - 5
    data[place] ^= 1
    file.write_bytes(data)
    with pytest.raises(CheckFailed, match=name):
        ganvas.load(tmp_path / "changed")
    assert ended(["sample", str(tmp_path / "changed"), "-o", str(tmp_path / "a.png")], monkeypatch) == 7


def test_weights_that_do_not_fit_are_refused(folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder, tmp_path / "other")
    weights = load_file(folder / "model.safetensors")
    save_file({key: value for key, value in weights.items() if "last" not in key}, tmp_path / "other/model.safetensors")
    data = (tmp_path / "other/model.safetensors").read_bytes()
    tree = json.loads((folder / "model.json").read_text())
    import hashlib

    tree["weights"] |= {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}
    rewrite(tmp_path / "other", tree)
    with pytest.raises(CheckFailed, match=r"missing, not F32"):
        ganvas.load(tmp_path / "other")


@pytest.mark.parametrize(("version", "hint"), [(0, "Export the run again"), (2, "newer ganvas")])
def test_other_versions_are_named(folder: Path, tmp_path: Path, version: int, hint: str) -> None:
    shutil.copytree(folder, tmp_path / "old")
    rewrite(tmp_path / "old", {**json.loads((folder / "model.json").read_text()), "version": version})
    with pytest.raises(DataError, match=rf"format {version}.*format 1") as raised:
        ganvas.load(tmp_path / "old")
    assert hint in raised.value.hint


def test_other_files_are_not_replaced(run: Path, tmp_path: Path) -> None:
    (tmp_path / "diary.txt").write_text("mine")
    with pytest.raises(UsageError, match="other files"):
        ganvas.export(run, tmp_path)
    with pytest.raises(UsageError, match="no format 'gguf'"):
        ganvas.export(run, tmp_path / "x", format="gguf")  # type: ignore[arg-type]
    with pytest.raises(UsageError, match=r"ends in \.onnx"):
        ganvas.export(run, tmp_path / "x", format="onnx")


def test_paths_of_pairs_keep_their_last_names_only() -> None:
    tree = portable_tree(recipe("mnist"))
    assert LEFT_OUT not in json.dumps(tree), "no path was there"
    from ganvas.data.pairs import Pairs

    pairs = Pairs(path="/home/anna/photos", to="/mnt/disk/drawings", height=8, width=8)
    changed = portable_tree(replace(recipe("mnist"), source=pairs))["source"]
    assert (changed["path"], changed["to"]) == (f"{LEFT_OUT}/photos", f"{LEFT_OUT}/drawings")


@pytest.mark.parametrize(
    ("domain", "x"),
    [
        (Images(height=2, width=3, channels=3), torch.linspace(-1.2, 1.2, 36).view(2, 3, 2, 3)),
        (Images(height=2, width=3, channels=4), torch.linspace(-1.2, 1.2, 48).view(2, 4, 2, 3)),
        (
            Images(height=2, width=3, channels=1, depth="uint16", low=100.0, high=4095.0),
            torch.linspace(-1.1, 1.1, 12).view(2, 1, 2, 3),
        ),
        (LabelMaps(values=(3, 7, 200)), torch.linspace(-1, 1, 18).sin().view(1, 3, 2, 3)),
        (Points(mean=(1.0, -2.0), scale=3.5), torch.linspace(-2, 2, 8).view(4, 2)),
        (
            Columns(("a", "b", "c"), (1.0, 5.0, 0.3), (2.0, 0.0, 0.7), (-1.0, 5.0, -9.0), (3.0, 5.0, 9.0), (0, 0, 2)),
            torch.linspace(-2, 2, 8).view(4, 2),
        ),
    ],
)
def test_exported_decoding_is_decoding(domain: Any, x: torch.Tensor) -> None:
    expected = domain.decode(x)
    found = domain.decode_tensor(x).numpy()
    np.testing.assert_allclose(found, expected, rtol=1e-12 if found.dtype == np.float64 else 1e-7)
    assert found.shape == expected.shape


def rewrite(place: Path, tree: dict[str, Any]) -> None:
    """Write a model.json whose own digest is right."""
    tree.pop("sha256", None)
    (place / "model.json").write_text(json.dumps({**tree, "sha256": tree_digest(tree)}))


def ended(arguments: list[str], monkeypatch: pytest.MonkeyPatch) -> int:
    """The exit code of the command."""
    monkeypatch.setattr("sys.argv", ["ganvas", "-q", *arguments])
    try:
        command.main()
    except SystemExit as end:
        return int(end.code or 0)
    return 0


def test_a_translator_travels_without_a_preview(tmp_path: Path) -> None:
    changes = {**tiny_overrides("inpaint-mnist"), **FIXED, "scores": []}
    made = ganvas.train(override(recipe("inpaint-mnist"), changes), out=tmp_path / "run", quiet=True)
    files = ganvas.export(made.path, tmp_path / "model")
    assert "samples.webp" not in {file.name for file in files}, "it would show pictures of the data"
    model, travelled = ganvas.load(made.path), ganvas.load(tmp_path / "model")
    picture = np.random.default_rng(0).integers(0, 256, (28, 28, 1), np.uint8)
    mask = np.arange(28 * 28).reshape(28, 28) % 5 == 0
    ours, theirs = (ganvas.Translator(each)(picture, mask) for each in (model, travelled))
    np.testing.assert_array_equal(ours, theirs)

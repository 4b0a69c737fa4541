"""Whatever is changed in a run: a command that reads it prints one sentence and ends with an exit code of ours."""

import hashlib
import json
import os
import shutil
import struct
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

import ganvas
from ganvas.base.errors import CheckFailed, UsageError
from ganvas.evaluation.stored_scores import load_scores
from ganvas.recipes import read_recipe
from ganvas.runs import checkpoints
from tampering import NAMES, make, strike

COUNT, PARTS = 250, 10  # benchmarks/soak_tampered.py makes more


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Sound runs, with a cache of their own."""
    place, here, cache = tmp_path_factory.mktemp("tampered"), Path.cwd(), os.environ["GANVAS_CACHE"]
    os.environ["GANVAS_CACHE"] = str(place / "kept")
    make(place)
    yield place
    os.chdir(here)
    os.environ["GANVAS_CACHE"] = cache


@pytest.mark.parametrize("part", range(PARTS))
def test_no_change_ends_in_an_internal_error(part: int, runs: Path) -> None:
    found = [strike(seed, runs) for seed in range(part * COUNT // PARTS, (part + 1) * COUNT // PARTS)]
    assert [str(outcome) for outcome in found if outcome.fault] == []
    assert {outcome.code for outcome in found} >= {0, 2}, "commands that refuse everything would pass too"


@pytest.fixture
def ring(runs: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(runs / "ring", tmp_path / "ring"))


def vouch(folder: Path) -> None:
    """The manifest agrees with the files that there are."""
    files = {name: (folder / name).read_bytes() for name in NAMES if (folder / name).exists()}
    proofs = {name: {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()} for name, data in files.items()}
    (folder / "MANIFEST.json").write_text(json.dumps(proofs))


def edit(change: Callable[[dict[str, Any]], Any]) -> Callable[[Path], None]:
    """A change of state.json."""

    def changed(folder: Path) -> None:
        state = json.loads((folder / "state.json").read_text())
        change(state)
        (folder / "state.json").write_text(json.dumps(state))

    return changed


def weights(change: Callable[[dict[str, torch.Tensor]], Any], name: str = "players") -> Callable[[Path], None]:
    """A change of tensors."""

    def changed(folder: Path) -> None:
        file = folder / f"{name}.safetensors"
        tensors = {key: value.clone() for key, value in load_file(file).items()}
        change(tensors)
        save_file(tensors, file)

    return changed


def content(change: Callable[[bytes], bytes]) -> Callable[[Path], None]:
    """A change of the players' file."""

    def changed(folder: Path) -> None:
        file = folder / "players.safetensors"
        file.write_bytes(change(file.read_bytes()))

    return changed


LAST = "G.network.last.weight"
DAMAGE: dict[str, Callable[[Path], None]] = {
    "a file that the manifest does not name": lambda folder: (folder / "optimisers.safetensors").unlink(),
    "a tensor is missing": weights(lambda tensors: tensors.pop(LAST)),
    "one tensor more": weights(lambda tensors: tensors.update(x=torch.zeros(1))),
    "another shape": weights(lambda tensors: tensors.update({LAST: torch.zeros(3, 8)})),
    "another type": weights(lambda tensors: tensors.update({LAST: torch.zeros(2, 8, dtype=torch.float64)})),
    "not finite": weights(lambda tensors: tensors[LAST].fill_(torch.nan)),
    "a header of 2**63 bytes": content(lambda data: struct.pack("<Q", 2**63) + data[8:]),
    "3 bytes": content(lambda data: data[:3]),
    "0 bytes": content(lambda _: b""),
    "an absurd shape": edit(lambda state: state["spec"].update(shape=[3, 10**6, 10**6])),
    "a shape whose weights are not there": edit(lambda state: state["spec"].update(shape=[2**20])),
    "no shape": edit(lambda state: state["spec"].update(shape="2")),
    "an absurd given tensor": edit(lambda state: state["spec"].update(given={"mask": [[10**6, 10**6], "float32"]})),
    "a given tensor of no dtype": edit(lambda state: state["spec"].update(given={"mask": [[1], "load"]})),
    "no dtype": edit(lambda state: state["spec"].update(dtype="load")),
    "a position of 10**30": edit(lambda state: state.update(position=10**30)),
    "a negative count": edit(lambda state: state.update(attempt=-1)),
    "true for a number": edit(lambda state: state.update(micro_batches=True)),
    "best of a wrong shape": edit(lambda state: state.update(best=[["modes", 1.0, 32]])),
    "of another number of samples": edit(lambda state: state.update(samples_seen=1)),
    "a field is missing": edit(lambda state: state.pop("lr_scale")),
}
DAMAGE_OF_A_RESUME: dict[str, Callable[[Path], None]] = {
    "the optimiser lacks a tensor": weights(lambda tensors: tensors.pop("G.step.last.weight"), "optimisers"),
    "the optimiser has another shape": weights(
        lambda tensors: tensors.update({"G.exp_avg.last.weight": torch.zeros(1)}), "optimisers"
    ),
    "the game has a tensor": weights(lambda tensors: tensors.update(x=torch.zeros(1)), "game"),
}


@pytest.mark.parametrize("damage", [*DAMAGE])
def test_content_that_does_not_fit_is_damage_and_the_next_older_one_is_taken(damage: str, ring: Path) -> None:
    newest, before, oldest = checkpoints.newest_first(ring / "checkpoints")
    DAMAGE[damage](newest)
    vouch(newest)
    model = ganvas.load(ring)
    assert (model.checkpoint, len(model.notes)) == (before.name, 1)
    assert newest.name in model.notes[0]
    assert before.name in model.notes[0]
    for folder in (before, oldest):
        DAMAGE[damage](folder)
        vouch(folder)
    for use in (ganvas.load, ganvas.resume):
        with pytest.raises(CheckFailed, match=newest.name) as raised:
            use(ring)
        assert raised.value.exit_code == 7


@pytest.mark.parametrize("damage", [*DAMAGE_OF_A_RESUME])
def test_a_resume_takes_the_next_older_one_too_and_says_so(damage: str, ring: Path) -> None:
    newest, before, _ = checkpoints.newest_first(ring / "checkpoints")
    DAMAGE_OF_A_RESUME[damage](newest)
    vouch(newest)
    told: list[Any] = []
    ganvas.resume(ring, on_event=told.append)
    started = next(event for event in told if type(event).__name__ == "Started")
    assert started.samples == int(before.name.removeprefix("samples-"))
    assert newest.name in started.notes


@pytest.mark.parametrize("name", ["../config.yaml", "/dev/zero", "extra.bin", "..", "MANIFEST.json"])
def test_a_manifest_names_the_files_of_a_checkpoint_and_no_others(name: str, ring: Path) -> None:
    newest, before, _ = checkpoints.newest_first(ring / "checkpoints")
    manifest = json.loads((newest / "MANIFEST.json").read_text())
    (newest / "MANIFEST.json").write_text(json.dumps({**manifest, name: manifest["state.json"]}))
    assert checkpoints.newest_path(ring / "checkpoints") == before


@pytest.mark.parametrize("name", [*NAMES, "MANIFEST.json"])
def test_a_pipe_in_the_place_of_a_file_is_damage_and_not_waited_for(name: str, ring: Path) -> None:
    newest, before, _ = checkpoints.newest_first(ring / "checkpoints")
    (newest / name).unlink()
    os.mkfifo(newest / name)
    assert ganvas.load(ring).checkpoint == before.name


def test_an_environment_that_is_a_text_is_a_failed_check(ring: Path) -> None:
    (ring / "environment.json").write_text('"init_from"')
    shutil.rmtree(ring / "checkpoints")
    with pytest.raises(CheckFailed, match=r"environment\.json"):
        ganvas.resume(ring)


@pytest.mark.parametrize("value", ["1" * 5000, "1e400", "NaN", '"\\ud800"', "[" * 100_000, "true", '"8"', "-1", "{}"])
def test_a_score_whose_number_of_samples_is_none_does_not_stand(value: str, ring: Path) -> None:
    before = load_scores(ring).results
    line = (ring / "metrics.jsonl").read_text().splitlines()[-1]
    assert '"samples": 64' in line
    with (ring / "metrics.jsonl").open("a") as file:
        file.write(line.replace('"samples": 64', f'"samples": {value}') + "\n")
    assert [(each.name, each.n) for each in load_scores(ring).results] == [(each.name, each.n) for each in before]


def growing() -> Iterator[str]:
    """Short texts for a phase's changes that would be endless."""
    names = "abcdefghijklmnopqrstuvwxyz"
    lists = ", ".join(f"{new}: &{new} [{', '.join([f'*{old}'] * 10)}]" for old, new in pairwise(names))
    merged = ", ".join(f"{new}: &{new} {{<<: [*{old}, *{old}]}}" for old, new in pairwise(names))
    yield f"{{a: &a [x], {lists}}}"
    yield f"{{a: &a {{x: 1}}, {merged}}}"
    yield "&t {a: *t}"
    yield "[" * 5000
    yield "{x: " + "1" * 5000 + "}"


def with_changes(config: Path, changes: str) -> None:
    """Replace the phases of a config by one whose changes are this text."""
    before, _, after = config.read_text().partition("\nphases: []\n")
    assert after
    config.write_text(f"{before}\nphases: [{{kind: Phase, samples: 1, changes: {changes}}}]\n{after}")


@pytest.mark.parametrize("changes", [*growing()], ids=range(5))
def test_yaml_that_grows_is_refused_before_it_does(changes: str, ring: Path) -> None:
    config = ring / "config.yaml"
    with_changes(config, changes)
    begun = time.process_time()
    with pytest.raises(UsageError):
        read_recipe(config)
    assert time.process_time() - begun < 60, "to write it out would take for ever"


def test_an_alias_is_written_out_where_that_stays_small(ring: Path) -> None:
    config = ring / "config.yaml"
    with_changes(config, "{generator.slope: &w [8], discriminator.slope: *w}")
    assert read_recipe(config).phases[0].changes == {"generator.slope": [8], "discriminator.slope": [8]}

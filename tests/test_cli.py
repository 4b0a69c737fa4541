"""The command line as a person uses it: right input, wrong input, Ctrl-C."""

import json
import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from PIL import Image

from ganvas.base.draws import uniform_rows
from ganvas.cli import main as command

TINY = ["precision=fp32", "threads=1", "scores=[]", "diagnoses=0"]
MNIST = [
    "mnist",
    "generator.width=4",
    "discriminator.width=4",
    "batch_samples=16",
    "samples=160",
    "snapshots=2",
    "saves=2",
    *TINY,
]
INPAINT = ["inpaint-mnist", "generator.width=4", "discriminator.width=4", "batch_samples=16", "samples=64", *TINY]
RING = ["ring", "samples=2560", "precision=fp32", "threads=1", "source.samples=1000", "scores.0.n=200", "scorings=1"]


class Said(NamedTuple):
    code: int
    out: str
    err: str


Ganvas = Callable[..., Said]


@pytest.fixture
def ganvas(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Ganvas:
    """Run the command in this process, in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def run(*words: str) -> Said:
        monkeypatch.setattr(sys, "argv", ["ganvas", *words])
        capsys.readouterr()
        try:
            command.main()
            code = 0
        except SystemExit as end:
            code = int(end.code or 0)
        return Said(code, *capsys.readouterr())

    return run


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny conditional run."""
    import ganvas
    from ganvas.recipes import parse_overrides

    return ganvas.train("mnist", out=tmp_path_factory.mktemp("cli") / "run", changes=parse_overrides(MNIST[1:])).path


def spoken(code: int, said: Said, *words: str) -> None:
    """One clear sentence on stderr: the code, all the words, no traceback."""
    assert said.code == code, said
    assert "Traceback" not in said.err
    for word in words:
        assert word in said.err, said.err


@pytest.mark.parametrize(("words", "shown"), [(["--help"], "train"), (["recipes", "list"], "dcgan")])
def test_help_and_the_list_of_recipes_do_without_torch(words: list[str], shown: str) -> None:
    code = f"import atexit, sys; sys.argv = {['ganvas', *words]}; "
    code += "atexit.register(lambda: print('torch' in sys.modules))"
    code += "\nfrom ganvas.cli.main import main; main()"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert shown in done.stdout
    assert done.stdout.rstrip().endswith("False")


def test_python_m_ganvas(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "ganvas", "recipes", "--help"], capture_output=True, text=True, check=False, cwd=tmp_path
    )
    assert done.returncode == 0
    assert "list" in done.stdout


def test_version(ganvas: Ganvas) -> None:
    assert ganvas("--version").out.startswith("ganvas 0.")


def test_recipes_list_and_show_round_trip(ganvas: Ganvas) -> None:
    from ganvas.recipes import from_yaml, recipe

    assert "inpaint-mnist" in ganvas("recipes", "list").out
    assert "mnist" in json.loads(ganvas("recipes", "list", "--json").out)
    assert from_yaml(ganvas("recipes", "show", "rgan").out) == recipe("rgan")
    Path("mine.yaml").write_text(ganvas("recipes", "show", "ring", "samples=1234").out)
    assert ganvas("recipes", "show", "mine.yaml").out.count("1234") == 1


def test_train_then_sample_eval_and_resume(ganvas: Ganvas) -> None:
    said = ganvas("train", *RING, "-o", "ring")
    assert said.code == 0, said.err
    assert said.out.strip() == "ring"
    assert "modes" in said.err
    assert "ganvas sample ring" in said.err
    metrics = [json.loads(line) for line in Path("ring/metrics.jsonl").read_text().splitlines()]
    assert {record["protocol"]["split"] for record in metrics} == {"val"}, "test is read on request"
    assert all({"value", "n", "error", "protocol"} <= record.keys() for record in metrics)
    assert "modes" in ganvas("eval", "ring").out
    assert ganvas("resume", "ring").code == 0
    assert ganvas("sample", "ring", "-n", "100", "-o", "points.npz").code == 0
    assert np.load("points.npz")["x"].shape == (100, 2)


def test_samples_are_the_same_bytes_whatever_n(ganvas: Ganvas, trained: Path) -> None:
    for n, out in ((3, "few.npz"), (70, "many.npz")):
        assert ganvas("sample", str(trained), "-n", str(n), "--seed", "5", "-o", out).code == 0
    assert np.array_equal(np.load("few.npz")["x"], np.load("many.npz")["x"][:3])
    ganvas("sample", str(trained), "-n", "9", "-o", "a.png")
    ganvas("sample", str(trained), "-n", "9", "-o", "b.png")
    assert Path("a.png").read_bytes() == Path("b.png").read_bytes()
    ganvas("sample", str(trained), "-n", "9", "--seed", "1", "-o", "b.png")
    assert Path("a.png").read_bytes() != Path("b.png").read_bytes()


def test_samples_are_marked_unless_asked_not_to(ganvas: Ganvas, trained: Path) -> None:
    ganvas("sample", str(trained), "-n", "4", "-o", "folder")
    files = sorted(Path("folder").iterdir())
    assert len(files) == 4
    with Image.open(files[0]) as picture:
        mark = json.loads(picture.info["ganvas"])
        assert picture.size == (28, 28)
    assert mark["generated"] is True
    assert len(mark["model"]) == 64
    ganvas("sample", str(trained), "-n", "4", "-o", "bare.png", "--no-mark")
    assert b"ganvas" not in Path("bare.png").read_bytes()


def test_classes_by_name(ganvas: Ganvas, trained: Path) -> None:
    assert ganvas("sample", str(trained), "-n", "4", "--class", "3", "-o", "threes.npz").code == 0
    assert np.load("threes.npz")["y"].tolist() == [3, 3, 3, 3]
    spoken(2, ganvas("sample", str(trained), "--class", "ten"), "ten", "0, 1, 2")


def test_inpainting_leaves_known_pixels_alone(ganvas: Ganvas) -> None:
    assert ganvas("train", *INPAINT, "-o", "holes").code == 0
    assert ganvas("sample", "holes", "-n", "6", "-o", "strip.png").code == 0
    with Image.open("strip.png") as picture:
        assert picture.width > 100


def test_quiet_and_json(ganvas: Ganvas) -> None:
    quiet = ganvas("-q", "train", *RING, "-o", "quiet")
    assert (quiet.code, quiet.err) == (0, "")
    lines = [json.loads(line) for line in ganvas("train", *RING, "-o", "json", "--json").out.splitlines()]
    assert lines[0]["kind"] == "started"
    assert lines[-1]["reason"] == "finished"
    error = ganvas("train", "nothing", "--json")
    assert json.loads(error.out)["exit_code"] == 2


def test_dry_run_writes_nothing(ganvas: Ganvas) -> None:
    said = ganvas("train", *MNIST, "--dry-run", "--json")
    cost: dict[str, Any] = json.loads(said.out)
    assert cost["samples_per_second"] > 0
    assert cost["parameters"]["G"] > 0
    assert cost["memory_bytes"] > 1e6
    assert not any(Path().iterdir())


def test_minutes_become_samples(ganvas: Ganvas) -> None:
    assert (
        ganvas(
            "train", *[word for word in RING if not word.startswith("samples")], "--minutes", "0.02", "-o", "short"
        ).code
        == 0
    )
    from ganvas.recipes import read_recipe

    settled = read_recipe(Path("short/config.yaml"))
    assert 128 <= settled.samples < 500_000
    assert settled.samples % settled.batch_samples == 0


@pytest.mark.parametrize(
    ("words", "code", "expected"),
    [
        (["train", "mnits"], 2, ["mnits", "Did you mean 'mnist'?"]),
        (["train", "missing.yaml"], 2, ["missing.yaml"]),
        (["train", "ring", "sampels=10"], 2, ["sampels", "Did you mean 'samples'?"]),
        (["train", "ring", "G.netwrk.latent=2"], 2, ["netwrk", "Did you mean 'network'?"]),
        (["train", "ring", "samples=many"], 2, ["samples", "many"]),
        (["train", "ring", "samples=0"], 2, ["samples", "greater than 0"]),
        (["train", "ring", "game.loss.kind=NonSaturatin"], 2, ["Did you mean 'NonSaturating'?"]),
        (["train", "ring", "samples"], 2, ["samples", "key=value"]),
        (["train", "ring", "batch_samples=10", "micro_batches=3"], 2, ["micro-batches"]),
        (["train", "ring", "--device", "tpu9"], 2, ["tpu9"]),
        (["train", "dcgan", "source.kind=Ring", "scores=[]"], 2, ["Dcgan", "points"]),
        (["train", "mnist", "source.kind=Ring"], 2, ["DigitScores", "28 x 28"]),
        (["train", "ring", "source.kind=Csv", "source.path=nowhere.csv", "scores=[]"], 3, ["nowhere.csv"]),
        (["train", "ring", "precision=fp32", "threads=1", "-o", "/proc/run"], 5, ["/proc"]),
        (["resume", "nowhere"], 2, ["nowhere", "config.yaml"]),
        (["sample", "nowhere"], 2, ["nowhere"]),
        (["eval", "nowhere"], 2, ["nowhere"]),
        (["trian"], 2, ["trian"]),
        (["train"], 2, ["RECIPE"]),
    ],
)
def test_wrong_input_gets_one_sentence(ganvas: Ganvas, words: list[str], code: int, expected: list[str]) -> None:
    spoken(code, ganvas(*words), *expected)


def test_all_faults_at_once(ganvas: Ganvas) -> None:
    spoken(
        2,
        ganvas("train", "ring", "samples=-1", "batch_samples=x", "seeed=1"),
        "3 faults",
        "samples",
        "batch_samples",
        "seeed",
    )


def test_csv(ganvas: Ganvas) -> None:
    rows = "\n".join(f"{i % 7},{i % 5}" for i in range(400))
    Path("good.csv").write_text("a,b\n" + rows)
    words = ["train", "ring", "source.kind=Csv", "samples=512", "precision=fp32", "threads=1", "scores=[]"]
    assert ganvas(*words, "source.path=good.csv", "-o", "points").code == 0
    assert ganvas("sample", "points", "-n", "5", "-o", "p.npz").code == 0
    Path("bad.csv").write_text(rows + "\n1,two\n")
    spoken(3, ganvas(*words, "source.path=bad.csv"), "line 401", "column 2", "two")
    Path("few.csv").write_text("1,2\n3,4\n")
    spoken(3, ganvas(*words, "source.path=few.csv"), "2 rows")
    spoken(2, ganvas("train", "ring", "source={kind: Csv, path: good.csv}"), "ModeCoverage")


def test_samples_that_cannot_be(ganvas: Ganvas, trained: Path, tmp_path: Path) -> None:
    spoken(2, ganvas("sample", str(trained), "-n", "0"), "0 samples", "at least 1")
    spoken(2, ganvas("sample", str(trained), "-o", "samples.tiff"), ".tiff", ".png")
    Path("file").write_text("")
    spoken(5, ganvas("sample", str(trained), "-o", "file/grid.png"), "file")
    spoken(5, ganvas("sample", str(trained), "-o", "/proc/grid.png"), "/proc")


def test_an_existing_run_is_never_overwritten(ganvas: Ganvas, trained: Path) -> None:
    before = (trained / "config.yaml").read_bytes()
    spoken(2, ganvas("train", "ring", "-o", str(trained)), "a run already", "ganvas resume")
    assert (trained / "config.yaml").read_bytes() == before


def test_damaged_checkpoints_are_told(ganvas: Ganvas, trained: Path, tmp_path: Path) -> None:
    import shutil

    run = tmp_path / "damaged"
    shutil.copytree(trained, run)
    newest, older = sorted((run / "checkpoints").iterdir(), reverse=True)
    weights = newest / "players.safetensors"
    weights.write_bytes(weights.read_bytes()[:-8] + b"12345678")
    assert ganvas("sample", str(run), "-o", "older.png").code == 0  # the one before it is good
    (older / "state.json").unlink()
    spoken(7, ganvas("sample", str(run)), "damaged", "players.safetensors")
    spoken(7, ganvas("resume", str(run)), "damaged")


def test_verbose_shows_the_traceback(ganvas: Ganvas) -> None:
    assert "Traceback" in ganvas("train", "mnits", "-v").err


def test_ctrl_c_saves_and_says_how_to_go_on(tmp_path: Path) -> None:
    words = [
        "ring",
        "samples=50000000",
        "precision=fp32",
        "threads=1",
        "source.samples=1000",
        "snapshots=0",
        "scorings=0",
        "saves=0",
    ]
    command = [sys.executable, "-m", "ganvas", "train", *words, "-o", "run"]
    process = subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    events = tmp_path / "run" / "events.jsonl"
    for _ in range(600):
        if events.exists() and "progress" in events.read_text():
            break
        time.sleep(0.1)
    os.kill(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert "ganvas resume run" in err
    assert "Traceback" not in err
    assert len(list((tmp_path / "run" / "checkpoints").iterdir())) == 1


@pytest.mark.parametrize(
    ("words", "code", "expected"),
    [
        (["train", "ring", "transforms=[Shift]"], 2, ["Shift is for pictures"]),
        (["train", "ring", "generator.kind=MlpCritic"], 2, ["do not fit together"]),
        (["train", "inpaint-mnist", "game.condition=nothing", *TINY], 2, ["game.condition", "'nothing'", "masked"]),
        (["train", "mnist", "scores=[Accuracy]"], 2, ["Accuracy needs"]),
        (["train", "digits", "scores=[DigitScores]"], 2, ["DigitScores needs"]),
        (["train", "mnist", "scores.0.n=3"], 2, ["scores.0.n"]),
        (["train", "ring", "seed=2024-13-45"], 2, ["not a value"]),
        (["train", "ring", "samples=.inf"], 2, ["samples"]),
        (["train", "inpaint-mnist", "phases.1.changes={generator.width: 8}"], 2, ["a phase cannot change"]),
    ],
)
def test_parts_that_do_not_fit_are_found_before_training(
    ganvas: Ganvas, words: list[str], code: int, expected: list[str]
) -> None:
    spoken(code, ganvas(*words), *expected)
    assert not any(Path().iterdir())


def test_scores_that_are_not_finite_are_told(ganvas: Ganvas) -> None:
    said = ganvas("train", "ring", "samples=128", "precision=fp32", "threads=1", "-o", "early")
    assert said.code == 0, said.err
    said = ganvas("eval", "early", "--json")
    assert "Infinity" not in said.out
    assert json.loads(said.out)


def test_npz_keeps_its_name_and_says_the_classes(ganvas: Ganvas, trained: Path) -> None:
    assert ganvas("sample", str(trained), "-n", "12", "-o", "X.NPZ").code == 0
    assert np.load("X.NPZ")["y"].tolist() == [*range(10), 0, 1]


def test_a_run_is_trained_by_one_process_at_a_time(ganvas: Ganvas, trained: Path) -> None:
    from ganvas.runs import Run

    with Run.open(trained).exclusive_lock():
        spoken(2, ganvas("resume", str(trained)), "another process")
    assert ganvas("resume", str(trained)).code == 0


def test_a_classifier_makes_no_samples(ganvas: Ganvas) -> None:
    words = [
        "digits",
        "D.network.width=4",
        "batch_samples=16",
        "samples=32",
        "scores.0.n=100",
        "precision=fp32",
        "threads=1",
    ]
    assert ganvas("train", *words, "-o", "digits").code == 0
    spoken(2, ganvas("sample", "digits", "-o", "x.npz"), "no samples")


def test_a_changed_config_is_told(ganvas: Ganvas, trained: Path, tmp_path: Path) -> None:
    import shutil

    run = tmp_path / "changed"
    shutil.copytree(trained, run)
    config = run / "config.yaml"
    config.write_text(config.read_text().replace("width: 4", "width: 8"))
    spoken(7, ganvas("sample", str(run)), "players.safetensors", "config.yaml")


def own_pictures(place: Path, count: int = 60, side: int = 9) -> Path:
    """A folder of noise."""
    place.mkdir()
    for number, x in enumerate(uniform_rows(("own",), range(count), side * side * 3).reshape(count, side, side, 3)):
        Image.fromarray((x * 255).astype(np.uint8)).save(place / f"{number}.png")
    return place


OWN = [
    "generator.width=4",
    "discriminator.width=4",
    "batch_samples=16",
    "precision=fp32",
    "threads=1",
    "snapshots=1",
    "saves=0",
    "diagnoses=0",
]


def test_a_folder_of_ones_own(ganvas: Ganvas, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "cache")
    own_pictures(Path("mine"))
    said = ganvas("train", "--data", "mine", "samples=6.4e1", *OWN, "-o", "run")
    assert said.code == 0, said.err
    for words in (
        "60 pictures, all 9 x 9",
        "As requested: samples=",
        "energy distance",
        "--flips",
        "No scores: ",
        "Finished.",
    ):
        assert words in said.err
    assert "ganvas eval" not in said.err
    assert "ganvas sample run" in said.err
    assert ganvas("sample", "run", "-n", "4", "-o", "few.npz").code == 0
    assert np.load("few.npz")["x"].shape == (4, 9, 9, 3)
    again = ganvas("train", "--init-from", "run", "--data", "mine", "--flips", "samples=32", "-o", "tuned")
    assert again.code == 0, again.err
    assert "Begins from the weights of run after 64 samples" in again.err
    assert "kind: Flip" in Path("tuned/config.yaml").read_text()
    quiet = ganvas(
        "train", "--data", "mine", "--minutes", "0.01", *OWN, "--size", "8", "--channels", "1", "-o", "quiet", "-q"
    )
    assert (quiet.code, quiet.err) == (0, "")
    cost = json.loads(ganvas("train", "--data", "mine", "samples=64", *OWN, "--dry-run", "--json").out)
    assert cost["samples"] == 64
    spoken(2, ganvas("train", "cgan", "--data", "mine", *OWN), "needs labels", "Bring labels")
    spoken(3, ganvas("train", "--data", "mine", "--labels", "folders"), "no label")
    spoken(3, ganvas("train", "--data", "mine", "--labels", "rows.csv"), "rows.csv")
    spoken(3, ganvas("train", "--data", "mine", "--background", "blau"), "blau")


@pytest.mark.parametrize(
    ("words", "code", "expected"),
    [
        (["train", "--data", "nowhere"], 3, ["nowhere"]),
        (["train", "--data", "."], 3, ["no pictures"]),
        (["train", "samples=10"], 2, ["RECIPE", "--data PATH"]),
        (["train", "mnist", "--size", "32"], 2, ["--size", "--data PATH"]),
        (["train", "--data", ".", "--size", "64x"], 2, ["--size 64x", "64x48"]),
        (["train", "--data", ".", "--fit", "sretch"], 2, ["--fit sretch", "Did you mean 'stretch'?"]),
        (["train", "--data", ".", "--channels", "2"], 2, ["--channels 2", "1, 3"]),
        (["train", "--data", ".", "--channels", "rgb"], 2, ["--channels", "integer"]),
        (["train", "--data", ".", "--size", "300"], 2, ["8 to 256"]),
        (["train", "--data", ".", "sampels=10"], 2, ["Did you mean 'samples'?"]),
        (["train", "mnist", "--init-at", "64"], 2, ["--init-at", "--init-from"]),
        (["train", "mnist", "--init-from", "nowhere"], 2, ["nowhere", "config.yaml"]),
        (["train", "."], 2, ["'.' is no recipe", "ganvas train --data ."]),
        (["verify", "nowhere.png"], 3, ["nowhere.png"]),
        (["verify"], 2, ["FILE"]),
    ],
)
def test_wrong_words_about_ones_own_pictures(ganvas: Ganvas, words: list[str], code: int, expected: list[str]) -> None:
    spoken(code, ganvas(*words), *expected)


def test_a_folder_in_the_place_of_a_recipe(ganvas: Ganvas) -> None:
    Path("it's mine").mkdir()
    said = ganvas("train", "it's mine")
    spoken(2, said, "is no recipe")
    assert shlex.split(said.err.splitlines()[-1].partition("your data: ")[2]) == [
        "ganvas",
        "train",
        "--data",
        "it's mine",
    ]


def test_too_few_pictures(ganvas: Ganvas, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "cache")
    own_pictures(Path("few"), count=3)
    spoken(3, ganvas("train", "--data", "few"), "3", "at least")


def test_counts_may_be_written_as_powers_of_ten(ganvas: Ganvas) -> None:
    assert "samples: 1000000" in ganvas("recipes", "show", "ring", "samples=1e6").out
    spoken(2, ganvas("recipes", "show", "ring", "samples=1.5e0"), "samples")
    spoken(2, ganvas("recipes", "show", "ring", "samples=-1e3"), "greater than 0")
    spoken(2, ganvas("recipes", "show", "ring", "samples=1e999"), "samples")


def test_verify(ganvas: Ganvas, trained: Path) -> None:
    for name in ("made.png", "made.webp", "made.npz"):
        assert ganvas("sample", str(trained), "-n", "4", "--seed", "5", "-o", name).code == 0
    preview = str(next((trained / "samples").iterdir()))
    said = ganvas("verify", "made.png", "made.webp", "made.npz", preview, "--run", str(trained))
    assert said.code == 0, said
    assert said.out.count("seed 5, of this run") == 3
    assert said.out.count("carries the mark of ganvas") == 4
    ganvas("sample", str(trained), "-n", "4", "-o", "bare.png", "--no-mark")
    said = ganvas("verify", "made.png", "bare.png")
    assert said.code == 7
    assert "bare.png: no mark found" in said.out
    assert "may still be generated" in said.err
    found = json.loads(ganvas("verify", "made.png", "bare.png", "--json").out)
    assert [each["holds"] for each in found] == [True, False]
    assert found[0]["mark"]["seed"] == 5
    assert found[1]["mark"] is None


def test_verify_knows_another_run(ganvas: Ganvas, trained: Path) -> None:
    assert ganvas("train", "ring", "samples=128", "precision=fp32", "threads=1", "scores=[]", "-o", "other").code == 0
    ganvas("sample", str(trained), "-n", "4", "-o", "made.png")
    said = ganvas("verify", "made.png", "--run", "other")
    assert said.code == 7
    assert "NOT of this run" in said.out
    spoken(2, ganvas("verify", "made.png", "--run", "nowhere"), "nowhere")


def test_a_run_is_no_recipe(ganvas: Ganvas, trained: Path) -> None:
    spoken(2, ganvas("train", str(trained)), "is a run", "ganvas resume")

"""What a training of a translator says at its end: by eye, whether it was long enough, and what to type next."""

from pathlib import Path
from typing import Any

import pytest

from ganvas.cli.baseline import baseline_sentence
from ganvas.cli.report import next_steps, too_short
from ganvas.runs import Run
from painting import noise, save
from speaking import ganvas


@pytest.mark.parametrize(
    ("kind", "samples", "words"),
    [("Pictures", 48, "3 rounds"), ("Pairs", 16, "1 round"), ("Pairs", 1_600, ""), ("Mnist", 48, "")],
)
def test_a_run_of_too_few_rounds_is_named(kind: str, samples: int, words: str) -> None:
    sentence = too_short({"batch_samples": 16, "source": {"kind": kind}}, samples)
    assert words in sentence
    assert bool(sentence) == bool(words)


def record(name: str, value: float, split: str = "val") -> dict[str, Any]:
    return {"name": name, "value": value, "protocol": {"split": split}}


@pytest.mark.parametrize(
    ("transforms", "scores", "words"),
    [
        (
            [{"kind": "Downscale", "factor": 2}],
            {"psnr": 27.0, "psnr_of_input": 26.5},
            "27.00 dB on val, and 26.50 dB by bi",
        ),
        (
            [{"kind": "Degrade"}],
            {"psnr": 20.0, "psnr_of_input": 21.0},
            "21.00 dB by the input as it is; the model is not b",
        ),
        (
            [{"kind": "Strokes"}],
            {"hole_l1": 0.1, "mean_fill_l1": 0.3},
            "L1 0.100 on val, and 0.300 by a fill with the mean",
        ),
        ([{"kind": "Edges"}], {"psnr": 20.0, "psnr_of_input": 21.0}, ""),
        ([{"kind": "Downscale"}], {"mean_iou": 0.5}, ""),
    ],
)
def test_the_score_stands_beside_what_needs_no_training(
    transforms: list[dict[str, Any]], scores: dict[str, float], words: str
) -> None:
    older = [record(name, 0.0) for name in scores]
    newest = [record(name, value) for name, value in scores.items()]
    on_test = [record(name, 99.0, "test") for name in scores]
    sentence = baseline_sentence({"transforms": transforms}, [*older, *newest, *on_test])
    assert words in sentence
    assert bool(sentence) == bool(words)
    assert baseline_sentence({"transforms": transforms}, []) == ""


def test_holes_from_the_command_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for number in range(30):
        save(Path("mine", f"{number}.png"), noise(number, 12, 12))
    words = ["samples=16", "batch_samples=8", "threads=1", "precision=fp32", "scores=[]", "saves=1", "phases=[]"]
    said = ganvas("train", "inpaint", "--data", "mine", *words, "-o", "run")
    assert said.code == 0, said.err
    for expected in (
        "No grade: pictures that answer",
        "2 rounds: hardly",
        "resume run --samples 8000",
        "--mask MASK.png",
        "page.html",
    ):
        assert expected in said.err
    assert "ganvas sample" not in said.err
    assert next_steps(Run.open(Path("run")), "interrupted", True, set())[0].endswith("resume run")

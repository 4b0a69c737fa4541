"""What a training of a translator says at its end: by eye, whether it was long enough, and what to type next."""

from pathlib import Path

import pytest

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

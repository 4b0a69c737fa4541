"""`ganvas speak` and sounds from noise: words, files, marks, and what cannot be said."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import ganvas
from ganvas.applications.speak import PAUSE, numbers_of_text, speak, write_spoken
from ganvas.applications.write_sound import GAP, write_sounds, writes_sound
from ganvas.base.errors import DataError, UsageError
from ganvas.ingest.sound_files import read_sound
from ganvas.recipes.tiny import tiny_overrides
from ganvas.runs import read_mark
from sounding import folder_of_digits

pytest.importorskip("soundfile")
CHANGES = {"precision": "fp32", "threads": 1, "snapshots": 1, "scorings": 0, "diagnoses": 0}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Two speakers' tones for 0 and 1, and models of recipes `speech`, `wavegan.digits` and `vocoder` on them."""
    root = tmp_path_factory.mktemp("speak")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GANVAS_CACHE", str(root / "cache"))
        digits = folder_of_digits(root / "digits")
        for name in ("speech", "wavegan.digits", "vocoder"):
            tiny = {key: value for key, value in tiny_overrides(name).items() if key != "source.samples"}
            ganvas.train(name, data=str(digits), out=root / name, changes={**tiny, **CHANGES})
        yield root


@pytest.fixture(scope="module")
def model(place: Path) -> Any:
    return ganvas.load(place / "speech", at="newest")


def test_words_are_classes_figures_and_spelled_digits() -> None:
    digits = tuple("0123456789")
    assert numbers_of_text("Seven, two; 1", digits) == [7, 2, 1]
    assert numbers_of_text("721", digits) == [7, 2, 1]
    assert numbers_of_text("stop go", ("go", "stop")) == [1, 0]
    for text, said in (("seven apples", "apples"), ("  , ", "no words"), ("7 " * 201, "201 words")):
        with pytest.raises(UsageError, match=said):
            numbers_of_text(text, digits)


def test_a_text_is_its_words_with_pauses(model: Any, place: Path) -> None:
    spoken = speak(model, "one zero one")
    assert (spoken.classes, spoken.rate) == (["1", "0", "1"], 8000)
    frames = model.spec.settings["durations"]
    pause = round(PAUSE * 8000 / 128)
    assert len(spoken.wave) == 128 * (frames[1] + frames[0] + frames[1] + 4 * pause)
    assert spoken.places[0] == (128 * pause, 128 * (pause + frames[1]))
    assert spoken.places[2][1] == len(spoken.wave) - 128 * pause
    assert np.array_equal(spoken.wave, speak(model, "1 0 1").wave)
    assert len(speak(model, "one", speed=2.0).wave) < len(speak(model, "one").wave)
    out = place / "said.wav"
    write_spoken(model, spoken, out)
    mark = read_mark(out)
    assert mark is not None
    assert mark["model"] == model.sha256
    assert len(read_sound(out, 8000)) == len(spoken.wave)
    with pytest.raises(UsageError, match="speed"):
        speak(model, "one", speed=9.0)
    with pytest.raises(UsageError, match=r"\.wav"):
        write_spoken(model, spoken, place / "said.mp3")


def test_a_vocoder_of_the_same_spectrograms_speaks_too(model: Any, place: Path) -> None:
    vocoder: Any = ganvas.load(place / "vocoder", at="newest")
    spoken = speak(model, "one", vocoder=vocoder)
    assert spoken.wave.shape == speak(model, "one").wave.shape
    assert not np.array_equal(spoken.wave, speak(model, "one").wave)
    vocoder.spec.settings["mel"]["floor"] = 1e-3
    with pytest.raises(DataError, match="other settings"):
        speak(model, "one", vocoder=vocoder)


def test_models_that_do_not_speak_are_refused(place: Path) -> None:
    waves: Any = ganvas.load(place / "wavegan.digits", at="newest")
    with pytest.raises(UsageError, match="speech"):
        speak(waves, "one")


def test_sounds_from_noise_are_files_that_play(place: Path) -> None:
    waves: Any = ganvas.load(place / "wavegan.digits", at="newest")
    assert waves.experiment.recipe.source.speaker == ""  # a generator's val has the same voices
    one, several = place / "one.wav", place / "several.wav"
    assert write_sounds(waves, one, 1, seed=3, classes=["1"]) == [one]
    made = waves.sample(1, seed=3, classes=["1"])[0]
    assert np.array_equal(np.round(read_sound(one, 8000) * 32_768), made)
    mark = read_mark(one)
    assert mark is not None
    assert mark["seed"] == 3
    write_sounds(waves, several, 3, seed=3, classes=None, mark=False)
    assert len(read_sound(several, 8000)) == 3 * len(made) + 2 * round(GAP * 8000)
    files = write_sounds(waves, place / "sounds", 2, seed=0, classes=None)
    assert [file.name for file in files] == ["000000.wav", "000001.wav"]
    (page,) = write_sounds(waves, place / "page.html", 2, seed=0, classes=None)
    assert page.read_text(encoding="utf-8").count("data:audio/wav") == 2
    assert writes_sound(waves, one)
    assert not writes_sound(waves, place / "x.png")
    assert not writes_sound(waves, None)

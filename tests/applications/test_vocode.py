"""`ganvas vocode`: chunks equal the whole, files are marked and checked, other spectrograms are refused."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import ganvas
from ganvas.applications.vocode import vocode
from ganvas.applications.vocoder_chunks import LoadedVocoder, copied_blocks, mel_slices, wave_of_mel
from ganvas.base.errors import DataError, UsageError
from ganvas.base.types import Spec, TensorSpec
from ganvas.ingest.sound_files import read_sound
from ganvas.networks.vocos import Vocos
from ganvas.ops.mel import Mel
from ganvas.recipes.tiny import tiny_overrides
from sounding import folder_of_digits, tone, write

pytest.importorskip("soundfile")
MEL = Mel(rate=8000, size=64, window=64, hop=16, filters=10, high=0.0)
CHANGES = {"precision": "fp32", "threads": 1, "snapshots": 1, "scorings": 0, "diagnoses": 0}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A folder with recordings, and a vocoder that was trained on them for two rounds in each phase."""
    root = tmp_path_factory.mktemp("vocode")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GANVAS_CACHE", str(root / "cache"))
        digits = folder_of_digits(root / "digits")
        tiny = {key: value for key, value in tiny_overrides("vocoder").items() if key != "source.samples"}
        ganvas.train("vocoder", data=str(digits), out=root / "run", changes={**tiny, **CHANGES})
        yield root


@pytest.fixture(scope="module")
def model(place: Path) -> Any:
    return ganvas.load(place / "run", at="newest")


def small_vocoder() -> LoadedVocoder:
    given = {"mel": TensorSpec((10, 12))}
    spec = Spec("audio", (1, 192), bounded=True, given=given, settings={"rate": 8000, "mel": asdict(MEL)})
    torch.manual_seed(0)
    network: Any = Vocos(width=8, blocks=2, expansion=2).build(spec)
    for parameter in network.parameters():
        torch.nn.init.normal_(parameter, 0.0, 0.3 if parameter.ndim > 1 else 0.5)
    return LoadedVocoder(network, MEL, network.context)


@pytest.mark.parametrize("count", [1, 15, 64, 500, 1000, 1601, 5003])
@pytest.mark.parametrize("block", [97, 100_000])
def test_spectrograms_of_chunks_are_those_of_the_whole(count: int, block: int) -> None:
    x = np.random.default_rng(0).normal(size=count).astype(np.float32) * 0.1
    length = max(64, -(-count // 16) * 16)
    whole = MEL.of(torch.from_numpy(np.pad(x, (0, length - count)))[None, None])[0]
    blocks = [x[start : start + block] for start in range(0, count, block)]
    found = list(mel_slices(MEL, blocks, chunk=20, context=5, margin=4))
    assert sum(each.numbers for each in found) == count
    assert len(found) == -(-count // 320)
    for number, each in enumerate(found):
        first = 20 * number - each.before
        assert each.before == min(5, 20 * number)
        torch.testing.assert_close(each.mel, whole[:, first : first + each.mel.shape[1]], rtol=0, atol=1e-5)


def test_a_long_recording_is_made_in_bounded_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    vocoder = small_vocoder()
    x = np.random.default_rng(0).normal(size=9000).astype(np.float32) * 0.1
    monkeypatch.setattr("ganvas.applications.vocoder_chunks.SECONDS", 0.25)
    made = list(copied_blocks(vocoder, iter(np.split(x, 9))))
    assert [len(each) for each in made] == [2000] * 4 + [1000]
    whole = wave_of_mel(vocoder, MEL.of(torch.from_numpy(np.pad(x, (0, 8)))[None, None])[0])[:9000]
    assert np.abs(np.concatenate(made).astype(int) - whole).max() <= 1
    assert np.abs(whole.astype(int)).max() > 100


def test_a_recording_through_the_vocoder_and_the_same_by_its_spectrogram(place: Path, model: Any) -> None:
    source = write(place / "long.wav", np.concatenate([tone(0.4), tone(0.5, 300)]))
    made = vocode(model, source, place / "out.wav")
    assert made.seconds == pytest.approx(0.9)
    assert made.real_time_factor > 0
    assert len(read_sound(place / "out.wav", 8000)) == 7200
    assert ganvas.verify(place / "out.wav", place / "run").holds
    vocode(model, source, place / "long.npz")
    vocode(model, place / "long.npz", place / "again.wav")
    assert np.abs(read_sound(place / "again.wav", 8000)[:7200] - read_sound(place / "out.wav", 8000)).max() < 1e-4
    assert not ganvas.verify(vocode(model, source, place / "bare.wav", mark=False).files[0]).holds
    first = (place / "out.wav").read_bytes()
    assert vocode(model, source, place / "out.wav").files == [place / "out.wav"]
    assert (place / "out.wav").read_bytes() == first, "the same bytes again"


def test_a_folder_and_a_page(place: Path, model: Any) -> None:
    made = vocode(model, place / "digits", place / "made")
    assert len(made.files) == 48
    assert (place / "made" / "1_d_5.wav").exists()
    vocode(model, place / "digits", place / "page.html")
    page = (place / "page.html").read_text()
    assert page.count("<audio") == 48 == 2 * 24
    assert page.count("data:image/png") == 48
    assert "24 of 48" in page


def test_spectrograms_of_other_settings_are_refused(place: Path, model: Any) -> None:
    other = place / "other.npz"
    settings = model.spec.settings["mel_sha256"]
    for values, print_, said in (
        (np.zeros((80, 9)), "0" * 64, "other settings"),
        (np.zeros((80, 9)), None, "missing"),
        (np.zeros((40, 9)), settings, r"\[80, T\]"),
        (np.full((80, 9), np.nan), settings, "not finite"),
    ):
        more = {} if print_ is None else {"mel_sha256": np.array(print_)}
        np.savez(other, mel=values, **more)  # type: ignore[arg-type]
        with pytest.raises(DataError, match=said) as caught:
            vocode(model, other, place / "x.wav")
        assert caught.value.exit_code == 3
    other.write_bytes(b"no archive")
    with pytest.raises(DataError, match="cannot read the spectrogram"):
        vocode(model, other, place / "x.wav")
    assert not (place / "x.wav").exists()


def test_wrong_uses_are_one_sentence(place: Path, model: Any) -> None:
    digit = place / "digits" / "0_a_0.wav"
    for source, out, said in (
        (place / "digits", place / "x.wav", "a folder of recordings"),
        (digit, place / "x.mp3", "one recording"),
        (digit, digit, "would be replaced"),
    ):
        with pytest.raises(UsageError, match=said):
            vocode(model, source, out)
    with pytest.raises(DataError, match="no such file"):
        vocode(model, place / "nothing", None)
    bad = place / "bad.wav"
    bad.write_bytes(b"RIFF")
    with pytest.raises(DataError, match="no sound"):
        vocode(model, bad, place / "x.wav")
    assert not (place / "x.wav").exists()


def test_the_run_has_pictures_and_the_recipe_the_rate(place: Path, model: Any) -> None:
    assert list((place / "run" / "samples").glob("*.webp"))
    assert model.sheet(4).width > 100
    assert model.experiment.recipe.transforms[0].mel.rate == 8000
    assert model.spec.classes == ("0", "1")
    assert model.sample(3).shape == (3, 8 * 128)

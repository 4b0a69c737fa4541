"""What was seen of pictures that stay is not looked at again, and changes no number."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from ganvas.cli.data import list_data
from ganvas.cli.output import output_options
from ganvas.evaluation import feature_cache
from ganvas.evaluation.embeddings import extract_features, real_vs_real_values
from ganvas.evaluation.image_set import PictureSet, array_images
from ganvas.ingest import cache
from ganvas.metrics import Digits, Extractor, Features, ModuleExtractor, RandomConvolutions, Result


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GANVAS_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def pictures(seed: int = 0, n: int = 70) -> PictureSet:
    x = np.random.default_rng(seed).integers(0, 256, (n, 28, 28, 1), dtype=np.uint8)
    return replace(array_images(x, name="noise", y=np.arange(n) % 10, classes=Digits.classes), reusable=True)


class Counted:
    """How many pictures an extractor was shown."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, extractor: Extractor) -> None:
        self.shown, extract = 0, type(extractor).extract

        def counting(one: Extractor, x: torch.Tensor) -> Features:
            self.shown += len(x)
            return extract(one, x)

        monkeypatch.setattr(type(extractor), "extract", counting)


@pytest.fixture(params=[Digits(), RandomConvolutions(1)], ids=["digits", "random"])
def extractor(request: pytest.FixtureRequest) -> Any:
    return request.param


def test_the_second_look_is_the_first_to_the_bit(extractor: Extractor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ganvas.evaluation.image_set.TOGETHER", 20)
    monkeypatch.setattr("ganvas.evaluation.image_set.BLOCK", 15)
    counted = Counted(monkeypatch, extractor)
    first, second = extract_features(pictures(), [extractor], seed=3), extract_features(pictures(), [extractor], seed=3)
    assert counted.shown == 70
    for name, value in first.spaces[extractor.name].state().items():
        assert torch.equal(value, second.spaces[extractor.name].state()[name]), name
    assert first.correct == second.correct


def test_other_pictures_parts_and_weights_are_looked_at(extractor: Extractor, monkeypatch: pytest.MonkeyPatch) -> None:
    extract_features(pictures(), [extractor], seed=0)
    counted = Counted(monkeypatch, extractor)
    extract_features(pictures(seed=1), [extractor], seed=0)
    assert counted.shown == 70
    extract_features(pictures().first(50), [extractor], seed=0)
    assert counted.shown == 120
    extract_features(pictures().after(50), [extractor], seed=0)
    assert counted.shown == 140
    extract_features(pictures().after(20).first(50), [extractor], seed=0)
    assert counted.shown == 190, "as many as the first 50, but others"
    monkeypatch.setattr(feature_cache, "VERSIONS", {"torch": "another"})
    extract_features(pictures(), [extractor], seed=0)
    assert counted.shown == 260


def test_what_does_not_stay_or_is_not_ours_is_not_kept(place: Path) -> None:
    extract_features(replace(pictures(), reusable=False), [Digits()], seed=0)
    extract_features(pictures(), [ModuleExtractor(nn.Sequential(nn.Flatten(), nn.Linear(784, 8)), name="own")], seed=0)
    assert not cache.entries()


@pytest.mark.parametrize("damage", ["cut", "gone", "nonsense", "a bit"])
def test_a_damaged_entry_is_looked_at_again(damage: str, monkeypatch: pytest.MonkeyPatch) -> None:
    extract_features(pictures(), [Digits()], seed=0)
    (entry,) = cache.entries()
    file = entry.folder / feature_cache.FILE
    data = file.read_bytes()
    if damage == "gone":
        file.unlink()
    else:
        flipped = data[:-1] + bytes([data[-1] ^ 1])
        file.write_bytes({"cut": data[:-1], "nonsense": bytes(len(data)), "a bit": flipped}[damage])
    counted = Counted(monkeypatch, Digits())
    extract_features(pictures(), [Digits()], seed=0)
    assert counted.shown == 70
    extract_features(pictures(), [Digits()], seed=0)
    assert counted.shown == 70, "it was mended"


@pytest.mark.parametrize("dtype", [torch.float64, torch.bfloat16])
def test_what_is_kept_is_what_was_seen_in_any_precision(dtype: torch.dtype) -> None:
    features, named = (
        torch.rand(70, 8, dtype=torch.float64).to(dtype),
        torch.rand(70, 10, dtype=torch.float64).to(dtype),
    )
    parts = [Features(features[:30], named[:30]), Features(features[30:], named[30:])]
    feature_cache.save_features(pictures(), Digits(), parts)
    found = feature_cache.load_features(pictures(), Digits())
    assert found is not None
    for one, other in zip(parts, found, strict=True):
        assert one.probabilities is not None
        assert other.probabilities is not None
        assert other.features.dtype == dtype
        assert torch.equal(one.features, other.features)
        assert torch.equal(one.probabilities, other.probabilities)


def test_a_cache_that_cannot_be_written_costs_only_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("GANVAS_CACHE", str(tmp_path / "file"))
    assert extract_features(pictures(), [Digits()], seed=0).spaces["digit"].n == 70
    assert real_vs_real_values((pictures(), pictures(1)), Digits(), 0, lambda: [Result("one", 1.5, 7)]) == {"one": 1.5}


def test_floors_are_measured_once() -> None:
    asked: list[int] = []

    def measure() -> list[Result]:
        asked.append(1)
        return [Result("digit_frechet", 0.1 + 0.2, 70)]

    sets = (pictures(), pictures(1))
    assert [real_vs_real_values(sets, Digits(), ["frechet"], measure) for _ in range(2)] == [
        {"digit_frechet": 0.1 + 0.2}
    ] * 2
    assert len(asked) == 1
    real_vs_real_values(sets, Digits(), ["kernel"], measure)
    real_vs_real_values(sets[::-1], Digits(), ["frechet"], measure)
    real_vs_real_values((sets[0], replace(sets[1], reusable=False)), Digits(), ["frechet"], measure)
    assert len(asked) == 4


def test_the_list_of_data_tells_of_them(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(output_options, "as_json", False)
    extract_features(pictures(), [Digits()], seed=0)
    list_data()
    out = capsys.readouterr().out
    assert "digit features of noise" in out
    assert "28x28x1" in out

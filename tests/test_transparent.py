"""Transparent pictures from the command line: inferred, trained, sampled as RGBA files, scored on one grey ground."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import ganvas
from ganvas.augment.ground import RandomGround
from ganvas.base.errors import DataError, UsageError
from ganvas.cli.main import main
from ganvas.data.custom_pictures import Pictures, decode
from ganvas.data.infer_options import PictureOptions, infer_options
from ganvas.evaluation.image_set import GROUND, array_images
from ganvas.evaluation.markup import drawable
from ganvas.games.synthesis import Synthesis
from ganvas.ingest import decode_pool
from ganvas.ingest.survey import survey
from packing_tars import coded, tar
from painting import deep_png, noise, save


@pytest.fixture(autouse=True)
def one_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decode_pool, "cores", lambda: 1)


def sprite(number: int) -> np.ndarray[tuple[int, int, int], np.dtype[np.uint8]]:
    """A disc in one colour on a transparent ground with a hidden colour."""
    rng = np.random.default_rng(number)
    rows, columns = np.mgrid[:8, :8]
    inside = (rows - rng.uniform(2, 5)) ** 2 + (columns - rng.uniform(2, 5)) ** 2 < rng.uniform(4, 8)
    return np.where(inside[:, :, None], (*rng.integers(0, 256, 3), 255), (0, 255, 0, 0)).astype(np.uint8)


@pytest.fixture(scope="module")
def sprites(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("sprites")
    for number in range(250):
        save(root / f"{number:03}.png", sprite(number))
    return root


@pytest.fixture(scope="module")
def run(sprites: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("transparent") / "run"
    messages: list[str] = []
    changes = {"samples": 64, "generator.width": 8, "discriminator.width": 8, "threads": 1, "precision": "fp32"}
    changes |= {"scorings": 1, "diagnoses": 1, "snapshots": 1}
    ganvas.train(data=sprites, out=out, changes=changes, device="cpu", on_message=messages.append)
    assert sum("250 have transparency: it is kept" in message for message in messages) == 1
    assert sum("RandomGround" in message for message in messages) == 1
    return out


def command(monkeypatch: pytest.MonkeyPatch, *words: str | Path) -> int:
    monkeypatch.setattr("sys.argv", ["ganvas", *map(str, words)])
    try:
        main()
    except SystemExit as end:
        return int(end.code or 0)
    return 0


def test_the_model_has_alpha_and_its_discriminator_gets_grounds(run: Path) -> None:
    model = ganvas.load(run)
    assert (model.spec.shape, model.spec.has_alpha) == ((4, 8, 8), True)
    assert isinstance(model.game, Synthesis)
    assert isinstance(model.game.views[0], RandomGround)
    seen = model.game.player_spec("D", model.spec)
    assert (seen.shape, seen.has_alpha) == ((4, 8, 8), False)
    samples = model.sample(5)
    assert (samples.shape, samples.dtype) == ((5, 8, 8, 4), np.uint8)
    assert not samples[samples[..., 3] == 0].any()


def test_files_keep_alpha_and_sheets_show_it(run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("out", "out.npz", "out.png", "out.webp"):
        assert command(monkeypatch, "sample", run, "-n", "4", "-o", tmp_path / name) == 0
    samples = ganvas.load(run).sample(4)
    files = sorted((tmp_path / "out").iterdir())
    for file, tile in zip(files, samples, strict=True):
        with Image.open(file) as picture:
            assert picture.mode == "RGBA"
            np.testing.assert_array_equal(np.asarray(picture), tile)
    with np.load(tmp_path / "out.npz") as arrays:
        np.testing.assert_array_equal(arrays["x"], samples)
    for name in ("out.png", "out.webp"):
        with Image.open(tmp_path / name) as sheet:
            assert sheet.mode == "RGB"
    assert command(monkeypatch, "verify", "--run", run, *files, tmp_path / "out.png") == 0
    assert command(monkeypatch, "sample", run, "-n", "4", "-o", tmp_path / "out.jpg") == 2


def test_scores_are_taken_on_one_ground(run: Path, tmp_path: Path) -> None:
    sprites = tmp_path / "sprites"
    for number in range(40):
        save(sprites / f"{number:03}.png", sprite(number))
    own = ganvas.evaluate(run, n=40, metrics=["frechet", "diversity", "memorisation"])
    folder = ganvas.evaluate(run, real=sprites, metrics=["frechet"])
    for found in (own, folder):
        assert found.inputs is not None
        assert found.inputs.real.scored_shape == found.inputs.fake.scored_shape == (3, 8, 8)
        assert all(GROUND in found.inputs.protocol[key] for key in ("prepared", "prepared_fakes"))
    assert any(result.name == "d_overfitting" for result in own.results)
    pair = ganvas.evaluate(sprites, real=sprites, metrics=["frechet"])
    value = next(result.value for result in pair.results if result.name.endswith("_frechet"))
    assert value == pytest.approx(0, abs=1e-3)


def test_scores_in_training_say_the_ground(run: Path) -> None:
    assert '"ground": 128' in (run / "metrics.jsonl").read_text(encoding="utf-8")


def test_the_pictures_that_are_scored() -> None:
    x = np.stack([sprite(number) for number in range(8)])
    shown = array_images(x, name="sprites")
    (scored,) = shown.scored()
    assert scored.shape == (8, 3, 8, 8)
    assert {tuple(each[:, 0, 7].tolist()) for each in scored} <= {(128, 128, 128), *map(tuple, x[:, 0, 7, :3].tolist())}
    assert shown.sheet(4).mode == "RGB"
    assert drawable(x[0]).getpixel((7, 7)) == (128, 128, 128)


def test_what_is_inferred(tmp_path: Path) -> None:
    for number in range(20):
        save(tmp_path / f"{number}.png", sprite(number) if number < 4 else noise(number))
    source, messages = infer_options(survey(str(tmp_path)))
    assert (source.background, source.channels) == ("keep", 4)
    assert any(message.startswith("4 have transparency: it is kept") for message in messages)
    (tmp_path / "0.png").unlink()
    assert infer_options(survey(str(tmp_path))).source.background == "white"  # 3 of 19
    kept = infer_options(survey(str(tmp_path)), PictureOptions(background="keep")).source
    assert (kept.background, kept.channels) == ("keep", 4)
    assert infer_options(survey(str(tmp_path)), PictureOptions(background="white")).source.channels == 3
    assert infer_options(survey(str(tmp_path)), PictureOptions(channels=1)).source.background == "white"


def test_opaque_pictures_with_an_alpha_channel_stay_colour(tmp_path: Path) -> None:
    for number in range(20):
        save(tmp_path / f"{number}.png", np.dstack([noise(number), np.full((8, 8), 255, np.uint8)]))
    assert infer_options(survey(str(tmp_path))).source.channels == 3


def test_what_cannot_be_kept(tmp_path: Path) -> None:
    keep = PictureOptions(background="keep")
    with pytest.raises(UsageError, match="--channels"):
        PictureOptions(background="keep", channels=3).check_values()
    (tmp_path / "deep.png").write_bytes(deep_png(np.arange(64, dtype=np.uint16).reshape(8, 8) * 1000))
    with pytest.raises(UsageError, match="8 bits"):
        infer_options(survey(str(tmp_path)), keep)
    for wrong in ({"channels": 3, "background": "keep"}, {"channels": 4}):
        with pytest.raises(DataError, match="channels"):
            decode(Pictures(str(tmp_path), 8, 8, **wrong))


@pytest.mark.parametrize("kind", ["folder", "npz", "shards"])
def test_every_source_has_straight_colour_and_alpha(kind: str, sprites: Path, tmp_path: Path) -> None:
    x = np.stack([sprite(number) for number in range(250)])
    path = sprites
    if kind == "npz":
        path = tmp_path / "x.npz"
        np.savez(path, x=x)
    elif kind == "shards":
        path = tar(tmp_path / "x.tar", ((f"{number:03}.png", coded(each)) for number, each in enumerate(x)))
    source = infer_options(survey(str(path))).source
    decode(source)
    seen = [source.items(split).x for split in ("train", "val", "test")]
    rows = {np.asarray(each[place : place + 1]).tobytes() for each in seen for place in range(len(each))}
    assert rows == {(each * (each[:, :, 3:] > 0)).tobytes() for each in x}

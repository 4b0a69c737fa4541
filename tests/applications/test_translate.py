"""Translators on a person's files: results that are known, sizes, alpha, 16 bits, masks, names, and clear refusals."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import ganvas
from ganvas.applications.translator import Translator, reflected
from ganvas.base.errors import DataError, GanvasError, GanvasWarning, UsageError
from ganvas.base.progress import progress_listener
from ganvas.networks.residual_translator import ResidualTranslator
from ganvas.runs import read_mark
from ganvas.runs.value_files import png
from translating import (
    Negative,
    Pairs,
    Plain,
    RangedPairs,
    Smaller,
    class_model,
    filling_model,
    model_of,
    recipe_of,
    trained_run,
)

RNG = np.random.default_rng(0)


def picture(height: int, width: int, channels: int = 3) -> Any:
    return RNG.integers(0, 256, (height, width, channels), np.uint8)


def saved(values: Any, file: Path, **options: Any) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(values[:, :, 0] if values.shape[2] == 1 else values).save(file, **options)
    return file


def loaded(file: Path) -> Any:
    with Image.open(file) as found:
        return np.asarray(found)


@pytest.mark.parametrize("size", [(16, 16), (5, 301), (77, 30), (4, 4)])
@pytest.mark.parametrize("multiple", [1, 8])
def test_any_size_comes_out_at_its_size(size: tuple[int, int], multiple: int) -> None:
    network = Negative(multiple=multiple)
    translator = Translator(model_of({"G": network}))
    assert translator.step == multiple
    x = picture(*size)
    assert np.array_equal(translator(x), 255 - x)
    assert all(side % multiple == 0 for sides in network.sizes for side in sides)


def test_a_side_is_reflected_as_numpy_does_it() -> None:
    for length, padded in ((5, 8), (3, 5), (7, 7)):
        want = np.pad(np.arange(length), (0, padded - length), mode="reflect")
        assert np.array_equal(reflected(length, padded), want)
    assert reflected(2, 7).tolist() == [0, 1, 0, 1, 0, 1, 0]
    assert reflected(1, 4).tolist() == [0, 0, 0, 0]


def test_the_result_is_larger_by_the_factor_of_the_model() -> None:
    model = model_of({"G": Negative(factor=4)}, Plain(), Smaller(4))
    x = picture(40, 33)
    want = np.repeat(np.repeat(255 - x, 4, axis=0), 4, axis=1)
    assert Translator(model).scale == 4
    for tile in (None, 16, 24):
        assert np.array_equal(Translator(model, tile=tile)(x), want)


def test_a_small_network_gives_the_same_in_tiles_and_every_time(tmp_path: Path) -> None:
    model = ganvas.load(trained_run(tmp_path / "run").path, parts=recipe_of(Pairs()))
    x = picture(150, 210)
    whole = Translator(model)(x)
    assert whole.tobytes() == Translator(model)(x).tobytes()
    tiled = Translator(model, tile=128)(x).astype(int)  # 12 of context, and a U-Net of one halving reads 10 or less
    assert np.abs(tiled - whole).max() <= 1
    assert (tiled != whole).mean() < 1e-3, "some may be rounded the other way"
    assert whole.std() > 0


def test_large_pictures_are_cut_and_progress_is_reported(tmp_path: Path) -> None:
    network = Negative()
    file = saved(picture(1030, 1030), tmp_path / "large.png")
    steps: list[tuple[str, int, int]] = []
    with progress_listener(lambda *report: steps.append(report)):
        ganvas.translate(model_of({"G": network}), file, tmp_path / "out.png")
    assert max(max(sides) for sides in network.sizes) <= 512
    assert np.array_equal(loaded(tmp_path / "out.png"), 255 - loaded(file))
    assert steps[-1] == ("translating tiles", 9, 9)


def test_names_and_subfolders_are_kept_and_files_are_marked(tmp_path: Path) -> None:
    for name in ("a.png", "deep/er/b.webp", "twice.png", "twice.jpg"):
        saved(picture(20, 30), tmp_path / "in" / name, **({"lossless": True} if name.endswith("webp") else {}))
    (tmp_path / "in" / "notes.txt").write_text("no picture")
    model = model_of({"G": Negative()})
    files = ganvas.translate(model, tmp_path / "in", tmp_path / "out")
    names = {str(file.relative_to(tmp_path / "out")) for file in files}
    assert names == {"a.png", "deep/er/b.png", "twice.png.png", "twice.jpg.png"}
    assert {str(path.relative_to(tmp_path / "out")) for path in (tmp_path / "out").rglob("*.*")} == names
    assert np.array_equal(loaded(tmp_path / "out/deep/er/b.png"), 255 - loaded(tmp_path / "in/deep/er/b.webp"))
    assert np.array_equal(loaded(tmp_path / "out/twice.jpg.png"), 255 - loaded(tmp_path / "in/twice.jpg"))
    mark = read_mark(tmp_path / "out/a.png")
    assert mark is not None
    assert mark["model"] == model.sha256
    bare = ganvas.translate(model, tmp_path / "in/a.png", tmp_path / "bare.png", mark=False)
    assert read_mark(bare[0]) is None


@pytest.mark.parametrize("mode", ["L", "RGB", "P", "1", "LA", "CMYK"])
@pytest.mark.parametrize("channels", [1, 3])
def test_pictures_are_read_as_the_model_reads_them(mode: str, channels: int, tmp_path: Path) -> None:
    shown = Image.fromarray(picture(9, 14)).convert("L").convert(mode)
    file = tmp_path / ("x.tif" if mode == "CMYK" else "x.png")
    shown.save(file)
    model = model_of({"G": Negative(channels=channels)}, Pairs(channels=channels, given_channels=channels))
    ganvas.translate(model, file, tmp_path / "out.png")
    want = 255 - np.asarray(shown.convert("L" if channels == 1 else "RGB"))
    assert np.array_equal(loaded(tmp_path / "out.png"), want)


def test_grey_becomes_colour_where_the_model_makes_colour(tmp_path: Path) -> None:
    x = picture(12, 10)
    model = model_of({"G": Negative(channels=3)}, Pairs(given_channels=1))
    ganvas.translate(model, saved(x, tmp_path / "x.png"), tmp_path / "out.png")
    grey = np.asarray(Image.fromarray(x).convert("L"))
    assert np.array_equal(loaded(tmp_path / "out.png"), 255 - np.repeat(grey[:, :, None], 3, axis=2))


def test_transparency_is_kept_and_hides_no_background(tmp_path: Path) -> None:
    x = picture(20, 16, 4)
    x[:5, :, 3], x[5:, :, 3] = 0, RNG.integers(1, 256, (15, 16))
    file = saved(x, tmp_path / "x.png")
    ganvas.translate(model_of({"G": Negative()}), file, tmp_path / "out.png")
    out = loaded(tmp_path / "out.png")
    assert np.array_equal(out[:, :, 3], x[:, :, 3])
    assert np.array_equal(out[5:, :, :3], 255 - x[5:, :, :3]), "the colours of the file, not those on a ground"
    ganvas.translate(model_of({"G": Negative(factor=2)}, Plain(), Smaller(2)), file, tmp_path / "larger.png")
    larger = loaded(tmp_path / "larger.png")
    want = np.asarray(Image.fromarray(x[:, :, 3]).resize((32, 40), Image.Resampling.BICUBIC))
    assert np.array_equal(larger[:, :, 3], want)


def test_values_of_16_bits_stay(tmp_path: Path) -> None:
    x = RNG.integers(0, 4096, (21, 13, 1)).astype(np.uint16)
    (tmp_path / "x.png").write_bytes(png(x, None))
    model = model_of({"G": Negative(channels=1)}, Pairs(channels=1, given_channels=1, depth="uint16", high=4095))
    ganvas.translate(model, tmp_path / "x.png", tmp_path / "out.png")
    out = loaded(tmp_path / "out.png")
    assert out.dtype == np.uint16
    assert np.array_equal(out, 4095 - x[:, :, 0])
    with pytest.raises(DataError, match="8 bits"):
        ganvas.translate(model, saved(picture(8, 8, 1), tmp_path / "bytes.png"), tmp_path / "no.png")


def test_inputs_may_have_a_range_of_their_own(tmp_path: Path) -> None:
    x = np.array([[0, 819], [2047, 4095]], np.uint16).repeat(4, 0).repeat(4, 1)[:, :, None]
    (tmp_path / "x.png").write_bytes(png(x, None))
    model = model_of({"G": Negative(channels=1)}, RangedPairs(channels=1, given_channels=1))
    ganvas.translate(model, tmp_path / "x.png", tmp_path / "out.png")
    out = loaded(tmp_path / "out.png")
    assert out.dtype == np.uint8
    assert np.array_equal(out[::4, ::4], [[255, 204], [128, 0]])


def test_classes_are_written_by_their_values_and_shown_in_colour(tmp_path: Path) -> None:
    x = picture(20, 30)
    file = saved(x, tmp_path / "x.png")
    model = class_model()
    ganvas.translate(model, file, tmp_path / "out.png", tile=16)
    want = np.array([0, 7, 200])[x.argmax(2)]
    clear = np.sort(x, axis=2)[:, :, 2] > np.sort(x, axis=2)[:, :, 1]
    assert np.array_equal(loaded(tmp_path / "out.png")[clear], want[clear])
    with Image.open(tmp_path / "out.png") as found:
        assert found.mode == "P"
        colours = np.asarray(found.convert("RGB"))
    shown = [{tuple(colour) for colour in colours[clear & (want == value)].tolist()} for value in (0, 7, 200)]
    assert [len(each) for each in shown] == [1, 1, 1]
    assert len(set.union(*shown)) == 3
    with pytest.raises(UsageError, match="changes classes"):
        ganvas.translate(model, file, tmp_path / "out.webp")
    assert ganvas.translate(model, file, tmp_path / "page.html")


def test_pixels_outside_the_hole_are_those_of_the_file(tmp_path: Path) -> None:
    x = picture(33, 47)
    mask = np.zeros((33, 47, 1), np.uint8)
    mask[3:9, 40:] = 255
    mask[20, 1] = 127  # not white
    saved(mask, tmp_path / "mask.png")
    for file in (saved(x, tmp_path / "x.png"), saved(x, tmp_path / "x.jpg")):
        for tile in (None, 16):
            place = tmp_path / f"{file.name}-{tile}.png"
            ganvas.translate(filling_model(), file, place, mask=tmp_path / "mask.png", tile=tile)
            out, hole = loaded(place), mask[:, :, 0] == 255
            assert np.array_equal(out[~hole], loaded(file)[~hole])
            assert (out[hole] == 255).all()


def test_what_is_transparent_is_filled_where_no_mask_is_named(tmp_path: Path) -> None:
    x = np.dstack([picture(16, 20), np.full((16, 20), 255, np.uint8)])
    x[2:6, 3:9, 3] = np.linspace(0, 254, 24).reshape(4, 6)
    ganvas.translate(filling_model(), saved(x, tmp_path / "x.png"), tmp_path / "out.png")
    out, hole = loaded(tmp_path / "out.png"), x[:, :, 3] < 255
    assert out.shape == (16, 20, 3)
    assert (out[hole] == 255).all()
    assert np.array_equal(out[~hole], x[~hole][:, :3])


def test_a_folder_of_masks_is_matched_by_name(tmp_path: Path) -> None:
    for name in ("a", "sub/b"):
        saved(picture(12, 12), tmp_path / f"in/{name}.jpg")
        mask = np.zeros((12, 12, 1), np.uint8)
        mask[0 if name == "a" else 11] = 255
        saved(mask, tmp_path / f"masks/{name}.png")
    ganvas.translate(filling_model(), tmp_path / "in", tmp_path / "out", mask=tmp_path / "masks")
    for name, row in (("a", 0), ("sub/b", 11)):
        same = (loaded(tmp_path / f"out/{name}.png") == loaded(tmp_path / f"in/{name}.jpg")).all((1, 2))
        assert np.flatnonzero(~same).tolist() == [row]
    (tmp_path / "masks/a.png").unlink()
    with pytest.raises(DataError, match=r"no mask for a\.jpg"):
        ganvas.translate(filling_model(), tmp_path / "in", tmp_path / "out2", mask=tmp_path / "masks")


def test_the_other_direction_is_that_of_the_second_generator(tmp_path: Path) -> None:
    x = picture(8, 8)
    both = model_of({"G": Negative(), "F": Negative(multiple=4)})
    assert Translator(both, reverse=True).network is both.networks["F"]
    assert np.array_equal(Translator(both, reverse=True)(x), 255 - x)
    with pytest.raises(UsageError, match="no generator F"):
        Translator(model_of({"G": Negative()}), reverse=True)


def test_another_seed_is_another_answer_of_a_styled_network(tmp_path: Path) -> None:
    described = ResidualTranslator(width=4, blocks=1, halvings=1, style=4, style_side=2)
    model = model_of({"G": described.build(model_of({}).spec)})
    file = saved(picture(12, 12), tmp_path / "x.png")
    answers = [
        ganvas.translate(model, file, tmp_path / f"{number}.png", seed=seed) for number, seed in enumerate((3, 3, 4))
    ]
    first, again, other = (loaded(path) for (path,) in answers)
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_what_does_not_fit_is_refused_in_one_sentence(tmp_path: Path) -> None:
    file = saved(picture(12, 12), tmp_path / "x.png")
    mask = saved(np.full((12, 12, 1), 255, np.uint8), tmp_path / "mask.png")
    empty = saved(np.zeros((12, 12, 1), np.uint8), tmp_path / "empty.png")
    small = saved(np.full((6, 12, 1), 255, np.uint8), tmp_path / "small.png")
    (tmp_path / "text.png").write_text("no picture")
    (tmp_path / "folder").mkdir()
    plain, fills = model_of({"G": Negative()}), filling_model()
    out = tmp_path / "out.png"
    cases: list[tuple[type[GanvasError], str, Any, dict[str, Any]]] = [
        (UsageError, "reads no mask", (plain, file, out), {"mask": mask}),
        (UsageError, "nothing says where", (fills, file, out), {}),
        (DataError, "mask is empty", (fills, file, out), {"mask": empty}),
        (DataError, "12 x 6 pixels and the picture 12 x 12", (fills, file, out), {"mask": small}),
        (DataError, "nothing at this path", (fills, file, out), {"mask": tmp_path / "no.png"}),
        (DataError, "nothing at this path", (plain, tmp_path / "no.png", out), {}),
        (DataError, "no picture in this folder", (plain, tmp_path / "folder", tmp_path / "new"), {}),
        (DataError, "cannot read the picture", (plain, tmp_path / "text.png", out), {}),
        (UsageError, "cannot write this picture as '.jpg'", (plain, file, tmp_path / "out.jpg"), {}),
        (UsageError, "WebP changes known pixels", (fills, file, tmp_path / "out.webp"), {"mask": mask}),
        (UsageError, "output is an input", (plain, file, file), {}),
        (UsageError, "output is an input", (fills, file, mask), {"mask": mask}),
        (UsageError, "inside the folder", (plain, tmp_path, tmp_path / "new"), {}),
        (UsageError, "cannot be written as one '.png'", (plain, tmp_path, tmp_path / "one.png"), {}),
        (UsageError, "too small", (plain, file, out), {"tile": 3}),
    ]
    before = file.read_bytes()
    for error, text, arguments, options in cases:
        with pytest.raises(error, match=text) as found:
            ganvas.translate(*arguments, **options)
        assert found.value.exit_code == (2 if error is UsageError else 3)
        assert not out.exists()
    assert file.read_bytes() == before


def test_a_grey_model_does_not_take_the_colours_of_known_pixels(tmp_path: Path) -> None:
    x = np.dstack([picture(12, 12, 1)[:, :, 0]] * 3)
    mask = saved(np.full((12, 12, 1), 255, np.uint8), tmp_path / "mask.png")
    ganvas.translate(filling_model(1), saved(x, tmp_path / "grey.png"), tmp_path / "out.png", mask=mask)
    x[0, 0, 0] ^= 1
    with pytest.raises(DataError, match="has colours"):
        ganvas.translate(filling_model(1), saved(x, tmp_path / "colour.png"), tmp_path / "no.png", mask=mask)
    deep = RNG.integers(0, 65536, (12, 12, 1)).astype(np.uint16)
    (tmp_path / "deep.png").write_bytes(png(deep, None))
    with pytest.raises(DataError, match="more than 8 bits"):
        ganvas.translate(filling_model(1), tmp_path / "deep.png", tmp_path / "no.png", mask=mask)


def test_models_that_are_no_translators_are_refused(tmp_path: Path) -> None:
    run = ganvas.train(
        "ring", out=tmp_path / "ring", quiet=True, changes={"samples": 64, "source.samples": 200, "scores": []}
    )
    with pytest.raises(UsageError, match="translates no pictures"):
        Translator(ganvas.load(run.path))

    class Fixed(Negative):
        """Of one size, as a network with a fully connected layer is."""

        def forward(self, z: Any, y: Any, given: Any) -> Any:
            return super().forward(z, y, given).reshape(-1, 3, 16, 16)

    fixed = Fixed()
    with pytest.raises(UsageError, match="16 x 16 pixels"):
        Translator(model_of({"G": fixed}))
    with pytest.raises(UsageError, match="reads 'depth'"):
        Translator(model_of({"G": Negative(name="depth")}))
    with pytest.raises(DataError, match="uint8"):
        Translator(model_of({"G": Negative()}))(np.zeros((8, 8, 3), np.float32))


def test_a_broken_picture_leaves_the_others_translated(tmp_path: Path) -> None:
    for name in "abc":
        saved(picture(9, 9), tmp_path / f"in/{name}.png")
    (tmp_path / "in/b.png").write_bytes((tmp_path / "in/b.png").read_bytes()[:60])
    with pytest.raises(DataError, match=r"1 of 3 pictures .* others are in") as found:
        ganvas.translate(model_of({"G": Negative()}), tmp_path / "in", tmp_path / "out")
    assert found.value.where.endswith("b.png")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["a.png", "c.png"]


def test_what_is_replaced_is_reported(tmp_path: Path) -> None:
    file, model = saved(picture(9, 9), tmp_path / "x.png"), model_of({"G": Negative()})
    ganvas.translate(model, file, tmp_path / "out.png")
    with pytest.warns(GanvasWarning, match=r"out\.png: a file that was there before will be replaced"):
        ganvas.translate(model, file, tmp_path / "out.png")


def test_an_interrupted_command_leaves_whole_files(tmp_path: Path) -> None:
    class Interrupting(Negative):
        def forward(self, z: Any, y: Any, given: Any) -> Any:
            if given["input"].shape[2] == 11:
                raise KeyboardInterrupt
            return super().forward(z, y, given)

    for name, side in (("a", 9), ("b", 11), ("c", 9)):
        saved(picture(side, side), tmp_path / f"in/{name}.png")
    with pytest.raises(KeyboardInterrupt):
        ganvas.translate(model_of({"G": Interrupting()}), tmp_path / "in", tmp_path / "out")
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["a.png"]
    assert loaded(tmp_path / "out/a.png").shape == (9, 9, 3)


def test_the_command_fills_holes_in_digits(tmp_path: Path) -> None:
    changes: dict[str, Any] = {
        "generator.width": 4,
        "discriminator.width": 4,
        "samples": 128,
        "scorings": 0,
        "snapshots": 0,
    }
    changes |= {"saves": 1, "precision": "fp32", "threads": 1, "scores": []}
    run = ganvas.train("inpaint-mnist", out=tmp_path / "run", changes=changes, quiet=True)
    x = picture(41, 35, 1)
    mask = np.zeros((41, 35, 1), np.uint8)
    mask[10:20, 10:20] = 255
    saved(x, tmp_path / "x.png"), saved(mask, tmp_path / "mask.png")

    words = [sys.executable, "-P", "-m", "ganvas", "translate", str(run.path), "x.png", "--mask", "mask.png"]
    done = subprocess.run([*words, "--tile", "32"], capture_output=True, text=True, cwd=tmp_path, check=False)
    assert (done.returncode, done.stdout) == (0, "translated.png\n"), done.stderr
    out = loaded(tmp_path / "translated.png")
    assert np.array_equal(out[mask[:, :, 0] == 0], x[mask == 0])
    assert not np.array_equal(out, x[:, :, 0])
    assert ganvas.verify(tmp_path / "translated.png", run.path).holds

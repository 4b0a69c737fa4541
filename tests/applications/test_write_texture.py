"""Textures of any size whose borders join, from the command as a person types it."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from typer.testing import CliRunner

import ganvas
from ganvas.applications.texture import seam, texture
from ganvas.applications.verify import verify
from ganvas.base.errors import UsageError
from ganvas.cli.main import app
from ganvas.recipes import override
from ganvas.recipes import recipe as by_name
from ganvas.recipes.tiny import tiny_overrides


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run on a picture of our own, of two rounds."""
    folder = tmp_path_factory.mktemp("texture")
    noise = np.random.default_rng(0).integers(0, 256, (64, 96, 3), dtype=np.uint8)
    Image.fromarray(noise).save(folder / "wall.png")
    recipe = override(by_name("texture"), tiny_overrides("texture"))
    return ganvas.train(recipe, data=folder / "wall.png", out=folder / "run", quiet=True).path


def test_a_seam_by_hand() -> None:
    ramp = np.arange(6, dtype=np.uint8).reshape(1, 6, 1).repeat(4, 0)  # steps of 1 inside, of 5 across the border
    assert seam(ramp) == pytest.approx((5, 1)), "no differences at all are no seam"
    stripes = np.tile(np.array([0, 9], np.uint8).reshape(1, 2, 1), (4, 3, 1))
    assert seam(stripes)[0] == pytest.approx(1)
    assert seam(ramp.transpose(1, 0, 2))[1] == pytest.approx(5)


def test_textures_of_any_size_join_and_are_reproducible(run: Path) -> None:
    model = ganvas.load(run)
    torch.manual_seed(0)
    for parameter in model.networks["G"].parameters():  # two rounds leave it plain grey
        torch.nn.init.normal_(parameter, std=0.3)
    picture = texture(model, width=70, height=40, seed=3)
    assert picture.shape == (40, 72, 3), "raised to multiples of 4, as this network doubles twice"
    assert np.array_equal(picture, texture(model, width=72, height=40, seed=3))
    assert not np.array_equal(picture, texture(model, width=72, height=40, seed=4))
    assert max(seam(texture(model, width=256, height=256))) < 1.5
    for size in ((0, 64), (2_048, 2_052)):
        with pytest.raises(UsageError, match="cannot be made"):
            texture(model, width=size[0], height=size[1])


def test_the_command(run: Path, tmp_path: Path) -> None:
    out = tmp_path / "new" / "wall.png"
    done = CliRunner().invoke(app, ["texture", str(run), "-o", str(out), "--size", "32x48", "--repeat", "2"])
    assert done.exit_code == 0, done.output
    pixels = np.asarray(Image.open(out))
    assert pixels.shape == (96, 64, 3)
    assert np.array_equal(pixels[:48, :32], pixels[48:, 32:])
    assert verify(out, run).holds
    for words in (["--size", "big"], ["-o", str(tmp_path / "x.jpg")]):
        with pytest.raises(UsageError):
            CliRunner().invoke(app, ["texture", str(run), *words], catch_exceptions=False)


def test_options_of_other_pictures_and_other_models_are_refused(run: Path, tmp_path: Path) -> None:
    wall = run.parent / "wall.png"
    with pytest.raises(UsageError, match="labels"):
        ganvas.train("texture", data=wall, out=tmp_path / "x", labels="folders")
    with pytest.raises(UsageError, match="square"):
        ganvas.train("texture", data=wall, out=tmp_path / "x", size="32x16")
    ring = ganvas.train(override(by_name("ring"), tiny_overrides("ring")), out=tmp_path / "ring", quiet=True)
    with pytest.raises(UsageError, match="no textures"):
        texture(ganvas.load(ring.path), width=64, height=64)

"""Inversion, encoders, directions of scores, style mixing, nearest pictures and units, on generators known in full."""

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor, nn

import ganvas
from ganvas.applications.code_starts import SAMPLES
from ganvas.applications.latent_space import LatentPoints, LatentSpace
from ganvas.applications.score_files import read_scores
from ganvas.applications.score_fit import linear_fit
from ganvas.applications.style_mixing import layer_numbers
from ganvas.applications.units import Unit, layers_with_units, switched_off
from ganvas.base.errors import DataError, GanvasError, UsageError
from ganvas.cli import main as command
from ganvas.recipes import override, recipe
from ganvas.recipes.tiny import tiny_overrides
from ganvas.sessions.model import Model

FIXED: dict[str, Any] = {"scores": [], "precision": "fp32", "threads": 1, "snapshots": 0, "diagnoses": 0}
DRAWS = torch.Generator().manual_seed(5)


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("runs")
    more = {"discs": {"source.samples": 64}, "stylegan2": {}}
    return {
        name: ganvas.train(
            override(recipe(name), {**tiny_overrides(name), **FIXED, **changes}), out=folder / name, quiet=True
        ).path
        for name, changes in more.items()
    }


@pytest.fixture(scope="module")
def models(runs: dict[str, Path]) -> dict[str, Model]:
    return {name: ganvas.load(run) for name, run in runs.items()}


class Linear(nn.Module):
    """x = A z, 16 x 16 in colour; the columns of A are orthogonal."""

    def __init__(self) -> None:
        super().__init__()
        self.latent = (4,)
        weight, _ = torch.linalg.qr(torch.randn(3 * 256, 4, generator=DRAWS))
        self.layer = nn.Linear(4, 3 * 256, bias=False)
        self.layer.weight.data.copy_(5 * weight)
        self.requires_grad_(False).eval()

    def forward(self, z: Tensor, y: Tensor | None = None, given: Any = None) -> Tensor:
        return self.layer(z).view(-1, 3, 16, 16)


class Maps(nn.Module):
    """The three feature maps that `last` reads are constant, z each; map 1 becomes green, twice, and 0 and 2 red."""

    def __init__(self) -> None:
        super().__init__()
        self.latent = (4,)
        self.first, self.last = nn.Conv2d(4, 3, 1, bias=False), nn.Conv2d(3, 3, 1, bias=False)
        self.first.weight.data.copy_(torch.eye(3, 4).view(3, 4, 1, 1))
        self.last.weight.data.copy_(torch.tensor([[0.1, 0, 0.05], [0, 0.2, 0], [0, 0, 0]]).view(3, 3, 1, 1))
        self.requires_grad_(False).eval()

    def forward(self, z: Tensor, y: Tensor | None = None, given: Any = None) -> Tensor:
        return self.last(self.first(z[:, :, None, None].expand(-1, -1, 16, 16)))


def with_generator(model: Model, G: nn.Module) -> Model:
    networks = {**model.networks, "G": G}
    return Model(model.experiment, networks, model.sha256, model.checkpoint, model.samples_seen, model.run)


def test_inversion_of_a_linear_generator_recovers_the_latents(models: dict[str, Model]) -> None:
    model = with_generator(models["discs"], Linear())
    wanted = LatentSpace(model).start(3, seed=4)
    state = torch.random.get_rng_state()
    found = ganvas.edit.invert(model, model.sample(3, seed=4), steps=150, starts=2)
    assert torch.equal(torch.random.get_rng_state(), state)
    assert (found.points.z - wanted.z).abs().max() < 0.05  # bytes are rounded, and the prior draws towards 0
    assert max(found.errors) < 1e-4
    again = (LatentSpace(model).generate(found.points) - found.x[:3]).square().mean((1, 2, 3))
    assert found.errors == pytest.approx(again.tolist())
    fewer = ganvas.edit.invert(model, model.sample(3, seed=4), steps=1, starts=1)
    assert sum(fewer.errors) > 10 * sum(found.errors)


def test_inversion_in_styles(models: dict[str, Model], tmp_path: Path) -> None:
    model = models["stylegan2"]
    truth = model.sample(2, seed=9, classes="3")
    kwargs: Any = {"steps": 60, "starts": 1, "classes": "3"}
    one, each = (ganvas.edit.invert(model, truth, space=space, **kwargs) for space in ("w", "w+"))
    G: Any = model.networks["G"]
    assert one.points.z.shape == each.points.z.shape == (2, G.layers, G.mean.numel())
    assert torch.equal(one.points.z[:, :1].expand_as(one.points.z), one.points.z)
    assert not torch.equal(each.points.z[:, :1].expand_as(each.points.z), each.points.z)
    file = one.save_latents(tmp_path / "one.safetensors")
    walk = ganvas.edit.interpolate(model, start=file, path="style", frames=4)
    assert torch.equal(walk.x[[0, 4]], LatentSpace(model, styles=True).generate(one.points))
    rows = ganvas.edit.truncation(model, start=one.points, psi=[1.0]).x
    assert torch.allclose(rows, one.x[2:], atol=1e-6)
    with pytest.raises(UsageError, match="styles w"):
        ganvas.edit.interpolate(model, start=file, path="spherical")
    with pytest.raises(UsageError, match="other weights"):
        ganvas.edit.truncation(models["discs"], start=file)


def test_an_encoder_is_a_run_of_its_own(models: dict[str, Model], tmp_path: Path) -> None:
    model = models["discs"]
    run = ganvas.edit.train_encoder(model, out=tmp_path / "encoder", samples=128, width=4, quiet=True)
    trained = ganvas.load(run.path)
    assert set(trained.networks) == {"G", "E"}
    for key, value in trained.networks["G"].state_dict().items():
        assert torch.equal(value, model.networks["G"].state_dict()[key])
    pictures = model.sample(2, seed=3)
    found = ganvas.edit.invert(model, pictures, encoder=run.path, steps=0)
    x = model.domain.to_tensor(torch.from_numpy(pictures).permute(0, 3, 1, 2))
    code: Any = trained.networks["E"](x)
    assert torch.allclose(found.points.z, code.code, atol=1e-5)
    better = ganvas.edit.invert(model, pictures, encoder=run.path, steps=20, starts=1)
    assert sum(better.errors) < sum(found.errors)
    with pytest.raises(UsageError, match="another generator"):
        ganvas.edit.invert(with_generator(model, Linear()), pictures, encoder=run.path, steps=0)
    with pytest.raises(UsageError, match="no encoder"):
        ganvas.edit.invert(model, pictures, encoder=model.run, steps=0)


def test_an_attribute_is_the_slope_of_its_score(models: dict[str, Model], tmp_path: Path) -> None:
    G = Linear()
    model = with_generator(models["discs"], G)
    wanted = torch.nn.functional.normalize(torch.tensor([3.0, 0, -4.0, 0]), dim=0)
    z = LatentSpace(model).start(200, seed=0).z

    def score(samples: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        x = torch.from_numpy(samples).permute(0, 3, 1, 2).flatten(1) / 127.5 - 1
        return (x @ (G.layer.weight @ wanted)).numpy()

    moved = ganvas.edit.attribute(model, score, n=2, seed=7, reach=2.0, samples=200)
    assert abs(float(moved.vector @ wanted)) > 0.999
    assert moved.explained > 0.98
    assert np.array_equal(moved.samples[1, 3], model.sample(2, seed=7)[1])
    step = (moved.x[13] - moved.x[10]).flatten() @ (G.layer.weight @ moved.vector)
    assert float(step / 25) == pytest.approx(2 * moved.deviation, rel=1e-3)
    rows = "".join(f"set/{i:06d}.png,{float(z[i] @ wanted):.6f}\n" for i in range(60))
    (tmp_path / "scores.csv").write_text("file,score\n" + rows)
    from_file = ganvas.edit.attribute(model, tmp_path / "scores.csv", n=1)
    assert float(from_file.vector @ wanted) > 1 - 1e-5
    other = ganvas.edit.attribute(model, score, without=[lambda x: score(x) * 0 + z[:200, 0].numpy()], n=1, samples=200)
    assert float(other.vector[0]) == pytest.approx(0, abs=0.01)
    assert float(other.vector[2]) < -0.99
    with pytest.raises(UsageError, match="no direction"):
        ganvas.edit.attribute(model, lambda x: np.arange(len(x)) % 2, n=1, samples=100)


def test_the_direction_of_a_class_of_styles(models: dict[str, Model]) -> None:
    moved = ganvas.edit.attribute(models["stylegan2"], "class:3", n=1, samples=200)
    w = LatentSpace(models["stylegan2"], styles=True).start(200, seed=0)
    along = w.z[:, 0] @ moved.vector
    assert w.y is not None
    assert along[w.y == 3].mean() > along[w.y != 3].mean() + along.std()
    assert ganvas.edit.attribute(models["discs"], "brightness", n=1, samples=64).explained > 0


def test_the_fit_leaves_one_out() -> None:
    draws = np.random.default_rng(0)
    x = draws.normal(size=(12, 3))
    score = x @ [1.0, -2.0, 0.5] + 0.3 * draws.normal(size=12)
    found = linear_fit(torch.from_numpy(x), torch.from_numpy(score))
    left = []
    for i in range(12):
        rest = np.arange(12) != i
        design = np.column_stack([x[rest], np.ones(11)])
        solved = np.linalg.lstsq(design, score[rest], rcond=None)[0]
        left.append(score[i] - np.append(x[i], 1) @ solved)
    plain = 1 - np.square(left).sum() / np.square(score - score.mean()).sum()
    assert found.explained == pytest.approx(plain, abs=0.02)
    assert found.explained >= plain - 1e-4  # one of the ridges is nearly 0
    noise = linear_fit(torch.from_numpy(draws.normal(size=(12, 8))), torch.from_numpy(score))
    assert noise.explained < 0.3


def test_styles_are_mixed_by_layers(models: dict[str, Model]) -> None:
    model = models["stylegan2"]
    G: Any = model.networks["G"]
    mixed = ganvas.edit.mix(model, [1, 2], [5, 6, 7], layers=[0, 2], classes="4")
    assert mixed.samples.shape[:2] == (3, 4)
    space = LatentSpace(model, styles=True)
    row, column = (space.start(1, seed=seed, label="4").z for seed in (2, 6))
    w = row.clone()
    w[:, [0, 2]] = column[:, [0, 2]]
    assert torch.allclose(mixed.x[2 * 4 + 2], G.synthesis(w)[0], atol=1e-5)
    assert np.array_equal(mixed.samples[2, 0], model.sample(1, seed=2, classes="4")[0])
    assert (mixed.samples[0, 0] == 0).all()
    assert layer_numbers("fine", 8) == [5, 6, 7]
    assert layer_numbers("coarse", 8) == [0, 1]
    assert layer_numbers("0-2,5", 8) == [0, 1, 2, 5]
    for wrong in ("8", "rough", "-1", "1-", ""):
        with pytest.raises(UsageError):
            layer_numbers(wrong, 8)
    with pytest.raises(UsageError, match="no styles"):
        ganvas.edit.mix(models["discs"], [1], [2])


def test_units_are_found_by_what_they_change(models: dict[str, Model]) -> None:
    model = with_generator(models["discs"], Maps())
    space = LatentSpace(model)
    assert layers_with_units(space, space.start(2, seed=0)) == {"first": 4, "last": 3}
    names = ("red", "green")
    found = ganvas.edit.dissect(model, (names, lambda x: x[..., :2].mean((1, 2)) / 255.0), n=32, layers=["last"])
    assert found.unit_of("green") == Unit("last", 1)
    assert found.unit_of("red") == Unit("last", 0)
    z = space.start(32, seed=0).z
    red: Any = 0.1 * z[:, 0] + 0.05 * z[:, 2]
    expected: list[Any] = [(0.1 * z[:, 0]).abs().mean() / red.std(), 0, (0.05 * z[:, 2]).abs().mean() / red.std()]
    assert found.effects[:, 0].tolist() == pytest.approx([float(each) for each in expected], rel=0.05)
    assert float(found.changes[1]) == pytest.approx(float((0.2 * z[:, 1]).square().mean().sqrt() / 3**0.5), rel=1e-4)
    with switched_off(model.networks["G"], [Unit("last", 1)]):
        assert (space.generate(space.start(2, seed=0))[:, 1] == 0).all()
    assert (space.generate(space.start(2, seed=0))[:, 1] != 0).any()
    pair = ganvas.edit.ablate(model, [("last", 0), ("last", 2)], 3)
    assert (pair.x[3:, 0] == 0).all()
    assert torch.equal(pair.x[3:, 1], pair.x[:3, 1])
    for wrong in (("last", 3), ("lost", 0)):
        with pytest.raises(UsageError):
            ganvas.edit.ablate(model, [wrong])
    with pytest.raises(UsageError, match="no convolutions"):
        ganvas.edit.dissect(with_generator(model, Linear()))


def test_nearest_training_pictures(models: dict[str, Model]) -> None:
    model = models["discs"]
    shown = ganvas.edit.nearest(model, 2, seed=1)
    assert shown.samples.shape[:2] == (2, 5)
    train = model.experiment.split_items("train").x
    assert all((train == picture).all((1, 2, 3)).any() for picture in shown.samples[:, 1:].reshape(-1, 16, 16, 3))
    assert np.array_equal(shown.samples[:, 0], model.sample(2, seed=1))


def test_files_that_are_none(models: dict[str, Model], tmp_path: Path) -> None:
    for number, text in enumerate(
        ("", "a,b\nc,1\n", "000001.png,1\n", "000001.png,nan\n" * 9, "\x00", "1.png;2\n" * 9)
    ):
        file = tmp_path / f"{number}.csv"
        file.write_text(text)
        with pytest.raises(DataError):
            read_scores(file)
    model = models["discs"]
    for content in (b"", b"x" * 40, (8).to_bytes(8, "little") + b'{"a":1} '):
        (tmp_path / "x.safetensors").write_bytes(content)
        with pytest.raises(UsageError):
            ganvas.edit.truncation(model, start=tmp_path / "x.safetensors")
    for start in (tmp_path / "none.safetensors", LatentPoints(torch.zeros(2, 7))):
        with pytest.raises(UsageError):
            ganvas.edit.truncation(model, start=start)
    for wrong in (
        lambda: ganvas.edit.invert(model, []),
        lambda: ganvas.edit.invert(model, np.zeros((1, 8, 8, 3), np.uint8)),
        lambda: ganvas.edit.invert(model, tmp_path / "none.png"),
        lambda: ganvas.edit.invert(model, model.sample(1), steps=0),
        lambda: ganvas.edit.invert(model, model.sample(1), space="w"),
        lambda: ganvas.edit.attribute(model, "luck"),
        lambda: ganvas.edit.attribute(model, "class:mauve"),
        lambda: ganvas.edit.attribute(model, tmp_path / "none.csv"),
        lambda: ganvas.edit.dissect(model, ["luck"]),
    ):
        with pytest.raises(GanvasError):
            wrong()


def said(words: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    monkeypatch.setattr(sys, "argv", ["ganvas", *words])
    capsys.readouterr()
    try:
        command.main()
    except SystemExit as end:
        return (int(end.code or 0), *capsys.readouterr())
    return (0, *capsys.readouterr())


def test_the_commands(
    runs: dict[str, Path],
    models: dict[str, Model],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("ganvas.applications.code_starts.SAMPLES", 64)
    assert SAMPLES == 1024
    discs, style = str(runs["discs"]), str(runs["stylegan2"])
    wide = np.zeros((20, 30, 3), np.uint8)
    wide[:, 5:25] = np.repeat(np.arange(20), 3).reshape(20, 1, 3)  # what a crop of the middle retains
    Image.fromarray(wide).save("mine.png")

    def edit(*words: str) -> tuple[int, str, str]:
        return said(["edit", *words], monkeypatch, capsys)

    code, out, err = edit(discs, "invert", "mine.png", "--steps", "5", "--starts", "1", "-o", "p.safetensors", "--json")
    assert (code, json.loads(out)["files"]) == (0, ["p.safetensors", "p.png"]), err
    given = ganvas.edit.invert(models["discs"], "mine.png", steps=1, starts=1).samples[0, 0]
    assert given[0].max() < 3
    assert given[:, 0].max() > 15  # no black edge: the sides were cropped
    for words, file in (
        ([discs, "attribute", "--by", "brightness", "--start", "p.safetensors"], "attribute.png"),
        ([discs, "directions", "--number", "2", "--method", "codes", "--start", "p.safetensors"], "directions.png"),
        ([style, "mix", "--seeds", "1", "--with", "2,3", "--layers", "fine"], "mix.png"),
        ([discs, "nearest", "-n", "2"], "nearest.png"),
        ([discs, "units", "-n", "8", "--by", "detail"], "units.png"),
        ([discs, "units", "-n", "2", "--off", "grow.2:0"], "units.png"),
    ):
        code, out, err = edit(*words)
        assert (code, out) == (0, f"{file}\n"), err
        assert ganvas.verify(file, words[0]).holds
    assert (tmp_path / "units.csv").read_text().startswith("layer,channel,change,detail\n")
    for words in (
        [discs, "invert", "none.png"],
        [discs, "invert", "mine.png", "-o", "x.png"],
        [discs, "attribute", "--by", "luck"],
        [discs, "units", "--off", "grow"],
        [discs, "units", "--start", "p.safetensors"],
        [discs, "mix"],
        [style, "mix", "--with", "x"],
        [style, "truncation", "--start", "p.safetensors"],
    ):
        code, out, err = edit(*words)
        assert 2 <= code <= 7, words
        assert (out, err.count("Traceback"), err.count("ganvas: ")) == ("", 0, 1), (words, err)

"""Edits in the latent space: ends are samples bit by bit, paths and directions have their closed forms."""

import importlib.util
import json
import math
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor, nn

import ganvas
from ganvas.applications import video
from ganvas.applications.edit_directions import factorised, principal, readers
from ganvas.applications.latent_paths import way
from ganvas.applications.latent_space import LatentPoints, LatentSpace
from ganvas.base.errors import MissingExtra, UsageError
from ganvas.cli import main as command
from ganvas.recipes import override, recipe
from ganvas.recipes.tiny import tiny_overrides
from ganvas.sessions.model import Model

FIXED: dict[str, Any] = {"scores": [], "precision": "fp32", "threads": 1, "snapshots": 0, "diagnoses": 0}
NAMES = ("mnist", "cgan", "stylegan2", "biggan", "infogan")


def trained(name: str, folder: Path) -> Path:
    return ganvas.train(override(recipe(name), {**tiny_overrides(name), **FIXED}), out=folder / name, quiet=True).path


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("runs")
    return {name: trained(name, folder) for name in NAMES}


@pytest.fixture(scope="module")
def models(runs: dict[str, Path]) -> dict[str, Model]:
    return {name: ganvas.load(run) for name, run in runs.items()}


class LinearGenerator(nn.Module):
    """x = A (s z) + b, brought to the shape of a digit."""

    def __init__(self, weight: Tensor, scale: Tensor) -> None:
        super().__init__()
        self.scale = scale
        self.latent = (weight.shape[1],)
        self.layer = nn.Linear(weight.shape[1], 28 * 28)
        self.layer.weight.data.copy_(weight)
        self.requires_grad_(False).eval()

    def forward(self, z: Tensor, y: Tensor | None = None, given: Any = None) -> Tensor:
        return self.layer(self.scale * z).view(-1, 1, 28, 28)


def linear_model(model: Model, weight: Tensor, scale: Tensor) -> Model:
    networks: dict[str, nn.Module] = {"G": LinearGenerator(weight, scale)}
    return Model(model.experiment, networks, model.sha256, model.checkpoint, model.samples_seen, model.run)


def matrix(singular: list[float]) -> tuple[Tensor, Tensor]:
    """A [784, d] with these singular values, and its right singular vectors as rows."""
    draws = torch.Generator().manual_seed(3)
    left, _ = torch.linalg.qr(torch.randn(28 * 28, len(singular), generator=draws))
    right, _ = torch.linalg.qr(torch.randn(len(singular), len(singular), generator=draws))
    return left @ torch.diag(torch.tensor(singular)) @ right.T, right.T


def aligned(found: Tensor, expected: Tensor) -> Tensor:
    return (found.double() * expected.double()).sum(1).abs()


def test_a_spherical_way_is_the_closed_form() -> None:
    first, second = LatentPoints(torch.tensor([[3.0, 0, 0]])), LatentPoints(torch.tensor([[0, 5.0, 0]]))
    found = way(first, second, 4, spherical=True).z
    expected = [
        [(3 + 2 * t) * math.cos(t * math.pi / 2), (3 + 2 * t) * math.sin(t * math.pi / 2), 0]
        for t in (0, 0.25, 0.5, 0.75)
    ]
    assert torch.allclose(found, torch.tensor(expected), atol=1e-5)
    line = way(first, second, 4, spherical=False).z
    assert torch.allclose(line[1], torch.tensor([2.25, 1.25, 0]))
    assert len(line) == 4


def test_a_way_has_the_classes_of_its_ends() -> None:
    first, second = (LatentPoints(torch.randn(1, 3), torch.tensor([y])) for y in (4, 9))
    assert way(first, second, 5, spherical=True).y.tolist() == [4, 4, 4, 9, 9]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("name", "path"),
    [*((name, "spherical") for name in NAMES), ("mnist", "linear"), ("stylegan2", "style"), ("stylegan2", "linear")],
)
def test_ends_are_the_samples(models: dict[str, Model], name: str, path: Any) -> None:
    model = models[name]
    label = "3" if model.conditional else None
    edited = ganvas.edit.interpolate(model, [1, 7, 3], path=path, frames=3, classes=label)
    assert edited.samples.shape[:2] == (1, 7)
    for place, seed in ((0, 1), (3, 7), (6, 3)):
        assert np.array_equal(edited.samples[0, place], model.sample(1, seed=seed, classes=label)[0])
    assert (edited.x[1] != edited.x[0]).any()
    again = ganvas.edit.interpolate(model, [1, 7, 3], path=path, frames=3, classes=label)
    assert torch.equal(edited.x, again.x)
    # a middle point is between: the way starts at the sample's own point
    near = ganvas.edit.interpolate(model, [1, 7], path=path, frames=2000, classes=label)
    assert (near.x[1] - near.x[0]).abs().max() < 0.02


def test_points_between_are_generated_from_the_latents_between(models: dict[str, Model]) -> None:
    model = models["mnist"]
    edited = ganvas.edit.interpolate(model, [1, 7], path="linear", frames=4)
    z = 0.75 * model.latents(1, seed=1) + 0.25 * model.latents(1, seed=7)
    difference = edited.samples[0, 1].astype(int) - model.sample(1, z=z)[0].astype(int)
    assert np.abs(difference).max() <= 1


def test_a_path_of_styles_is_linear_in_w(models: dict[str, Model]) -> None:
    model = models["stylegan2"]
    G: Any = model.networks["G"]
    w = [G.styles(torch.from_numpy(model.latents(1, seed=seed)), torch.tensor([0])) for seed in (1, 7)]
    edited = ganvas.edit.interpolate(model, [1, 7], path="style", frames=4)
    assert torch.allclose(edited.x[1:2], G.synthesis(0.75 * w[0] + 0.25 * w[1]), atol=1e-5)


@pytest.mark.parametrize("name", NAMES)
def test_truncation_ends_at_the_centre_and_at_the_samples(models: dict[str, Model], name: str) -> None:
    model = models[name]
    edited = ganvas.edit.truncation(model, 3, seed=5)
    assert edited.samples.shape[:2] == (5, 3)
    assert np.array_equal(edited.samples[4], model.sample(3, seed=5))
    G: Any = model.networks["G"]
    if name == "stylegan2":
        assert torch.allclose(edited.x[:3], G.synthesis(G.mean.expand(3, G.layers, -1)), atol=1e-5)
        half = G(torch.from_numpy(model.latents(3, seed=5)), torch.arange(3), truncation=0.5)
        assert torch.allclose(edited.x[6:9], half, atol=1e-5)
    elif name == "mnist":
        assert np.abs(edited.samples[2].astype(int) - model.sample(3, z=0.5 * model.latents(3, seed=5))).max() <= 1
    assert ("mean style w" in edited.note) == (name == "stylegan2")
    assert ("z = 0" in edited.note) == (name != "stylegan2")


def test_directions_of_a_linear_generator_are_its_singular_vectors(models: dict[str, Model]) -> None:
    weight, vectors = matrix([1.0, 9.0, 3.0, 0.1])
    scale = torch.tensor([2.0, 0.5, -1.0, 1.0])  # of the latent before its layer, as a class does it
    model = linear_model(models["mnist"], weight / scale, scale)
    order = [1, 2, 0, 3]
    for find, least in ((factorised, 1 - 1e-6), (principal, 0.98)):
        found = find(LatentSpace(model), 4)
        assert (aligned(found.vectors, vectors[order]) > least).all()
        assert found.deviations.tolist() == [1, 1, 1, 1]
    edited = ganvas.edit.directions(model, 2, reach=3, seed=4)
    assert edited.samples.shape[:2] == (2, 7)
    assert np.array_equal(edited.samples[1, 3], model.sample(1, seed=4)[0])
    change = (edited.x[6] - edited.x[3]).flatten()
    assert torch.allclose(change.norm(), torch.tensor(3 * 9.0), rtol=1e-4)
    assert torch.allclose(change, -(edited.x[0] - edited.x[3]).flatten(), atol=1e-4)


@pytest.mark.parametrize("name", ["mnist", "cgan", "infogan", "stylegan2"])
def test_factorisation_is_numpys(models: dict[str, Model], name: str) -> None:
    space = LatentSpace(models[name], styles=name == "stylegan2")
    G: Any = models[name].networks["G"]
    if name == "stylegan2":
        layers = [each.affine for each in (*G.trunk.convolutions, *G.trunk.to_image)]
        stacked = np.concatenate([(each.scale * each.weight).numpy() for each in layers]).astype(np.float64)
    else:
        ((module, _, columns, scale),) = readers(space, space.start(64, seed=0, label=space.class_of_one(None)))
        assert len(columns) == space.start(1, seed=0).z.shape[1]
        layer: Any = module
        weight = layer.weight.numpy().reshape(len(layer.weight), -1)[:, columns]
        stacked = weight.astype(np.float64) * scale.numpy()
    _, _, expected = np.linalg.svd(stacked, full_matrices=False)
    found = factorised(space, 3)
    assert (aligned(found.vectors, torch.from_numpy(expected[:3].copy())) > 1 - 1e-5).all()


def test_principal_components_of_styles_are_numpys(models: dict[str, Model]) -> None:
    model = models["stylegan2"]
    G: Any = model.networks["G"]
    w = (
        G.styles(torch.from_numpy(model.latents(4096, seed=0)), torch.zeros(4096, dtype=torch.int64))[:, 0]
        .double()
        .numpy()
    )
    _, strengths, vectors = np.linalg.svd(w - w.mean(0), full_matrices=False)
    found = principal(LatentSpace(model, styles=True), 2)
    assert (aligned(found.vectors, torch.from_numpy(vectors[:2].copy())) > 1 - 1e-5).all()
    assert found.deviations[0] == pytest.approx(strengths[0] / math.sqrt(4095), rel=0.1)


def test_a_latent_that_is_read_in_parts(models: dict[str, Model]) -> None:
    with pytest.raises(UsageError, match="no single layer"):
        ganvas.edit.directions(models["biggan"], 2)
    assert ganvas.edit.directions(models["biggan"], 2, method="principal").samples.shape[:2] == (2, 7)


def test_what_cannot_be_edited(models: dict[str, Model], tmp_path: Path) -> None:
    model = models["mnist"]
    edit = ganvas.edit
    for wrong in (
        lambda: edit.interpolate(model, [1]),
        lambda: edit.interpolate(model, [1, -2]),
        lambda: edit.interpolate(model, [1, 2], path="round"),  # type: ignore[arg-type]
        lambda: edit.interpolate(model, [1, 2], path="style"),
        lambda: edit.interpolate(model, [1, 2], frames=0),
        lambda: edit.interpolate(model, [1, 2], classes="12"),
        lambda: edit.truncation(model, 0),
        lambda: edit.truncation(model, 2, psi=[math.nan]),
        lambda: edit.directions(model, 10_000),
        lambda: edit.directions(model, 101),
        lambda: edit.directions(model, 2, reach=0),
        lambda: edit.directions(model, 2, method="luck"),  # type: ignore[arg-type]
        lambda: edit.truncation(model, 2).save(tmp_path / "x.gif"),
        lambda: edit.interpolate(model, [1, 2], frames=1).save(tmp_path / "x.jpg"),
        lambda: edit.interpolate(model, [1, 2], frames=1).save(tmp_path / "x.gif", per_second=0),
    ):
        with pytest.raises(UsageError):
            wrong()
    ring = trained("ring", tmp_path)
    with pytest.raises(UsageError, match="only pictures"):
        edit.truncation(ring)
    assert list(tmp_path.glob("x.*")) == []


Said = tuple[int, str, str]


def said(words: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Said:
    monkeypatch.setattr(sys, "argv", ["ganvas", *words])
    capsys.readouterr()
    try:
        command.main()
    except SystemExit as end:
        return (int(end.code or 0), *capsys.readouterr())
    return (0, *capsys.readouterr())


def test_the_command(
    runs: dict[str, Path],
    models: dict[str, Model],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    run = str(runs["cgan"])

    def edit(*words: str) -> Said:
        return said(["edit", *words], monkeypatch, capsys)

    assert edit(run, "interpolate", "--seeds", "1,7,3", "--class", "4", "-o", "walk.png") == (
        0,
        "walk.png\n",
        edit_note(17),
    )
    code, out, _ = edit("interpolate", run, "--seeds", "1,7", "--frames", "3", "-o", "walk.webp", "--class", "4")
    assert (code, out) == (0, "walk.webp\n")
    with Image.open("walk.webp") as film:
        assert film.n_frames == 4  # type: ignore[attr-defined]
        pixels = np.asarray(film.convert("L"))
    (sample,) = models["cgan"].sample(1, seed=1, classes="4")
    side = pixels.shape[0] // 28
    assert np.array_equal(pixels[::side, ::side], sample[..., 0])
    with Image.open("walk.png") as strip:
        first = np.asarray(strip.convert("L"))[:, : strip.height]
    assert np.array_equal(first[:: strip.height // 28, :: strip.height // 28], sample[..., 0])

    code, out, _ = edit(run, "interpolate", "--seeds", "1,7", "--frames", "2", "-o", "walk.gif", "--json")
    assert (code, json.loads(out)["files"]) == (0, ["walk.gif", "walk.gif.ganvas.json"])
    assert edit(run, "truncation", "-n", "4", "-o", "psi.png")[:2] == (0, "psi.png\n")
    code, out, err = edit(run, "directions", "--number", "2", "--method", "principal", "-o", "sheet.png")
    assert (code, out, "standard deviations" in err) == (0, "sheet.png\n", True)
    for file in ("walk.png", "walk.webp", "walk.gif", "psi.png", "sheet.png"):
        assert ganvas.verify(file, run).holds, file
    assert edit(run, "truncation", "-o", "bare.png", "--no-mark")[0] == 0
    assert not ganvas.verify("bare.png").holds


def edit_note(count: int) -> str:
    return (
        "The newest checkpoint, of 16 samples, is used.\n"
        f"{count} pictures on a spherical path through the samples of 3 seeds.\n"
    )


def test_wrong_words(
    runs: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    run = str(runs["mnist"])
    for words in (
        [run, "interpolate", "--seeds", "1,x"],
        [run, "interpolate", "--seeds", "1"],
        [run, "interpolate", "--path", "style"],
        [run, "truncation", "-o", "x.mp4"],
        [run, "truncate"],
        [run],
        ["nowhere", "truncation"],
    ):
        code, out, err = said(["edit", *words], monkeypatch, capsys)
        assert 2 <= code <= 7, words
        assert (out, err.count("Traceback"), err.count("ganvas: ")) == ("", 0, 1), words
    monkeypatch.setattr(video, "PACKAGE", "no_such_package_of_films")
    code, _, err = said(["edit", run, "interpolate", "-o", "x.mp4"], monkeypatch, capsys)
    assert (code, "ganvas[video]" in err) == (4, True)
    assert list(tmp_path.iterdir()) == []


def test_without_the_package_an_mp4_names_the_extra(
    models: dict[str, Model], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(video, "PACKAGE", "no_such_package_of_films")
    with pytest.raises(MissingExtra):
        ganvas.edit.interpolate(models["mnist"], [1, 2], frames=1).save(tmp_path / "x.mp4")


@pytest.mark.skipif(importlib.util.find_spec("imageio_ffmpeg") is None, reason="the extra video is not installed")
def test_an_mp4_is_marked_in_a_second_file(models: dict[str, Model], tmp_path: Path) -> None:
    files = ganvas.edit.interpolate(models["mnist"], [1, 2], frames=3).save(tmp_path / "x.mp4")
    assert [file.name for file in files] == ["x.mp4", "x.mp4.ganvas.json"]
    assert b"ftyp" in files[0].read_bytes()[:16]
    assert ganvas.verify(files[0]).holds

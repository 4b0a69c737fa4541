"""The explorer: its pictures are the model's samples, its directions are those of a known map, copies are found."""

import base64
import io
import json
import math
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

import ganvas
from ganvas.applications import nearest_pictures
from ganvas.applications.explore import newest
from ganvas.applications.explorer import Explorer, Place, place_from
from ganvas.applications.latent_directions import between, find_directions, plane
from ganvas.base.errors import UsageError
from ganvas.base.types import Batch
from ganvas.recipes import override, recipe
from ganvas.recipes.tiny import tiny_overrides

FIXED: dict[str, Any] = {"scores": [], "precision": "fp32", "threads": 1, "snapshots": 0, "diagnoses": 0}


def trained(name: str, folder: Path) -> Path:
    return ganvas.train(override(recipe(name), {**tiny_overrides(name), **FIXED}), out=folder / "run").path


@pytest.fixture(scope="module", params=["mnist", "cgan"])
def run(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return trained(request.param, tmp_path_factory.mktemp("runs"))


@pytest.fixture(scope="module")
def explorer(run: Path) -> Explorer:
    """One of each run, whose features and directions are found once; it searches fewer pictures than in the page."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(nearest_pictures, "MOST", 200)
        found = Explorer(run)
        assert len(found.nearest.features) == 200
        return found


def pixels(text: str) -> np.ndarray[Any, Any]:
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(text))).convert("L"))


def test_a_picture_is_the_models_sample(explorer: Explorer) -> None:
    model = explorer.model
    label = "3" if model.conditional else None
    (expected,) = model.sample(1, seed=5, classes=label)
    shown = pixels(explorer.picture(Place(seed=5, label=label))["image"])
    side = shown.shape[0] // expected.shape[0]
    assert side * expected.shape[0] == shown.shape[0] >= 320
    middles = shown[side // 2 :: side, side // 2 :: side].astype(float)
    assert np.abs(middles - expected[..., 0]).mean() < 4, "WebP keeps colours roughly"
    other = pixels(explorer.picture(Place(seed=5, across=1.0, label=label))["image"])
    assert (other != shown).any()
    if model.conditional:
        assert (pixels(explorer.picture(Place(seed=5, label="4"))["image"]) != shown).any()


def test_neighbours_of_a_training_picture_are_itself(explorer: Explorer, monkeypatch: pytest.MonkeyPatch) -> None:
    real = explorer.nearest.pictures[7:8]
    distances = explorer.nearest.nearest(real)[1]
    assert distances[0] == pytest.approx(0, abs=1e-3)
    second = torch.cdist(explorer.nearest.extract(real), explorer.nearest.features).sort().values[0, 1]
    assert distances[1] * explorer.nearest.usual == pytest.approx(float(second), rel=0.01)
    assert explorer.directions.vectors.shape[1] == explorer.size
    monkeypatch.setattr(explorer, "generate", lambda z, y: real)
    found = explorer.neighbours(Place())
    assert found["distances"] == sorted(found["distances"])
    assert len(found["images"]) == 4


def test_a_place_is_the_sum_of_its_steps(explorer: Explorer) -> None:
    z = torch.from_numpy(explorer.model.latents(1, seed=4))
    first, second = plane(explorer.size, 4)
    length = explorer.size**0.5
    expected = 0.5 * z + length * (0.3 * first - 0.2 * second + 0.7 * explorer.directions.vectors[1])
    found = explorer.latent(Place(seed=4, truncation=0.5, across=0.3, up=-0.2, steps=(0.0, 0.7)))
    assert torch.allclose(found, expected, atol=1e-5)


def test_the_real_sheet_is_of_val(explorer: Explorer) -> None:
    shown = pixels(explorer.reals()["image"]).astype(float)
    val = explorer.model.experiment.stream("val")
    expected = explorer.model.view(explorer.model.domain.decode(val.at(np.array([13]), np.array([0])).x))[0, ..., 0]
    cell = shown[48 * 1 : 48 * 2, 48 * 3 : 48 * 4] if shown.shape[0] == 480 else shown[56:112, 168:224]
    side = cell.shape[0] // expected.shape[0]
    assert np.abs(cell[side // 2 :: side, side // 2 :: side] - expected).mean() < 6


def test_ds_step_raises_ds_logit(explorer: Explorer) -> None:
    z, y = explorer.latent(Place(seed=1)), explorer.classes(1, None)
    slope = explorer.slope(z, y)
    assert slope is not None
    x = explorer.generate(z, y)
    tiny = 1e-3 * slope / slope.norm()

    def logit(x: torch.Tensor) -> float:
        found = explorer.model.game.logits(explorer.play, Batch(x=x, y=y), x)
        assert found is not None
        return float(found.double().mean())

    assert logit(x + tiny) - logit(x - tiny) == pytest.approx(2e-3 * float(slope.norm()), rel=0.05)
    assert set(explorer.change(Place(seed=1))) == {"before", "after", "heat"}


def test_directions_of_a_linear_generator_are_its_singular_vectors() -> None:
    generator = torch.Generator().manual_seed(0)
    vectors, _ = torch.linalg.qr(torch.randn(6, 6, generator=generator))
    strengths = torch.tensor([8.0, 4.0, 2.0, 1.0, 0.5, 0.25])
    mixed = torch.linalg.qr(torch.randn(64, 6, generator=generator))[0]

    def generate(z: torch.Tensor) -> torch.Tensor:
        return ((z @ vectors * strengths) @ mixed.T).view(-1, 1, 8, 8)

    found = find_directions(generate, 6)
    for at in range(3):
        assert abs(float(found.vectors[at] @ vectors[:, at])) > 0.9999
    assert found.shares[0] == pytest.approx(64 / float(strengths.square().sum()), abs=1e-4)
    assert found.vectors.norm(dim=1) == pytest.approx(np.ones(6), abs=1e-5)


def test_the_way_between_two_latents_is_a_great_circle() -> None:
    a, b = torch.tensor([[3.0, 0.0]]), torch.tensor([[0.0, 1.0]])
    way = between(a, b, 5)
    assert way[0] == pytest.approx(a[0].numpy(), abs=1e-6)
    assert way[-1] == pytest.approx(b[0].numpy(), abs=1e-6)
    assert way[2] == pytest.approx(np.array([math.sqrt(2), math.sqrt(2)]), abs=1e-5)
    assert between(a, 2 * a, 3)[1] == pytest.approx((1.5 * a)[0].numpy())
    first, second = plane(10, 3)
    assert float(first @ second) == pytest.approx(0, abs=1e-6)
    assert float(first.norm()) == pytest.approx(1, abs=1e-6)


def test_what_cannot_be_explored_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="pictures from noise"):
        Explorer(trained("ring", tmp_path))
    for wrong in ([1], {"seed": "x"}, {"steps": 3}, {"across": None}, {"steps": ["a"]}):
        with pytest.raises(UsageError):
            place_from(wrong)


def test_of_commands_that_wait_the_newest_of_each_kind_counts() -> None:
    lines = [json.dumps({"do": "picture", "number": at}) for at in range(3)]
    found = newest([*lines, "no json", "[]", '{"do": "walk"}', json.dumps({"do": "picture", "number": 9})])
    assert [(each["do"], each.get("number")) for each in found] == [("walk", None), ("picture", 9)]


def test_the_process_answers_json_lines(tmp_path: Path) -> None:
    run = trained("mnist", tmp_path)
    commands = [{"do": "picture", "place": {"seed": 1}}, {"do": "nothing"}]
    found = subprocess.run(
        [sys.executable, "-P", "-m", "ganvas.applications.explore", str(run), "auto"],
        input="\n".join(map(json.dumps, commands)),
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    kinds = {json.loads(line)["kind"] for line in found.stdout.splitlines()}
    assert kinds == {"model", "picture", "error"}

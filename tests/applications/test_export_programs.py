"""ONNX files and programs of torch.export compute what the models compute, for every picture recipe."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from ganvas.applications import export_program
from ganvas.applications.export_graph import graph_of
from ganvas.applications.export_parts import Graph
from ganvas.applications.export_program import check_same, inputs_of, reference, traced, write_onnx, write_torch
from ganvas.base.errors import CheckFailed, MissingExtra, UsageError
from ganvas.games.contract import Game
from ganvas.recipes import live_networks, override, prepare, recipe, recipe_functions
from ganvas.recipes.tiny import tiny_overrides
from ganvas.sessions.model import Model


def fresh(name: str) -> Model:
    """The untrained model of a recipe at its tiny size, whose layers have weights that are not zero."""
    experiment = prepare(override(recipe(name), tiny_overrides(name)))
    networks = live_networks(experiment.recipe, experiment.spec)
    for network in networks.values():
        network.eval().requires_grad_(False)
    return Model(experiment, networks, "5" * 64, "fresh", 0, Path("fresh"))


def made_of(name: str) -> tuple[Any, type[Game]] | None:
    """The generator and the game of a recipe; None where it makes no pictures from noise or of pictures."""
    found = override(recipe(name), tiny_overrides(name))
    return (found.G.network, type(found.game)) if found.G and found.game.output_kind == "samples" else None


@cache
def distinct() -> list[str]:
    """A recipe for each generator that the catalogue's recipes have."""
    first: dict[str, str] = {}
    for name in recipe_functions():
        if (made := made_of(name)) is not None:
            first.setdefault(repr(made), name)
    return list(first.values())


def check_every_batch(name: str) -> None:
    """Traced with 3 samples, used with 7: a network that remembers the 3 fails."""
    model = fresh(name)
    graph = graph_of(model)
    arrays = inputs_of(model, graph, n=7, seed=1)
    with torch.no_grad():
        samples, x = traced(model, graph).module()(*map(torch.from_numpy, arrays.values()))
    np.testing.assert_allclose(x.numpy(), reference(graph, arrays), atol=1e-5)
    assert len(samples) == 7


@pytest.mark.parametrize("name", ["dcgan", "progressive", "restore"])
def test_one_program_serves_every_batch(name: str) -> None:
    check_every_batch(name)


@pytest.mark.slow
@pytest.mark.parametrize("name", distinct())
def test_every_generator_leaves_as_a_program(name: str) -> None:
    check_every_batch(name)


@pytest.mark.slow
@pytest.mark.parametrize("name", distinct())
def test_every_generator_leaves_as_onnx(name: str, tmp_path: Path) -> None:
    write_onnx(fresh(name), tmp_path / "model.onnx")  # raises where onnxruntime computes something else


@pytest.mark.parametrize("name", ["mnist", "inpaint-mnist"])
def test_onnx_is_read_by_onnxruntime(name: str, tmp_path: Path) -> None:
    import onnxruntime  # type: ignore[import-untyped]

    model = fresh(name)
    write_onnx(model, tmp_path / "model.onnx")
    data = (tmp_path / "model.onnx").read_bytes()
    for private in (str(Path(__file__).parents[2]), str(Path(torch.__file__).parent), str(Path.home())):
        assert private.encode() not in data
    session = onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"])
    facts = session.get_modelmeta().custom_metadata_map
    assert facts["model"] == model.sha256
    first = session.get_inputs()[0]
    if name == "mnist":
        assert (first.name, first.shape) == ("z", ["batch", 64])
        assert json.loads(facts["classes"]) == list("0123456789")
        z, y = model.latents(9, seed=4), np.arange(9)
        made = session.run(["samples"], {"z": z, "y": y, "truncation": np.ones(1, np.float32)})[0]
        np.testing.assert_allclose(made.astype(int), model.sample(9, seed=4).astype(int), atol=1)
        middle = session.run(["x"], {"z": z, "y": 0 * y, "truncation": np.zeros(1, np.float32)})[0]
        np.testing.assert_allclose(middle, np.broadcast_to(middle[:1], middle.shape), atol=1e-6)
    else:
        assert (first.name, first.shape[0], first.shape[3]) == ("picture", "batch", 1)
        picture = np.random.default_rng(0).integers(0, 256, (2, 28, 28, 1), np.uint8)
        mask = np.zeros((2, 28, 28), bool)
        mask[:, 9:20, 9:20] = True
        made = session.run(["samples"], {"picture": picture, "mask": mask})[0]
        assert (made[~mask] == picture[~mask]).all(), "pixels outside the holes pass through"


def test_a_program_of_torch_holds_no_path(tmp_path: Path) -> None:
    model = fresh("mnist")
    write_torch(model, tmp_path / "model.pt2")
    data = (tmp_path / "model.pt2").read_bytes()
    assert str(Path(__file__).parents[2]).encode() not in data
    assert str(Path(torch.__file__).parent).encode() not in data


def test_a_file_that_computes_something_else_is_refused() -> None:
    model = fresh("mnist")
    graph = graph_of(model)

    def run(arrays: dict[str, Any], error: float = 2e-4) -> tuple[Any, Any]:
        x = reference(graph, arrays)
        x[-1, 0, 3, 3] += error
        return model.domain.decode(torch.from_numpy(x)), x

    assert check_same(model, graph, lambda arrays: run(arrays, 5e-5)) == pytest.approx(5e-5, rel=1e-2)
    with pytest.raises(CheckFailed, match=r"differs by 0\.0002") as raised:
        check_same(model, graph, run)
    assert raised.value.exit_code == 7
    with pytest.raises(CheckFailed, match="decodes"):
        check_same(model, graph, lambda arrays: (255 - run(arrays, 0)[0], run(arrays, 0)[1]))


def test_what_cannot_be_exported_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    class Sorted(torch.nn.Module):
        def forward(self, z: torch.Tensor) -> Any:
            return z[: int(z.sum())], z

    model, z = fresh("mnist"), torch.zeros(3, 4)
    with pytest.raises(UsageError, match=r"cannot be exported: .+") as raised:
        traced(model, Graph(Sorted(), {"z": z}, {"z": {0: "batch"}}))
    assert raised.value.exit_code == 2
    with pytest.raises(UsageError, match="makes no samples"):
        graph_of(fresh("digits"))
    monkeypatch.setitem(__import__("sys").modules, "onnxscript", None)
    with pytest.raises(MissingExtra, match="onnxscript") as missing:
        write_onnx(model, tmp_path / "model.onnx")
    assert "ganvas[onnx]" in missing.value.hint
    assert export_program.FARTHEST == 1e-4

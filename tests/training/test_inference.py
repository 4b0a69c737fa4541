import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

import ganvas
from ganvas.base.draws import Draws
from ganvas.base.types import Spec
from ganvas.games.synthesis import Synthesis
from ganvas.recipes import override
from ganvas.recipes import recipe as by_name
from ganvas.recipes.tiny import tiny_overrides
from ganvas.sessions.model import Model
from ganvas.training import class_labels, class_protocol, data_batches, noise_batches, outputs
from processes import our_parts

COUNTS = (1, 10, 64, 65, 200)


@pytest.fixture(
    scope="module", params=["mnist", "dcgan", "ring", "inpaint-mnist", "gan", "sngan", "infogan", "cgan.norm"]
)
def model(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Model]:
    """A few rounds old, so that batch norm's statistics say something."""
    base = by_name(request.param)
    source = {"kind": "Ring", "samples": 200} if request.param == "ring" else {"kind": "Blobs"}
    out = tmp_path_factory.mktemp("sampling") / "run"
    with our_parts():
        changes: dict[str, Any] = {
            "source": source,
            "samples": 64,
            "saves": 0,
            "snapshots": 0,
            "scores": [],
            "precision": "fp32",
            "threads": 1,
        }
        ganvas.train(override(base, {**tiny_overrides(request.param), **changes}), out=out)
        yield ganvas.load(out)


def floats(model: Model, n: int, seed: int = 3) -> Tensor:
    batches = (
        noise_batches(model.spec, None) if not model.game.needs_data else data_batches(model.experiment.stream("val"))
    )
    return outputs(model.game, model.networks, batches, n=n, seed=seed)


def test_the_same_seed_gives_the_same_bytes_whatever_n(model: Model) -> None:
    many = floats(model, max(COUNTS))
    decoded = model.sample(max(COUNTS), seed=3)
    for n in COUNTS:
        assert torch.equal(floats(model, n), many[:n]), n
        sample = model.sample(n, seed=3)
        assert len(sample) == n
        assert hashlib.sha256(sample.tobytes()).digest() == hashlib.sha256(decoded[:n].tobytes()).digest()


def test_another_seed_gives_other_samples(model: Model) -> None:
    same = np.array_equal(model.sample(10, seed=3), model.sample(10, seed=4))
    assert same == (model.game.needs_data)
    assert len(np.unique(model.sample(70, seed=3).reshape(70, -1), axis=0)) == 70, "each sample is another"


def test_it_does_not_matter_how_the_networks_were_set_and_they_are_left_so(model: Model) -> None:
    expected = floats(model, 70)
    buffers = {
        name: value.clone() for network in model.networks.values() for name, value in network.state_dict().items()
    }
    for training in (True, False):
        for network in model.networks.values():
            network.train(training)
            next(part for part in network.modules() if not list(part.children())).eval()  # one part set by itself
        before = [part.training for network in model.networks.values() for part in network.modules()]
        assert torch.equal(floats(model, 70), expected)
        assert [part.training for network in model.networks.values() for part in network.modules()] == before
        assert all(network.training == training for network in model.networks.values())
    after = {name: value for network in model.networks.values() for name, value in network.state_dict().items()}
    assert all(torch.equal(value, after[name]) for name, value in buffers.items()), (
        "looking leaves no trace in batch norm"
    )


def test_modes_are_restored_after_an_error_too(model: Model) -> None:
    class Broken(nn.Module):
        latent: tuple[int, ...] = (2,)

        def __init__(self) -> None:
            super().__init__()
            self.weight = nn.Parameter(torch.zeros(1))

        def forward(self, *arguments: object) -> Tensor:
            assert not self.training
            raise RuntimeError("no")

    broken = Broken()
    batches = (
        noise_batches(model.spec, None) if not model.game.needs_data else data_batches(model.experiment.stream("val"))
    )
    with pytest.raises(RuntimeError, match="no"):
        outputs(model.game, {**model.networks, "G": broken}, batches, n=3, seed=0)
    assert broken.training


def test_torchs_own_generator_is_neither_read_nor_moved(model: Model) -> None:
    torch.manual_seed(1)
    before = torch.get_rng_state()
    first = floats(model, 5)
    assert torch.equal(torch.get_rng_state(), before)
    torch.manual_seed(2)
    assert torch.equal(floats(model, 5), first)


class OwnNoise(nn.Module):
    """A generator that draws numbers of its own, in use too."""

    latent: tuple[int, ...] = (2,)

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(1))

    def forward(self, z: Tensor, *others: object) -> Tensor:
        return z + torch.randn_like(z)


def test_a_network_with_noise_of_its_own_gives_the_same_bytes_for_the_same_seed() -> None:
    def made(n: int, seed: int) -> Tensor:
        return outputs(
            Synthesis(), {"G": OwnNoise()}, noise_batches(Spec("points", (2,), bounded=False), None), n=n, seed=seed
        )

    torch.manual_seed(1)
    before = torch.get_rng_state()
    first = made(200, 0)
    assert torch.equal(torch.get_rng_state(), before)
    torch.manual_seed(2)
    assert torch.equal(made(200, 0), first)
    assert torch.equal(made(65, 0), first[:65])
    assert not torch.equal(made(200, 1), first)
    noise = first - Draws(0, "sample", rows=range(200)).normal("z", 2)
    assert not torch.allclose(noise[:64], noise[64:128], atol=1e-3), "each bucket has noise of its own"


def test_classes_take_turns_or_are_asked_for(tmp_path: Path) -> None:
    base = by_name("cgan")
    with our_parts():
        changes = {"source": "Blobs", "samples": 8, "saves": 0, "snapshots": 0, "precision": "fp32", "threads": 1}
        ganvas.train(override(base, {**tiny_overrides("cgan"), **changes}), out=tmp_path / "run")
        model = ganvas.load(tmp_path / "run")
    turns = model.sample(40)
    assert np.array_equal(model.sample(40, classes=[str(digit) for digit in range(10)]), turns)
    threes = model.sample(40, classes="3")
    same = [place for place in range(40) if np.array_equal(threes[place], turns[place])]
    assert same == [3, 13, 23, 33]
    y = next(noise_batches(model.spec, torch.tensor([4, 7]))).y
    assert y is not None
    assert y.tolist() == [4, 7] * 32


def test_class_labels_have_the_shares_of_the_training_split() -> None:
    y = torch.tensor([0, 2, 2, 2, 0, 0, 2, 2])  # three eighths, none, five eighths
    n = 4_000
    drawn = class_labels(3, y, n, 0)
    shares = torch.bincount(drawn, minlength=3) / n
    spread = (3 / 8 * 5 / 8 / n) ** 0.5
    assert shares[1] == 0
    assert abs(shares[0] - 3 / 8) < 5 * spread
    assert torch.equal(class_labels(3, y, 100, 0), drawn[:100]), "label i depends on the seed and i alone"
    assert torch.equal(class_labels(3, y[torch.randperm(8)], n, 0), drawn), "the order of the labels does not matter"
    assert not torch.equal(class_labels(3, y, n, 1), drawn)
    uniform = torch.bincount(class_labels(4, None, n, 0), minlength=4) / n
    assert (uniform - 1 / 4).abs().max() < 5 * (1 / 4 * 3 / 4 / n) ** 0.5
    assert class_protocol(3, y) == {"classes": "training shares"}
    assert class_protocol(3, None) == {"classes": "uniform"}
    assert class_protocol(0, None) == {}

"""`ganvas train` on data to translate: pairs in two folders, in one, side by side; two domains; a scale."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from ganvas.base.errors import DataError, UsageError
from ganvas.base.types import Batch
from ganvas.data.mnist import Mnist
from ganvas.data.pairs import Halves, Pairs
from ganvas.data.pictures import Pictures
from ganvas.games.translation import Translation
from ganvas.ingest.picture_options import PictureOptions
from ganvas.metrics.restoration import Restoration
from ganvas.networks.patch import PatchCritic
from ganvas.networks.player import Player
from ganvas.networks.unet import UNet
from ganvas.recipes import Recipe, moved, prepare, read_recipe, to_yaml
from ganvas.recipes.build import CPU, live_trainer
from ganvas.sessions.plan import anchored, plan
from ganvas.training.distributed import ProcessGroup
from ganvas.training.optimisers import Adam
from painting import deep_tiff, noise, save
from speaking import ganvas, spoken


@dataclass(frozen=True)
class Smaller:
    """given["input"]: means over blocks of factor x factor pixels."""

    factor: int = 4
    uniforms: ClassVar[int] = 0
    training_only: ClassVar[bool] = False

    def transform(self, batch: Batch, u: torch.Tensor) -> Batch:
        if batch.x.shape[2] % self.factor:
            raise UsageError("no multiple")
        return batch.with_given(input=F.avg_pool2d(batch.x, self.factor))


@dataclass(frozen=True)
class Inverted:
    """given["input"] = -x."""

    uniforms: ClassVar[int] = 0
    training_only: ClassVar[bool] = False

    def transform(self, batch: Batch, u: torch.Tensor) -> Batch:
        return batch.with_given(input=-batch.x)


RECIPE = Recipe(
    source=Mnist(),
    G=Player(UNet(width=4, inputs=("input",), known=None), Adam(lr=1e-3)),
    D=Player(PatchCritic(width=4, condition="input"), Adam(lr=1e-3)),
    game=Translation(condition="input", reconstruction_weight=20.0),
    samples=64,
    batch_samples=16,
    scores=(Restoration(n=8),),
    precision="fp32",
    threads=1,
    snapshots=1,
    scorings=1,
    diagnoses=0,
)


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GANVAS_CACHE", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "recipe.yaml").write_text(to_yaml(RECIPE))
    return tmp_path


def negatives(first: str = "a", second: str = "b", side: int = 12) -> None:
    """40 pictures, and their negatives under the same names."""
    for number in range(40):
        pixels = noise(number, side, side)
        save(Path(first, f"{number:02}.png"), pixels)
        save(Path(second, f"{number:02}.webp"), 255 - pixels, lossless=True)


def options(**given: Any) -> PictureOptions:
    return PictureOptions(**given)


def test_two_folders_from_the_command_line_to_a_resumed_run(here: Path) -> None:
    negatives("data/a", "data/b")
    said = ganvas("train", "recipe.yaml", "--data", "data/a", "--to", "data/b", "-o", "run")
    assert said.code == 0, said
    for words in ("translates from data/a to data/b", "40 pairs (32 train, 4 val, 4 test)", "psnr"):
        assert words in said.err.replace("Translates", "translates"), said.err
    source = read_recipe(here / "run" / "config.yaml").source
    assert isinstance(source, Pairs)
    assert (source.path, source.to) == (str(here / "data" / "a"), str(here / "data" / "b"))
    shutil.move("data", "elsewhere")
    spoken(3, ganvas("resume", "run", "--samples", "80"), "data/a")
    spoken(3, ganvas("resume", "run", "--samples", "80", "--data", "recipe.yaml"))
    assert ganvas("resume", "run", "--samples", "80", "--data", "elsewhere").code == 0
    assert ganvas("eval", "run").code == 0


@pytest.mark.parametrize("reverse", [False, True])
def test_one_folder_of_two_and_side_by_side(here: Path, reverse: bool) -> None:
    negatives("all/Inputs", "all/targets")
    for number in range(40):
        save(Path("sides", f"{number:02}.png"), np.concatenate([noise(number, 12, 12), 255 - noise(number, 12, 12)], 1))
    given = options(reverse=reverse or None)
    planned = [plan(RECIPE, data=path, options=given) for path in ("all", "sides")]
    assert [type(each.recipe.source) for each in planned] == [Pairs, Halves]
    prints = [prepare(each.recipe).fingerprint for each in planned]
    assert prints[0] == prints[1]
    sides = [["Inputs", "targets"], ["left half", "right half"]]
    for each, (one, other) in zip(planned, sides, strict=True):
        first, second = (other, one) if reverse else (one, other)
        assert each.messages[0].index(first) < each.messages[0].index(second)
    assert (prints[0] == prepare(plan(RECIPE, data="sides").recipe).fingerprint) != reverse


def test_a_source_that_is_overridden(here: Path) -> None:
    negatives()
    save(Path("a", "one.png"), noise(900))
    save(Path("a", "two.png"), noise(901))
    spoken(3, ganvas("train", "recipe.yaml", "--data", "a", "--to", "b", "--dry-run"), "no partner", "a/one.png")
    planned = plan(RECIPE, data="a", options=options(to="b"), changes={"source.broken": 0.1, "source.group": "^."})
    assert any("2 pictures have no partner" in message and "a/one.png" in message for message in planned.messages)
    assert any("4 sets" in message for message in planned.messages)
    assert "39 pairs" not in " ".join(planned.messages)


def test_each_side_has_channels_and_values_of_its_own(here: Path) -> None:
    rng = np.random.default_rng(0)
    for number in range(40):
        save(Path("photo", f"{number}.png"), noise(number, 12, 12))
        Path("depth").mkdir(exist_ok=True)
        Path("depth", f"{number}.tif").write_bytes(deep_tiff(rng.integers(0, 4096, (12, 12)).astype(np.uint16)))
    source: Any = plan(RECIPE, data="photo", options=options(to="depth")).recipe.source
    assert (source.channels, source.input_channels) == (1, 3)
    assert (source.depth, source.high, source.input_depth) == ("uint16", 4095, "uint8")
    experiment = prepare(plan(RECIPE, data="photo", options=options(to="depth", range="0:2000")).recipe)
    assert experiment.spec.units == "uint16 0:2000"
    assert experiment.spec.given["input"].shape == (3, 12, 12)
    photos = Pictures(str(here / "photo"), 12, 12)
    rows = {row.tobytes() for split in ("train", "val", "test") for row in photos.items(split).x}
    batch = experiment.stream("val").batch(0, 8)
    bytes_again = ((batch.given["input"] + 1) * 127.5).round().byte().permute(0, 2, 3, 1).numpy()
    assert {row.tobytes() for row in bytes_again} <= rows


def test_inputs_that_transforms_make_are_left_to_the_data(here: Path) -> None:
    negatives()
    made = replace(RECIPE, transforms=(Inverted(),))
    one = plan(made, data="a")
    assert isinstance(one.recipe.source, Pictures)
    assert one.recipe.transforms == (Inverted(),)
    both = plan(made, data="a", options=options(to="b"))
    assert isinstance(both.recipe.source, Pairs)
    assert both.recipe.transforms == ()
    assert any("Inverted is left out" in message for message in both.messages)
    smaller = replace(RECIPE, transforms=(Smaller(),), scores=())
    with pytest.raises(UsageError, match="Smaller makes the inputs"):
        plan(smaller, data="a", options=options(to="b"))


def test_a_scale_sets_every_factor_and_the_size(here: Path) -> None:
    negatives(side=13)
    recipe = replace(RECIPE, transforms=(Smaller(factor=4),), scores=())
    planned = plan(recipe, data="a", options=options(scale=3)).recipe
    source: Any = planned.source
    assert planned.transforms == (Smaller(factor=3),)
    assert (source.width, source.height) == (12, 12)
    assert prepare(planned).spec.given["input"].shape == (3, 4, 4)
    source = plan(recipe, data="a").recipe.source
    assert (source.width, source.height) == (12, 12), "a multiple of the recipe's own factor"
    with pytest.raises(UsageError, match="--size 10 is no multiple of the scale 3"):
        plan(recipe, data="a", options=options(scale=3, size=10))
    with pytest.raises(UsageError, match="no factor"):
        plan(RECIPE, options=options(scale=2))
    spoken(2, ganvas("train", "recipe.yaml", "--scale", "1", "--dry-run"), "--scale")


def unpaired() -> Recipe:
    return replace(RECIPE, streams={"input": Mnist()}, scores=(), snapshots=0)


def test_two_domains_have_one_form(here: Path) -> None:
    """30 grey pictures of 16 x 16 and 25 coloured ones of 12 x 12: each batch has both, and they are no pairs."""
    for number in range(30):
        save(Path("grey", f"{number}.png"), noise(number, 16, 16, 1))
    for number in range(25):
        save(Path("colour", f"{number}.png"), noise(100 + number, 12, 12))
    planned = plan(unpaired(), data="grey", options=options(to="colour"))
    main, other = planned.recipe.source, planned.recipe.streams["input"]
    assert isinstance(main, Pictures)
    assert isinstance(other, Pictures)
    assert (main.path, other.path) == ("colour", "grey")
    assert {(each.width, each.height, each.channels) for each in (main, other)} == {(12, 12, 3)}
    assert "from grey to colour" in planned.messages[0]
    trainer = live_trainer(prepare(replace(planned.recipe, batch_samples=8)), CPU, ProcessGroup())
    batch = trainer.batches(0, 8)
    assert {row.tobytes() for row in batch.x.permute(0, 2, 3, 1).add(1).mul(127.5).round().byte().numpy()} <= {
        row.tobytes() for row in main.items("train").x
    }
    assert batch.given["input"].shape == batch.x.shape
    assert torch.equal(batch.given["input"][:, 0], batch.given["input"][:, 2]), "grey"
    swapped = plan(unpaired(), data="grey", options=options(to="colour", reverse=True)).recipe
    assert (swapped.source, swapped.streams["input"]) == (replace(other), replace(main))
    with pytest.raises(UsageError, match="--to PATH"):
        plan(unpaired(), data="grey")


@pytest.mark.parametrize("names", [("trainA", "trainB"), ("a", "B")])
def test_two_domains_in_one_folder(here: Path, names: tuple[str, str]) -> None:
    """As the sets of CycleGAN's authors lie on disk."""
    negatives(f"both/{names[0]}", f"both/{names[1]}")
    planned = plan(unpaired(), data="both")
    sources: list[Any] = [planned.recipe.streams["input"], planned.recipe.source]
    assert [each.path for each in sources] == [f"both/{name}" for name in names]
    assert not any("ot used:" in message for message in planned.messages)
    for name in ("testA", "testB"):
        save(Path("both", name, "1.png"), noise(1, 12, 12))
    if names[0] == "trainA":
        messages = plan(unpaired(), data="both", options=options(reverse=True)).messages
        assert "from both/trainB to both/trainA" in messages[0]
    messages = plan(unpaired(), data="both").messages
    (left_out,) = [message for message in messages if "ot used:" in message]
    assert "testA" in left_out
    assert "testB" in left_out


def test_two_domains_of_deep_pictures_have_one_range(here: Path) -> None:
    for name, high in (("low", 1000), ("high", 4000)):
        Path(name).mkdir()
        for number in range(25):
            values = np.random.default_rng(number).integers(0, high, (12, 12)).astype(np.uint16)
            Path(name, f"{number}.tif").write_bytes(deep_tiff(values))
    recipe = plan(unpaired(), data="low", options=options(to="high")).recipe
    ranges = {(each.depth, each.low, each.high) for each in (recipe.source, recipe.streams["input"])}  # type: ignore[attr-defined]
    assert ranges == {("uint16", 0, 4095)}


@pytest.mark.parametrize(
    ("recipe", "given", "words"),
    [
        ("mnist", {"to": "b"}, "--to is for recipes that translate"),
        (None, {"to": "b"}, "no recipe is named"),
        (None, {"reverse": True}, "--reverse is for recipes"),
        (RECIPE, {"to": "b", "labels": "folders"}, "--labels does not apply"),
        (RECIPE, {"to": "b", "background": "keep"}, "--background keep does not apply"),
        (RECIPE, {"to": "b", "range": "0:9"}, "--range"),
    ],
)
def test_options_that_do_not_apply(here: Path, recipe: Any, given: dict[str, Any], words: str) -> None:
    negatives()
    with pytest.raises(UsageError, match=words):
        plan(recipe, data="a", options=options(**given))


def test_what_is_no_pair_is_refused_in_a_sentence(here: Path) -> None:
    negatives()
    spoken(3, ganvas("train", "recipe.yaml", "--data", "a"), "no pairs of pictures", "--to TRUTHS")
    spoken(3, ganvas("train", "recipe.yaml", "--data", "a", "--to", "away"), "away")
    spoken(2, ganvas("train", "recipe.yaml", "--data", "a", "--data", "b", "--to", "b"), "2 paths")
    spoken(2, ganvas("train", "mnist", "--to", "b"), "--data PATH")


def test_both_paths_hold_from_anywhere_and_move_together(here: Path) -> None:
    pairs = Pairs("x/a", "x/b", 8, 8)
    absolute = anchored(replace(RECIPE, source=pairs))
    assert absolute.source == Pairs(str(here / "x/a"), str(here / "x/b"), 8, 8)
    places: list[tuple[str, Callable[[], object]]] = [
        ("y", lambda: shutil.move("x", "y")),  # the folder of both
        ("z/a", lambda: shutil.move("y", "z")),  # the inputs, and the truths beside them
    ]
    for name in ("a", "b"):
        Path("x", name).mkdir(parents=True)
    for new, move in places:
        move()
        found = moved(absolute, new).source
        assert found == Pairs(str(here / new[0] / "a"), str(here / new[0] / "b"), 8, 8)
    shutil.rmtree("z/b")
    with pytest.raises(DataError, match="the other pictures of the pairs are neither at"):
        moved(absolute, "z/a")
    domains = replace(
        RECIPE, source=Pictures(str(here / "x/b"), 8, 8), streams={"input": Pictures(str(here / "x/a"), 8, 8)}
    )
    Path("w/a").mkdir(parents=True)
    Path("w/b").mkdir()
    recipe = moved(domains, "w")
    assert recipe.source == Pictures(str(here / "w/b"), 8, 8)
    assert recipe.streams == {"input": Pictures(str(here / "w/a"), 8, 8)}

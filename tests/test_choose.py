"""From a folder of somebody's pictures to a running training: what is chosen, what is said, what is refused."""

import json
import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

import ganvas
from ganvas.augment.flip import Flip
from ganvas.base.draws import uniform_rows
from ganvas.base.errors import CheckFailed, DataError, ResourceError, UsageError
from ganvas.base.types import Spec
from ganvas.data.csv import Csv
from ganvas.data.mnist import Mnist
from ganvas.data.pictures import Pictures
from ganvas.games.reconstruction import Reconstruction
from ganvas.games.simultaneous import Simultaneous
from ganvas.ingest import listing
from ganvas.ingest.picture_options import PictureOptions, parse_size
from ganvas.metrics.pictures import PictureScores
from ganvas.networks.excited import Excited
from ganvas.networks.projected import Projected
from ganvas.recipes import from_yaml, live_networks, live_trainer, prepare, read_recipe, recipe, to_yaml
from ganvas.recipes.auto import Facts, choose, size_of
from ganvas.recipes.schema import Recipe
from ganvas.runs import Run, checkpoints
from ganvas.sessions.display import Listeners
from ganvas.sessions.initial_weights import initial
from ganvas.sessions.plan import anchored, plan, sentence
from ganvas.sessions.session import TrainingSession
from ganvas.training import ProcessGroup, checkpoint

SMALL = {
    "generator.width": 4,
    "discriminator.width": 4,
    "batch_samples": 16,
    "samples": 64,
    "precision": "fp32",
    "diagnoses": 0,
    "threads": 1,
    "snapshots": 1,
    "scorings": 1,
}
COLOURS = {"red": (220, 60, 40), "blue": (40, 80, 210)}


def folder_of(place: Path, *, each: int = 40, side: int = 12) -> Path:
    """Two classes of noisy colour, a folder each."""
    for kind, (name, colour) in enumerate(COLOURS.items()):
        (place / name).mkdir(parents=True)
        noise = uniform_rows(("pictures", kind), range(each), side * side * 3).reshape(each, side, side, 3)
        for number, x in enumerate(noise):
            Image.fromarray((np.array(colour) * (0.5 + x / 2)).astype(np.uint8)).save(place / name / f"{number}.png")
    return place


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return folder_of(tmp_path_factory.mktemp("own") / "pictures")


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.getbasetemp() / "cache"))


@pytest.fixture(scope="module")
def trained(pictures: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny run on one's own pictures."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.getbasetemp() / "cache"))
        return ganvas.train(
            data=pictures, labels="folders", changes=SMALL, out=tmp_path_factory.mktemp("run") / "first"
        ).path


def chosen(
    shape: tuple[int, int, int] = (3, 32, 32), train: int = 5_000, val: int = 250, **more: Any
) -> tuple[Recipe, str]:
    found, said = choose(Mnist(), Facts(shape, train, val, more.pop("classes", ())), **more)
    return found, "\n".join(reason.text for reason in said)


def width(found: Recipe) -> int:
    assert found.G is not None
    assert isinstance(found.G.network, Excited)
    return found.G.network.width


def test_every_choice_is_said_with_its_reason() -> None:
    found, said = chosen((3, 48, 64), train=1_400, classes=("cat", "dog"))
    assert f"width {width(found)} for 64 x 48 pixels" in said
    assert "one of 2" in said
    assert "1,650 pictures (1,400 train, 250 val, 0 test): all inputs of D" in said
    assert "energy distance" in said
    assert "frozen network" in said
    assert "--flips" in said
    assert "Scored against 250 of val" in said


@pytest.mark.parametrize("shape", [(1, 8, 8), (3, 28, 28), (1, 33, 64), (3, 128, 96), (3, 256, 256)])
@pytest.mark.parametrize("classes", [(), ("a", "b", "c")])
def test_whatever_is_chosen_is_a_whole_recipe(shape: tuple[int, int, int], classes: tuple[str, ...]) -> None:
    found, _ = chosen(shape, classes=classes)
    assert from_yaml(to_yaml(found)) == found
    with torch.device("meta"):
        for name, network in live_networks(found, Spec("images", shape, True, classes)).items():
            count = sum(weight.numel() for weight in network.parameters())
            assert 2_000 < count < 8e6, (name, count)


def test_generators_of_larger_pictures_are_not_wider() -> None:
    widths = [width(chosen((3, side, side))[0]) for side in (32, 64, 128, 256)]
    assert widths == sorted(widths, reverse=True)


def test_larger_pictures_are_judged_in_more_detail() -> None:
    small, large = (chosen((3, side, side))[0].D for side in (32, 64))
    assert small is not None
    assert large is not None
    assert isinstance(small.network, Projected)
    assert isinstance(large.network, Projected)
    assert small.network.side < large.network.side
    own = {longer: size_of((3, longer, 40)).side for longer in (40, 64, 72, 80, 128)}
    assert own == {40: 64, 64: 64, 72: 72, 80: 80, 128: 64}


def test_small_pictures_begin_from_codes_of_real_ones_and_larger_ones_do_not() -> None:
    for side, coded in ((16, True), (32, True), (80, True), (81, False), (128, False)):
        found, said = chosen((3, side, side))
        game = found.game
        assert isinstance(game, Simultaneous)
        assert [type(each) for each in game.auxiliary] == [Reconstruction] * coded
        assert ("codes of real pictures" in said) == coded
        assert ("mixture of 40 Gaussians" in said) == coded
        assert generator_of(found).mixture == (40 if coded else 0)


def test_with_classes_there_is_no_mixture_as_it_would_not_know_them() -> None:
    found, said = chosen(classes=("a", "b"))
    game = found.game
    assert isinstance(game, Simultaneous)
    assert isinstance(game.auxiliary[0], Reconstruction)
    assert game.auxiliary[0].gaussians == 0
    assert generator_of(found).mixture == 0
    assert "mixture" not in said


def generator_of(recipe: Recipe) -> Excited:
    assert recipe.G is not None
    assert isinstance(recipe.G.network, Excited)
    return recipe.G.network


def test_the_score_is_taken_in_a_space_that_d_has_not_trained_in() -> None:
    found, said = chosen()
    assert found.trained_spaces == {"photo"}
    assert isinstance(found.scores[0], PictureScores)
    assert found.scores[0].space == "resnet"
    assert "second network" in said


def test_both_players_get_classes_where_there_are_any() -> None:
    for classes in ((), ("a", "b")):
        found, _ = chosen(classes=classes)
        assert found.G is not None
        assert found.D is not None
        assert isinstance(found.G.network, Excited)
        assert isinstance(found.D.network, Projected)
        assert found.G.network.conditional == found.D.network.conditional == bool(classes)


def test_no_more_than_the_data_allow() -> None:
    assert [chosen(train=train)[0].batch_samples for train in (8, 20, 40, 50_000)] == [4, 8, 16, 16]
    found, said = chosen(val=49)
    assert found.scores == ()
    assert "49 val, 0 test) a score needs 50 of val" in said
    large, small = chosen((3, 256, 256))[0].scores[0], chosen()[0].scores[0]
    assert isinstance(large, PictureScores)
    assert large.n < small.n


def test_flips_only_if_asked() -> None:
    assert chosen()[0].transforms == ()
    assert chosen(flips=True)[0].transforms == (Flip(),)
    assert "both ways" in chosen(flips=True)[1]
    assert plan("mnist", options=PictureOptions(flips=True)).recipe.transforms == (Flip(),)
    assert (
        plan(
            plan("mnist", options=PictureOptions(flips=True)).recipe, options=PictureOptions(flips=False)
        ).recipe.transforms
        == ()
    )


def test_from_python_with_the_same_names(trained: Path, pictures: Path) -> None:
    settled = read_recipe(trained / "config.yaml")
    assert settled.source == Pictures(str(pictures.absolute()), 12, 12, labels="folders")
    assert ganvas.load(trained).sample(3, classes="blue").shape == (3, 12, 12, 3)
    log = (trained / "log.txt").read_text()
    assert "80 pictures, all 12 x 12" in log
    assert "As requested: generator.width=4" in log


def test_what_is_said_reaches_whoever_listens(pictures: Path, tmp_path: Path) -> None:
    said: list[str] = []
    ganvas.train(
        data=pictures,
        size="16x8",
        fit="pad",
        channels=1,
        minutes=0.001,
        changes={**SMALL, "saves": 0},
        out=tmp_path / "run",
        on_message=said.append,
    )
    assert all(words[0].isupper() or words[0].isdigit() for words in said)
    assert all(words.endswith(".") for words in said)
    assert read_recipe(tmp_path / "run" / "config.yaml").source == Pictures(str(pictures), 8, 16, 1, "pad")


def test_nobody_said_how_long(tmp_path: Path) -> None:
    pictures = tmp_path / "own.npz"
    np.savez(pictures, x=(uniform_rows(("npz",), range(60), 144) * 255).astype(np.uint8).reshape(60, 12, 12))
    assert plan(data=pictures).minutes == 20
    assert any("--minutes" in words for words in plan(data=pictures).messages)
    assert plan(data=pictures, changes={"samples": 64}).minutes is None
    assert plan(data=pictures, minutes=3).minutes == 3
    assert plan("mnist").minutes is None


def test_a_recipe_takes_other_data(pictures: Path) -> None:
    """Its source and domain are replaced; scores that do not fit are dropped, and that is said."""
    planned = plan("cgan", data=folder_of_many(pictures), options=PictureOptions(labels="folders"), changes=SMALL)
    assert isinstance(planned.recipe.source, Pictures)
    assert [type(score).__name__ for score in planned.recipe.scores] == ["PictureScores"]
    assert any("DigitScores does not fit" in words for words in planned.messages)
    assert prepare(planned.recipe).spec.shape == (3, 12, 12)
    assert planned.minutes is None
    holed = plan("inpaint-mnist", data=pictures, options=PictureOptions(size=28), changes={"batch_samples": 16})
    assert [type(score).__name__ for score in holed.recipe.scores] == ["HoleError"]


def folder_of_many(pictures: Path) -> Path:
    """Enough for a score: 300 pictures."""
    place = pictures.parent / "many"
    return place if place.exists() else folder_of(place, each=150)


def test_own_pictures_are_scored(pictures: Path, tmp_path: Path) -> None:
    run = ganvas.train(data=folder_of_many(pictures), changes=SMALL, out=tmp_path / "run")
    results = {record["name"]: record for record in run.read_metrics()}
    assert {"resnet_frechet", "resnet_coverage", "duplicates"} <= results.keys()
    assert results["resnet_frechet"]["real_vs_real"] is not None


def test_paths_hold_from_anywhere(pictures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(pictures.parent)
    run = ganvas.train(data="pictures", changes=SMALL, out=tmp_path / "run")
    monkeypatch.chdir(tmp_path)
    assert ganvas.resume("run").path == Path("run")
    assert run.path.is_dir()
    table = tmp_path / "rows.csv"
    assert anchored(Csv("rows.csv")) == Csv(str(table))
    assert anchored(Pictures("p", 8, 8, labels="kinds.csv")).labels == str(tmp_path / "kinds.csv")
    assert anchored(Pictures("p", 8, 8, labels="folders")).labels == "folders"
    assert anchored(replace(recipe("ring"), source=Csv("rows.csv"))).source == Csv(str(table))


@pytest.mark.parametrize(
    ("size", "wanted"),
    [(None, None), (64, (64, 64)), ("64", (64, 64)), ("64x48", (64, 48)), ("64X48", (64, 48)), ((9, 8), (9, 8))],
)
def test_sizes(size: Any, wanted: Any) -> None:
    assert PictureOptions(size=size).width_height == wanted


@pytest.mark.parametrize("size", ["", "x", "64x", "0", "64x0", "8x8x8", "-8", "1e2", "64.5", "big"])
def test_no_sizes(size: str) -> None:
    with pytest.raises(UsageError, match="--size"):
        parse_size(size)


def weights_of(run: Path) -> dict[str, Any]:
    from safetensors.torch import load_file

    newest: dict[str, Any] = load_file(checkpoints.newest_path(run / "checkpoints") / "players.safetensors")
    return newest


def test_fine_tuning_begins_where_the_other_run_ended(trained: Path, pictures: Path, tmp_path: Path) -> None:
    said: list[str] = []
    words = {**SMALL, "G.optimiser.lr": 0, "D.optimiser.lr": 0, "seed": 9}
    run = ganvas.train(init_from=trained, changes=words, out=tmp_path / "tuned", on_message=said.append)
    before, after = weights_of(trained), weights_of(run.path)
    moving = ("running_", "num_batches", "ema.", "parametrizations.weight.0.u")
    learnt = [name for name in before if not any(part in name for part in moving)]
    best = {name: before[name.replace("G.network.", "G.ema.")] for name in learnt}  # D has no average
    assert any(not torch.equal(best[name], before[name]) for name in learnt)
    assert all(torch.equal(best[name], after[name]) for name in learnt)  # a rate of 0 keeps them
    assert any("optimisers start new" in each for each in said)
    facts = json.loads((run.path / "environment.json").read_text())["init_from"]
    assert facts == {
        "players_sha256": checkpoints.sha256(checkpoints.newest_path(trained / "checkpoints") / "players.safetensors"),
        "samples": 64,
    }
    assert str(trained) not in (run.path / "environment.json").read_text()


def test_a_run_begins_from_the_checkpoint_that_is_named(trained: Path) -> None:
    there = [checkpoints.samples_of(path) for path in checkpoints.newest_first(trained / "checkpoints")]
    assert len(there) > 1
    for at, wanted in (("newest", there[0]), (str(there[-1]), there[-1])):
        planned = plan(init_from=trained, init_at=at)
        assert planned.start is not None
        assert planned.start.samples_seen == wanted
    with pytest.raises(UsageError, match="checkpoint"):
        plan(init_from=trained, init_at="7")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("all are grey", "All are grey."),
        ("rows.csv may hold classes.", "rows.csv may hold classes."),
        ("pictures/walls: 3", "pictures/walls: 3."),
        ("in walls: 3", "In walls: 3."),
        ("14 pictures", "14 pictures."),
    ],
)
def test_a_capital_never_alters_a_path(text: str, said: str) -> None:
    assert sentence(text) == said


def test_averages_begin_there_too(trained: Path, tmp_path: Path) -> None:
    start = initial(trained)
    for kept in (start.recipe, replace(start.recipe, G=replace(start.recipe.G, ema=None))):  # type: ignore[type-var]
        trainer = live_trainer(prepare(kept), torch.device("cpu"), ProcessGroup())
        start.begin(trainer)
        before = weights_of(trained)
        mine = trainer.players["G"].weights()
        assert all(torch.equal(value, before[f"G.ema.{name.partition('.')[2]}"]) for name, value in mine.items())


def test_a_tuned_run_resumes_from_its_start(trained: Path, tmp_path: Path) -> None:
    """Stopped before its first own checkpoint, it must not begin from noise."""
    run = ganvas.train(init_from=trained, changes={**SMALL, "saves": 0}, out=tmp_path / "tuned")
    folders = sorted((run.path / "checkpoints").iterdir())
    assert [folder.name for folder in folders] == ["samples-000000000000", "samples-000000000064"]
    wanted = weights_of(run.path)
    shutil.rmtree(folders[1])
    ganvas.resume(run.path)
    assert all(torch.equal(value, wanted[name]) for name, value in weights_of(run.path).items())


def test_new_data_of_another_size_take_the_size_of_the_start(trained: Path, tmp_path: Path) -> None:
    planned = plan(
        init_from=trained, data=folder_of(tmp_path / "larger", side=20), options=PictureOptions(labels="folders")
    )
    assert isinstance(planned.recipe.source, Pictures)
    assert (planned.recipe.source.height, planned.recipe.source.width) == (12, 12)
    assert prepare(planned.recipe).spec == initial(trained).spec


@pytest.mark.parametrize(
    ("asked", "kind", "words"),
    [
        ({}, UsageError, ["RECIPE", "--data"]),
        ({"recipe": "mnist", "options": PictureOptions(size="32")}, UsageError, ["--size", "--data"]),
        ({"recipe": "mnist", "options": PictureOptions(labels="folders")}, UsageError, ["--labels", "--data"]),
        ({"data": "nowhere"}, DataError, ["nowhere"]),
        ({"data": ".", "options": PictureOptions(fit="corp")}, UsageError, ["--fit", "crop"]),
        ({"data": ".", "options": PictureOptions(channels=2)}, UsageError, ["--channels", "1, 3"]),
        ({"data": ".", "options": PictureOptions(size="big")}, UsageError, ["--size big"]),
        ({"data": "."}, DataError, ["no pictures"]),
        ({"init_from": "nowhere"}, UsageError, ["nowhere"]),
    ],
)
def test_what_is_refused(
    asked: dict[str, Any], kind: type[Exception], words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(kind) as caught:
        plan(**asked)
    assert all(word in str(caught.value) for word in words), str(caught.value)


def test_weights_that_do_not_fit_are_named(trained: Path, pictures: Path, tmp_path: Path) -> None:
    refused: list[tuple[Callable[[], object], str]] = [
        (
            lambda: ganvas.train(
                init_from=trained, data=pictures, labels="folders", size=16, changes=SMALL, out=tmp_path / "a"
            ),
            "not fit",
        ),
        (
            lambda: ganvas.train(init_from=trained, changes={**SMALL, "generator.width": 8}, out=tmp_path / "b"),
            r"G\.\S+ is \[.*\] here and \[.*\] there",
        ),
        (
            lambda: ganvas.train(
                "ring",
                init_from=trained,
                changes={"samples": 64, "precision": "fp32", "threads": 1},
                out=tmp_path / "c",
            ),
            "missing",
        ),
    ]
    for start, words in refused:
        with pytest.raises(UsageError, match=words):
            start()
    assert not any(tmp_path.iterdir())


def test_what_is_left_out_is_named(tmp_path: Path) -> None:
    place = folder_of_many(folder_of(tmp_path / "some", each=1))
    (place / "red" / "half.png").write_bytes((place / "red" / "0.png").read_bytes()[:200])
    said = " ".join(plan("mnist", data=place, options=PictureOptions(labels="folders")).messages)
    assert "broken and left out" in said
    assert "half.png" in said


def test_what_is_overridden_in_the_source_holds_before_anything_is_chosen(pictures: Path, tmp_path: Path) -> None:
    place = folder_of_many(folder_of(tmp_path / "some", each=1))
    for number in range(40):
        (place / "red" / f"half{number}.png").write_bytes((place / "red" / "0.png").read_bytes()[:200])
    with pytest.raises(DataError, match="broken"):
        plan(data=place)
    assert plan(data=place, changes={"source.broken": 0.5}).recipe.source.broken == 0.5  # type: ignore[attr-defined]
    wider = plan(data=pictures, changes={"source.height": 100, "source.width": 100}).recipe
    assert width(wider) == width(chosen((3, 100, 100))[0]) < width(chosen((3, 12, 12))[0])


def test_changes_that_fit_one_of_the_games_are_not_refused_beforehand(pictures: Path) -> None:
    found = plan(data=pictures, changes={"game.adversarial_weight": 2}).recipe.game
    assert found.adversarial_weight == 2  # type: ignore[attr-defined]
    with pytest.raises(UsageError, match="both players step at once"):
        plan(data=pictures, changes={"game.n_critic": 2})
    with pytest.raises(UsageError, match="n_critik"):
        plan(data=pictures, changes={"game.n_critik": 2})


def test_a_start_that_was_not_saved_is_no_start(trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = ganvas.train(init_from=trained, changes={**SMALL, "saves": 0}, out=tmp_path / "tuned")
    shutil.rmtree(run.path / "checkpoints")
    (run.path / "checkpoints").mkdir()
    with pytest.raises(CheckFailed, match="began from another run"):
        ganvas.resume(run.path)
    monkeypatch.setattr(checkpoint, "HEADROOM", 1e18)
    with pytest.raises(ResourceError, match="first checkpoint"):
        ganvas.train(init_from=trained, changes={**SMALL, "saves": 0}, out=tmp_path / "full")


def test_data_that_change_meanwhile_do_not_change_the_test(tmp_path: Path) -> None:
    """Every split that is scored is read before the first round."""
    place = folder_of_many(folder_of(tmp_path / "some", each=1))
    experiment = prepare(plan(data=place, changes=SMALL).recipe)
    facts = {"test_split": {"sha256": experiment.split_items("test").fingerprint, "score": True}}
    trainer = live_trainer(experiment, torch.device("cpu"), ProcessGroup())
    run = Run.create(tmp_path / "run", config="", environment=facts)
    session = TrainingSession(run, experiment, trainer, Listeners(None, None))
    shutil.rmtree(place)
    assert len(experiment.stream("val").store) == len(experiment.stream("test").store) == 50
    assert session.test_fingerprint == facts["test_split"]["sha256"]


def test_a_split_is_read_only_from_the_data_of_the_training_split(tmp_path: Path) -> None:
    """Pictures that are added change the splits: pictures of the training split may then be in test."""
    place = folder_of_many(folder_of(tmp_path / "some", each=1))
    experiment = prepare(plan(data=place, changes=SMALL).recipe)
    assert len(experiment.stream("val").store) == 50
    folder_of(place / "more", each=3)
    with pytest.raises(DataError, match="split test") as error:
        experiment.stream("test")
    assert error.value.where == str(place)


def test_a_test_split_that_is_not_the_one_of_the_start_is_not_scored(tmp_path: Path) -> None:
    experiment = prepare(plan(data=folder_of_many(folder_of(tmp_path / "some", each=1)), changes=SMALL).recipe)
    trainer = live_trainer(experiment, torch.device("cpu"), ProcessGroup())
    run = Run.create(tmp_path / "run", config="", environment={"test_split": {"sha256": "0" * 64, "score": True}})
    with pytest.raises(DataError, match="test split"):
        TrainingSession(run, experiment, trainer, Listeners(None, None))


def test_what_is_overridden_is_not_spoken_of_as_chosen(pictures: Path) -> None:
    said = "\n".join(
        plan(data=pictures, changes={"generator.width": 5, "game.views": [], "scores": [], "samples": 64}).messages
    )
    assert "As requested: generator.width=5, game.views=[], scores=[], samples=64." in said
    assert not any(words in said for words in ("G of width", "Scored against", "No scores"))
    assert "Adam at" in said
    assert "minutes" not in said


def test_an_empty_path_is_no_path() -> None:
    with pytest.raises(UsageError, match="empty"):
        plan(data="")


def test_a_folder_is_listed_once_on_the_way_to_the_first_batch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = folder_of(tmp_path / "old")
    for path in [*place.rglob("*"), place]:
        os.utime(path, ns=(10**18, 10**18))  # what has just changed is listed each time
    listed, of_folder = list[Path](), listing.of_folder

    def noted(root: Path) -> listing.Listing:
        listed.append(root)
        return of_folder(root)

    monkeypatch.setattr(listing, "of_folder", noted)
    monkeypatch.chdir(tmp_path)
    experiment = prepare(anchored(plan(data="old", changes=SMALL).recipe))
    assert experiment.stream("val").batch(0, 2).x.shape[0] == 2
    assert listed == [Path("old")]

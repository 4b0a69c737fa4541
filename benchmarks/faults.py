"""The runs of the doctor's fault bench: small healthy games, and the same with one fault. See benchmarks/doctor.py.

A program is a source, networks, a loss and a penalty. In the plane: P (ring of 8, non-saturating, R1), Q (16 Gaussians,
deeper, relativistic, R1 and R2), R (moons, maxout D, Wasserstein with gradient penalty, two turns of D). On MNIST: S
(DCGAN without batch norm in D, non-saturating, R1), T (DCGAN with batch norm in both, least squares, R1), U (a wide G,
a narrow D, Wasserstein with gradient penalty). All learning rates fall to zero over the run by a cosine.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch

from ganvas.base.draws import Draws
from ganvas.base.play import Play
from ganvas.base.schedule import Cosine
from ganvas.base.types import Batch, Term
from ganvas.data.labelled_subset import select_rows
from ganvas.data.mnist import Mnist
from ganvas.data.points import Grid, Moons, Ring, Spiral
from ganvas.data.source import Items, Source, Split
from ganvas.diagnosis.doctor import Doctor
from ganvas.games.contract import Terms
from ganvas.games.synthesis import Synthesis
from ganvas.losses.least_squares import LeastSquares
from ganvas.losses.minimax import Minimax
from ganvas.losses.nonsaturating import NonSaturating
from ganvas.losses.relativistic import Relativistic
from ganvas.losses.wasserstein import Wasserstein
from ganvas.metrics.digit_scores import DigitScores
from ganvas.metrics.modes import ModeCoverage
from ganvas.metrics.sliced import sliced_distance
from ganvas.networks.dcgan import Dcgan, DcganCritic
from ganvas.networks.mlp import Mlp, MlpCritic
from ganvas.networks.player import Player
from ganvas.penalties.contract import Context, due, penalty_terms
from ganvas.penalties.every import Every
from ganvas.penalties.gradient import R1, R2
from ganvas.penalties.wgan_gp import WganGp
from ganvas.recipes import Recipe, live_trainer, override, prepare
from ganvas.runs.events import Event, SignalsMeasured
from ganvas.sessions.ledger import add_scoring
from ganvas.sessions.run_probe import run_probe
from ganvas.training import ProcessGroup, Scorer, noise_batches, outputs
from ganvas.training.ema import Ema
from ganvas.training.optimisers import Adam
from ganvas.training.trainer import Request, Trainer

LOOKS = 20  # in a run of a few hundred rounds; a real run has the same number or more, at a fiftieth of its time
PLANE, DIGITS = "plane", "mnist"
TURNS = {PLANE: 400, DIGITS: 300}  # of D
BATCH = 64


@dataclass(frozen=True)
class Subset:
    """The first `items` training items alone."""

    source: Source
    items_kept: int = 64

    def items(self, split: Split) -> Items:
        items = self.source.items(split)
        return items if split != "train" else select_rows(items, np.arange(self.items_kept))


@dataclass(frozen=True)
class Copies:
    """The data as of a folder with duplicates: `share` of the training items are copies of `of` of them."""

    source: Source
    share: float = 0.6
    of: int = 5

    def items(self, split: Split) -> Items:
        items = self.source.items(split)
        if split != "train":
            return items
        rows = np.arange(len(items.x))
        copied = rows < self.share * len(rows)
        rows[copied] = rows[copied] % self.of
        return select_rows(items, rows)


@dataclass(frozen=True)
class Mislabelled(Synthesis):
    """Real and fake are exchanged in half of each of D's batches."""

    share: float = 0.5

    def discriminator_turn(self, play: Play, batch: Batch, draws: Draws) -> Terms:
        x_fake = self.generate(play, self.latents(play, draws, batch), batch).detach()
        k = int(self.share * len(x_fake))
        x_real, x_fake = torch.cat([x_fake[:k], batch.x[k:]]), torch.cat([batch.x[:k], x_fake[k:]])
        penalties = due(self.penalties, play.turn)
        gradients = any(penalty.needs_gradients for penalty in penalties)
        context = Context(play, batch, draws, x_real=x_real, x_fake=x_fake, gradients=gradients)
        return {
            "adversarial": Term(self.loss.discriminator(real=context.real.scores, fake=context.fake.scores)),
            **penalty_terms(penalties, context),
        }


OURS = (Subset, Copies, Mislabelled)


def plane(source: Source, G: Mlp, D: MlpCritic, game: Synthesis, lr: float, beta1: float = 0.0) -> Recipe:
    """A game in the plane."""
    adam = Adam(lr=Cosine(lr), beta1=beta1, beta2=0.99)
    return Recipe(
        source=source,
        G=Player(G, adam, ema=Ema()),
        D=Player(D, adam),
        game=game,
        samples=TURNS[PLANE] * BATCH,
        batch_samples=BATCH,
        precision="fp32",
        threads=1,
    )


def digits(G: Any, D: Any, game: Synthesis, lr: float, beta1: float = 0.5) -> Recipe:
    """A game on MNIST."""
    adam = Adam(lr=Cosine(lr), beta1=beta1, beta2=0.99)
    made = Recipe(
        source=Mnist(),
        G=Player(G, adam, ema=Ema(halflife_samples=2_000)),
        D=Player(D, adam),
        game=game,
        samples=TURNS[DIGITS] * BATCH,
    )
    return replace(made, batch_samples=BATCH, precision="fp32", threads=1, scores=(DigitScores(n=1000),))


RING, GRID = Ring(sigma=0.1, samples=20_000), Grid(side=4, sigma=0.1, spacing=1.0, samples=20_000)
MOONS, SPIRAL = Moons(sigma=0.1, samples=20_000), Spiral(turns=1.0, sigma=0.05, samples=20_000)


def programs() -> dict[str, Recipe]:
    """The healthy runs by program."""
    return {
        "P": plane(
            RING, Mlp((64, 64), latent=4), MlpCritic((64, 64)), Synthesis(NonSaturating(), (R1(gamma=0.1),)), 5e-3
        ),
        "Q": plane(
            GRID,
            Mlp((64, 64, 64), latent=4),
            MlpCritic((96, 96, 96)),
            Synthesis(Relativistic(), (Every(2, R1(0.05)), Every(2, R2(0.05)))),
            4e-3,
        ),
        "R": plane(
            MOONS,
            Mlp((64, 64), latent=4),
            MlpCritic((48, 48), maxout=2),
            Synthesis(Wasserstein(), (WganGp(1.0),), n_critic=2),
            3e-3,
        ),
        "S": digits(
            Dcgan(width=8, latent=32),
            DcganCritic(width=8, batch_norm=False),
            Synthesis(NonSaturating(), (Every(4, R1(0.1)),)),
            4e-3,
        ),
        "T": digits(
            Dcgan(width=8, latent=32), DcganCritic(width=8), Synthesis(LeastSquares(), (Every(4, R1(0.1)),)), 3e-3
        ),
        "U": digits(
            Dcgan(width=12, latent=64),
            DcganCritic(width=6, batch_norm=False),
            Synthesis(Wasserstein(), (WganGp(10.0),)),
            3e-3,
            0.0,
        ),
    }


def healthy(kind: str) -> list[tuple[str, str, int, Recipe]]:
    """(program, variant, seed, recipe): 40 in the plane, 20 on MNIST."""
    made = programs()
    found: list[tuple[str, str, int, Recipe]] = []
    if kind == DIGITS:
        return [
            (name, "own", seed, made[name])
            for name, seeds in {"S": 7, "T": 7, "U": 6}.items()
            for seed in range(100, 100 + seeds)
        ]
    sources: dict[str, Source] = {"ring": RING, "grid": GRID, "moons": MOONS, "spiral": SPIRAL}
    for name in "PQR":
        for variant, source in sources.items():
            found += [(name, variant, seed, replace(made[name], source=source)) for seed in range(100, 103)]
    least = replace(made["P"].game, loss=LeastSquares())  # type: ignore[type-var]
    return found + [("P", "least squares", seed, replace(made["P"], game=least)) for seed in range(100, 104)]


def fresh(kind: str) -> list[tuple[str, str, int, Recipe]]:
    """Healthy runs that were first played when rules and thresholds stood: 25 in the plane, 9 on MNIST."""
    first = (100, 101) if kind == PLANE else (100, 101, 102)
    found = [(name, variant, seed + 200, recipe) for name, variant, seed, recipe in healthy(kind) if seed in first]
    return found[:-1] if kind == PLANE else found


Broken = Callable[[Recipe], Recipe]


def lr(recipe: Recipe, times: float, players: str = "GD") -> Recipe:
    """Learning rates multiplied."""
    return override(
        recipe,
        {f"{player}.optimiser.lr.start": times * getattr(recipe, player).optimiser.lr.start for player in players},
    )


def penalties(recipe: Recipe, times: float) -> Recipe:
    """Penalties made heavier, or (0) taken away."""

    def scaled(penalty: Any) -> Any:
        if isinstance(penalty, Every):
            return replace(penalty, each=scaled(penalty.each))
        name = "weight" if hasattr(penalty, "weight") else "gamma"
        return replace(penalty, **{name: times * getattr(penalty, name)})

    game: Any = recipe.game
    return replace(
        recipe, game=replace(game, penalties=tuple(scaled(each) for each in game.penalties) if times else ())
    )


def small_critic(recipe: Recipe) -> Recipe:
    """A D of 2 units, or one channel."""
    assert recipe.D is not None
    network = recipe.D.network
    if isinstance(network, DcganCritic):
        small: Any = replace(network, width=1)
    else:
        small = MlpCritic((2,))
    return replace(recipe, D=replace(recipe.D, network=small))


def mislabelled(recipe: Recipe) -> Recipe:
    """The recipe's game with reals and fakes exchanged in half of D's batches."""
    game = recipe.game
    assert isinstance(game, Synthesis)
    return replace(recipe, game=Mislabelled(game.loss, game.penalties, n_critic=game.n_critic))


def critic_turns(recipe: Recipe) -> Recipe:
    """n_critic 10, in a run of as many reals."""
    game: Any = recipe.game
    return replace(recipe, game=replace(game, n_critic=10))


FAULTS: dict[str, Broken] = {
    "lr x30": lambda recipe: lr(recipe, 30.0),
    "no penalty": lambda recipe: penalties(recipe, 0.0),
    "penalty x100": lambda recipe: penalties(recipe, 100.0),
    "64 items": lambda recipe: replace(recipe, source=Subset(recipe.source)),
    "n_critic 10": critic_turns,
    "mislabelled": mislabelled,
    "NaN weight": lambda recipe: recipe,  # set at two fifths of the run
    "copied data": lambda recipe: replace(recipe, source=Copies(recipe.source)),
    "D too small": small_critic,
    "G frozen": lambda recipe: lr(recipe, 0.0, "G"),
}


def broken(kind: str) -> list[tuple[str, str, int, Recipe]]:
    """(program, fault, seed, recipe): each fault over three programs, 5 seeds in the plane and 2 on MNIST."""
    made = programs()
    names, seeds = ("PQR", range(5)) if kind == PLANE else ("STU", range(2))
    return [
        (name, fault, seed, change(made[name])) for seed in seeds for name in names for fault, change in FAULTS.items()
    ]


def collapses() -> list[tuple[str, str, int, Recipe]]:
    """GANs as tutorials write them, which lose modes: no penalty, no schedule, no average, Adam with beta1 = 0.9."""
    found: list[tuple[str, str, int, Recipe]] = []
    adam = Adam(lr=2e-3, beta1=0.9)
    for seed in range(2):
        for name in "PQR":
            recipe = programs()[name]
            assert recipe.G is not None
            assert recipe.D is not None
            for loss in (Minimax(), NonSaturating()):
                for variant, source in (("ring", RING), ("grid", GRID)):
                    G, D = Player(recipe.G.network, adam), Player(recipe.D.network, adam)
                    plain = replace(recipe, source=source, G=G, D=D, game=Synthesis(loss))
                    found.append((name, f"{type(loss).__name__} {variant}", seed, plain))
    return found


class Poison:
    """Sets one weight to NaN when two fifths of the run have passed: in G for even seeds, in D for odd ones."""

    def __init__(self, seed: int) -> None:
        self.player, self.done = "GD"[seed % 2], False

    @torch.no_grad()
    def __call__(self, trainer: Trainer, before: int) -> tuple[Request, ...]:
        if not self.done and trainer.samples_seen >= 0.4 * trainer.total:
            self.done = True
            trainer.players[self.player].parameters[0].view(-1)[0] = float("nan")
        return ()


def played(recipe: Recipe, *, fault: str, seed: int, before: Callable[[Trainer], None] | None = None) -> dict[str, Any]:
    """A whole run in this process: its looks, and how well it ended."""
    torch.set_num_threads(1)
    begun = time.perf_counter()
    experiment = prepare(replace(recipe, seed=seed))
    device = torch.device("cpu")
    trainer = live_trainer(experiment, device, ProcessGroup())
    if before:
        before(trainer)
    game = trainer.phases[-1].game
    train = experiment.stream("train")
    examiner = run_probe(experiment, trainer)
    examiner.seed = 0  # whatever the run's
    told: list[Event] = []
    trainer.run(
        [*([Poison(seed)] if fault == "NaN weight" else []), Doctor(examiner, LOOKS, told.append)], lambda _: None
    )
    looks = [event for event in told if isinstance(event, SignalsMeasured)]
    best = {name: player.best for name, player in trainer.players.items()}
    test = experiment.stream("test")
    add_scoring(recipe.source.items("test").fingerprint, model="", run=None)
    scores: dict[str, float | None] = {}
    if recipe.scores:
        found = Scorer(recipe.scores, game, experiment.spec, reals=test, split="test", train=train).score(best)
        scores["score"] = found[0].value
    else:
        real = test.at(np.arange(2500), np.zeros(2500, np.int64)).x
        fake = outputs(game, best, noise_batches(experiment.spec, None), n=2500, seed=1)
        scores["score"] = (
            sliced_distance(real=real, fake=fake, directions=100, blocks=0).value
            if bool(fake.isfinite().all())
            else None
        )
        if isinstance(recipe.source, Ring | Grid):
            batch = test.at(np.arange(2500), np.zeros(2500, np.int64))
            scores["modes"], scores["quality"], _ = (
                each.value for each in ModeCoverage().measure(real=batch, fake=replace(batch, x=fake))
            )
    return {**scores, "total": trainer.total, "seconds": round(time.perf_counter() - begun, 2), "looks": columns(looks)}


def columns(looks: list[SignalsMeasured]) -> dict[str, list[float | None]]:
    """Looks as one list a signal, three digits each."""
    names = sorted({name for look in looks for name in look.signals})
    table: dict[str, list[float | None]] = {"samples": [look.samples for look in looks]}
    for name in names:
        values = [look.signals.get(name) for look in looks]
        table[name] = [None if value is None or not np.isfinite(value) else float(f"{value:.3g}") for value in values]
    return table

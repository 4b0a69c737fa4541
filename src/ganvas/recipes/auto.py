"""A sound recipe for pictures that nobody has seen before, every choice with its reason."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from ..augment.differentiable import Translate
from ..augment.flip import Flip
from ..base.errors import UsageError
from ..base.schedule import Cosine
from ..data.custom_pictures import Own
from ..data.source import Source
from ..games.class_term import ClassTerm
from ..games.synthesis import Synthesis
from ..losses.nonsaturating import NonSaturating
from ..metrics.pictures import PictureScores
from ..networks.dcgan import Dcgan, DcganCritic, ladder
from ..networks.heads import ClassHead
from ..networks.player import Player
from ..penalties.contract import View
from ..penalties.every import Every
from ..penalties.gradient import R1
from ..training.ema import Ema
from ..training.optimisers import Adam
from .files import full_path, override
from .schema import Recipe


class Size(NamedTuple):
    """What suits pictures up to `side` pixels in a run of about MINUTES."""

    side: int
    cpu: int  # width on two CPU cores
    gpu: int
    lr: float


# Every number that the choice rests on; docs/recipes.md tells what was tried. Narrow networks at a high rate that falls to zero over the run.
SIZES = (
    Size(16, 64, 256, 2e-3),
    Size(32, 32, 128, 2e-3),
    Size(64, 24, 128, 1e-3),
    Size(128, 16, 64, 5e-4),
    Size(256, 8, 32, 5e-4),
)
MINUTES = 20.0  # where nobody says how long
SHORT, LONG = 6.0, 60.0  # minutes up to which networks are two thirds as wide, and from which twice as wide
LATENT = 64
BATCH = 64
WARMUP = 100  # batches
HALFLIFE = 0.03  # of the samples seen
FEW = 20_000  # pictures; with fewer, D sees all of them moved about, reals and fakes alike
PIXELS = 1024  # for which R1's gamma is 1: the squared gradient is a sum over pixels
LAZY = 8  # turns between penalties
SCORED = 50  # pictures of val; fewer cannot be scored
NUMBERS = 40_000_000  # floats that a score may hold of each side, 160 MB


class Facts(NamedTuple):
    """What is known of the pictures."""

    shape: tuple[int, int, int]  # [C, H, W]
    train: int
    val: int
    classes: tuple[str, ...] = ()
    test: int = 0

    @property
    def words(self) -> str:
        """How many there are, and of which split."""
        return f"{self.train + self.val + self.test:,} pictures ({self.train:,} train, {self.val:,} val, {self.test:,} test)"


class Reason(NamedTuple):
    """A sentence, and the parts of the recipe that it speaks of: it is not said where they are overridden."""

    words: str
    of: tuple[str, ...] = ()

    def stands(self, changes: Mapping[str, Any]) -> bool:
        """Whether nothing that it speaks of was changed."""
        return not any(".".join(full_path(key)).startswith(self.of) for key in changes)


def choose(
    source: Source, facts: Facts, *, device: str, minutes: float | None, flips: bool = False
) -> tuple[Recipe, tuple[Reason, ...]]:
    """A DCGAN as wide as the time allows, and the reasons why. `device` is "cpu" or "cuda"; without minutes, its samples are to be set."""
    size = next((size for size in SIZES if max(facts.shape[1:]) <= size.side), SIZES[-1])
    width = width_for(size, device, MINUTES if minutes is None else minutes)
    batch = batch_for(facts.train)
    views, held = hold_back(facts)
    scores, scored = score(facts)
    lr = Cosine(size.lr, warmup_samples=WARMUP * batch)
    conditional, ema = bool(facts.classes), Ema(halflife_samples=1e9, ramp=HALFLIFE)
    critic = DcganCritic(width=width, batch_norm=False, conditional=conditional)
    penalties = (Every(LAZY, R1(gamma=float(f"{facts.shape[1] * facts.shape[2] / PIXELS:.2g}"))),)
    auxiliary = (ClassTerm(fakes_weight=0.0),) if conditional else ()
    made = Recipe(
        source=source,
        G=Player(Dcgan(width=width, latent=LATENT, conditional=conditional), Adam(lr=lr), ema=ema),
        D=Player(ClassHead(critic) if conditional else critic, Adam(lr=lr)),
        game=Synthesis(loss=NonSaturating(), penalties=penalties, views=views, auxiliary=auxiliary),
        samples=1_000_000,
        batch_samples=batch,
        transforms=(Flip(),) if flips else (),
        scores=scores,
    )
    reasons = explain(facts, size, width, batch, device, minutes)
    return made, (
        *reasons,
        Reason(held, ("game.views",)),
        Reason(flipped(flips), ("transforms",)),
        Reason(scored, ("scores",)),
    )


def check(kind: type[Own], size: tuple[int, int] | None, changes: Mapping[str, Any], *, flips: bool = False) -> None:
    """Refuse a size or a change that no choice for a source of this kind could bear, before pictures are read for long. Raises UsageError."""
    width, height = size or (64, 64)
    ladder(1, 1, (3, height, width))
    faults: list[UsageError] = []
    for classes in (
        (),
        ("one", "other"),
    ):  # few pictures, and enough for scores: with every part that a choice may have
        example = Facts((3, height, width), FEW - 1, SCORED, classes)
        try:
            override(choose(kind("", height, width), example, device="cpu", minutes=MINUTES, flips=flips)[0], changes)
        except UsageError as error:
            faults.append(error)
    if len(faults) == 2:
        raise faults[0]


def width_for(size: Size, device: str, minutes: float) -> int:
    """Wide where there is time to train it."""
    width = size.cpu if device == "cpu" else size.gpu
    if minutes <= SHORT:
        return max(8, width * 2 // 3 // 8 * 8)
    return width * 2 if minutes >= LONG else width


def batch_for(pictures: int) -> int:
    """BATCH, or less where that would be over half of all pictures: a power of two."""
    return min(BATCH, 1 << max(1, (pictures // 2).bit_length() - 1))


def hold_back(facts: Facts) -> tuple[tuple[View, ...], str]:
    """What D sees its pictures through, where they are few."""
    if facts.train >= FEW:
        return (
            (),
            f"{facts.words}: enough for D to see them as they are (with under {FEW:,} of train they would be moved).",
        )
    return (
        (Translate(),),
        f"{facts.words} are few: D sees all, real or not, moved by up to an eighth, so that it cannot learn them by heart.",
    )


def score(facts: Facts) -> tuple[tuple[PictureScores, ...], str]:
    """Scores, where enough pictures were kept aside."""
    if facts.val < SCORED:
        return (), f"No scores: of {facts.words} a score needs {SCORED} of val. Look at the samples instead."
    channels, height, width = facts.shape
    n = max(SCORED, min(5_000, NUMBERS // (channels * height * width)))
    return (
        (PictureScores(n=n),),
        f"Scored against {min(n, facts.val):,} of val, of {facts.words}, on features of a fixed random network (PictureScores).",
    )


def explain(facts: Facts, size: Size, width: int, batch: int, device: str, minutes: float | None) -> tuple[Reason, ...]:
    """The networks, the classes, the rate and the time, in words."""
    _, high, wide = facts.shape
    told = f"{minutes:g} minutes" if minutes is not None else "minutes"
    machine = "a CPU" if device == "cpu" else "a GPU"
    networks = ("G.network", "D.network")
    taught = (
        f"Both players are told the class, one of {len(facts.classes)}, and D also names it."
        if facts.classes
        else "No classes are told apart (--labels gives them)."
    )
    small = f" Batches of {batch}, as there are only {facts.words}." if batch < BATCH else ""
    return (
        Reason(f"A DCGAN of width {width} for {wide} x {high} pixels, as {machine} can train it in {told}.", networks),
        Reason(taught, networks),
        Reason(
            f"A penalty on D's gradient (R1, every {LAZY}th turn) keeps the game steady and varied.",
            ("game.penalties",),
        ),
        Reason(
            f"Adam at {size.lr:g}, falling to zero over the run; the average of G's weights looks back over {HALFLIFE:.0%} of the run.{small}",
            ("G.optimiser", "D.optimiser", "G.ema", "batch_samples"),
        ),
    )


def with_flips(recipe: Recipe, flips: bool) -> Recipe:
    """The recipe with pictures mirrored in half of the passes, or with no picture mirrored."""
    others = tuple(each for each in recipe.transforms if not isinstance(each, Flip))
    return replace(recipe, transforms=(Flip(), *others) if flips else others)


def flipped(flips: bool) -> str:
    """What is done about mirror images."""
    if flips:
        return "Pictures are mirrored in half of the passes, so samples will face both ways."
    return "Pictures are not mirrored: text and digits would break. --flips doubles the data where left and right mean nothing."

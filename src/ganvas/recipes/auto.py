"""A recipe for pictures, chosen by their number, size and classes; each choice has a reason."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from ..augment.differentiable import Translate
from ..augment.flip import Flip
from ..augment.ground import RandomGround
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


# The numbers of the choice; docs/recipes.md lists the trials. Narrow networks, at a high rate that falls to zero over
# the run.
SIZES = (
    Size(16, 64, 256, 2e-3),
    Size(32, 32, 128, 2e-3),
    Size(64, 24, 128, 1e-3),
    Size(128, 16, 64, 5e-4),
    Size(256, 8, 32, 5e-4),
)
MINUTES = 20.0  # if no time is given
SHORT, LONG = 6.0, 60.0  # minutes up to which networks are two thirds as wide, and from which twice as wide
LATENT = 64
BATCH = 64
WARMUP = 100  # batches
HALFLIFE = 0.03  # of the samples so far
FEW = 20_000  # pictures; with fewer, all inputs of D are translated, reals and fakes alike
PIXELS = 1024  # for which R1's gamma is 1: the squared gradient is a sum over pixels
LAZY = 8  # turns between penalties
SCORED = 50  # pictures of val; fewer cannot be scored
NUMBERS = 40_000_000  # floats that a score may hold of each side, 160 MB

GROUNDS = "G makes pictures with transparency; D gets them, real and fake, on random plain grounds (RandomGround)."


class Facts(NamedTuple):
    """The shape, numbers and classes of the pictures.

    Args:
        shape: [C, H, W]; C is 4 for pictures with transparency.
        train: pictures of the training split.
        val: pictures of val.
        classes: names; empty without labels.
        test: pictures of test.
    """

    shape: tuple[int, int, int]
    train: int
    val: int
    classes: tuple[str, ...] = ()
    test: int = 0

    @property
    def text(self) -> str:
        """The number of pictures, in all and of each split."""
        total = self.train + self.val + self.test
        return f"{total:,} pictures ({self.train:,} train, {self.val:,} val, {self.test:,} test)"


class Reason(NamedTuple):
    """A sentence about a choice, and the paths of the recipe that it describes; overriding one makes it untrue."""

    text: str
    of: tuple[str, ...] = ()

    def holds(self, changes: Mapping[str, Any]) -> bool:
        """Whether no override changes what the sentence describes."""
        return not any(".".join(full_path(key)).startswith(self.of) for key in changes)


def choose(
    source: Source, facts: Facts, *, device: str, minutes: float | None, flips: bool = False
) -> tuple[Recipe, tuple[Reason, ...]]:
    """A DCGAN as wide as the time allows, and the reasons for each choice.

    Args:
        source: of the pictures.
        facts: of the pictures.
        device: "cpu" or "cuda".
        minutes: of training, for which the width is chosen; None for MINUTES.
        flips: whether pictures are mirrored in half of the passes.

    Returns:
        The recipe, whose `samples` the caller replaces, and the reasons.
    """
    size = next((size for size in SIZES if max(facts.shape[1:]) <= size.side), SIZES[-1])
    width = width_for(size, device, MINUTES if minutes is None else minutes)
    batch = batch_for(facts.train)
    views, translated = choose_views(facts)
    grounds = (RandomGround(),) if facts.shape[0] == 4 else ()  # before all other views
    scores, scored = choose_scores(facts)
    lr = Cosine(size.lr, warmup_samples=WARMUP * batch)
    conditional, ema = bool(facts.classes), Ema(halflife_samples=1e9, ramp=HALFLIFE)
    critic = DcganCritic(width=width, batch_norm=False, conditional=conditional)
    penalties = (Every(LAZY, R1(gamma=float(f"{facts.shape[1] * facts.shape[2] / PIXELS:.2g}"))),)
    auxiliary = (ClassTerm(fakes_weight=0.0),) if conditional else ()
    made = Recipe(
        source=source,
        G=Player(Dcgan(width=width, latent=LATENT, conditional=conditional), Adam(lr=lr), ema=ema),
        D=Player(ClassHead(critic) if conditional else critic, Adam(lr=lr)),
        game=Synthesis(loss=NonSaturating(), penalties=penalties, views=(*grounds, *views), auxiliary=auxiliary),
        samples=1_000_000,
        batch_samples=batch,
        transforms=(Flip(),) if flips else (),
        scores=scores,
    )
    reasons = explain(facts, size, width, batch, device, minutes)
    return made, (
        *reasons,
        Reason(translated, ("game.views",)),
        *(Reason(GROUNDS, ("game.views",)) for _ in grounds),
        Reason(flipped(flips), ("transforms",)),
        Reason(scored, ("scores",)),
    )


def check_choice(
    kind: type[Own], size: tuple[int, int] | None, changes: Mapping[str, Any], *, flips: bool = False
) -> None:
    """Check a size and overrides against the recipes that may be chosen, before the pictures are decoded.

    Args:
        kind: the class of source.
        size: width and height in pixels; None if it is not chosen yet.
        changes: overrides by dotted path.
        flips: as in `choose`.

    Raises:
        UsageError: no choice for such a source fits them.
    """
    width, height = size or (64, 64)
    ladder(1, 1, (3, height, width))
    faults: list[UsageError] = []
    for classes in ((), ("one", "other")):  # few pictures, and enough for scores: with every part of a choice
        example = Facts((3, height, width), FEW - 1, SCORED, classes)
        try:
            override(choose(kind("", height, width), example, device="cpu", minutes=MINUTES, flips=flips)[0], changes)
        except UsageError as error:
            faults.append(error)
    if len(faults) == 2:
        raise faults[0]


def width_for(size: Size, device: str, minutes: float) -> int:
    """The width of both networks for this size, device and time."""
    width = size.cpu if device == "cpu" else size.gpu
    if minutes <= SHORT:
        return max(8, width * 2 // 3 // 8 * 8)
    return width * 2 if minutes >= LONG else width


def batch_for(pictures: int) -> int:
    """BATCH, or the largest power of two that is at most half of all pictures."""
    return min(BATCH, 1 << max(1, (pictures // 2).bit_length() - 1))


def choose_views(facts: Facts) -> tuple[tuple[View, ...], str]:
    """The views through which D gets reals and fakes, and the reason: translation if there are few pictures."""
    if facts.train >= FEW:
        return (), f"{facts.text}: enough for D without augmentation (under {FEW:,} of train they would be translated)."
    return (
        (Translate(),),
        f"{facts.text} are few: all inputs of D, real and fake, are translated by up to an eighth, "
        "so that it cannot memorise them.",
    )


def choose_scores(facts: Facts) -> tuple[tuple[PictureScores, ...], str]:
    """The scores, if val has enough pictures, and the reason."""
    if facts.val < SCORED:
        return (), f"No scores: of {facts.text} a score needs {SCORED} of val. Judge the samples by eye instead."
    channels, height, width = facts.shape
    n = max(SCORED, min(5_000, NUMBERS // (channels * height * width)))
    return (
        (PictureScores(n=n),),
        f"Scored against {min(n, facts.val):,} of val, of {facts.text}, "
        "on features of a fixed random network (PictureScores).",
    )


def explain(facts: Facts, size: Size, width: int, batch: int, device: str, minutes: float | None) -> tuple[Reason, ...]:
    """The reasons for the networks, the classes, the penalty, the learning rate and the batch."""
    _, high, wide = facts.shape
    time = f"{minutes:g} minutes" if minutes is not None else "minutes"
    machine = "a CPU" if device == "cpu" else "a GPU"
    networks = ("G.network", "D.network")
    classes = (
        f"Both players are conditioned on the class, one of {len(facts.classes)}, and D also predicts it."
        if facts.classes
        else "Classes are not used (--labels gives them)."
    )
    small = f" Batches of {batch}, as there are only {facts.text}." if batch < BATCH else ""
    return (
        Reason(f"A DCGAN of width {width} for {wide} x {high} pixels, as {machine} can train it in {time}.", networks),
        Reason(classes, networks),
        Reason(
            f"A penalty on D's gradient (R1, every {LAZY}th turn) keeps training stable and samples varied.",
            ("game.penalties",),
        ),
        Reason(
            f"Adam at {size.lr:g}, falling to zero over the run; "
            f"G's weights are averaged with a half-life of {HALFLIFE:.0%} of the samples so far.{small}",
            ("G.optimiser", "D.optimiser", "G.ema", "batch_samples"),
        ),
    )


def with_flips(recipe: Recipe, flips: bool) -> Recipe:
    """The recipe with pictures mirrored in half of the passes, or with no picture mirrored."""
    others = tuple(each for each in recipe.transforms if not isinstance(each, Flip))
    return replace(recipe, transforms=(Flip(), *others) if flips else others)


def flipped(flips: bool) -> str:
    """The reason for mirroring or not."""
    if flips:
        return "Pictures are mirrored in half of the passes, so samples will face both ways."
    return (
        "Pictures are not mirrored: text and digits would become wrong. "
        "--flips doubles the data where left and right mean the same."
    )

"""A recipe for pictures, chosen by their number, size and classes; each choice has a reason."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from ..augment.differentiable import Colour, Translate
from ..augment.flip import Flip
from ..augment.ground import RandomGround
from ..base.errors import UsageError
from ..base.schedule import Cosine
from ..data.custom_pictures import Own
from ..data.source import Source
from ..games.reconstruction import Reconstruction
from ..games.simultaneous import Simultaneous
from ..losses.hinge import Hinge
from ..metrics.picture_spaces import SPACES, spaces_for
from ..metrics.pictures import PictureScores
from ..networks.dcgan import ladder
from ..networks.excited import Excited
from ..networks.player import Player
from ..networks.projected import Projected
from ..networks.spectral import SpectralNorm
from ..penalties.energy_distance import EnergyDistance
from ..training.ema import Ema
from ..training.optimisers import Adam
from .files import override
from .reasons import Reason
from .schema import Recipe


class Size(NamedTuple):
    """What suits pictures whose longer side has at most `most` pixels."""

    most: int
    side: int  # pixels of what D's frozen network gets
    width: int  # of G at the finest grid
    pixels: int  # width of D's head on pixels
    lr: float  # of G
    coded: int = 0  # pixels at which codes of real pictures are computed; 0: all samples begin from z


# The numbers of the choice; docs/recipes.md lists the trials, and which of these sizes they were made with.
SIZES = (
    Size(32, 48, 32, 16, 4e-3, coded=48),
    Size(80, 64, 32, 32, 2e-3, coded=48),
    Size(128, 64, 16, 32, 2e-3),
    Size(256, 64, 8, 32, 2e-3),
)
OWN = 80  # pixels of the longer side; details that D does not get become a grid in G's pictures
MINUTES = 20.0  # if no time is given
LATENT = 64
BATCH = 16
LR = 8e-4  # of D
GAUSSIANS = 40  # of the mixture that G draws from
MATCHED = 10.0  # weight of the energy distance
WARMUP = 100  # batches
HALFLIFE = 0.03  # of the samples so far
SCORED = 50  # pictures of val; fewer cannot be scored
NUMBERS = 40_000_000  # floats that a score may hold of each side, 160 MB

GROUNDS = "G makes pictures with transparency; D gets them on random plain grounds, with alpha beside (RandomGround)."

CODES = (
    "Half of the samples in training begin from codes of real pictures, which G learns to draw there: "
    "it learns sooner all that is in the data (Reconstruction)."
)

MIXTURE = "G draws from a mixture of {} Gaussians that is fitted to these codes, so that samples begin where codes are."


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


def choose(source: Source, facts: Facts, *, flips: bool = False) -> tuple[Recipe, tuple[Reason, ...]]:
    """A projected GAN: D judges features of a frozen network of photographs; and the reasons for each choice.

    Sauer et al. 2021. https://arxiv.org/abs/2111.01007

    Args:
        source: of the pictures.
        facts: of the pictures.
        flips: whether pictures are mirrored in half of the passes.

    Returns:
        The recipe, whose `samples` the caller replaces, and the reasons.
    """
    size = size_of(facts.shape)
    batch = batch_for(facts.train, BATCH)
    warmup, conditional = WARMUP * batch, bool(facts.classes)
    grounds = (RandomGround(),) if facts.shape[0] == 4 else ()  # before all other views
    gaussians = GAUSSIANS if size.coded and not conditional else 0
    generator = Excited(width=size.width, latent=LATENT, conditional=conditional, mixture=gaussians)
    discriminator = Projected(side=size.side, pixels=size.pixels, conditional=conditional)
    G, D = (Adam(lr=Cosine(lr, warmup_samples=warmup), beta1=0.0, beta2=0.99) for lr in (size.lr, LR))
    made = Recipe(
        source=source,
        G=Player(generator, G, ema=Ema(halflife_samples=1e9, ramp=HALFLIFE)),
        D=Player(discriminator, D, constraints=(SpectralNorm(),)),
        game=Simultaneous(
            loss=Hinge(),
            generator_penalties=(EnergyDistance(weight=MATCHED),),
            auxiliary=(Reconstruction(numbers=LATENT, side=size.coded, gaussians=gaussians),) if size.coded else (),
            views=(*grounds, Colour(), Translate(repeat=True)),
        ),
        samples=1_000_000,
        batch_samples=batch,
        transforms=(Flip(),) if flips else (),
    )
    scores, scored = choose_scores(facts, made.trained_spaces)
    return replace(made, scores=scores), (
        *explain(facts, size, batch),
        *((Reason(CODES, ("game.auxiliary",)),) if size.coded else ()),
        *((Reason(MIXTURE.format(gaussians), ("G.network",)),) if gaussians else ()),
        *(Reason(GROUNDS, ("game.views",)) for _ in grounds),
        Reason(flipped(flips), ("transforms",)),
        Reason(scored, ("scores",)),
    )


def size_of(shape: tuple[int, ...]) -> Size:
    """What suits pictures of this shape [C, H, W]; up to OWN pixels, none is made smaller for D's frozen network."""
    longer = max(shape[1:])
    size = next((size for size in SIZES if longer <= size.most), SIZES[-1])
    return size._replace(side=max(size.side, longer)) if longer <= OWN else size


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
        example = Facts((3, height, width), 1_000, SCORED, classes)
        try:
            override(choose(kind("", height, width), example, flips=flips)[0], changes)
        except UsageError as error:
            faults.append(error)
    if len(faults) == 2:
        raise faults[0]


def batch_for(samples: int, most: int) -> int:
    """`most`, or the largest power of two that is at most half of all samples."""
    return min(most, 1 << max(1, (samples // 2).bit_length() - 1))


def choose_scores(facts: Facts, trained: Collection[str] = ()) -> tuple[tuple[PictureScores, ...], str]:
    """The scores, if val has enough pictures, and the reason.

    Args:
        facts: of the pictures.
        trained: feature spaces that the recipe trains in; another one is preferred.
    """
    if facts.val < SCORED:
        return (), f"No scores: of {facts.text} a score needs {SCORED} of val. Judge the samples by eye instead."
    channels, height, width = facts.shape
    space = spaces_for(facts.shape, trained)[0]
    n = max(SCORED, min(SPACES[space].scored, NUMBERS // (channels * height * width)))
    against = f"Scored against {min(n, facts.val):,} of val, of {facts.text}"
    return (PictureScores(n=n, space=space),), f"{against}, {SPACES[space].text} (PictureScores)."


def explain(facts: Facts, size: Size, batch: int) -> tuple[Reason, ...]:
    """The reasons for the networks, the classes, the game, the learning rates and the batch."""
    _, high, wide = facts.shape
    classes = (
        f"Both players are conditioned on the class, one of {len(facts.classes)}."
        if facts.classes
        else "Classes are not used (--labels gives them)."
    )
    small = f" Batches of {batch}, as there are only {facts.text}." if batch < BATCH else ""
    return (
        Reason(
            f"D judges features of a frozen network of photographs at {size.side} pixels, and the pixels themselves: "
            "a short training with few pictures suffices (projected GAN).",
            ("D.network",),
        ),
        Reason(f"G of width {size.width} for {wide} x {high} pixels, without deconvolutions.", ("G.network",)),
        Reason(classes, ("G.network", "D.network")),
        Reason(
            f"{facts.text}: all inputs of D, real and fake, change in colour and are translated by up to an eighth, "
            "so that it cannot memorise them.",
            ("game.views",),
        ),
        Reason(
            "G also minimises the energy distance to the data in those features, which keeps samples varied.",
            ("game.generator_penalties",),
        ),
        Reason(
            f"Adam at {size.lr:g} for G and {LR:g} for D, falling to zero over the run; "
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

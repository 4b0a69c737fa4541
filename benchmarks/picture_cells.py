"""The runs of pictures.py as data: the goals, thirty runs over ten sets, and sizes by minutes."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Cell:
    """One training: a set of picture_sets.py, minutes, cores, a seed, and flags of `ganvas train` beside those.

    `limits` are the least (">=") or the largest ("<=") values that the row's fields should have.
    """

    set: str
    minutes: float
    cores: int = 1
    seed: int = 0
    flags: tuple[str, ...] = ()
    limits: Mapping[str, tuple[str, float]] = field(default_factory=dict)


SPRITES = {"ratio": ("<=", 4), "coverage": (">=", 0.3), "duplicates": ("<=", 0.02), "copied_excess": ("<=", 0.02)}
EMOJI = {"ratio": ("<=", 2.5), "coverage": (">=", 0.6)}
CATS_SHIPS = {"ratio": ("<=", 1.6), "coverage": (">=", 0.8), "recall": (">=", 0.5)}
CIFAR10 = {"named": (">=", 0.6), "photo_coverage_of_real": (">=", 0.6)}
PHOTOGRAPHS = {"kind_top1": (">=", 0.5)}
ALIVE = {"duplicates": ("<=", 0.05), "recall": (">", 0)}
LABELS = ("--labels", "folders")

GOALS = (
    *(Cell("cats_ships", 4, seed=seed, limits=CATS_SHIPS) for seed in range(3)),
    *(Cell("sprites", 7, seed=seed, limits=SPRITES) for seed in range(3)),
    *(Cell("emoji", 18, seed=seed, limits=EMOJI) for seed in range(3)),
    Cell("cifar10", 11, flags=LABELS, limits=CIFAR10),
    Cell("foods_crops", 15, limits=PHOTOGRAPHS),
)
# The sixth goal, equal score at least five times sooner: --flags or --python trains the older default for 5 x 4 minutes
SOONER = (Cell("cats_ships", 20), Cell("sprites", 35), Cell("emoji", 90))
COLLAPSE_SETS = (
    *("foods", "walls", "brain_slices", "solar_cells", "shapes"),  # opaque
    *("icons", "stamps", "game_things", "blocks", "portraits"),  # transparent
)
COLLAPSE = tuple(Cell(name, 3, seed=seed, limits=ALIVE) for seed in range(3) for name in COLLAPSE_SETS)
SIZES = (
    Cell("ships_50", 3, limits=ALIVE),
    Cell("ships_50", 15, limits=ALIVE),
    Cell("blocks", 15, limits=ALIVE),
    Cell("game_things", 30, limits=ALIVE),
    Cell("horses", 5, limits=ALIVE),
    Cell("horses", 5, cores=2, limits=ALIVE),
    Cell("glyphs", 5, limits=ALIVE),
    Cell("glyphs_100k", 10, limits=ALIVE),
    Cell("glyphs_100k", 30, cores=2, limits=ALIVE),
    Cell("cifar10", 60, cores=2, flags=LABELS, limits=ALIVE),
    Cell("flags", 10, limits=ALIVE),
    Cell("emoji", 5, limits=ALIVE),
    Cell("emoji", 60, cores=2, limits=ALIVE),
    Cell("clipart", 30, limits=ALIVE),
    Cell("walls", 60, cores=2, limits=ALIVE),
    Cell("grounds", 15, limits=ALIVE),
    Cell("grounds", 60, cores=2, limits=ALIVE),
    Cell("portraits", 30, cores=2, limits=ALIVE),
)
MATRICES = {"goals": GOALS, "sooner": SOONER, "collapse": COLLAPSE, "sizes": SIZES}

PRODUCE = {*range(936, 958), 987, 988, 990, 992, 996, 997, 998}  # vegetables, fruits, maize, acorns, fungi
FISH = {*range(0, 7), *range(118, 125), *range(389, 398)}  # fish, rays, crabs, lobsters
LIVESTOCK = {7, 8, 86, 99, 341, 345, 346, 348}  # poultry, hog, ox, buffalo, ram
SERVED = {*range(924, 936), 959, 960, 961, 962, 963, 964, 965}  # soups, breads, dishes, dough
KINDS = {
    "foods": PRODUCE | FISH | LIVESTOCK | SERVED,
    "foods_crops": PRODUCE | FISH | LIVESTOCK | SERVED,
}  # of ImageNet
NAMED = {"cats_ships": ("cat", "ship"), "horses": ("horse",), "ships_50": ("ship",)}  # classes of CIFAR-10

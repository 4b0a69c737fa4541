"""The catalogue as a list: what each recipe is, of which kind, and from which paper; derived from the recipes."""

import inspect
import re
from collections.abc import Callable

from ..data.points import Clusters, Grid, Line, Moons, Ring, Sketch, Spiral
from ..domains.audio import Audio
from ..domains.clips import Clips
from ..domains.mels import Mels
from ..domains.series import Series
from ..domains.tables import Tables
from ..domains.volumes import Volumes
from ..games.domain_adversarial import DomainAdversarial
from .catalogue import recipe_functions
from .listed import Entry
from .schema import Recipe

NAMES = r"[A-Z][\w'-]+(?:, [A-Z][\w'-]+)*(?: and [A-Z][\w'-]+)?(?: et al\.)?"
PAPER = re.compile(rf"({NAMES}) (\d{{4}})\b")
URL = re.compile(r"https://[^\s)]+")
POINTS_KIND = "Points in the plane"
KINDS = (  # in the order in which they are listed
    POINTS_KIND,
    "Pictures, without labels",
    "Pictures by class",
    "Few labels",
    "Restoration",
    "Anomalies",
    "Another domain",
    "Classifiers",
    "Translation without pairs",
    "Tables",
    "Series",
    "Text",
    "Sound",
    "Video",
    "Volumes",
)


def entries() -> list[Entry]:
    """All recipes, sorted by kind and name. A paper in a function's docstring precedes that of its module."""
    found = [entry(name, function) for name, function in recipe_functions().items()]
    return sorted(found, key=lambda each: (KINDS.index(each.kind), each.name))


def entry(name: str, function: Callable[[], Recipe]) -> Entry:
    """The entry of one recipe; the first line of the docstring describes it."""
    own, whole = inspect.getdoc(function) or "", inspect.getdoc(inspect.getmodule(function)) or ""
    text = next((doc for doc in (own, whole) if PAPER.search(doc) and URL.search(doc)), "")
    paper, url = PAPER.search(text), URL.search(text)
    return Entry(
        name,
        kind_of(function()),
        own.splitlines()[0].rstrip("."),
        cited(paper[1], paper[2]) if paper else "",
        url[0].rstrip(".,;") if url else "",
        function.__module__.rpartition(".")[2],
    )


def cited(authors: str, year: str) -> str:
    """ "Radford, Metz and Chintala", "2016" -> "Radford et al. 2016"."""
    first, *others = re.split(r", | and ", authors)
    return f"{first} et al. {year}" if len(others) > 1 else f"{authors} {year}"


def kind_of(recipe: Recipe) -> str:
    """One of KINDS, from the recipe's game and players."""
    game = recipe.game
    if isinstance(recipe.domain, Tables):
        return "Tables"
    if isinstance(recipe.domain, Series):
        return "Series"
    if isinstance(recipe.domain, Clips):
        return "Video"
    if isinstance(recipe.domain, Volumes):
        return "Volumes"
    if isinstance(recipe.domain, Audio | Mels):
        return "Sound"
    if any(getattr(player.network, "sequences", False) for player in recipe.players.values()):
        return "Text"
    if game.finds_anomalies:
        return "Anomalies"
    if game.needs_streams:
        return "Translation without pairs"
    if isinstance(game, DomainAdversarial):
        return "Another domain"
    if recipe.streams:
        return "Few labels"
    if game.output_kind != "samples":
        return "Classifiers"
    if game.needs_data:
        return "Restoration"
    if isinstance(recipe.source, Clusters | Grid | Line | Moons | Ring | Sketch | Spiral):
        return POINTS_KIND
    unlabelled = any(not each.uses_labels for each in getattr(game, "auxiliary", ()))  # InfoGAN's categories
    by_class = any(conditional(player.network) for player in recipe.players.values())
    return KINDS[2] if by_class and not unlabelled else KINDS[1]


def conditional(network: object) -> bool:
    """Whether a network, or one that it wraps, is given the class."""
    inner = getattr(network, "network", None)
    return bool(getattr(network, "conditional", False)) or (inner is not None and conditional(inner))

"""The feature spaces that pictures are scored in by default, and which of them suits given pictures."""

from collections.abc import Callable, Collection, Mapping
from typing import Literal, NamedTuple, get_args

from .extractor import Extractor
from .photo_features import PhotoFeatures
from .random_features import RandomConvolutions
from .resnet_features import ResnetFeatures

PictureSpace = Literal["photo", "resnet", "random"]
UNTRAINED: PictureSpace = "random"
OPAQUE = 3  # channels of a transparent picture as it is scored: put on a ground


class SpaceEntry(NamedTuple):
    """One feature space.

    Attributes:
        make: the extractor for pictures of so many channels.
        scored: pictures of each side in a scoring during training: one core takes at most about 10 seconds for them.
        text: the end of "Scored against ... of val, ".
    """

    make: Callable[[int], Extractor]
    scored: int
    text: str


# In order of preference.
SPACES: Mapping[PictureSpace, SpaceEntry] = {
    "photo": SpaceEntry(lambda channels: PhotoFeatures(), 2_000, "on features of a network of photographs"),
    "resnet": SpaceEntry(lambda channels: ResnetFeatures(), 600, "on features of a second network of photographs"),
    "random": SpaceEntry(RandomConvolutions, 5_000, "on features of a fixed random network"),
}
assert tuple(SPACES) == get_args(PictureSpace)


def space_extractor(space: PictureSpace, shape: tuple[int, ...]) -> Extractor:
    """The extractor of a space for pictures of this shape.

    Args:
        space: its name.
        shape: of a picture, [C, H, W]; only C is read.
    """
    return SPACES[space].make(scored_channels(shape))


def scored_channels(shape: tuple[int, ...]) -> int:
    """Channels of pictures of this shape [C, H, W] as they are scored: 3 where there are 4, with transparency."""
    return OPAQUE if shape[0] == OPAQUE + 1 else shape[0]


def spaces_for(shape: tuple[int, ...], trained: Collection[str] = ()) -> tuple[PictureSpace, ...]:
    """The spaces for pictures of this shape, the best one first.

    A network that the model has not trained in comes before one that it has, whose scores flatter it. The random
    convolutions come last: they do not distinguish what pictures show.

    Args:
        shape: of a picture, [C, H, W].
        trained: spaces that the model has trained in.

    Returns:
        Every space that covers such pictures; at least the random convolutions.
    """
    opaque = (scored_channels(shape), *shape[1:])
    fitting = [space for space in SPACES if space_extractor(space, shape).covers(opaque)]
    return tuple(sorted(fitting, key=lambda space: (space == UNTRAINED, space in trained)))

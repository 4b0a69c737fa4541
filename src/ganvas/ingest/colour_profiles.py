"""Embedded colour profiles: 8-bit pictures are converted to sRGB where theirs is another. ICC.1:2010; IEC 61966-2-1."""

from functools import lru_cache
from io import BytesIO
from typing import Any, NamedTuple

import numpy as np
from PIL import Image, ImageCms

MOST_BYTES = 4 * 2**20  # of a profile
NEAR = 2  # of 255 by which the profiles that call themselves sRGB differ
OTHER, UNUSABLE, NOT_CONVERTED = "other", "unusable", "not converted"
GREYS = ("1", "L", "LA", "La")
SPACES = {
    "RGB": ("RGB", "L"),
    "GRAY": ("L",),
    "CMYK": ("CMYK",),
}  # what the profile speaks of: the pictures that it can stand in


class Change(NamedTuple):
    """From a profile's colours to sRGB; a picture is brought to `mode` first."""

    transform: Any
    mode: str
    grey: bool

    def apply(self, picture: Image.Image) -> Image.Image:
        """The picture without its transparency, as RGB or L."""
        made = ImageCms.applyTransform(picture.convert(self.mode), self.transform)
        assert made is not None
        return made.convert("L") if self.grey else made


def kind(picture: Image.Image) -> str:
    """Of its profile: "" for none and for sRGB, else OTHER or UNUSABLE."""
    return profile_of(picture)[0]


def change(picture: Image.Image) -> Change | None:
    """What brings it to sRGB, None where nothing needs to."""
    return profile_of(picture)[1]


def profile_of(picture: Image.Image) -> tuple[str, Change | None]:
    """A profile that is too large, damaged, or of another kind of picture is unusable."""
    profile = picture.info.get("icc_profile")
    if not profile or not isinstance(profile, bytes):
        return "", None
    if len(profile) > MOST_BYTES:
        return UNUSABLE, None
    base = "CMYK" if picture.mode == "CMYK" else "L" if picture.mode in GREYS else "RGB"
    return of_profile(profile, base)


@lru_cache(maxsize=8)
def of_profile(profile: bytes, base: str) -> tuple[str, Change | None]:
    """Of pictures of this base mode."""
    try:
        found = ImageCms.ImageCmsProfile(BytesIO(profile))
        space = str(found.profile.xcolor_space).strip()
        if base not in SPACES.get(space, ()):
            return UNUSABLE, None
        mode = "L" if space == "GRAY" else space
        made = ImageCms.buildTransform(
            found,
            ImageCms.createProfile("sRGB"),
            mode,
            "RGB",
            renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
            flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
        )
        change = Change(made, mode, base == "L")
        return ("", None) if mode != "CMYK" and same(change) else (OTHER, change)
    except Exception:  # what a crafted profile makes Pillow raise is not documented; the pixels may be sound
        return UNUSABLE, None


def same(change: Change) -> bool:
    """Whether it changes next to nothing: the profile is sRGB by another name."""
    steps = np.linspace(0, 255, 6).round().astype(np.uint8)
    lattice = np.stack(np.meshgrid(steps, steps, steps), axis=-1).reshape(1, -1, 3)
    ramp = np.arange(256, dtype=np.uint8).repeat(3).reshape(1, -1, 3)
    before = Image.fromarray(ramp if change.mode == "L" or change.grey else np.concatenate([lattice, ramp], axis=1))
    after = ImageCms.applyTransform(before.convert(change.mode), change.transform)
    assert after is not None
    return int(np.abs(np.asarray(before, np.int16) - np.asarray(after, np.int16)).max()) <= NEAR

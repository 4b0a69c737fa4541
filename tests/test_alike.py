"""Which pictures look alike: not those that share only their background."""

import io

import numpy as np
from PIL import Image

from ganvas.base.draws import uniform_rows
from ganvas.ingest.decode import Header
from ganvas.ingest.decode_worker import difference, thumbnail
from ganvas.ingest.near_duplicates import alike
from ganvas.ingest.validate import Checked


def checked(name: str, picture: Image.Image) -> Checked:
    return Checked(
        name, Header(*picture.size, "PNG", "RGB", False), name, difference(picture), thumbnail(picture), "", ""
    )


def sprites(count: int, *, side: int = 64, inner: int = 8) -> list[Image.Image]:
    """Coarse random figures of 4-pixel cells in one random colour each, on white."""
    u = uniform_rows(("sprites",), range(count), inner * inner + 3)
    pages = np.full((count, side, side, 3), 255, np.uint8)
    for page, row in zip(pages, u, strict=True):
        figure = np.kron(row[3:].reshape(inner, inner) < 0.5, np.ones((4, 4), bool))
        begin = (side - len(figure)) // 2
        page[begin : begin + len(figure), begin : begin + len(figure)][figure] = (200 * row[:3]).astype(np.uint8)
    return [Image.fromarray(page) for page in pages]


def saved_again(picture: Image.Image, side: int) -> Image.Image:
    held = io.BytesIO()
    picture.resize((side, side), Image.Resampling.BICUBIC).save(held, "JPEG", quality=80)
    return Image.open(held).convert("RGB")


def test_figures_on_one_background_are_different() -> None:
    pictures = sprites(150)
    assert list(alike([checked(str(number), picture) for number, picture in enumerate(pictures)])) == []
    hashes = [difference(picture) for picture in pictures]
    assert any((a ^ b).bit_count() <= 3 for number, a in enumerate(hashes) for b in hashes[:number]), (
        "the hash alone takes some for alike"
    )


def test_a_copy_is_found_that_was_resized_and_saved_again() -> None:
    pictures = sprites(20)
    both = [checked(str(number), picture) for number, picture in enumerate(pictures)]
    both += [
        checked(f"{number} again", saved_again(picture, side))
        for side in (64, 80)
        for number, picture in enumerate(pictures[:10])
    ]
    found = {frozenset(pair) for pair in alike(both)}
    assert {frozenset((str(number), f"{number} again")) for number in range(10)} <= found
    assert all(len({name.split()[0] for name in pair}) == 1 for pair in found)


def test_a_plain_picture_is_like_none() -> None:
    white = Image.new("RGB", (32, 32), "white")
    assert list(alike([checked("a", white), checked("b", white)])) == []

"""Recordings as a picture: each one's wave, and its mel spectrogram below it."""

import math
from typing import Any

import numpy as np
import torch
from PIL import Image, ImageDraw
from torch import Tensor

from ..ops.mel import Mel

WIDTH, WAVE, SPECTRUM, GAP = 240, 48, 80, 6  # pixels
COLOURS = ((12, 8, 38), (92, 22, 110), (187, 55, 84), (249, 142, 9), (252, 255, 164))  # from quiet to loud
QUIET, LOUD = -9.0, 1.0  # of the spectrogram: the first and the last colour
INK, PAPER, LINE = (40, 70, 120), (255, 255, 255), (215, 220, 228)


def audio_picture(x: Tensor, rate: int, columns: int | None = None) -> Image.Image:
    """Waves [N, L] with their spectrograms, side by side. All waves have one scale, that of the loudest.

    Args:
        x: in [-1, 1].
        rate: numbers in a second.
        columns: waves in a row; None: as wide as high.
    """
    n = len(x)
    columns = min(n, columns or math.ceil(n**0.5))
    rows = -(-n // columns)
    width, height = WIDTH + GAP, WAVE + SPECTRUM + 2 * GAP
    sheet = Image.new("RGB", (columns * width + GAP, rows * height + GAP), PAPER)
    loudest = float(x.abs().max().clamp(min=1e-4))
    for place, wave in enumerate(x):
        left, top = GAP + place % columns * width, GAP + place // columns * height
        sheet.paste(wave_picture(wave.numpy() / loudest), (left, top))
        sheet.paste(mel_picture(wave, rate), (left, top + WAVE))
    return sheet


def wave_picture(wave: np.ndarray[Any, Any]) -> Image.Image:
    """The least and the largest number behind each pixel of the width."""
    picture = Image.new("RGB", (WIDTH, WAVE), PAPER)
    draw = ImageDraw.Draw(picture)
    middle = WAVE / 2
    draw.line([(0, middle), (WIDTH, middle)], fill=LINE)
    for place, part in enumerate(np.array_split(wave, min(WIDTH, len(wave)))):
        ends = [(middle - float(value) * (middle - 1)) for value in (part.max(), part.min())]
        draw.line([(place, ends[0]), (place, ends[1])], fill=INK)
    return picture


def mel_picture(wave: Tensor, rate: int) -> Image.Image:
    """The mel spectrogram in colours, low frequencies at the bottom; black is quiet."""
    hop = max(1, len(wave) // WIDTH)
    size = max(64, 2 ** round(math.log2(0.032 * rate)))
    mel = Mel(rate=rate, size=size, window=size, hop=min(hop, size), filters=SPECTRUM // 2, high=0.0)
    padded = torch.nn.functional.pad(wave, (0, max(0, size - len(wave)) + -len(wave) % mel.hop))
    heights = mel.of(padded[None, None])[0].flip(0).numpy()
    share = np.clip((heights - QUIET) / (LOUD - QUIET), 0, 1) * (len(COLOURS) - 1)
    palette = np.array(COLOURS, np.float64)
    low = np.minimum(share.astype(int), len(COLOURS) - 2)
    part = (share - low)[..., None]
    pixels = palette[low] * (1 - part) + palette[low + 1] * part
    return Image.fromarray(pixels.round().astype(np.uint8)).resize((WIDTH, SPECTRUM))

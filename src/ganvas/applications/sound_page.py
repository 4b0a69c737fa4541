"""A page with recordings before and after a vocoder: sounds inside, waves and spectrograms drawn."""

import base64
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import torch

from ..base.progress import report_progress
from ..domains.audio_picture import audio_picture
from ..evaluation.markup import Html, element, embedded, join
from ..ingest.sound_files import sound_blocks
from ..runs import cannot_write, encode_wav

if TYPE_CHECKING:
    from ..ingest.list_sounds import SoundList
    from .vocoder_chunks import LoadedVocoder, Numbers

MOST, LONGEST = 24, 10.0  # recordings on a page, and seconds of each
STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:64rem;padding:0 1rem;color:#1c2430}"
    "table{border-collapse:collapse}td,th{padding:.4rem 1rem .4rem 0;text-align:left;vertical-align:top}"
    "audio{display:block;width:240px}img{max-width:100%}"
)


class Heard(NamedTuple):
    """One sound of a page.

    Args:
        title: above it.
        values: of the wave.
        mark: of the file inside; None for a recording.
    """

    title: str
    values: "Numbers"
    mark: dict[str, Any] | None


def write_page(
    vocoder: "LoadedVocoder", found: "SoundList", out: Path, marked: dict[str, Any] | None
) -> tuple[list[Path], int]:
    """A page of the first recordings, each before and after; the file, and how many numbers were made.

    Raises:
        DataError: a recording cannot be read.
        ResourceError: the page cannot be written.
    """
    from .vocoder_chunks import copied_blocks

    rate, rows, numbers = vocoder.mel.rate, list[Sequence[Heard]](), 0
    names = found.names[:MOST]
    for number, name in enumerate(names, start=1):
        wave = np.concatenate(list(sound_blocks(found.place(name), rate)))[: round(LONGEST * rate)]
        made = np.concatenate(list(copied_blocks(vocoder, [wave])))
        before = np.clip(np.round(wave * 32_768), -32_768, 32_767).astype(np.int16)
        rows.append((Heard(name, before, None), Heard(f"{name}, made again", made, marked)))
        numbers += len(made)
        report_progress("vocoding", number, len(names))
    title = f"{len(rows)} of {len(found.names)} recordings, each followed by what the vocoder made of its spectrogram"
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(sound_page("Copy synthesis", title, rows, rate), encoding="utf-8")
    except OSError as error:
        raise cannot_write(out, error) from error
    return [out], numbers


def sound_page(heading: str, text: str, rows: Sequence[Sequence[Heard]], rate: int) -> str:
    """A page of HTML, which needs no other file.

    Args:
        heading: of the page.
        text: below the heading.
        rows: sounds side by side.
        rate: numbers in a second.
    """
    cells = [element("tr", *(element("td", cell(each, rate)) for each in row)) for row in rows]
    head = join(element("meta", charset="utf-8"), element("title", heading), element("style", Html(STYLE)))
    body = join(element("h1", heading), element("p", text), element("table", *cells))
    return f"<!doctype html>{element('html', element('head', head), element('body', body), lang='en')}\n"


def cell(heard: Heard, rate: int) -> Html:
    """A title, a player, and the picture of the sound."""
    data = base64.b64encode(encode_wav(heard.values, rate, heard.mark)).decode()
    wave = torch.from_numpy(heard.values.astype(np.float32) / 32_768)
    player = element("audio", controls="", preload="none", src=f"data:audio/wav;base64,{data}")
    return join(
        heard.title, player, embedded(audio_picture(wave[None], rate), f"wave and spectrogram of {heard.title}")
    )

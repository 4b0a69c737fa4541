"""A vocoder on recordings of any length: chunk by chunk with overlap, so that memory does not grow."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from ..base.errors import DataError, UsageError
from ..ops.eval_mode import eval_mode
from ..ops.mel import Mel, mel_of

if TYPE_CHECKING:
    from ..ingest.sound_files import Wave
    from ..sessions.model import Model

SECONDS = 8.0  # of a chunk
Numbers = np.ndarray[Any, np.dtype[np.int16]]


class LoadedVocoder(NamedTuple):
    """A vocoder and what it needs to know of its input.

    Args:
        network: from a spectrogram to a wave.
        mel: settings of the spectrogram.
        context: frames on both sides of one that its wave depends on.
    """

    network: Any
    mel: Mel
    context: int

    @property
    def chunk(self) -> int:
        """Frames of a chunk."""
        return max(1, round(SECONDS * self.mel.rate / self.mel.hop))

    @property
    def margin(self) -> int:
        """Frames at both ends of a slice whose spectrogram is not that of the whole recording."""
        return -(-self.mel.size // self.mel.hop)


def vocoder_of(model: "Model") -> LoadedVocoder:
    """The vocoder of a model. Raises UsageError for other models."""
    network: Any = model.networks.get("G")
    settings = model.spec.settings.get("mel")
    if settings is None or network is None or not hasattr(network, "context"):
        message = f"this model is no vocoder: it was trained on {model.spec.domain}"
        raise UsageError(message, where=str(model.run), hint="Train one: ganvas train vocoder --data FOLDER")
    return LoadedVocoder(network, mel_of(settings), network.context)


@torch.no_grad()
def wave_of_mel(vocoder: LoadedVocoder, mel: Tensor) -> Numbers:
    """A spectrogram [M, T] as a wave, int16 [T * hop]."""
    with eval_mode(vocoder.network):
        x = vocoder.network(None, None, {"mel": mel[None]})[0, 0]
    found: Numbers = (x * 32_768).round().clamp(-32_768, 32_767).numpy().astype(np.int16)
    return found


def copied_blocks(vocoder: LoadedVocoder, blocks: Iterable["Wave"]) -> Iterator[Numbers]:
    """A recording through its spectrogram and back, int16, as long as it was.

    Args:
        vocoder: that speaks it.
        blocks: of the recording, at the vocoder's rate.
    """
    hop, margin = vocoder.mel.hop, vocoder.margin
    for piece in mel_slices(vocoder.mel, blocks, vocoder.chunk, vocoder.context, margin):
        made = wave_of_mel(vocoder, piece.mel)
        yield made[piece.before * hop :][: piece.numbers]


class MelSlice(NamedTuple):
    """The spectrogram of a chunk with its context.

    Args:
        mel: [M, frames].
        before: frames of context before the chunk.
        numbers: of the wave in the chunk.
        frames: of the chunk without its context.
    """

    mel: Tensor
    before: int
    numbers: int
    frames: int


def mel_slices(mel: Mel, blocks: Iterable["Wave"], chunk: int, context: int, margin: int) -> Iterator[MelSlice]:
    """The spectrogram of a recording, chunk by chunk: each frame is that of the whole recording's.

    Args:
        mel: its settings.
        blocks: of the recording.
        chunk: frames of a chunk.
        context: further frames on both sides.
        margin: frames at a cut that are computed and left out.
    """
    hop, more = mel.hop, (context + margin) * mel.hop
    held, begin, source, ended, place = np.empty(0, np.float32), 0, iter(blocks), False, 0  # place: the chunk's begin
    while True:
        wanted = place + chunk * hop + more
        while not ended and begin + len(held) <= wanted:
            block = next(source, None)
            ended = block is None
            held = held if block is None else np.concatenate([held, block])
        end = begin + len(held)
        numbers = min(chunk * hop, end - place)
        if numbers <= 0:
            return
        last = ended and end <= wanted
        part = held[: wanted - begin]
        if last:
            least = max(mel.size, -(-len(part) // hop) * hop)
            part = np.pad(part, (0, -(-least // hop) * hop - len(part)))
        heights = mel.of(torch.from_numpy(part)[None, None])[0]
        inside = (place - begin) // hop
        first = max(0, inside - context)
        frames = -(-numbers // hop)
        stop = heights.shape[1] if last else inside + chunk + context
        yield MelSlice(heights[:, first:stop], inside - first, numbers, frames)
        place += chunk * hop
        cut = max(0, place - more - begin)
        held, begin = held[cut:], begin + cut


def checked_mel(vocoder: LoadedVocoder, values: np.ndarray[Any, Any], sha256: str, where: str) -> Tensor:
    """A spectrogram from a file, float32 [M, T]. Raises DataError where it is not of the vocoder's settings."""
    if sha256 != vocoder.mel.sha256:
        message = (
            f"the spectrogram was made with other settings (SHA-256 {sha256[:12] or 'missing'}) than the vocoder's "
            f"({vocoder.mel.sha256[:12]}: {vocoder.mel})"
        )
        raise DataError(message, where=where, hint="Make it with: ganvas vocode RUN FILE.wav -o FILE.npz")
    if values.ndim != 2 or values.shape[0] != vocoder.mel.filters or not values.shape[1]:
        raise DataError(f"a spectrogram is [{vocoder.mel.filters}, T], not {list(values.shape)}", where=where)
    if not np.isfinite(values).all():
        raise DataError("the spectrogram holds numbers that are not finite", where=where)
    return torch.from_numpy(np.ascontiguousarray(values, np.float32))

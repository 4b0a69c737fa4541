"""The task of a vocoder: a random segment of a recording, and its mel spectrogram. Kong et al. 2020, section 3.
https://arxiv.org/abs/2010.05646
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import ClassVar

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from ..base.errors import UsageError
from ..base.types import Batch, Count, Spec
from ..ops.mel import Mel


@dataclass(frozen=True)
class MelSegments:
    """x: `frames` x hop numbers from a uniform place of each recording, [b, 1, l]; given["mel"]: their mel spectrogram.

    Kong et al. 2020, section 3. https://arxiv.org/abs/2010.05646. The place is drawn per sample and pass; a shorter
    recording is followed by silence. The transform makes the task, so validation and test data get it too. The mel's
    settings become part of the spec, so a model is used with these alone.

    Args:
        mel: its settings; the rate is that of the recordings.
        frames: of a segment.

    Raises:
        UsageError: x is no wave [b, 1, l], or (by `changed_spec`) of another rate.

    Example:
        >>> import torch
        >>> from ganvas.augment import MelSegments
        >>> from ganvas.base.types import Batch
        >>> batch = MelSegments(frames=4).transform(Batch(x=torch.zeros(1, 1, 9000)), u=torch.full((1, 1), 0.5))
        >>> batch.x.shape, batch.given["mel"].shape
        (torch.Size([1, 1, 1024]), torch.Size([1, 80, 4]))
    """

    mel: Mel = field(default_factory=Mel)
    frames: Count = 32
    uniforms: ClassVar[int] = 1
    training_only: ClassVar[bool] = False

    @property
    def length(self) -> int:
        """Numbers of a segment."""
        return self.frames * self.mel.hop

    def transform(self, batch: Batch, u: Float[Tensor, "b n"]) -> Batch:
        if batch.x.ndim != 3 or batch.x.shape[1] != 1:
            message = f"spectrograms are made of waves [B, 1, L], not of x of shape {list(batch.x.shape)}"
            raise UsageError(message, hint="Use the domain Audio.")
        missing = self.length - batch.x.shape[2]
        x = F.pad(batch.x, (0, missing)) if missing > 0 else batch.x
        given = dict(batch.given)
        lengths = given.pop("length", torch.full((len(x),), x.shape[2]))
        room = (lengths - self.length).clamp(min=0)
        begin = (u[:, 0].double() * (room + 1)).floor().long()
        places = begin[:, None] + torch.arange(self.length)  # [B, l]
        x = x[:, 0].gather(1, places.to(x.device))[:, None]
        return replace(batch, x=x, given={**given, "mel": self.mel.of(x)})

    def changed_spec(self, spec: Spec) -> Spec:
        """The spec of segments, with the mel's settings."""
        if spec.settings.get("rate") != self.mel.rate:
            message = (
                f"the spectrogram's rate is {self.mel.rate:,} Hz, and that of the data {spec.settings.get('rate')}"
            )
            raise UsageError(message, hint="Set transforms.0.mel.rate, or source.rate.")
        settings: Mapping[str, object] = {**spec.settings, "mel": asdict(self.mel), "mel_sha256": self.mel.sha256}
        return replace(spec, shape=(1, self.length), settings=settings)

"""A small convolutional classifier; the one that scores MNIST is trained by recipe `digits`."""

from dataclasses import dataclass

import torch.nn.functional as F
from torch import Tensor, nn

from ..base.errors import UsageError
from ..base.types import Count, Given, Share, Spec, Verdict
from .layers import full_precision, picture_shape


@dataclass(frozen=True)
class ConvClassifier:
    """x -> three pairs of 3 x 3 convolutions, halved in between -> `features` numbers -> a logit a class.

    After Simonyan and Zisserman 2015. https://arxiv.org/abs/1409.1556

    Args:
        width: channels of the first pair; each further pair has twice as many.
        features: numbers of the last hidden layer.
        dropout: share of these that is left out in training, in [0, 1).
    """

    width: Count = 16
    features: Count = 128
    dropout: Share = 0.3

    def build(self, spec: Spec) -> nn.Module:
        if not spec.classes:
            raise UsageError("a classifier needs labels, and the data have none", hint="Bring a source with classes.")
        return Classifier(
            channels=picture_shape(self, spec)[0],
            width=self.width,
            features=self.features,
            dropout=self.dropout,
            classes=len(spec.classes),
        )


class Classifier(nn.Module):
    """x [B, C, H, W] -> Verdict with class logits [B, classes] and features [B, features]; no real-or-fake logit."""

    def __init__(self, *, channels: int, width: int, features: int, dropout: float, classes: int) -> None:
        super().__init__()
        self.blocks = nn.ModuleList()
        for level in range(3):
            after = width << level
            layers: list[nn.Module] = []
            for before in (channels, after):
                layers += [nn.Conv2d(before, after, 3, 1, 1, bias=False), nn.BatchNorm2d(after), nn.ReLU(inplace=True)]
            self.blocks.append(nn.Sequential(*layers))
            channels = after
        self.neck = nn.Linear(channels * 9, features)
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(features, classes)

    def forward(self, x: Tensor, y: Tensor | None = None, given: Given = None) -> Verdict:
        for level, convolve in enumerate(self.blocks):
            x = convolve(F.max_pool2d(x, 2) if level else x)
        h = F.adaptive_avg_pool2d(x, 3).flatten(1)  # [B, 9 * 4 width]
        with full_precision(x):
            features = F.relu(self.neck(h.float()))
            classes = self.head(self.dropout(features))
        return Verdict(classes.new_zeros(len(classes), 1), classes=classes, features=(features,))

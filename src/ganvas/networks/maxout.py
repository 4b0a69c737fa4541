"""A unit that learns its own activation."""

from torch import Tensor, nn


class Maxout(nn.Module):
    """h_i = max over j of w_ij . x + b_ij, j = 1..pieces: [B, before] -> [B, after].

    Goodfellow et al. 2013, equation 1. https://arxiv.org/abs/1302.4389
    """

    def __init__(self, before: int, after: int, pieces: int) -> None:
        super().__init__()
        self.linear = nn.Linear(before, after * pieces)
        self.pieces = pieces

    def forward(self, x: Tensor) -> Tensor:
        h: Tensor = self.linear(x)
        return h.view(len(x), -1, self.pieces).amax(2)

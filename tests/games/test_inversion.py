"""The games of inversion on generators that are matrices, where every term is a sum by hand."""

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ganvas.base.types import Batch, Verdict
from ganvas.games.code_term import CodeTerm
from ganvas.games.contract import Draws, Play
from ganvas.games.inversion import Encoding, Inversion, category_of
from ganvas.games.synthesis import Synthesis


class Matrix(nn.Module):
    """x = A z as a picture of one channel."""

    def __init__(self) -> None:
        super().__init__()
        self.latent = (3,)
        self.dropout = nn.Dropout(0.5)  # is off, as G plays in eval mode
        self.weight = nn.Parameter(torch.linspace(-1, 1, 64 * 3).view(64, 3))

    def forward(self, z: Tensor, y: Tensor | None = None, given: Any = None) -> Tensor:
        return self.dropout(z @ self.weight.T).view(-1, 1, 8, 8)


class Styled(nn.Module):
    """w = 2 z in two layers; x = the first layer's numbers, then the second's."""

    def __init__(self) -> None:
        super().__init__()
        self.latent, self.layers = (3,), 2
        self.mean = torch.tensor([1.0, 0.0, 0.0])

    def styles(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        return (2 * z)[:, None].expand(-1, 2, -1)

    def synthesis(self, w: Tensor) -> Tensor:
        return F.pad(w.flatten(1), (0, 2)).view(-1, 1, 2, 4)

    def forward(self, z: Tensor, y: Tensor | None = None, given: Any = None) -> Tensor:
        return self.synthesis(self.styles(z, y))


class Codes(nn.Module):
    """code = B x."""

    def __init__(self, pixels: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.linspace(-0.1, 0.2, pixels * 3).view(3, pixels))

    def forward(self, x: Tensor, y: Tensor | None = None, given: Any = None) -> Verdict:
        return Verdict(x.flatten(1)[:, :1], code=x.flatten(1) @ self.weight.T)


class Offsets(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.offset = nn.Parameter(torch.tensor([[0.5, -1.0, 2.0], [0.0, 1.0, 0.0]]))

    def forward(self, index: Tensor) -> Tensor:
        return self.offset[index]

    def point(self, offset: Tensor) -> Tensor:
        return 1 + 2 * offset


def test_terms_of_a_code() -> None:
    networks: Any = {"G": Matrix().train(), "code": Offsets()}
    x = torch.randn(2, 1, 8, 8, generator=torch.Generator().manual_seed(0))
    batch = Batch(x=x, index=torch.tensor([1, 0]))
    terms = Inversion(coarse_weight=0.5, prior_weight=0.1).code_turn(Play(networks), batch, Draws(0, rows=range(2)))
    offset = networks["code"].offset[[1, 0]]
    made = ((1 + 2 * offset) @ networks["G"].weight.T).view(2, 1, 8, 8)
    assert torch.allclose(terms["pixels"].value, ((x - made) ** 2).mean((1, 2, 3)))
    cells = (x - made).view(2, 2, 4, 2, 4).mean((2, 4))
    assert torch.allclose(terms["coarse"].value, (cells**2).mean((1, 2)), atol=1e-6)
    assert torch.allclose(terms["prior"].value, (offset**2).mean(1))
    assert [terms[name].weight for name in ("pixels", "coarse", "prior")] == [1.0, 0.5, 0.1]
    assert networks["G"].training  # its mode is restored
    noisy = Inversion(noise=0.5).code_turn(Play(networks), batch, Draws(0, rows=range(2)))
    assert not torch.allclose(noisy["pixels"].value, terms["pixels"].value)
    assert torch.allclose(noisy["prior"].value, terms["prior"].value)


def test_terms_of_an_encoder() -> None:
    G, E = Matrix().train(), Codes(64)
    x = torch.randn(4, 1, 8, 8, generator=torch.Generator().manual_seed(0))
    draws = Draws(0, rows=range(4))
    terms = Encoding(pixel_weight=3.0).encoder_turn(Play({"G": G, "E": E}), Batch(x=x), draws)
    z = draws.normal("z", 3)
    assert torch.allclose(terms["latent"].value, ((z @ G.weight.T @ E.weight.T - z) ** 2).mean(1), atol=1e-5)
    again = x.flatten(1) @ E.weight.T @ G.weight.T
    assert torch.allclose(terms["pixels"].value, ((again - x.flatten(1)) ** 2).mean(1), rtol=1e-4)
    assert terms["pixels"].weight == 3.0
    game, batch = Encoding(), Batch(x=x)
    shown = game.show(batch, game.output(Play({"G": G.eval(), "E": E}), batch, draws))
    assert torch.equal(shown[::2], x)
    assert torch.allclose(shown[1::2].flatten(1), again, atol=1e-4)


def test_an_encoder_of_styles_predicts_from_the_mean_style() -> None:
    G, E = Styled(), Codes(8)
    x = torch.randn(2, 1, 2, 4, generator=torch.Generator().manual_seed(0))
    draws = Draws(0, rows=range(2))
    terms = Encoding().encoder_turn(Play({"G": G, "E": E}), Batch(x=x), draws)
    z = draws.normal("z", 3)
    found = G(z).flatten(1) @ E.weight.T
    assert torch.allclose(terms["latent"].value, ((found - (2 * z - G.mean)) ** 2).mean(1), atol=1e-5)
    again = G.synthesis((G.mean + x.flatten(1) @ E.weight.T)[:, None].expand(-1, 2, -1))
    assert torch.allclose(terms["pixels"].value, ((x - again) ** 2).mean((1, 2, 3)), atol=1e-5)


def test_categories_that_labels_do_not_name() -> None:
    y = torch.tensor([0, 5, 12])
    assert category_of(Synthesis(), y) is y
    assert category_of(Synthesis(auxiliary=(CodeTerm(categories=5),)), y).tolist() == [0, 0, 2]  # type: ignore[union-attr]

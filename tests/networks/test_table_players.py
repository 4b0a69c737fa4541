"""Players of tables, and the encoder's head, against the same arithmetic written plainly."""

import torch
import torch.nn.functional as F

from ganvas.base.types import Spec
from ganvas.networks.dcgan import DcganCritic
from ganvas.networks.latent_head import LatentHead
from ganvas.networks.table_players import TableCritic, TableMlp

TABLE = Spec("tables", (6,), False, settings={"blocks": [3, -2], "counts": [6, 3, 1]})


def normal(*shape: int) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(1))


def test_the_critic_judges_packs_of_rows_and_conditions() -> None:
    torch.manual_seed(0)
    D = TableCritic(widths=(5, 4), dropout=0.0, pack=2).build(TABLE)
    x, condition = normal(6, 6), F.one_hot(torch.tensor([0, 1, 2, 0, 1, 2]), 3).float()
    linear = [layer for layer in D.modules() if isinstance(layer, torch.nn.Linear)]
    h = torch.stack([torch.cat([x[i], condition[i], x[i + 1], condition[i + 1]]) for i in (0, 2, 4)])
    for layer in linear[:-1]:
        h = F.leaky_relu(h @ layer.weight.T + layer.bias, 0.2)
    torch.testing.assert_close(D(x, None, {"condition": condition}).logits, h @ linear[-1].weight.T + linear[-1].bias)


def test_the_generator_hands_every_layer_all_before_it() -> None:
    torch.manual_seed(0)
    G = TableMlp(widths=(5, 4), latent=3).build(Spec("points", (2,), False)).eval()
    z = normal(7, 3)
    first, second, last = (layer for layer in G.modules() if isinstance(layer, torch.nn.Linear))
    h = z
    for layer in (first, second):
        h = torch.cat([F.relu((h @ layer.weight.T + layer.bias) / (1 + 1e-5) ** 0.5), h], dim=1)  # norms are new
    torch.testing.assert_close(G(z), h @ last.weight.T + last.bias)


def test_a_row_has_the_condition_and_one_hots_that_add_up() -> None:
    torch.manual_seed(0)
    G = TableMlp(widths=(5,), latent=3, fixed=True).build(TABLE).eval()
    condition = F.one_hot(torch.tensor([2, 0, 1, 1]), 3).float()
    x = G(normal(4, 3), None, {"condition": condition})
    assert torch.equal(x[:, :3], condition)
    torch.testing.assert_close(x[:, 4:].sum(1), torch.ones(4))
    assert x[:, 3].abs().max() < 1


def test_the_encoders_code_is_two_layers_on_the_trunks_features() -> None:
    torch.manual_seed(0)
    spec = Spec("images", (1, 16, 16), True)
    E = LatentHead(DcganCritic(width=4, batch_norm=False), numbers=3, hidden=5).build(spec).eval()
    x = normal(2, 1, 16, 16).clamp(-1, 1)
    verdict = E(x)
    *_, first, second = (layer for layer in E.modules() if isinstance(layer, torch.nn.Linear))
    h = F.leaky_relu(verdict.features[-1].flatten(1) @ first.weight.T + first.bias, 0.2)
    torch.testing.assert_close(verdict.code, h @ second.weight.T + second.bias)

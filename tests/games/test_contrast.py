"""CUT's game: the contrast by hand and by cross-entropy, its weights, and where gradients go."""

from dataclasses import replace

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from ganvas.base.draws import Draws
from ganvas.base.errors import UsageError
from ganvas.base.play import Play
from ganvas.base.types import Batch, Spec, TensorSpec
from ganvas.games.contrast import Contrast, drawn_places, patch_contrast
from ganvas.networks.patch import PatchCritic
from ganvas.networks.patch_heads import PatchEmbedder, PatchHeads
from ganvas.networks.residual_translator import ResidualTranslator

B, SIDE = 3, 8
SPEC = Spec("images", (3, SIDE, SIDE), bounded=True, given={"input": TensorSpec((3, SIDE, SIDE))})


def random(*shape: int, seed: int) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def players() -> tuple[PatchEmbedder, torch.nn.Module]:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        G = PatchHeads(ResidualTranslator(width=4, blocks=2), features=8).build(SPEC)
        D = PatchCritic(width=4, condition=None).build(SPEC)
    assert isinstance(G, PatchEmbedder)
    return G, D


def pictures() -> Batch:
    a, b = (random(B, 3, SIDE, SIDE, seed=seed).float().tanh() for seed in (1, 2))
    return Batch(x=b, y=torch.arange(B), given={"input": a})


def test_the_contrast_is_a_cross_entropy_over_the_places_of_a_picture() -> None:
    query, key = (F.normalize(random(B, 5, 4, seed=seed), dim=2) for seed in (3, 4))
    made = patch_contrast(query, key, 0.07)
    for picture in range(B):
        by_hand = torch.zeros((), dtype=torch.float64)
        for place in range(5):
            weights = torch.stack([(query[picture, place] @ key[picture, other] / 0.07).exp() for other in range(5)])
            by_hand -= (weights[place] / weights.sum()).log() / 5
        torch.testing.assert_close(made[picture], by_hand)
        logits = query[picture] @ key[picture].T / 0.07
        torch.testing.assert_close(made[picture], F.cross_entropy(logits, torch.arange(5)))


def test_equal_and_orthogonal_vectors_have_closed_forms() -> None:
    same = F.normalize(torch.ones(2, 6, 4, dtype=torch.float64), dim=2)
    torch.testing.assert_close(patch_contrast(same, same, 0.07), torch.full((2,), 6.0, dtype=torch.float64).log())
    apart = torch.eye(6, dtype=torch.float64).expand(2, 6, 6)
    by_hand = torch.log1p(5 * torch.exp(torch.tensor(-1 / 0.5, dtype=torch.float64)))
    torch.testing.assert_close(patch_contrast(apart, apart, 0.5), by_hand.expand(2))


def test_places_differ_and_are_drawn_uniformly() -> None:
    layer = torch.zeros(4_000, 2, 3, 4)
    places = drawn_places(Draws(0, rows=range(4_000)), "places", layer, 5)
    assert places.shape == (4_000, 5)
    assert all(len(set(row)) == 5 for row in places[:200].tolist())
    counts = torch.bincount(places.flatten(), minlength=12)
    expected, spread = 4_000 * 5 / 12, (4_000 * (5 / 12) * (7 / 12)) ** 0.5
    assert ((counts - expected).abs() < 4 * spread).all()
    assert drawn_places(Draws(0, rows=range(2)), "places", layer[:2], 256).shape == (2, 12)


def test_the_generators_terms() -> None:
    G, D = players()
    batch, draws = pictures(), Draws(3, rows=range(B))
    game = Contrast(patches=7, contrast_weight=3.0, identity_weight=2.0)
    terms = game.turns()["generator"].terms(Play({"G": G, "D": D}), batch, draws)
    assert {name: term.weight for name, term in terms.items()} == {"adversarial": 2, "contrast": 3, "identity": 2}
    a, b = batch.given["input"], batch.x
    torch.testing.assert_close(
        terms["adversarial"].value, (D(G(None, None, {"input": a}), None, {}).logits - 1) ** 2 / 2
    )
    for name, side, before in (("contrast", "a", a), ("identity", "b", b)):
        after = G(None, None, {"input": before})
        value = torch.zeros(B)
        for number, (old, new, head) in enumerate(zip(G.hidden(before), G.hidden(after), G.heads, strict=True)):
            places = drawn_places(draws, f"places.{side}.{number}", old, 7)
            for picture in range(B):
                keys, queries = (
                    F.normalize(head(each[picture].flatten(1).T[places[picture]]), dim=1) for each in (old, new)
                )
                value[picture] += F.cross_entropy(queries @ keys.T / 0.07, torch.arange(len(keys))) / len(G.heads)
        torch.testing.assert_close(terms[name].value, value)
    without = replace(game, identity_weight=0.0)
    assert without.turns()["generator"].terms(Play({"G": G, "D": D}), batch, draws).keys() == {
        "adversarial",
        "contrast",
    }


def test_the_pictures_own_vectors_are_constants_and_heads_learn() -> None:
    G, D = players()
    batch, draws = pictures(), Draws(3, rows=range(B))
    terms = Contrast().turns()["generator"].terms(Play({"G": G, "D": D}), batch, draws)
    learning = [weight for weight in G.parameters() if weight.requires_grad]
    made = torch.autograd.grad(terms["contrast"].value.mean(), learning, allow_unused=True)
    a = batch.given["input"]
    layers = G.hidden(a)
    places = [drawn_places(draws, f"places.a.{number}", layer, 256) for number, layer in enumerate(layers)]
    keys = [vector.detach() for vector in G.embedded(layers, places)]
    queries = G.embedded(G.hidden(G(None, None, {"input": a})), places)
    by_hand = torch.stack([patch_contrast(q, k, 0.07) for q, k in zip(queries, keys, strict=True)]).mean()
    for got, wanted in zip(made, torch.autograd.grad(by_hand, learning, allow_unused=True), strict=True):
        assert got is not None
        assert wanted is not None
        torch.testing.assert_close(got, wanted)


def test_the_discriminator_reads_x_and_translations() -> None:
    G, D = players()
    batch = pictures()
    terms = Contrast().turns()["discriminator"].terms(Play({"G": G, "D": D}), batch, Draws(3, rows=range(B)))
    real, fake = D(batch.x, None, {}).logits, D(G(None, None, batch.given), None, {}).logits
    torch.testing.assert_close(terms["adversarial"].value, ((real - 1) ** 2 + fake**2) / 2)
    terms["adversarial"].value.mean().backward()
    assert all(weight.grad is None for weight in G.parameters())


def test_a_generator_without_heads_is_refused() -> None:
    _, D = players()
    G = ResidualTranslator(width=4, blocks=1).build(SPEC)
    with pytest.raises(UsageError, match="heads"):
        Contrast().turns()["generator"].terms(Play({"G": G, "D": D}), pictures(), Draws(3, rows=range(B)))


def test_the_defaults_are_the_papers() -> None:
    game = Contrast()
    assert (game.patches, game.tau, game.contrast_weight, game.identity_weight) == (256, 0.07, 1, 1)

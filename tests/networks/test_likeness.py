"""Windows that are like others but for a few tokens: the same states, and fewer of them reckoned."""

import pytest
import torch

from dnalm.networks import convnet, convolution, likeness

LENGTH = 90


def network(layout: str = "ours", layers: int = 3) -> convnet.ConvNetModel:
    torch.manual_seed(0)
    config = convnet.ConvNetConfig(hidden_size=8, num_hidden_layers=layers, layout=layout)
    return convnet.ConvNetModel(config).eval()


def alike(places: list[list[int]]) -> tuple[torch.Tensor, torch.Tensor]:
    """Rows of two random windows, one after the other, each followed by copies with other tokens at these places."""
    rng = torch.Generator().manual_seed(1)
    rows, like = [], []
    for _ in range(2):
        own = torch.randint(5, 9, (LENGTH,), generator=rng)
        like += [len(rows)] * (1 + len(places))
        rows.append(own)
        for changed in places:
            other = own.clone()
            other[changed] = 5 + (own[changed] - 4) % 4
            rows.append(other)
    return torch.stack(rows), torch.tensor(like)


@pytest.mark.parametrize("layout", ["ours", "gpn"])
@pytest.mark.parametrize("places", [[[45]], [[0], [89], [3]], [[44, 47], [10]], [[20], []], [[0, 89], [50]]])
@torch.inference_mode()
def test_the_states_are_those_of_whole_windows(layout, places):
    """Anywhere, at the ends, several changes, none, and changes so far apart that nothing is saved."""
    model, (ids, like) = network(layout), alike(places)
    whole = model(ids).last_hidden_state
    assert torch.allclose(model(ids, like=like).last_hidden_state, whole, atol=2e-6 * whole.abs().max())
    order = torch.randperm(len(ids), generator=torch.Generator().manual_seed(2))
    mixed = model(ids[order], like=order.argsort()[like[order]]).last_hidden_state
    assert torch.allclose(mixed, whole[order], atol=2e-6 * whole.abs().max())


@torch.inference_mode()
def test_only_what_a_change_can_reach_is_reckoned(monkeypatch):
    """Layers of reach 4, 8 and 16 on one token: 9, 25 and 57 states of the 90, for each of the two copies."""
    seen = []

    def counted(layer, hidden, *, inner=False):
        answer = along(layer, hidden, inner=inner)
        seen.append(tuple(answer.shape[:2]))
        return answer

    along = convolution.along
    monkeypatch.setattr(convolution, "along", counted)
    ids, like = alike([[45]])
    likeness.states(network(), ids, like)
    assert seen == [(2, 9), (2, 90), (2, 25), (2, 90), (2, 57), (2, 90)]


@torch.inference_mode()
def test_padded_rows_are_read_whole():
    model, (ids, like) = network(), alike([[45]])
    mask = torch.ones_like(ids)
    mask[:, 80:] = 0
    whole = model(ids, mask).last_hidden_state
    assert torch.equal(model(ids, mask, like=like).last_hidden_state, whole)

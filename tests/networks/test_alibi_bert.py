"""ALiBi: slopes of the paper, distance and not place."""

import pytest
import torch

from dnalm.networks import alibi_bert, models
from dnalm.tokens import kinds

TINY = {"hidden_size": 16, "num_hidden_layers": 2, "intermediate_size": 32}


@pytest.fixture(scope="module")
def tok():
    return kinds.train("char")


def test_slopes_are_those_of_the_paper():
    assert torch.allclose(alibi_bert.slopes(8), torch.tensor([2.0**-n for n in range(1, 9)]))
    assert torch.allclose(alibi_bert.slopes(12)[8:], torch.tensor([2.0**-n for n in (0.5, 1.5, 2.5, 3.5)]))


def test_alibi_depends_on_distance_and_not_on_place(tok):
    """All tokens alike and far from the ends: the same logits everywhere, which a table of positions would not give."""
    network = models.build("mlm", "alibi_bert", TINY | {"num_attention_heads": 2}, tok, 64, 0).eval()
    with torch.no_grad():
        logits = network(input_ids=torch.full((1, 400), 5)).logits[0]
    assert torch.allclose(logits[150], logits[250], atol=1e-5)

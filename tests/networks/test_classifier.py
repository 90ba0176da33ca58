"""The classifier of windows does not see padding."""

import numpy as np
import pytest
import torch

from dnalm.networks import classifier, models
from dnalm.tokens import making
from dnalm.tokens import tokenizer as tk


@pytest.fixture(scope="module")
def tok():
    return making.train("char", [], vocab_size=0, k=1)


@pytest.fixture(scope="module")
def windows():
    return np.random.default_rng(0).integers(0, 4, (3, 40)).astype(np.uint8)


@pytest.mark.parametrize("places", [0, 8])
def test_padding_changes_nothing(tok, windows, places):
    sizes = {"hidden_size": 16, "num_hidden_layers": 2}
    network = classifier.WindowClassifier(
        classifier.WindowClassifierConfig(
            backbone=models.build("mlm", "dilated_conv", sizes, tok, 64, 0).config.to_dict(),
            special_ids=[int(one) for one in tk.special_ids(tok)],
            places=places,
        )
    ).eval()
    ids, mask = (torch.tensor(one) for one in tk.tokenize(tok, windows))
    padded = torch.nn.functional.pad(ids, (0, 9), value=tok.pad_token_id)
    with torch.no_grad():
        short = network(input_ids=ids, attention_mask=mask.long()).logits
        long = network(input_ids=padded, attention_mask=torch.nn.functional.pad(mask.long(), (0, 9))).logits
    assert torch.allclose(short, long, atol=1e-6)

"""One small network of each architecture, and something for it to read."""

import torch

from dnalm.networks import models
from dnalm.tokens import making

SIZES = {"hidden_size": 16, "num_hidden_layers": 3}
HEADS = SIZES | {"num_attention_heads": 2, "intermediate_size": 32}
OURS = {"dilated_conv": SIZES, "hyena": SIZES, "alibi_bert": HEADS, "esm_gated": HEADS}
THEIRS = {
    "bert": HEADS,
    "esm": HEADS,
    "llama": HEADS | {"num_key_value_heads": 2},
    "mixtral": HEADS | {"num_key_value_heads": 2, "num_local_experts": 4},
    "gpt2": {"n_embd": 16, "n_layer": 3, "n_head": 2},
    "modernbert": HEADS,
}


def network(architecture):
    tok = making.train("char")
    return models.unpretrained(architecture, (OURS | THEIRS)[architecture], tok, 64, 0).backbone.eval()


IDS = torch.randint(5, 9, (2, 12), generator=torch.Generator().manual_seed(0))

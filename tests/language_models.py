"""A causal language model over byte pairs, in miniature."""

import numpy as np

from dnalm.dna import seq
from dnalm.networks import models
from dnalm.tokens import kinds

SIZES = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "num_key_value_heads": 2}
SIZES |= {"intermediate_size": 16, "num_local_experts": 2, "num_experts_per_tok": 1}


def byte_pairs():
    """A tokenizer of 40 tokens trained on random bases."""
    rng = np.random.default_rng(0)
    lines = [seq.decode(rng.integers(0, 4, 500).astype(np.uint8)) for _ in range(20)]
    return kinds.train("bpe", map(seq.encode, lines), vocab_size=40, k=1)


def mixtral(tokenizer, context=64):
    """An untrained Mixtral."""
    return models.build("clm", "mixtral", SIZES, tokenizer, context, 0).eval()

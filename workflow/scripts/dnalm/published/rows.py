"""Rows of an embedding that no token has: padding, which makes products of matrices fast, cut off at import.

A row that no token can have would still be given a chance by a softmax over all rows.
"""

import copy

import torch
from torch import nn

MULTIPLES = (8, 16, 32, 64, 128)  # what vocabularies are padded to a multiple of


def padded(tokens: int) -> list[int]:
    """Sizes that an embedding of so many tokens has where it is padded; more rows are of another tokenizer."""
    return sorted({-(-tokens // multiple) * multiple for multiple in MULTIPLES} - {tokens})


@torch.no_grad()
def cut(model: nn.Module, tokens: int) -> None:
    """Keep the first `tokens` rows of all that has one a token, whatever a class calls it: embeddings, head, bias.

    What has a row a token is what a network of this class and a smaller vocabulary has smaller.
    """
    config = copy.deepcopy(model.config)
    config.vocab_size = tokens
    with torch.device("meta"):
        smaller = dict(type(model)(config).named_parameters(remove_duplicate=False))
    for name, value in model.named_parameters(remove_duplicate=False):
        if value.shape != (wanted := smaller[name].shape):
            value.data = value.data[tuple(slice(size) for size in wanted)].clone()
    for part in model.modules():
        if isinstance(part, nn.Embedding) and part.num_embeddings != len(part.weight):
            part.num_embeddings = len(part.weight)
        if isinstance(part, nn.Linear):
            part.out_features, part.in_features = part.weight.shape
    model.config.vocab_size = tokens

"""How far a network counts: the tokens that it has positions for."""

from torch import nn


def longest(model: nn.Module) -> int | None:
    """Tokens that a model has positions for; None where distance is rotary, a penalty or a convolution.

    ESM and RoBERTa count positions from the padding's id, so their tables have rows that no token gets.
    """
    tables = [part for name, part in model.named_modules() if name.endswith("position_embeddings")]
    rows = [part.num_embeddings - 1 - (-1 if part.padding_idx is None else part.padding_idx)
            for part in tables if isinstance(part, nn.Embedding)]  # fmt: skip
    return min(rows, default=None)

"""Optimizers for a model: which weights are decayed, and which are turned by Muon."""

import torch
from torch import nn

BETAS = (0.9, 0.98)


def build(model: nn.Module, kind: str, learning_rate: float, weight_decay: float) -> list[torch.optim.Optimizer]:
    """AdamW, or Muon for the matrices inside the network and AdamW for the rest ("muon"; Jordan et al. 2024).

    Norms and biases are not decayed, and what needs no gradient (a frozen backbone) is left out. Muon's updates are
    scaled to AdamW's size (Liu et al. 2025), so that one learning rate serves both. Embeddings and the layer that names
    tokens have a row for each token and are AdamW's.
    """
    trained = [one for one in model.parameters() if one.requires_grad]
    by_token = {id(one.weight) for one in _by_token(model)}
    inner = [one for one in trained if kind == "muon" and one.ndim == 2 and id(one) not in by_token]
    taken = {id(one) for one in inner}
    rest = [one for one in trained if id(one) not in taken]
    groups = [
        {"params": [one for one in rest if one.ndim > 1], "weight_decay": weight_decay},
        {"params": [one for one in rest if one.ndim <= 1], "weight_decay": 0.0},
    ]
    adamw = torch.optim.AdamW(groups, lr=learning_rate, betas=BETAS, fused=True)
    if not inner:
        return [adamw]
    muon = torch.optim.Muon(inner, lr=learning_rate, weight_decay=weight_decay, adjust_lr_fn="match_rms_adamw")
    return [adamw, muon]


def _by_token(model: nn.Module) -> list[nn.Module]:
    """Layers with a row for each token."""
    head = model.get_output_embeddings() if hasattr(model, "get_output_embeddings") else None
    tables = [one for one in model.modules() if isinstance(one, nn.Embedding)]
    return tables if head is None else [*tables, head]


def set_rate(optimizers: list[torch.optim.Optimizer], rate: float) -> None:
    """Give every weight this learning rate."""
    for optimizer in optimizers:
        for group in optimizer.param_groups:
            group["lr"] = rate

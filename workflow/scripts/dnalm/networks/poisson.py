"""Counts as a network predicts them: a rate that is never below nought, and the Poisson loss that it is trained by.

Reads that fall on a bin are counts, whose scatter grows with their mean; squared error would let the highest bins alone
decide. Both take logits, so that whoever reads a model and whoever trains it mean the same by a rate.
"""

import torch
from torch import Tensor, nn

LEAST = 1e-6  # of a rate in its logarithm


def rate(logits: Tensor) -> Tensor:
    """Rates of logits, as Enformer's: a softplus, which grows no faster than the logit and is nowhere nought."""
    return nn.functional.softplus(logits.float())


def loss(logits: Tensor, counts: Tensor) -> Tensor:
    """Poisson loss of logits for counts of the same shape, in nats, less what depends on the counts alone."""
    rates = rate(logits)
    return rates - counts * torch.log(rates + LEAST)

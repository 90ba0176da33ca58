"""Hidden states [b, L, D] to one vector a window: the pooling and the layers that heads and embeddings share.

Padding and special tokens inside a pooled vector make it depend on the batch and on the length of the window, so all of
these look at the tokens that bear bases only. What a mean is over is said once, here: classifier, next bases, maps and
variant scores mean the same by "the embedding of a window".
"""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn


def bearing(ids: Tensor, mask: Tensor | None, special: Tensor | np.ndarray | Sequence[int]) -> Tensor:
    """Which tokens [b, L] bear bases: neither padding (where there is a mask) nor one of the `special` ids."""
    inside = ~torch.isin(ids, torch.as_tensor(special, device=ids.device))
    return inside if mask is None else inside & mask.bool()


def mean(hidden: Tensor, inside: Tensor) -> Tensor:
    """Mean [b, D] over the tokens that are `inside` [b, L]; zeros for a window without one."""
    return (hidden * inside[..., None]).sum(1) / inside.sum(1, keepdim=True).clamp(min=1)


def maximum(hidden: Tensor, inside: Tensor) -> Tensor:
    """Greatest value of each of the D channels [b, D] over the tokens that are `inside`: one site decides."""
    return hidden.masked_fill(~inside[..., None], torch.finfo(hidden.dtype).min).amax(1)


def last(hidden: Tensor, inside: Tensor) -> Tensor:
    """State [b, D] of the last token that is `inside`: of the base next to what comes after a prompt."""
    place = (inside * torch.arange(inside.shape[1], device=inside.device)).argmax(1)
    return hidden[torch.arange(len(place), device=place.device), place]


def pooled(hidden: Tensor, inside: Tensor) -> Tensor:
    """Mean and greatest value [b, 2 D]: what a window is made of, and whether a site is anywhere in it."""
    return torch.cat([mean(hidden, inside), maximum(hidden, inside)], -1)


def sliding(hidden: Tensor, window: int, stride: int) -> Tensor:
    """`pooled` of each window of a tile, in fp32: states [b, window + (k - 1) stride, D] to [b, k, 2 D].

    The windows start at 0, stride, 2 stride, …; a base that several windows share is summed and compared once for each
    stride of them, not once for each window.
    """
    hidden = hidden.float()
    count = (hidden.shape[1] - window) // stride + 1
    full, rest = divmod(window, stride)
    blocks = hidden[:, : (count + full - 1) * stride].unflatten(1, (-1, stride))
    sums, most = (one.unfold(1, full, 1) for one in (blocks.sum(2), blocks.amax(2))) if full else (None, None)
    parts = [] if sums is None else [(sums.sum(-1), most.amax(-1))]
    if rest:  # what is left of a window after its whole strides
        heads = torch.nn.functional.pad(hidden, (0, 0, 0, stride))[:, full * stride :]
        heads = heads[:, : count * stride].unflatten(1, (-1, stride))[:, :, :rest]
        parts.append((heads.sum(2), heads.amax(2)))
    total = torch.stack([one for one, _ in parts]).sum(0)
    return torch.cat([total / window, torch.stack([one for _, one in parts]).amax(0)], -1)


def stretches(hidden: Tensor, inside: Tensor, places: int) -> Tensor:
    """Means [b, places D] over as many equal stretches of the tokens that are `inside`, in their order; any L.

    Where windows are aligned on one base (a promoter on its start), where something lies says as much as what it is.
    """
    rank = (inside.cumsum(1) - 1) * places // inside.sum(1, keepdim=True).clamp(min=1)
    weights = (rank[:, None] == torch.arange(places, device=inside.device)[:, None]) & inside[:, None]
    return weighted(hidden, weights.to(hidden.dtype)).flatten(1)


def perceptron(inputs: int, width: int, outputs: int) -> nn.Sequential:
    """Pooled vectors [b, inputs] to answers [b, outputs]: normalised, one hidden layer of `width`, GELU."""
    return nn.Sequential(nn.LayerNorm(inputs), nn.Linear(inputs, width), nn.GELU(), nn.Linear(width, outputs))


class Regression(nn.Linear):
    """Pooled vectors [b, inputs] to answers [b, outputs], in fp32 always.

    Large weights of states that hardly differ between windows would drown in the three digits of half precision.
    """

    def forward(self, given: Tensor) -> Tensor:
        """One number an answer, no norm and no hidden layer."""
        with torch.autocast(given.device.type, enabled=False):
            return super().forward(given.float())


def weighted(hidden: Tensor, weights: Tensor) -> Tensor:
    """Weighted means [b, m, D] for m rows of weights [b, m, L], such as the bases of each token in a stretch."""
    return weights @ hidden / weights.sum(-1, keepdim=True).clamp(min=1)

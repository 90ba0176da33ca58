"""Products in bf16 for windows that are like others: of the others as they are, and of what each differs by.

bf16 keeps three digits of a number. Of two windows that are multiplied apart it rounds away what an allele changes, a
small difference of large numbers; of the difference by itself it keeps three, too: W alt = W ref + W (alt - ref). All
else that a network does is done in fp32, on either window. Whichever token another is held against, the product is the
right one; the less they differ, the more digits it has, hence the partners.
"""

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

ROUND = torch.bfloat16


class Differences(TorchFunctionMode):
    """While it lasts, linear layers of a network that reads rows of tokens, the references first, multiply as above.

    `partner` int64 [alternatives x L]: of each token of an alternative the token of the references, counted through
    their rows, that it is held against. Weights are `rounded` once, for all batches that are given the same;
    those that have a row for each of a language model's `words` are not, for a change of an entropy depends on the very
    logits that it is a change from.
    """

    def __init__(
        self,
        rows: int,
        length: int,
        partner: Tensor,
        rounded: dict[int, tuple[Tensor, Tensor]],
        words: int = 0,
    ) -> None:
        super().__init__()
        self.shape, self.partner, self.rounded, self.words = (rows, length), partner, rounded, words
        self.first = rows * length - len(partner)
        self.states: Tensor | None = None
        self.split: Tensor | None = None

    def __torch_function__(self, function, types, args=(), kwargs=None):
        more = kwargs or {}
        linear = function is nn.functional.linear and args[0].ndim == 3 and args[0].shape[:2] == self.shape
        if linear and len(args[1]) != self.words:
            return self._linear(*args, **more)
        if function.__name__ != "__get__" and any(one is self.states for one in (*args, *more.values())):
            self.states = None  # it may be written over, and is another then
        return function(*args, **more)

    def _linear(self, states: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
        if id(weight) not in self.rounded:
            self.rounded[id(weight)] = weight, weight.to(ROUND)  # both, or another could have its place in memory
        if states is not self.states:  # queries, keys and values are made of the same
            self.states, self.split = states, self._split(states.flatten(0, 1))
        product = nn.functional.linear(self.split, self.rounded[id(weight)][1])
        found, first = torch.empty_like(product, dtype=states.dtype), self.first
        found.copy_(product)
        if bias is not None:
            found[:first].add_(bias)
        found[first:].add_(found[:first].index_select(0, self.partner))
        return found.view(*states.shape[:2], -1)

    def _split(self, states: Tensor) -> Tensor:
        """States [tokens, D] of the references, and by how much those of the alternatives differ; rounded."""
        split, first = torch.empty_like(states, dtype=ROUND), self.first
        split[:first].copy_(states[:first])
        apart = states[:first].index_select(0, self.partner)
        split[first:].copy_(torch.sub(states[first:], apart, out=apart))
        return split


def partners(ids: Tensor, lengths: Tensor, site: Tensor) -> Tensor:
    """The token of its reference that each token of an alternative is held against, as `Differences` wants them.

    `ids` [rows, L] and `lengths` [rows], the references' first; `site` [alternatives] rows of them. Tokens count from
    the left as far as both rows are the same, and from there on from the right: byte pairs may cut an allele into
    fewer, and what lies behind has moved.
    """
    length, other = ids.shape[1], ids[len(ids) - len(site) :]
    place = torch.arange(length, device=ids.device)
    before = (ids[site] == other).int().cumprod(1).sum(1, keepdim=True)
    moved = (lengths[site] - lengths[len(ids) - len(site) :])[:, None]
    there = torch.where(place < before, place, (place + moved).clamp(0, length - 1))
    return (there + site[:, None] * length).reshape(-1)

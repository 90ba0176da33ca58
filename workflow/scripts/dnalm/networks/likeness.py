"""Hidden states of windows that are like others but for a few bases, as the two alleles of a variant are.

In a network of convolutions a state depends on the tokens within its reach alone. Of a window that is like another only
the states that a changed base reaches are reckoned, wider by a layer's reach with each layer; the other's stand for the
rest. The states are those that the whole window has, to the last digits of fp32.
"""

import torch
from torch import Tensor, nn

from dnalm.networks import convolution


def states(network: nn.Module, ids: Tensor, like: Tensor) -> Tensor:
    """Hidden states [b, L, D] of windows without padding; `like` [b] is the row that each row resembles, or itself.

    The `network` (`convnet.ConvNetModel`) has `embeddings`, `blocks` and a `norm`. A row that others are like must be
    like itself.
    """
    whole = like == torch.arange(len(like), device=like.device)
    source = (whole.cumsum(0) - 1)[like[~whole]]
    full, others = ids[whole], ids[~whole]
    low, width = _changed(others != full[source])
    states, part = network.embeddings(full), network.embeddings(_cut(others, low, width))
    here = states.new_ones(1, 1, 1)
    for block in network.blocks:
        part, low = _next(block, states, source, part, low)
        states = block(states, here)
    states, part = network.norm(states), network.norm(part)
    found = states.new_empty(*ids.shape, states.shape[-1])
    found[whole] = states
    found[~whole] = _put(states[source], part, low)
    return found


def _changed(differ: Tensor) -> tuple[Tensor, int]:
    """Where rows [n, L] begin to differ, [n], and over how many tokens at most they do: at least one."""
    length = differ.shape[1]
    first, behind = differ.int().argmax(1), differ.int().flip(1).argmax(1)
    widths = torch.where(differ.any(1), length - behind - first, 1)
    width = int(widths.max()) if len(widths) else 1
    return first.clamp(max=length - width), width


def _next(block: nn.Module, states: Tensor, source: Tensor, part: Tensor, low: Tensor) -> tuple[Tensor, Tensor]:
    """What a block says of all that it can tell from the stretches `part` [n, w, D] that begin at `low` [n].

    Its answer is wider by its reach on either side, as far as the window goes. What it sees beside the stretches are
    the `states` of the rows that theirs are like, `source` [n], and beyond the window nothing.
    """
    reach, length, width = block.look.padding[0], states.shape[1], part.shape[1]
    wide = min(width + 2 * reach, length)
    start = (low - reach).clamp(0, length - wide)
    place = (start - reach)[:, None] + torch.arange(wide + 2 * reach, device=low.device)
    within = (place >= 0) & (place < length)
    flat = source[:, None] * length + place.clamp(0, length - 1)
    given = states.reshape(-1, states.shape[-1])[flat.reshape(-1)].view(*place.shape, -1)
    given = _put(given, part, low - start + reach)
    read = block.read(given)
    if not within.all():
        read = read * within[..., None]
    seen = convolution.along(block.look, read, inner=True)
    return block.say(given[:, reach : reach + wide], seen), start


def _cut(values: Tensor, low: Tensor, width: int) -> Tensor:
    """Stretches [n, width] of rows [n, L] that begin at `low` [n]."""
    return values.gather(1, low[:, None] + torch.arange(width, device=low.device))


def _put(into: Tensor, part: Tensor, low: Tensor) -> Tensor:
    """Rows [n, L, D] with their stretches [n, w, D], which begin at `low` [n], written over."""
    place = low[:, None] + torch.arange(part.shape[1], device=low.device)
    place = place + torch.arange(len(into), device=low.device)[:, None] * into.shape[1]
    into.view(-1, into.shape[-1])[place.reshape(-1)] = part.reshape(-1, part.shape[-1])
    return into

"""A stretch of a genome read once: hidden states of long tiles, pooled for each of the windows that lie in them.

A window of 200 bases every 50 reads each base four times, and a network of convolutions finds the same in it every time
but near the window's ends. So states are computed along a tile, with as many bases beside it as the network reaches
(or was trained with), and the head is asked of each window's mean and maximum. Of a network that was trained with all
the bases it reaches this is what it says of each window with these beside it, to rounding.
"""

from collections.abc import Iterator

import numpy as np
from torch import Tensor, nn
from transformers import PreTrainedTokenizerFast

from dnalm.logs import progress
from dnalm.networks import flanks, heads, predict
from dnalm.networks.readers import Read

TILE = 8192  # bases of a tile, its margins among them: few margins, and still in a processor's cache


def logits(
    model: nn.Module,
    tokenizer: PreTrainedTokenizerFast,
    codes: np.ndarray,
    window: int,
    stride: int,
    wanted: np.ndarray,
    beside: tuple[int, int] = (0, 0),
    *,
    what: str | None = "windows",
) -> np.ndarray:
    """Both-strand logits float32 of the windows [k] that are `wanted` (bool [n]) of a stretch, in its order.

    The windows start at 0, stride, 2 stride, … of what lies between the bases `beside` it, which are part of `codes`
    and only read; where there are fewer than the model's margin, there is nothing. Tiles of which no window is wanted
    are not read.
    """
    margin = model.config.margin
    each = max((TILE - 2 * margin - window) // stride + 1, 1)
    length = window + (each - 1) * stride + 2 * margin
    numbers = [first for first in range(0, len(wanted), each) if wanted[first : first + each].any()]
    found = np.full((len(wanted) + each,), np.nan, np.float32)
    read, back = _reader(margin, window, stride), np.s_[:, ::-1]
    with progress(what, int(wanted.sum()), "windows") as advance:
        for group in _groups(numbers, predict.rows(model, length)):
            starts = [beside[0] + first * stride - margin for first in group]
            tiles = np.stack([_cut(codes, start, length) for start in starts])
            said = _strand(model, tokenizer, tiles, read)
            said = (said + _strand(model, tokenizer, flanks.turned(tiles), read)[back]) / 2
            for first, values in zip(group, said, strict=True):
                found[first : first + each] = values
            advance(sum(int(wanted[first : first + each].sum()) for first in group))
    return found[: len(wanted)][wanted]


def _groups(numbers: list[int], at_once: int) -> Iterator[list[int]]:
    for start in range(0, len(numbers), at_once):
        yield numbers[start : start + at_once]


def _cut(codes: np.ndarray, start: int, length: int) -> np.ndarray:
    """A tile, with nothing where it reaches beyond the stretch."""
    tile = np.full(length, flanks.NOTHING, np.uint8)
    first, last = max(start, 0), min(start + length, len(codes))
    tile[first - start : max(last, first) - start] = codes[first:last]
    return tile


def _reader(margin: int, window: int, stride: int) -> Read:
    def read(model: nn.Module, batch: dict[str, Tensor]) -> Tensor:
        known = batch["known"]
        hidden = model.states(batch["ids"], None if known.all() else known.long())
        pooled = heads.sliding(hidden[:, margin : hidden.shape[1] - margin], window, stride)
        return model.said(pooled.flatten(0, 1)).unflatten(0, pooled.shape[:2])

    return read


def _strand(model: nn.Module, tokenizer: PreTrainedTokenizerFast, tiles: np.ndarray, read: Read) -> np.ndarray:
    arrays = {"ids": flanks.ids(tokenizer, tiles), "known": tiles != flanks.NOTHING}
    arrays["mask"] = np.ones(tiles.shape, bool)  # no tile is cut to what it holds: all have as many windows
    return predict.forward(model, arrays, read, batch_size=len(tiles))

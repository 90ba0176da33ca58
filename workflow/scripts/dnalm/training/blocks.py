"""Equal-length blocks of tokens cut from a store, shuffled anew each epoch: what a model is pretrained on.

No block holds padding. A stretch as long as a block or longer is cut into blocks; shorter ones, of which a draft
assembly has little else, are laid end to end with a [SEP] after each, and that row is cut.
"""

from functools import lru_cache

import numpy as np
import pandas as pd

from dnalm.errors import InputError


class Blocks:
    """Blocks of `length` tokens; sample n is of epoch n // len(self), and depends on the seed and n alone."""

    def __init__(
        self, tokens: np.ndarray, repeats: np.ndarray, index: pd.DataFrame, length: int, seed: int, separator: int = 3
    ) -> None:
        long = index[index.tokens >= length]
        short = index[index.tokens < length]
        counts = (long.tokens // length).to_numpy()
        self.tokens, self.repeats = tokens.view(np.ndarray), repeats.view(np.ndarray)
        self.length, self.seed, self.separator = length, seed, separator
        self.slack = (long.tokens % length).to_numpy()
        self.stretch = np.repeat(np.arange(len(long)), counts)
        within = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
        self.start = np.repeat(long.offset.to_numpy(), counts) + within * length
        self.short = short[["offset", "tokens"]].to_numpy(np.int64)
        self.packed = int((self.short[:, 1] + 1).sum()) // length
        if not len(self):
            raise InputError(
                f"no block of {length} tokens: the {len(index)} stretches hold {index.tokens.sum()} together; lower "
                "the model's context"
            )

    def __len__(self) -> int:
        return len(self.start) + self.packed

    @lru_cache(maxsize=2)  # noqa: B019 - one Blocks lives as long as the process
    def epoch(self, number: int) -> np.ndarray:
        """Where this epoch's blocks begin, in its order: a place in the store or, below 0, -1 - n for packed block n.

        Each long stretch's cuts are shifted by a share of what they leave over.
        """
        rng = np.random.default_rng([self.seed, number])
        shift = rng.integers(0, self.slack + 1)
        return rng.permutation(np.concatenate([self.start + shift[self.stretch], -1 - np.arange(self.packed)]))

    @lru_cache(maxsize=2)  # noqa: B019 - as above
    def row(self, number: int) -> tuple[np.ndarray, np.ndarray]:
        """An epoch's order of the short stretches and where each ends in their row, its [SEP] counted."""
        order = np.random.default_rng([self.seed, 5, number]).permutation(len(self.short))
        return self.short[order], np.cumsum(self.short[order, 1] + 1)

    def sample(self, number: int) -> tuple[np.ndarray, np.ndarray]:
        """(tokens, repeats), each [length], of the n-th block in training."""
        epoch, place = divmod(number, len(self))
        start = int(self.epoch(epoch)[place])
        if start < 0:
            return self._packed(epoch, -1 - start)
        return self.tokens[start : start + self.length], self.repeats[start : start + self.length]

    def _packed(self, epoch: int, number: int) -> tuple[np.ndarray, np.ndarray]:
        """The n-th block of the row of short stretches; one that it cuts goes on in the next."""
        stretches, ends = self.row(epoch)
        tokens = np.full(self.length, self.separator, self.tokens.dtype)
        repeats = np.zeros(self.length, self.repeats.dtype)
        begin, end = number * self.length, (number + 1) * self.length
        first, last = np.searchsorted(ends, [begin, end - 1], side="right")
        for (offset, count), stop in zip(stretches[first : last + 1], ends[first : last + 1], strict=True):
            here = stop - 1 - count  # where the stretch begins in the row
            low, high = max(here, begin), min(stop - 1, end)
            if low < high:
                source = slice(offset + low - here, offset + high - here)
                tokens[low - begin : high - begin] = self.tokens[source]
                repeats[low - begin : high - begin] = self.repeats[source]
        return tokens, repeats

"""Blocks of several genomes, each drawn as often as its share says.

A plain corpus is drawn in proportion to its bases, so a large genome fills the model and a small one is hardly seen.
Shares put that right: a genome's weight times its bases to the power `balance` (1: by bases, 0: all alike).
"""

from collections.abc import Callable
from functools import lru_cache

import numpy as np
import pandas as pd

from dnalm.errors import InputError
from dnalm.training.blocks import Blocks

ROUND = 4096  # samples after which every genome has had its share


class Mixture:
    """Blocks of each genome in a fixed share; which genome sample n is of depends on (seed, n) alone, as in Blocks."""

    def __init__(self, parts: list[Blocks], shares: list[float], seed: int) -> None:
        self.parts, self.seed, self.length = parts, seed, parts[0].length
        self.quota = np.maximum(np.rint(np.array(shares) / sum(shares) * ROUND).astype(int), 1)

    def __len__(self) -> int:
        return sum(map(len, self.parts))

    @lru_cache(maxsize=2)  # noqa: B019 - one Mixture lives as long as the process
    def round(self, number: int) -> tuple[np.ndarray, np.ndarray]:
        """(part, number within the part) of each sample of a round; every round holds each part's quota."""
        deck = np.repeat(np.arange(len(self.quota)), self.quota)
        drawn = np.random.default_rng([self.seed, 4, number]).permutation(deck)
        within = np.empty(len(drawn), np.int64)
        for part, quota in enumerate(self.quota):
            within[drawn == part] = number * quota + np.arange(quota)
        return drawn, within

    def sample(self, number: int) -> tuple[np.ndarray, np.ndarray]:
        """(tokens, repeats), each [length], of the n-th block in training."""
        turn, place = divmod(number, int(self.quota.sum()))
        drawn, within = self.round(turn)
        return self.parts[drawn[place]].sample(int(within[place]))


def shares(index: pd.DataFrame, weights: dict[str, float], balance: float) -> dict[str, float]:
    """What part of the training blocks comes from each genome of a store's training rows; they sum to one.

    Raises InputError where `weights` names a genome that has no such row.
    """
    bases = (index.end - index.start).groupby(index.genome, sort=False).sum()
    if unknown := [name for name in weights if name not in bases.index]:
        raise InputError(f"weights: got {unknown[0]}, wanted genomes that are trained on: {', '.join(bases.index)}")
    raw = {name: weights.get(name, 1.0) * float(count) ** balance for name, count in bases.items()}
    return {name: value / sum(raw.values()) for name, value in raw.items()}


def blocks(
    cut: Callable[..., Blocks], index: pd.DataFrame, seed: int, weights: dict[str, float], balance: float
) -> Blocks | Mixture:
    """Training blocks of a store's training rows: of all together, or of each genome in its share.

    By default (no weights, balance 1) an epoch holds every block once, which is in proportion to bases already.
    """
    if not weights and balance == 1:
        return cut(index, seed=seed)
    found = shares(index, weights, balance)
    parts = [cut(index[index.genome == name], seed=seed) for name in found]
    return Mixture(parts, list(found.values()), seed)

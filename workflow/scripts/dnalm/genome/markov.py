"""Markov chains of a genome: the composition that a language model must know more than.

A chain of order k draws each base by the k bases before it. It knows no motif, gene or repeat, so what generated DNA
shares with a genome and a chain's DNA does not is what the model learned beyond short words.
"""

from pathlib import Path

import numpy as np

from dnalm.dna import seq
from dnalm.dna import words as dna_words
from dnalm.genome import corpus


def fit(genomes: list[Path], order: int = 3) -> np.ndarray:
    """Counts [4^order, 4] of each base after each word of `order` bases, over the training contigs' forward strand."""
    counts = np.zeros(4 ** (order + 1), np.int64)
    for _, _, split, letters in corpus.contigs(genomes):
        if split == "train":
            counts += dna_words.word_counts(seq.encode(letters)[None], order + 1)
    return counts.reshape(-1, 4)


def sample(counts: np.ndarray, number: int, length: int, rng: np.random.Generator) -> np.ndarray:
    """Sequences drawn from the chain, uint8 [number, length]; the first word is drawn by how common it is."""
    order = _order(counts)
    first = counts.sum(1) + 1e-9
    word = rng.choice(len(counts), number, p=first / first.sum())
    upper = np.cumsum(chances(counts), 1)
    codes = np.empty((number, order + length), np.uint8)
    codes[:, :order] = dna_words.spelled(word, order)
    for place in range(order, order + length):
        base = (rng.random(number)[:, None] > upper[word, :3]).sum(1)
        codes[:, place] = base
        word = (word * 4 + base) % len(counts)
    return codes[:, :length]


def bits(counts: np.ndarray, codes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What each base of windows [n, W] costs after those before it, and whether all are known: [n, W - order] each.

    Bits are 0 where a base of the word is N.
    """
    words, known = dna_words.words_at(codes, _order(counts) + 1)
    return np.where(known, -np.log2(chances(counts)).ravel()[words], 0), known


def bits_per_base(counts: np.ndarray, codes: np.ndarray) -> np.ndarray:
    """What each window [n, W] costs under the chain, in bits per base (NaN without a known word): float64 [n].

    Low: common words of the genome; well above the genome's own mean: DNA of another kind. Two bits are a blind guess.
    """
    if codes.shape[1] <= _order(counts):
        return np.full(len(codes), np.nan)
    cost, known = bits(counts, codes)
    return cost.sum(1) / np.where(known.any(1), known.sum(1), np.nan)


def shorter(counts: np.ndarray, order: int) -> np.ndarray:
    """Counts [4^order, 4] of a lower order from those of a higher one, so that a genome is read once for all orders."""
    return counts.reshape(4 ** (order + 1), -1).sum(1).reshape(-1, 4)


def continuations(counts: np.ndarray, codes: np.ndarray, k: int) -> np.ndarray:
    """Log chance (nats) of each of the 4^k words after each window [n, W] under the chain: float64 [n, 4^k].

    Windows hold A, C, G, T only and are at least as long as the chain's order.
    """
    order, nats = _order(counts), np.log(chances(counts))
    word, _ = dna_words.words_at(codes[:, codes.shape[1] - order :], order)
    total = np.zeros((len(codes), 1))
    for _ in range(k):
        total = (total[..., None] + nats[word]).reshape(len(codes), -1)
        word = (word[..., None] * 4 + np.arange(4)).reshape(len(codes), -1) % len(counts)
    return total


def chances(counts: np.ndarray) -> np.ndarray:
    """Counts to probabilities along the last axis; half a count more each, so that nothing is impossible."""
    smoothed = counts + 0.5
    return smoothed / smoothed.sum(-1, keepdims=True)


def _order(counts: np.ndarray) -> int:
    return (len(counts).bit_length() - 1) // 2

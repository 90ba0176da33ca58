"""Where two tokenizations of almost the same window differ.

Byte pairs re-segment around a substitution: about half of all SNVs move a token boundary, and a score that compares
unequal stretches then measures segmentation. A span here covers the same number of bases in both readings.
"""

from typing import NamedTuple

import numpy as np
from transformers import PreTrainedTokenizerFast

from dnalm.tokens import tokenizer as tk

NONE = -1  # no token


class Spans(NamedTuple):
    """For each pair, of either reading (ref, alt): the span's first token and its tokens; int64 [pairs, 2] each."""

    first: np.ndarray
    count: np.ndarray


class Tokens(NamedTuple):
    """Token ids int64 [n, L] and mask bool [n, L]."""

    ids: np.ndarray
    mask: np.ndarray


def find(ref: Tokens, alt: Tokens) -> Spans:
    """Spans of two tokenizations [n, …] that begin and end alike: the tokens between what both begin and end with.

    Of windows that differ by substitutions. Padding does not count.
    """
    width = max(ref.ids.shape[1], alt.ids.shape[1])
    there = np.arange(width)
    (one, one_length), (two, two_length) = padded(ref, width), padded(alt, width)
    shorter = np.minimum(one_length, two_length)
    first = _agree(one, two, shorter)
    turned = [
        np.take_along_axis(ids, np.maximum(length[:, None] - 1 - there, 0), 1)
        for ids, length in ((one, one_length), (two, two_length))
    ]
    last = np.minimum(_agree(*turned, shorter), shorter - first)
    counts = np.stack([one_length, two_length], 1) - (first + last)[:, None]
    return Spans(np.stack([first, first], 1), counts)


def around(tokenizer: PreTrainedTokenizerFast, ref: Tokens, alt: Tokens, low: np.ndarray, high: np.ndarray) -> Spans:
    """The shortest spans that hold the bases [low, high) of both windows and begin and end between tokens in both.

    Of windows that differ by an indel, in which one flank is moved, so that no token need be the same beyond it; of
    overlapping words, all those that share a base with the stretch. `low` and `high` int64 [n], 0-based, half-open.
    """
    lengths, back = tk.base_lengths(tokenizer), tk.words_a_base(tokenizer) - 1
    bases = [lengths[one.ids] * one.mask for one in (ref, alt)]
    total = int(bases[0].sum(1).max(initial=0))
    low, high = np.maximum(low - back, 0), np.minimum(high, total)
    ends = [one.cumsum(1) for one in bases]
    shared = np.ones((len(low), total + 1), bool)
    for one in ends:
        here = np.zeros_like(shared)
        here[:, 0] = True
        np.put_along_axis(here, one, True, 1)
        shared &= here
    place = np.arange(total + 1)
    start = np.where(shared & (place <= low[:, None]), place, 0).max(1)[:, None]
    end = np.where(shared & (place >= high[:, None]), place, total).min(1)[:, None]
    inside = [(size > 0) & (until > start) & (until <= end) for size, until in zip(bases, ends, strict=True)]
    return Spans(np.stack([one.argmax(1) for one in inside], 1), np.stack([one.sum(1) for one in inside], 1))


def of(tokenizer: PreTrainedTokenizerFast, ref: Tokens, alt: Tokens, first: np.ndarray, count: np.ndarray) -> Spans:
    """Spans of pairs whose changed stretch begins at base `first` and has `count` bases, int64 [n, 2] of either."""
    low = first.min(1)
    found, wide = find(ref, alt), around(tokenizer, ref, alt, low, low + count.max(1))
    moved = (count[:, 0] != count[:, 1])[:, None]
    return Spans(*(np.where(moved, one, other) for one, other in zip(wide, found, strict=True)))


def padded(tokens: Tokens, width: int) -> tuple[np.ndarray, np.ndarray]:
    """Ids filled up to `width`, and how many tokens each row has."""
    return np.pad(tokens.ids, ((0, 0), (0, width - tokens.ids.shape[1]))), tokens.mask.sum(1)


def _agree(one: np.ndarray, two: np.ndarray, limit: np.ndarray) -> np.ndarray:
    same = (one == two) & (np.arange(one.shape[1]) < limit[:, None])
    return np.logical_and.accumulate(same, axis=1).sum(1)


def span_ids(tokens: Tokens, first: np.ndarray, count: np.ndarray) -> np.ndarray:
    """Ids of each span's tokens [n, longest span], `NONE` after its end."""
    place = np.arange(count.max(initial=1))
    at = np.minimum(first[:, None] + place, tokens.ids.shape[1] - 1)
    return np.where(place < count[:, None], np.take_along_axis(tokens.ids, at, 1), NONE)


def bases_in(tokenizer: PreTrainedTokenizerFast, ids: np.ndarray) -> np.ndarray:
    """Bases of each row of span ids."""
    return np.where(ids == NONE, 0, tk.base_lengths(tokenizer)[ids]).sum(1)

"""Where two tokenizations of almost the same window differ.

Byte pairs re-segment around a substitution: about half of all SNVs move a token boundary, and a score that compares
unequal stretches then measures segmentation. A span here is the tokens between the longest common prefix and suffix;
it covers the same bases in both readings.
"""

from typing import NamedTuple

import numpy as np
from transformers import PreTrainedTokenizerFast

from dnalm.tokens import tokenizer as tk

NONE = -1  # no token


class Spans(NamedTuple):
    """For each pair: index of the first differing token, and the number of tokens of either reading; int64 [pairs]."""

    first: np.ndarray
    ref: np.ndarray
    alt: np.ndarray


class Tokens(NamedTuple):
    """Token ids int64 [n, L] and mask bool [n, L]."""

    ids: np.ndarray
    mask: np.ndarray


def find(ref: Tokens, alt: Tokens) -> Spans:
    """Spans of two tokenizations [n, …] that begin and end alike; padding does not count."""
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
    return Spans(first, one_length - first - last, two_length - first - last)


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

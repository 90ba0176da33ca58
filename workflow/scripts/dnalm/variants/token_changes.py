"""What a variant does to the tokens of its window, on either strand: what a score has to be held against.

Byte pairs re-segment around half of all substitutions, and the distance of two mean embeddings then measures that, with
random weights as with trained ones (Spearman .9 in yeast).
"""

from collections.abc import Callable, Iterable

import numpy as np
import pandas as pd
from transformers import PreTrainedTokenizerFast

from dnalm.tokens import spans
from dnalm.tokens import tokenizer as tk
from dnalm.variants.pairs import Pairs, reverse_complement
from dnalm.variants.scores import TOKENS

LEAST = 20  # variants that share a number of changed tokens, to know what a score is there


def of_edits(tokenizer: PreTrainedTokenizerFast, parts: Callable[[], Iterable[Pairs]]) -> pd.DataFrame:
    """Of each edit's first view: the tokens of the span that differs (`spans.of`), and its bases; TOKENS."""
    rows = [np.empty((0, len(TOKENS)), np.int64)]
    for part in parts():
        first = part.view[:, 0]
        one = part._replace(
            site=part.site[first], alt=part.alt[first], first=part.first[first], count=part.count[first]
        )
        rows.append(np.concatenate([_strand(tokenizer, each) for each in (one, reverse_complement(one))], 1))
    return pd.DataFrame(np.concatenate(rows), columns=TOKENS)


def _strand(tokenizer: PreTrainedTokenizerFast, pairs: Pairs) -> np.ndarray:
    sites = spans.Tokens(*tk.tokenize(tokenizer, pairs.ref))
    ref = spans.Tokens(sites.ids[pairs.site], sites.mask[pairs.site])
    alt = spans.Tokens(*tk.tokenize(tokenizer, pairs.alt))
    found = spans.of(tokenizer, ref, alt, pairs.first, pairs.count)
    bases = [
        spans.bases_in(tokenizer, spans.span_ids(one, found.first[:, side], found.count[:, side]))
        for side, one in enumerate((ref, alt))
    ]
    assert (bases[0] == bases[1]).all(), "spans of unequal length: the tokenizer loses bases"
    return np.stack([found.count[:, 0], found.count[:, 1], bases[0]], 1)


def total(table: pd.DataFrame) -> pd.Series:
    """Tokens that differ, of both alleles on both strands: what a distance is held against."""
    return table.n_tokens_ref + table.n_tokens_alt + table.n_tokens_ref_reverse + table.n_tokens_alt_reverse


def gained(table: pd.DataFrame) -> pd.Series:
    """Tokens gained less tokens lost, on both strands: each token more is one more factor below 1 in a likelihood."""
    return table.n_tokens_alt - table.n_tokens_ref + table.n_tokens_alt_reverse - table.n_tokens_ref_reverse


def residual(values: np.ndarray, changed: np.ndarray) -> np.ndarray:
    """What is left of scores [n] when the median of those with as many changed tokens is taken away; NaN stays.

    Numbers of tokens that fewer than `LEAST` variants share are taken together with the next ones, from both ends.
    """
    known = np.isfinite(values)
    left = np.full(len(values), np.nan)
    if known.any():
        group = _groups(changed[known])
        middle = pd.Series(values[known]).groupby(group).transform("median").to_numpy()
        left[known] = values[known] - middle
    return left


def _groups(changed: np.ndarray) -> np.ndarray:
    numbers, place, counts = np.unique(changed, return_inverse=True, return_counts=True)
    group, filled = np.zeros(len(numbers), np.int64), 0
    for at in range(1, len(numbers)):
        filled += counts[at - 1]
        group[at] = group[at - 1] + (filled >= LEAST)
        filled = 0 if filled >= LEAST else filled
    last = counts[group == group[-1]].sum()
    if last < LEAST:
        group[group == group[-1]] = max(group[-1] - 1, 0)
    return group[place.reshape(-1)]

"""Training batches as pure functions of (seed, step), so that a resumed run sees exactly what the straight run saw.

A batch is a dict of arrays: ids and mask [b, L], labels (-100 where nothing is to be predicted), weight (how much a
position counts in the loss) and repeat (1 where soft-masked).
"""

from functools import lru_cache, partial

import numpy as np
import pandas as pd
from transformers import PreTrainedTokenizerFast

from dnalm import seq
from dnalm import tokenizer as tk
from dnalm.errors import InputError

IGNORE = -100


class Blocks:
    """Equal-length blocks of tokens cut from a store's stretches; each epoch shuffles them and shifts the cuts."""

    def __init__(self, tokens: np.ndarray, repeats: np.ndarray, index: pd.DataFrame, length: int, seed: int) -> None:
        long = index[index.tokens >= length]
        if long.empty:
            raise InputError(
                f"no stretch of {length} tokens among {len(index)}; lower the model's context or drop short contigs"
            )
        self.tokens, self.repeats, self.length, self.seed = tokens, repeats, length, seed
        counts = (long.tokens // length).to_numpy()
        self.slack = (long.tokens % length).to_numpy()
        self.stretch = np.repeat(np.arange(len(long)), counts)
        within = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
        self.start = np.repeat(long.offset.to_numpy(), counts) + within * length
        self.skipped = int(index.tokens.sum() - long.tokens.sum())

    def __len__(self) -> int:
        return len(self.start)

    @lru_cache(maxsize=2)  # noqa: B019 - one Blocks lives as long as the process
    def epoch(self, number: int) -> np.ndarray:
        """Block starts in this epoch's order; each stretch's cuts are shifted by a share of what they leave over."""
        rng = np.random.default_rng([self.seed, number])
        shift = rng.integers(0, self.slack + 1)
        return rng.permutation(self.start + shift[self.stretch])

    def sample(self, number: int) -> tuple[np.ndarray, np.ndarray, np.random.Generator]:
        """(tokens, repeats, generator) of the n-th block in training; the generator is this sample's alone."""
        epoch, place = divmod(number, len(self))
        start = self.epoch(epoch)[place]
        here = slice(start, start + self.length)
        return self.tokens[here], self.repeats[here], np.random.default_rng([self.seed, 1, number])


def mask_tokens(
    ids: np.ndarray,
    rate: float,
    mask_id: int,
    vocabulary: np.ndarray,
    rng: np.random.Generator,
    span: int = 1,
    random_share: float = 0.1,
    keep_share: float = 0.1,
) -> tuple[np.ndarray, np.ndarray]:
    """BERT's masking: `rate` of the tokens are to be predicted; most become [MASK] (Devlin 2019: 80 %).

    With both shares 0 all become [MASK]: so a model is measured, because a token that stays gives its answer away.
    `random_share` of them become a random token and `keep_share` stay. They come in runs of `span` that share their
    fate: of overlapping k-mers one alone is spelt out by its neighbours, and k in a row hide one base (DNABERT). Runs
    may overlap and are begun so often that `rate` holds. Returns (input ids, labels); at least one token is chosen.
    """
    begins = rng.random(len(ids)) < 1 - (1 - rate) ** (1 / span)
    begins[rng.integers(len(ids))] |= not begins.any()
    place = np.arange(len(ids))
    begun = np.maximum.accumulate(np.where(begins, place, -span))
    chosen = place - begun < span
    fate = rng.random(len(ids))[np.maximum(begun, 0)]  # the run's
    labels = np.where(chosen, ids, IGNORE)
    changed = np.where(chosen & (fate < 1 - random_share - keep_share), mask_id, ids)
    random = vocabulary[rng.integers(0, len(vocabulary), len(ids))]
    return np.where(chosen & (fate >= 1 - random_share), random, changed), labels


def pretraining_batch(
    blocks: Blocks,
    tokenizer: PreTrainedTokenizerFast,
    step: int,
    size: int,
    *,
    objective: str,
    mask_rate: float = 0.15,
    mask_span: int = 0,
    mask_random: float = 0.1,
    mask_keep: float = 0.1,
    repeat_weight: float = 1.0,
    reverse_complement: bool = False,
) -> dict[str, np.ndarray]:
    """The batch of one step, for the masked ("mlm") or the causal ("clm") objective.

    The `mask_…` options are those of `mask_tokens`; a span of 0 is as many words in a row as share a base.
    `repeat_weight` is the loss weight of soft-masked tokens (GPN uses 0.1: young repeats are easy and many, and would
    fill a small model). `reverse_complement` turns half of the blocks round, for one-base tokenizers.
    """
    vocabulary = np.flatnonzero(tk.base_lengths(tokenizer) > 0)
    span = mask_span or tk.words_a_base(tokenizer)
    conceal = partial(mask_tokens, span=span, random_share=mask_random, keep_share=mask_keep)
    ids = np.empty((size, blocks.length + 2), np.int64)
    ids[:, 0], ids[:, -1] = tokenizer.cls_token_id, tokenizer.sep_token_id
    labels = np.full_like(ids, IGNORE)
    repeat = np.zeros(ids.shape, np.float32)
    for row in range(size):
        tokens, soft, rng = blocks.sample(step * size + row)
        if reverse_complement and rng.random() < 0.5:
            tokens, soft = _turned(tokens), soft[::-1]
        repeat[row, 1:-1] = soft
        tokens = tokens.astype(np.int64)
        if objective == "mlm":
            tokens, labels[row, 1:-1] = conceal(tokens, mask_rate, tokenizer.mask_token_id, vocabulary, rng)
        else:
            labels[row, 1:-1] = tokens
        ids[row, 1:-1] = tokens
    weight = np.where(repeat > 0, np.float32(repeat_weight), np.float32(1))
    return {"ids": ids, "mask": np.ones(ids.shape, bool), "labels": labels, "weight": weight, "repeat": repeat}


def _turned(tokens: np.ndarray) -> np.ndarray:
    """Reverse complement in ids: with one token a base, A C G T N are five ids in a row after the special ones."""
    first = len(tk.SPECIAL)
    complement = np.array([3, 2, 1, 0, 4], tokens.dtype) + np.array(first, tokens.dtype)
    return complement[tokens[::-1] - first]


def labelled_batch(
    codes: np.ndarray, labels: np.ndarray, tokenizer: PreTrainedTokenizerFast, step: int, size: int, seed: int
) -> dict[str, np.ndarray]:
    """Labelled windows of one fine-tuning step: a fresh order each epoch, either strand, balanced classes.

    The complementary strand carries the same label (a bound site is bound whichever strand one reads), so turning half
    of the windows round doubles the data. Half of each batch is positive; prevalence is put back by calibration.
    """
    rng = np.random.default_rng([seed, 2, step])
    half = size // 2
    rows = np.concatenate(
        [rng.choice(np.flatnonzero(labels == 1), half), rng.choice(np.flatnonzero(labels == 0), size - half)]
    )
    windows = codes[rows]
    turn = rng.random(size) < 0.5
    windows[turn] = seq.reverse_complement(windows[turn])
    ids, mask = tk.tokenize(tokenizer, windows)
    return {"ids": ids, "mask": mask, "labels": labels[rows].astype(np.float32)}

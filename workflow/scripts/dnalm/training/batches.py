"""Training batches as pure functions of (seed, step), so that a resumed run sees exactly what the straight run saw.

A batch is a dict of arrays. Pretraining: ids [b, L], labels (-100 where nothing is to be predicted), weight (how much a
position counts in the loss) and repeat (1 where soft-masked); blocks are full, so there is no mask. Labelled windows:
ids, mask, labels [b] and weight [b].
"""

from functools import lru_cache

import numpy as np
from transformers import PreTrainedTokenizerFast

from dnalm.dna import seq
from dnalm.errors import UsageError
from dnalm.tokens import tokenizer as tk
from dnalm.training import masking
from dnalm.training.blocks import Blocks
from dnalm.training.masking import IGNORE
from dnalm.training.mixture import Mixture

ALL = slice(None)


def pretraining_batch(
    blocks: Blocks | Mixture,
    tokenizer: PreTrainedTokenizerFast,
    step: int,
    size: int,
    *,
    objective: str,
    rows: slice = ALL,
    mask_rate: float = 0.15,
    mask_span: int = 0,
    mask_random: float = 0.1,
    mask_keep: float = 0.1,
    repeat_weight: float = 1.0,
    reverse_complement: bool = False,
) -> dict[str, np.ndarray]:
    """The batch of one step, for the masked ("mlm") or the causal ("clm") objective; of it, only `rows`.

    The `mask_…` options are those of `masking.hide`; a span of 0 is as many words in a row as share a base.
    `repeat_weight` is the loss weight of soft-masked tokens (GPN uses 0.1: young repeats are easy and many, and would
    fill a small model). `reverse_complement` turns half of the blocks round, for one-base tokenizers.
    """
    numbers = np.arange(step * size, (step + 1) * size)[rows]
    ids = np.empty((len(numbers), blocks.length + 2), np.int64)
    ids[:, 0], ids[:, -1] = tokenizer.cls_token_id, tokenizer.sep_token_id
    repeat = np.zeros(ids.shape, np.float32)
    for row, number in enumerate(numbers):
        ids[row, 1:-1], repeat[row, 1:-1] = blocks.sample(int(number))
    draws = masking.draws(blocks.seed, numbers)
    if reverse_complement:
        turn = draws >> np.uint64(63) == 1
        ids[turn, 1:-1] = _turned(ids[turn, 1:-1], tokenizer)
        repeat[turn] = repeat[turn, ::-1]
    bearing = tk.base_lengths(tokenizer) > 0
    if objective == "mlm":
        labels = np.empty_like(ids)
        span = mask_span or tk.words_a_base(tokenizer)
        words = np.flatnonzero(bearing)
        masking.hide(
            ids, labels, draws, mask_rate, span, mask_random, mask_keep, tokenizer.mask_token_id, words, bearing
        )
    else:
        labels = np.where(bearing[ids], ids, IGNORE)
    weight = np.ones_like(repeat)
    if repeat_weight != 1:
        weight[repeat > 0] = repeat_weight
    return {"ids": ids, "labels": labels, "weight": weight, "repeat": repeat}


def _turned(ids: np.ndarray, tokenizer: PreTrainedTokenizerFast) -> np.ndarray:
    """Reverse complement in ids [n, L], for one token a base; a [SEP] between stretches stays one."""
    complement = np.arange(len(tokenizer))
    letters = tokenizer.convert_tokens_to_ids(list("ACGT"))
    complement[letters] = letters[::-1]
    return complement[ids[:, ::-1]]


def labelled_batch(
    codes: np.ndarray,
    labels: np.ndarray,
    tokenizer: PreTrainedTokenizerFast,
    step: int,
    size: int,
    seed: int,
    rows: slice = ALL,
    *,
    balance: str = "sampling",
    both_strands: bool = True,
) -> dict[str, np.ndarray]:
    """Labelled windows of one fine-tuning step, drawn without replacement, either strand, the classes balanced.

    With `balance` "sampling" each class has the same share of a batch, and each is walked through in an order of its
    own that is drawn anew for each round: no window is seen twice before all of its class were seen once, and a rare
    class goes round more often. With "weights" the whole set is walked through at its natural prevalence, and `weight`
    [b] gives each class the same share of the loss. Prevalence is put back by calibration. Values that were measured
    (`labels` [n, m]) have no classes: all windows are walked through alike.
    The complementary strand carries the same label (a bound site is bound whichever strand one reads), so turning half
    of the windows round doubles the data; where the strand matters (a promoter's), `both_strands` is false.
    """
    drawn, weight = drawn_rows(labels, step, size, seed, rows, balance)
    windows = codes[drawn]
    if both_strands:
        turn = turned_rows(step, size, seed, rows)
        windows[turn] = seq.reverse_complement(windows[turn])
    ids, mask = tk.tokenize(tokenizer, windows)
    return {"ids": ids, "mask": mask, "labels": labels[drawn].astype(np.float32), "weight": weight}


def drawn_rows(
    labels: np.ndarray, step: int, size: int, seed: int, rows: slice, balance: str
) -> tuple[np.ndarray, np.ndarray]:
    """The windows of one step and their weights in the loss, as `labelled_batch` says; of these, only `rows`."""
    if balance == "weights" and labels.ndim == 1:
        drawn = walk(len(labels), step * size, size, seed, 0)[rows]
        share = np.bincount(labels)[labels[drawn]] / len(labels)
        return drawn, (1 / len(np.unique(labels)) / share).astype(np.float32)
    drawn = in_turn(groups(labels), step, size, seed, 1)[rows]
    return drawn, np.ones(len(drawn), np.float32)


def turned_rows(step: int, size: int, seed: int, rows: slice) -> np.ndarray:
    """Which windows of one step are read on the other strand, half of them; of these, only `rows`."""
    return (np.random.default_rng([seed, 2, step]).random(size) < 0.5)[rows]


def shifted(windows: np.ndarray, shift: np.ndarray, most: int) -> np.ndarray:
    """Windows [n, W] moved along by `shift` [n] bases of 0 to 2 `most`, `most` being none; what comes in is unknown."""
    padded = np.pad(windows, ((0, 0), (most, most)), constant_values=seq.N)
    return np.take_along_axis(padded, shift[:, None] + np.arange(windows.shape[1]), 1)


def groups(labels: np.ndarray) -> list[np.ndarray]:
    """Rows that are drawn alike: those of each class, the last class first; or all, where values [n, m] were measured.

    A batch begins with the bound windows.
    """
    if labels.ndim > 1:
        return [np.arange(len(labels))]
    return [np.flatnonzero(labels == one) for one in np.unique(labels)[::-1]]


def in_turn(rows: list[np.ndarray], step: int, size: int, seed: int, tag: int) -> np.ndarray:
    """The rows [size] of one step, as many of each group as of any other; `tag`: of its walks, one a group.

    Raises UsageError where a batch is too small to hold one of each.
    """
    if size < len(rows):
        raise UsageError(f"batch_size: got {size}, wanted at least {len(rows)}, one window of each class")
    parts = []
    for place, group in enumerate(rows):
        share = size * (place + 1) // len(rows) - size * place // len(rows)
        parts.append(group[walk(len(group), step * share, share, seed, tag + place)])
    return np.concatenate(parts)


def walk(count: int, first: int, number: int, seed: int, tag: int) -> np.ndarray:
    """The places `first` and on, `number` of them, of an endless walk through `count` things, a fresh order a round."""
    rounds, places = np.divmod(np.arange(first, first + number), count)
    drawn = np.empty(number, np.int64)
    for one in np.unique(rounds):
        drawn[rounds == one] = _order(count, seed, tag, int(one))[places[rounds == one]]
    return drawn


@lru_cache(maxsize=64)
def _order(count: int, seed: int, tag: int, turn: int) -> np.ndarray:
    """A permutation of `count` things: kept, since hundreds of steps in a row read the same."""
    return np.random.default_rng([seed, 3, tag, turn]).permutation(count)

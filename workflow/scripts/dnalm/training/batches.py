"""Training batches as pure functions of (seed, step), so that a resumed run sees exactly what the straight run saw.

A batch is a dict of arrays. Pretraining: ids [b, L], labels (-100 where nothing is to be predicted), weight (how much a
position counts in the loss) and repeat (1 where soft-masked); blocks are full, so there is no mask. Labelled windows:
ids, mask and labels [b].
"""

import numpy as np
from transformers import PreTrainedTokenizerFast

from dnalm.dna import seq
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
) -> dict[str, np.ndarray]:
    """Labelled windows of one fine-tuning step: a fresh order each epoch, either strand, balanced classes.

    The complementary strand carries the same label (a bound site is bound whichever strand one reads), so turning half
    of the windows round doubles the data. Half of each batch is positive; prevalence is put back by calibration.
    """
    rng = np.random.default_rng([seed, 2, step])
    half = size // 2
    drawn = np.concatenate(
        [rng.choice(np.flatnonzero(labels == 1), half), rng.choice(np.flatnonzero(labels == 0), size - half)]
    )[rows]
    windows = codes[drawn]
    turn = (rng.random(size) < 0.5)[rows]
    windows[turn] = seq.reverse_complement(windows[turn])
    ids, mask = tk.tokenize(tokenizer, windows)
    return {"ids": ids, "mask": mask, "labels": labels[drawn].astype(np.float32)}

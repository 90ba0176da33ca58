"""A fine-tuned model as a function of windows, which is all that a scan, a search or an attribution asks of it.

The inference loop itself (`predict`) knows no architecture, so that what runs another network by it is not made again
when one of ours is edited.
"""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
from torch import nn
from transformers import PreTrainedTokenizerFast

from dnalm.dna import seq
from dnalm.errors import UsageError
from dnalm.networks import classifier, models, paired, predict, readers, tiles
from dnalm.tokens import tokenizer as tk

Score = Callable[[np.ndarray], np.ndarray]
EXACT = readers.exact(readers.class_logit)
AT_ONCE = 4  # times a batch: mutants that the window itself is read once for


def load_classifier(folder: Path, *, what: str | None = "windows", rounded: bool = False) -> Score:
    """A function from windows (base codes [n, W]) to both-strand logits float32 [n] of a fine-tuned model.

    In fp32, for whoever asks subtracts and ranks logits of windows that are alike; `rounded`, for a scan, where bf16 is
    fast. Without `what` it reports no progress: for a search, which calls it once a generation and reports its own.
    """
    model, tokenizer = _loaded(folder)
    read = readers.class_logit if rounded else EXACT
    return lambda windows: predict.predict(model, tokenizer, windows, read, what=what)


def load_with_changes(folder: Path) -> tuple[Score, Callable[[np.ndarray, np.ndarray], np.ndarray]]:
    """What `load_classifier` gives, and a function from a window [W] and mutants of it [m, W] to what each adds to it.

    That is float32 [m], of both strands, in fp32. Of a network whose states depend on a few bases only what a change
    reaches is reckoned (`networks.paired`).
    """
    model, tokenizer = _loaded(folder)

    def strand(codes: np.ndarray, mutants: np.ndarray) -> np.ndarray:
        site = np.zeros(len(mutants), np.int64)
        as_it_is, changed = paired.answers(model, tokenizer, paired.Windows(codes, site, mutants, ({}, {})), EXACT)
        return changed - as_it_is

    def change(codes: np.ndarray, mutants: np.ndarray) -> np.ndarray:
        each = AT_ONCE * predict.rows(model, len(codes))
        found = []
        for first in range(0, len(mutants), each):
            one, some = codes[None], mutants[first : first + each]
            found.append((strand(one, some) + strand(*map(seq.reverse_complement, (one, some)))) / 2)
        return np.concatenate(found)

    return lambda windows: predict.predict(model, tokenizer, windows, EXACT, what=None), change


def load_tiles(
    folder: Path, *, needed: bool = False, what: str | None = "windows"
) -> tuple[Callable[..., np.ndarray], int] | None:
    """Both-strand logits of the windows of a stretch whose bases are read once each (`tiles.logits`), and the margin.

    None for a model that was not trained on windows with the bases beside them; UsageError where it is `needed`.
    """
    model, tokenizer = _loaded(folder)
    if margin := getattr(model.config, "margin", 0):
        return partial(tiles.logits, model, tokenizer, what=what), margin
    if needed:
        raise UsageError(
            f"{folder}: was trained on windows by themselves, and tiles are read with the bases beside them; fine-tune "
            "it by a recipe with flanked, such as 0.5, or scan it by mode windows"
        )
    return None


def _loaded(folder: Path) -> tuple[nn.Module, PreTrainedTokenizerFast]:
    """A fine-tuned model of one logit a window, and its tokenizer."""
    model, tokenizer = models.load(folder, "classify"), tk.load(folder)
    classifier.check_one_logit(model, folder)
    return model, tokenizer

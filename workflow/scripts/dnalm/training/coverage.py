"""What coverage adds to the one training loop: long windows and their bins, the loss of tracks, how they are met."""

from collections.abc import Callable

import numpy as np
from torch import Tensor, nn
from transformers import PreTrainedTokenizerFast

from dnalm.dna import seq
from dnalm.metrics import correlation
from dnalm.networks import readers, track_model
from dnalm.networks.track_model import TrackModel
from dnalm.tokens import tokenizer as tk
from dnalm.training import batches
from dnalm.training.finetuning import LOSSES

SHIFT = 3  # bases that a window is shifted by at most, as Enformer's are: far less than a bin


def batch(
    codes: np.ndarray,
    values: np.ndarray,
    tokenizer: PreTrainedTokenizerFast,
    step: int,
    size: int,
    seed: int,
    rows: slice = batches.ALL,
) -> dict[str, np.ndarray]:
    """Windows of one step, drawn without replacement, either strand, shifted by some bases; of them, only `rows`.

    `codes` [n, W] and `values` [n, bins, tracks], in units of each track's mean. The other strand has the same coverage
    from right to left. What a shift brings in from outside the window is unknown.
    """
    drawn = batches.walk(len(codes), step * size, size, seed, 6)
    rng = np.random.default_rng([seed, 6, step])
    turn, shift = rng.random(size) < 0.5, rng.integers(0, 2 * SHIFT + 1, size)
    drawn, turn, shift = drawn[rows], turn[rows], shift[rows]
    windows, heights = batches.shifted(codes[drawn], shift, SHIFT), values[drawn]
    windows[turn] = seq.reverse_complement(windows[turn])
    heights[turn] = heights[turn, ::-1]
    ids, mask = tk.tokenize(tokenizer, windows)
    return {"ids": ids, "mask": mask, "labels": heights, "weight": np.ones(len(drawn), np.float32)}


def loss_of(name: str) -> Callable[[nn.Module, dict[str, Tensor]], tuple[Tensor, Tensor]]:
    """A loss of LOSSES over all bins and tracks, for the training loop: summed means of windows, and how many."""

    def loss(model: nn.Module, batch: dict[str, Tensor]) -> tuple[Tensor, Tensor]:
        each = LOSSES[name].function(readers.output(model, batch).logits, batch["labels"])
        return (each.flatten(1).mean(1) * batch["weight"]).sum(), batch["weight"].sum()

    return loss


def measure(
    model: TrackModel, tokenizer: PreTrainedTokenizerFast, codes: np.ndarray, values: np.ndarray
) -> dict[str, float]:
    """Pearson r of each track over the bins of validation windows, and their mean, by which weights are chosen.

    One strand, which is half the work. A track that is flat there, or is predicted flat, counts as nought.
    """
    found = track_model.heights(model, tokenizer, codes, both_strands=False)
    by_track = {
        f"pearson_{name}": correlation.pearson(values[..., column].ravel(), found[..., column].ravel()) or 0.0
        for column, name in enumerate(model.config.tracks)
    }
    return {"pearson": float(np.mean(list(by_track.values())))} | by_track


def scales(values: np.ndarray, names: list[str]) -> np.ndarray:
    """Mean height of each track over training bins [n, bins, tracks], the unit in which it is learnt: float32 [tracks].

    Raises ValueError with the name of a track that is nought everywhere.
    """
    found = values.mean((0, 1), dtype=np.float64).astype(np.float32)
    if not (found > 0).all():
        raise ValueError(names[int(np.flatnonzero(found <= 0)[0])])
    return found


def weights(model: nn.Module) -> int:
    """Numbers that training moves."""
    return sum(one.numel() for one in model.parameters() if one.requires_grad)

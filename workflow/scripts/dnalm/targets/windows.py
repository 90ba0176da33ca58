"""The labelled windows of a target: the one reader of what `label_windows` wrote, and what baselines make of them."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from dnalm.dna import intervals, seq
from dnalm.errors import InputError

NOWHERE = "."  # the contig of a window that has no place on the genome
COLUMNS = ("id", "label", "kind", "split", "sequence")


class Task(NamedTuple):
    """What a baseline is fitted on: windows uint8 [n, W], labels [n], split [n], the motif's log odds where known.

    `k`: bases of a k-mer; `epochs` and `filters`: passes over the rarer class and width of the convolutional network.
    """

    codes: np.ndarray
    labels: np.ndarray
    split: np.ndarray
    log_odds: np.ndarray | None = None
    k: int = 6
    epochs: float = 25.0
    filters: int = 128
    seed: int = 0


def jitter(number: int, window: int, rng: np.random.Generator) -> np.ndarray:
    """How far windows to train on are shifted, either way by an eighth of their width at most: whole bases [number]."""
    return rng.integers(-(window // 8), window // 8 + 1, number)


def read(path: Path) -> pd.DataFrame:
    """Columns id chrom start end label kind split sequence, a row a window; InputError for another or an empty file."""
    table = pd.read_csv(path, sep="\t", dtype=dict.fromkeys(("id", "chrom", "sequence", "split", "kind"), str))
    if missing := [name for name in COLUMNS if name not in table]:
        raise InputError(f"{path}: lacks column(s) {', '.join(missing)}; give a table made by label_windows")
    if table.empty:
        raise InputError(f"{path}: holds no window; check the peaks and splits it was made from")
    return table


def check_classes(table: pd.DataFrame, path: Path) -> None:
    """Both classes must be in every split: without them there is nothing to learn, to calibrate or to measure."""
    for split in intervals.SPLITS:
        counts = table[table.split == split].label.value_counts()
        if len(counts) < 2:
            raise InputError(
                f"{path}: the {split} split has {counts.to_dict()} windows by label, wanted both 0 and 1; "
                "choose contigs for this split that hold peaks (splits: in the genome or target preset)"
            )


def stack(sequences: pd.Series) -> np.ndarray:
    """Base codes of the windows, uint8 [n, W]; all have one length."""
    lengths = sequences.str.len()
    if lengths.nunique() != 1:
        raise InputError(f"windows of {lengths.min()} to {lengths.max()} bases; all must have one length")
    return seq.encode("".join(sequences)).reshape(len(sequences), -1)

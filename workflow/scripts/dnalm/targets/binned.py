"""What `bin_coverage` wrote: the one reader of long windows, their sequence and the heights of their bins."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from dnalm import files, texts
from dnalm.errors import InputError

FILES = ("windows.tsv.gz", "values.npz", "coverage.json")


class Coverage(NamedTuple):
    """Windows (id, chrom, start, end, split) and heights of their bins, float32 [n, bins, tracks].

    `codes` uint8 [n, W] are there once `coverage.with_sequence` has read them; `rates` [n, bins, some] are the true
    rates of the tracks named in `known`, of a simulated genome.
    """

    table: pd.DataFrame
    values: np.ndarray
    tracks: list[str]
    bin: int
    window: int
    rates: np.ndarray | None = None
    known: tuple[str, ...] = ()
    codes: np.ndarray | None = None

    def of(self, split: str) -> "Coverage":
        """The windows of a split alone."""
        rows = (self.table.split == split).to_numpy()
        rates, codes = (None if one is None else one[rows] for one in (self.rates, self.codes))
        table = self.table[rows].reset_index(drop=True)
        return self._replace(table=table, values=self.values[rows], rates=rates, codes=codes)


def load(folder: Path) -> Coverage:
    """Read a folder that `bin_coverage` wrote.

    Raises InputError for a folder of another kind, or whose files are not of one run.
    """
    if missing := [name for name in FILES if not (folder / name).exists()]:
        raise InputError(f"{folder}: lacks {', '.join(missing)}; give a folder made by bin_coverage")
    about = texts.read_json(folder / "coverage.json")
    table = pd.read_csv(folder / "windows.tsv.gz", sep="\t", dtype=dict.fromkeys(("id", "chrom", "split"), str))
    arrays = files.read_arrays(folder / "values.npz", "bin_coverage.py", "values")
    values, rates = arrays["values"], arrays.get("rates")
    if values.shape != (len(table), about["window"] // about["bin"], len(about["tracks"])):
        raise InputError(f"{folder}: values.npz has the shape {values.shape}, not that of its windows; make it again")
    known = tuple(about["rates"])
    return Coverage(table, values, about["tracks"], about["bin"], about["window"], rates, known)


def predictions(folder: Path, rows: Coverage) -> np.ndarray:
    """Heights that a model of `train_tracks` predicts for some windows, float32 [n, bins, tracks], in their order."""
    arrays = files.read_arrays(folder / "predictions.npz", "train_tracks.py", "ids", "heights")
    place = pd.Series(np.arange(len(arrays["ids"])), arrays["ids"]).reindex(rows.table.id)
    heights = arrays["heights"]
    if place.isna().any() or heights.shape[1:] != rows.values.shape[1:]:
        raise InputError(f"{folder}: its predictions are not of these windows; train it again")
    return heights[place.to_numpy(int)]

"""Labelled windows in miniature."""

import numpy as np
import pandas as pd

from dnalm import files
from dnalm.dna import seq


def make(path, n=240, width=40):
    """A windows.tsv.gz of random bases, a third in each split and half of each bound; the table in it."""
    table = pd.DataFrame({"id": [f"chr1:{place * 10_000}-{place * 10_000 + width}" for place in range(n)]})
    table["split"] = np.array(["train", "validation", "test"])[np.arange(n) % 3]
    table["label"] = np.arange(n) // 3 % 2
    table["kind"] = np.where(table.label, "positive", "random")
    codes = np.random.default_rng(0).integers(0, 4, (n, width)).astype(np.uint8)
    table["sequence"] = [seq.decode(row) for row in codes]
    files.write_table(path, table)
    return table

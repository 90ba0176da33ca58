"""Called peaks as a narrowPeak file that tools find their way in: sorted, BGZF, indexed (ENCODE BED6+4)."""

from pathlib import Path

import numpy as np
import pandas as pd
import pysam

from dnalm.dna import intervals
from dnalm.genome import tabix
from dnalm.scan import peaks


def narrow_peaks(found: pd.DataFrame, candidates: np.ndarray, p: np.ndarray, q: np.ndarray) -> pd.DataFrame:
    """NarrowPeak rows, sorted, of regions (chrom, start, end, signal, peak), with p and q of the region's maximum."""
    order = np.argsort(candidates, kind="stable")
    place = order[np.searchsorted(candidates[order], found.signal.to_numpy(np.float32)).clip(max=len(order) - 1)]
    table = found.assign(p=-np.log10(p[place]), q=-np.log10(q[place]), strand=".")
    table = table.sort_values(["chrom", "start"], kind="stable").reset_index(drop=True)
    table["name"] = [f"peak_{number}" for number in range(1, len(table) + 1)]
    table["score"] = (table.signal * 1000).round().clip(0, 1000).astype(int)
    return table[peaks.COLUMNS]


def write(path: Path, table: pd.DataFrame) -> None:
    """Write sorted narrowPeak as BGZF with its indexes beside; no peak gives an empty file. bedtools must read it back.

    The order of contigs is that of their names, as `sort -k1,1` has it.
    """
    with tabix.indexed(path, "bed", int(table.end.max()) if len(table) else 0) as beside:
        with pysam.BGZFile(str(beside), "w") as handle:
            text = table.to_csv(None, sep="\t", index=False, header=False, float_format="%.6g", lineterminator="\n")
            handle.write(text.encode())
        found = sum(1 for _ in intervals.bedtools().BedTool(str(beside))) if len(table) else 0
        if found != len(table):
            raise RuntimeError(f"bedtools read {found:,} of {len(table):,} peaks back")

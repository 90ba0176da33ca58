"""What is known along the genome where a variant lies, from bigWig files: conservation, accessibility, coverage.

phyloP of a hundred genomes ranks variants well with no model at all, so a score has to stand beside it.
"""

from pathlib import Path

import numpy as np
import pandas as pd

from dnalm.dna import bigwig
from dnalm.errors import InputError


def of_edits(edits: pd.DataFrame, path: Path, sizes: dict[str, int]) -> np.ndarray:
    """The highest value over the bases that each edit (chrom, start, ref, alt; see `normalise.minimal`) changes.

    They are those that are replaced or taken out, and for bases that are put in the two beside them: float64 [n], NaN
    where the file has no value. `sizes` are the genome's contigs, of which the file may lack some. Raises InputError
    for a file of another genome: of none of the contigs with edits, or with one that is too short.
    """
    found = np.full(len(edits), np.nan)
    start = edits.start.to_numpy(np.int64)
    stop = start + edits.ref.str.len().to_numpy(np.int64)
    put_in = start == stop
    with bigwig.reading(path) as signal:
        lengths = signal.chroms()
        _check(edits.chrom.unique(), lengths, sizes, path)
        for row, contig in enumerate(edits.chrom):
            if contig in lengths:
                first, last = max(0, start[row] - put_in[row]), min(stop[row] + put_in[row], lengths[contig])
                values = signal.values(contig, int(first), int(last), numpy=True)
                if not np.isnan(values).all():
                    found[row] = np.nanmax(values)
    return found


def _check(contigs: np.ndarray, lengths: dict[str, int], sizes: dict[str, int], path: Path) -> None:
    if len(contigs) and not set(contigs) & set(lengths):
        raise InputError(
            f"{path}: has none of the contigs of the variants ({', '.join(contigs[:3])}), but "
            f"{', '.join(list(lengths)[:3])}; give a bigWig with the genome's names"
        )
    for contig in set(contigs) & set(lengths):
        if lengths[contig] < sizes[contig]:
            raise InputError(
                f"{path}: {contig} has {lengths[contig]:,} bases, and the genome's has {sizes[contig]:,}; is it of "
                "another assembly?"
            )

"""Write a scan's signal as bedGraph, for tools that read text; BGZF with an index, so that they find a place in it."""

import dnalm.startup

from collections.abc import Iterator

import numpy as np
import pandas as pd
import pysam

from dnalm import cli
from dnalm.cli import Input, Output
from dnalm.dna import bigwig
from dnalm.genome import tabix

LINES = 500_000  # made into text together


def main(*, signal: Input, out: Output) -> None:
    """A line for each stretch of one value: contig, start, end (0-based, half-open), value; gaps have none."""
    with bigwig.reading(signal) as values:
        last = max(values.chroms().values())
        with tabix.indexed(out, "bed", last) as beside, pysam.BGZFile(str(beside), "w") as handle:
            for rows in stretches(values):
                text = rows.to_csv(None, sep="\t", index=False, header=False, float_format="%.6g", lineterminator="\n")
                handle.write(text.encode())


def stretches(values: "bigwig.pyBigWig.bigWigFile") -> Iterator[pd.DataFrame]:
    """Rows of each contig that has values; bins side by side with one value are one row."""
    step = bigwig.step_of(values)
    for contig, length in values.chroms().items():
        track = bigwig.read(values, contig, step)
        known = ~np.isnan(track)
        # NaN equals nothing: a gap would be a row a bin
        first = np.flatnonzero(np.r_[True, (track[1:] != track[:-1]) & (known[1:] | known[:-1])])
        end = np.minimum(np.r_[first[1:], len(track)] * step, length)
        kept = known[first]
        first, end = first[kept], end[kept]
        for part in range(0, len(first), LINES):
            start, stop = first[part : part + LINES], end[part : part + LINES]
            yield pd.DataFrame({"chrom": contig, "start": start * step, "end": stop, "value": track[start]})


if __name__ == "__main__":
    cli.run(main)

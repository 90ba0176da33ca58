"""What is known along the genome where a variant lies, from bigWig files: conservation, accessibility, coverage.

phyloP of a hundred genomes ranks variants well with no model at all, so a score has to stand beside it.
"""

from pathlib import Path

import numpy as np
import pandas as pd

from dnalm.dna import bigwig
from dnalm.dna import edits as dna_edits
from dnalm.variants import normalise
from dnalm.variants.alleles import EDIT


def of_edits(
    edits: pd.DataFrame, path: Path, sizes: dict[str, int], fetch: normalise.Fetch, *, part: bool
) -> np.ndarray:
    """The highest value over the bases that each edit (chrom, start, ref, alt; see `normalise.minimal`) changes.

    They are those that are replaced or taken out, and for bases that are put in the two beside them; in a repeat, where
    the same indel may lie at any copy, those of all copies (`dna.edits.spans`). float64 [n], NaN where the file has no
    value. `sizes` are the genome's contigs, of which the file may lack some. Raises InputError for a file of another
    assembly (`bigwig.check_assembly`).
    """
    bigwig.check_assembly(path, sizes, part=part)
    found = np.full(len(edits), np.nan)
    with bigwig.reading(path) as signal:
        lengths = signal.chroms()
        for row, edit in enumerate(zip(*(edits[name] for name in EDIT), strict=True)):
            chrom, _, ref, _ = edit
            if chrom in lengths:
                starts, ends, _ = zip(*dna_edits.spans(*edit, fetch), strict=True)
                beside = int(not ref)
                first, last = max(0, min(starts) - beside), min(max(ends) + beside, lengths[chrom])
                values = signal.values(chrom, int(first), int(last), numpy=True)
                if not np.isnan(values).all():
                    found[row] = np.nanmax(values)
    return found

"""Where a first model sees a site and no peak is: the highest places of its track on what it may be trained on.

Such false positives teach a second model more than random windows do. They come from training contigs alone: chosen on
held-out ones by a model's own mistakes they would make every other model look good. 0-based, half-open.
"""

from collections.abc import Iterable
from pathlib import Path

import numpy as np

from dnalm.dna import bigwig
from dnalm.errors import InputError
from dnalm.targets.windows import jitter


def windows(
    path: Path, contigs: Iterable[str], window: int, rng: np.random.Generator
) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Windows round the local maxima of a bigWig, by contig: (starts [n] in order, heights [n]).

    They are shifted as positives to train on are, or what lies in the very middle would be known to be unbound.
    Raises InputError where the track has no value on any of the contigs.
    """
    contigs, found = list(contigs), {}
    with bigwig.reading(path) as signal:
        step = bigwig.step_of(signal)
        for contig in contigs:
            values, length = bigwig.read(signal, contig, step), signal.chroms(contig)
            bins = maxima(values)
            middle = bins * step + step // 2
            start, first = np.unique(middle - window // 2 + jitter(len(bins), window, rng), return_index=True)
            inside = (start >= 0) & (start + window <= length)
            found[contig] = start[inside], values[bins[first[inside]]]
    if not any(len(start) for start, _ in found.values()):
        raise InputError(
            f"{path}: got no value on the training contigs ({', '.join(contigs[:5])}), wanted a scan of them; leave "
            "`scan: contigs` out of the first model's target, or name them there"
        )
    return found


def maxima(values: np.ndarray) -> np.ndarray:
    """Bins [n] that are higher than the one before and no lower than the one after; NaN is lower than anything."""
    known = np.r_[-np.inf, np.where(np.isnan(values), -np.inf, values), -np.inf]
    return np.flatnonzero((known[1:-1] > known[:-2]) & (known[1:-1] >= known[2:]))

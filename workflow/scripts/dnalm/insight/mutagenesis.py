"""In-silico saturation mutagenesis: what a score makes of every single substitution."""

from collections.abc import Callable

import numpy as np

from dnalm.dna import edits
from dnalm.logs import progress

Score = Callable[[np.ndarray], np.ndarray]


def mutate_all(score: Score, windows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """In-silico mutagenesis of windows [n, W]: (change of the score [n, W, 4], score as they are [n]), float32.

    `changes[i, p, b]` is score(window i with base b at p) - score(window i), so 0 at the base that is there: what a
    saturation mutagenesis in the laboratory measures. `score` is called once for all mutants of a window.
    """
    reference = score(windows)
    changes = np.zeros((*windows.shape, 4), np.float32)
    with progress("mutating", len(windows), "windows") as advance:
        for row, codes in enumerate(windows):
            other = np.arange(4) != codes[:, None]
            changes[row][other] = score(edits.mutants(codes)) - reference[row]
            advance(1)
    return changes, np.asarray(reference, np.float32)

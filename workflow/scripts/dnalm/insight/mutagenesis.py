"""In-silico saturation mutagenesis: what a score makes of every single substitution."""

from collections.abc import Callable

import numpy as np

from dnalm.dna import edits
from dnalm.logs import progress

Change = Callable[[np.ndarray, np.ndarray], np.ndarray]


def mutate_all(change: Change, windows: np.ndarray) -> np.ndarray:
    """In-silico mutagenesis of windows [n, W]: float32 [n, W, 4], what base b at p adds to the score of window i.

    So 0 at the base that is there: what a saturation mutagenesis in the laboratory measures. `change(window, mutants)`,
    of base codes [W] and [m, W], says what each of them adds [m]; it is called once for all mutants of a window.
    """
    changes = np.zeros((*windows.shape, 4), np.float32)
    with progress("mutating", len(windows), "windows") as advance:
        for row, codes in enumerate(windows):
            other = np.arange(4) != codes[:, None]
            changes[row][other] = change(codes, edits.mutants(codes))
            advance(1)
    return changes

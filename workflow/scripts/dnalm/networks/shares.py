"""A share of long work (`pieces`) as a file: what is said of its pieces, and which work that is.

So a share of other work, by another model or of another genome, is not taken for one of this.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from dnalm import files
from dnalm.errors import InputError, UsageError
from dnalm.networks import pieces


def check(share: int, shares: int) -> None:
    """Raises UsageError for a share that there is not; they are counted from 1."""
    if not 1 <= share <= shares:
        raise UsageError(f"--share: got {share}, wanted 1 to {shares}, the number of shares")


def write(path: Path, said: np.ndarray, key: str, share: int, shares: int) -> None:
    """Keep a share for `gathered`: what is `said` of its pieces, in the order of all, one row a window or variant."""
    with files.whole(path) as beside, open(beside, "wb") as handle:
        np.savez(handle, said=said, key=key, share=share, shares=shares)


def gathered(paths: Sequence[Path], key: str, sizes: Sequence[int], script: str, other: str) -> np.ndarray:
    """What is said of all pieces, of `sizes`, from their shares, in whatever order these are given.

    Raises InputError where one is missing, is there twice or has another `key`: `other` says what it is a share of
    then, and what to do; `script` is what makes them.
    """
    found: dict[int, np.ndarray] = {}
    for path in paths:
        saved = files.read_arrays(path, script, "key", "share", "shares", "said")
        if str(saved["key"]) != key:
            raise InputError(f"{path}: is a share of {other}")
        if int(saved["shares"]) != len(paths) or int(saved["share"]) in found:
            raise InputError(
                f"{path}: is share {saved['share']} of {saved['shares']}, and {len(paths)} were given; wanted each once"
            )
        found[int(saved["share"])] = saved["said"]
    return pieces.joined(sizes, [found[share] for share in sorted(found)])

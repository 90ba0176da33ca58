"""Sequences that differ by edits: all substitutions of one, how far two are apart, one edit written in all its ways."""

from collections.abc import Callable

import numpy as np

REACH = 100  # bases along a repeat that an insertion or a deletion is moved

Span = tuple[int, int, str]  # start and end of what is replaced, and what stands there instead


def mutants(codes: np.ndarray) -> np.ndarray:
    """All single substitutions of one window [W] without N: uint8 [3 W, W], by position, then by base A, C, G, T."""
    width = len(codes)
    place = np.repeat(np.arange(width), 3)
    base = np.tile(np.arange(4), (width, 1))[np.arange(4) != codes[:, None]]
    changed = np.tile(codes, (3 * width, 1))
    changed[np.arange(3 * width), place] = base
    return changed


def edit_counts(codes: np.ndarray, start: np.ndarray) -> np.ndarray:
    """Substitutions that separate sequences from their start (lengths never change) along the last axis."""
    return (codes != start).sum(-1)


def alike(start: int, ref: str, alt: str, before: str, after: str) -> list[Span]:
    """All [start, end) and new letters by which an insertion or a deletion can be written, the one given first.

    In a repeat it cannot be said which copy is gone: taking A from the genome at any place of CAAAC gives CAAC. Callers
    write the leftmost; on the opposite strand that is the rightmost. `before` and `after` are the letters around, as
    far as they are to be searched. What replaces bases by others (ref and alt not empty) stands in one place.
    """
    end, found = start + len(ref), [(start, start + len(ref), alt)]
    for step, letters, last in ((1, after, 0), (-1, before[::-1], -1)):
        moved = "" if ref and alt else ref or alt
        for shift, letter in enumerate(letters, 1):
            if not moved or moved[last] != letter:
                break
            moved = moved[1:] + letter if step > 0 else letter + moved[:-1]
            found.append((start + step * shift, end + step * shift, moved if alt else ""))
    return found


def spans(chrom: str, start: int, ref: str, alt: str, fetch: Callable[[str, int, int], str]) -> list[Span]:
    """`alike` of an edit of a genome, REACH bases either way; `fetch` gives a contig's letters, less at its end."""
    low, end = max(start - REACH, 0), start + len(ref)
    around = fetch(chrom, low, end + REACH).upper()
    return alike(start, ref, alt, around[: start - low], around[end - low :])

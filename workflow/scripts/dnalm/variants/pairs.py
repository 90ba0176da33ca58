"""What a model is shown of a variant: two windows of equal length, with the reference's bases and the alternative's.

The middle of the change lies in the middle of its window. An indel moves the bases beside it, and a window must end
somewhere: once the left flanks are the same and the right one of the shorter allele has more of the genome, once the
other way round. These are two views of one variant, as shifts of the window (phases) are; a score is their mean.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
import pysam

from dnalm.dna import seq
from dnalm.genome import fasta as genome_fasta

CHUNK = 1024  # edits whose windows are held at a time


class Pairs(NamedTuple):
    """Windows with either allele, for each view of each edit.

    `ref` uint8 [sites, W] distinct reference windows, `site` int64 [pairs] rows of it; `alt` uint8 [pairs, W]; `first`
    and `count` int64 [pairs, 2]: where the changed stretch begins in the window of either allele, and its bases;
    `view` int64 [edits, views]: the pairs that show each edit.
    """

    ref: np.ndarray
    site: np.ndarray
    alt: np.ndarray
    first: np.ndarray
    count: np.ndarray
    view: np.ndarray


def _lengths(edits: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    start = edits.start.to_numpy(np.int64)
    return start, edits.ref.str.len().to_numpy(np.int64), edits.alt.str.len().to_numpy(np.int64)


def _flanks(ref: np.ndarray, alt: np.ndarray, window: int) -> tuple[np.ndarray, np.ndarray]:
    """Bases to the left and right of the longer allele, whose middle is the window's: index W // 2 of a single base."""
    longer = np.maximum(ref, alt)
    left = window // 2 - longer // 2
    return left, window - left - longer


def reach(edits: pd.DataFrame, window: int, phases: int = 1) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Of each edit: where the first window of its longer allele begins, and the stretch of its windows in all phases.

    Three arrays of places in the genome, the stretch [low, high) half-open; they may leave the contig.
    """
    start, ref, alt = _lengths(edits)
    left, right = _flanks(ref, alt, window)
    shorter = np.minimum(ref, alt)
    return start - left, start - (window - right - shorter) - (phases - 1), start + ref + window - left - shorter


def cut(edits: pd.DataFrame, fasta: pysam.FastaFile, window: int, phases: int = 1) -> Pairs:
    """The windows of edits (chrom, start, ref, alt; see `normalise.minimal`), N where they leave their contig.

    In phase p, from 0 to `phases` - 1, a window begins p bases further to the left.
    """
    _, ref, alt = _lengths(edits)
    left, right = _flanks(ref, alt, window)
    moved = (ref != alt).astype(np.int64)
    anchors = 1 + moved.max(initial=0)
    edit, anchor, phase = (
        axis.reshape(-1) for axis in np.meshgrid(np.arange(len(edits)), range(anchors), range(phases), indexing="ij")
    )
    kept = (anchor == 0) | (moved[edit] == 1)  # a substitution looks the same from either side
    here = np.arange(len(kept))
    view = (np.cumsum(kept) - 1)[np.where(kept, here, here - phases)]
    edit, anchor, phase = edit[kept], anchor[kept], phase[kept]
    count = np.stack([ref, alt], 1)[edit]
    by_right = window - right[edit, None] + phase[:, None] - count
    first = np.where(anchor[:, None] == 0, (left[edit] + phase)[:, None], by_right)
    return _filled(edits, fasta, window, edit, first, count, view.reshape(len(edits), anchors * phases))


def pieces(
    edits: pd.DataFrame, fasta: pysam.FastaFile, window: int, phases: int = 1, own: Sequence[int] | None = None
) -> Callable[[], Iterator[Pairs]]:
    """A function that cuts the windows of the edits, `CHUNK` of these at a time, each time it is called.

    Those of all pieces in their order, or of the `own` ones alone, by their numbers.
    """

    def each() -> Iterator[Pairs]:
        for number in range(len(sizes(edits))) if own is None else own:
            yield cut(edits.iloc[number * CHUNK : (number + 1) * CHUNK], fasta, window, phases)

    return each


def sizes(edits: pd.DataFrame) -> list[int]:
    """Edits of each of the `pieces`."""
    return [min(CHUNK, len(edits) - start) for start in range(0, len(edits), CHUNK)]


def _filled(
    edits: pd.DataFrame,
    fasta: pysam.FastaFile,
    window: int,
    edit: np.ndarray,
    first: np.ndarray,
    count: np.ndarray,
    view: np.ndarray,
) -> Pairs:
    chrom = edits.chrom.to_numpy()
    begin = edits.start.to_numpy(np.int64)[edit, None] - first
    contig = pd.factorize(chrom)[0][edit] if len(edits) else np.empty(0, np.int64)
    told = np.stack([contig, begin[:, 0], first[:, 0], count[:, 0]], 1)
    _, source, site = np.unique(told, axis=0, return_index=True, return_inverse=True)
    site = site.reshape(-1)
    ref = genome_fasta.cut_windows(fasta, chrom[edit[source]], begin[source, 0], window)
    alt = ref[site]
    letters = edits.alt.to_numpy()
    same = count[:, 0] == count[:, 1]
    for length in np.unique(count[same, 1]):
        rows = np.flatnonzero(same & (count[:, 1] == length))
        bases = seq.encode("".join(letters[edit[rows]])).reshape(-1, length)
        alt[rows[:, None], first[rows, 1, None] + np.arange(length)] = bases
    for row in np.flatnonzero(~same):
        name, start = chrom[edit[row]], int(begin[row, 1] + first[row, 1])
        after = start + int(count[row, 0])
        tail = window - int(first[row, 1] + count[row, 1])
        flanks = (start - int(first[row, 1]), start), (after, after + tail)
        before, behind = (genome_fasta.codes(fasta, name, *flank, pad=True) for flank in flanks)
        alt[row] = np.concatenate([before, seq.encode(letters[edit[row]]), behind])
    pairs = Pairs(ref, site, alt, first, count, view)
    _assert_placed(pairs, edits, edit)
    return pairs


def _assert_placed(pairs: Pairs, edits: pd.DataFrame, edit: np.ndarray) -> None:
    """The bases of either allele lie where the models will look for them."""
    for allele, windows in enumerate((pairs.ref[pairs.site], pairs.alt)):
        text = edits[("ref", "alt")[allele]].to_numpy()[edit]
        for length in np.unique(pairs.count[:, allele]):
            rows = np.flatnonzero(pairs.count[:, allele] == length)
            there = windows[rows[:, None], pairs.first[rows, allele, None] + np.arange(length)]
            assert (there.reshape(-1) == seq.encode("".join(text[rows]))).all(), "a window is off its variant"


def of_windows(ref: np.ndarray, alt: np.ndarray) -> Pairs:
    """Pairs of windows [n, W] that were given as they are, with both alleles; what differs is the changed stretch.

    Windows that do not differ have an empty stretch in their middle.
    """
    differ = ref != alt
    some, width = differ.any(1), ref.shape[1]
    first = np.where(some, differ.argmax(1), width // 2)
    count = np.where(some, width - differ[:, ::-1].argmax(1) - first, 0)
    number = np.arange(len(ref))
    return Pairs(ref, number, alt, np.stack([first, first], 1), np.stack([count, count], 1), number[:, None])


def some(pairs: Pairs, rows: np.ndarray) -> Pairs:
    """The pairs of these rows (int64), each for itself: which edit a pair is a view of is not kept."""
    sites, site = np.unique(pairs.site[rows], return_inverse=True)
    number = np.arange(len(rows))[:, None]
    return Pairs(pairs.ref[sites], site.reshape(-1), pairs.alt[rows], pairs.first[rows], pairs.count[rows], number)


def near(pairs: Pairs, bases: int) -> Pairs:
    """The same pairs, at least one, in windows that show so many bases beside each change, where these have them."""
    low = max(int(pairs.first.min()) - bases, 0)
    high = int((pairs.first + pairs.count).max()) + bases
    return pairs._replace(ref=pairs.ref[:, low:high], alt=pairs.alt[:, low:high], first=pairs.first - low)


def reverse_complement(pairs: Pairs) -> Pairs:
    """The same variants as the opposite strand reads them."""
    ref, alt = seq.reverse_complement(pairs.ref), seq.reverse_complement(pairs.alt)
    return pairs._replace(ref=ref, alt=alt, first=pairs.ref.shape[1] - pairs.first - pairs.count)

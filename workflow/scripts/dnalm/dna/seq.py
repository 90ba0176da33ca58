"""DNA as arrays of base codes: A 0, C 1, G 2, T 3, everything else (N, IUPAC letters) 4.

Reverse complements, composition and shuffles live here, so that strand and case are decided once.
"""

from collections.abc import Iterator

import numpy as np

LETTERS = "ACGTN"
N = 4
MOST_N = 0.1  # of a window that anything is said of
_CODE = np.full(256, N, np.uint8)
_CODE[list(b"ACGTacgt")] = [0, 1, 2, 3] * 2
_CODES = _CODE.tobytes()
_LETTER = np.frombuffer(LETTERS.encode(), np.uint8)
_COMPLEMENT = np.array([3, 2, 1, 0, N], np.uint8)


def encode(text: str | bytes | np.ndarray) -> np.ndarray:
    """Letters to codes (uint8, one per base); lower case (a soft-mask) is read as its upper case.

    Letters come as text, or as ASCII in uint8 of any shape.
    """
    if isinstance(text, np.ndarray):
        return _CODE[text]
    # Twice as fast as by index; copied, because bytes cannot be written to.
    return np.frombuffer(_bytes(text).translate(_CODES), np.uint8).copy()


def _ascii(text: str | bytes | np.ndarray) -> np.ndarray:
    return text if isinstance(text, np.ndarray) else np.frombuffer(_bytes(text), np.uint8)


def _bytes(text: str | bytes) -> bytes:
    return text.encode("ascii", "replace") if isinstance(text, str) else text


def decode(codes: np.ndarray) -> str:
    """Codes to letters, upper case."""
    return _LETTER[codes].tobytes().decode()


def shares_of_n(codes: np.ndarray, window: int, stride: int) -> np.ndarray:
    """Share of N in the windows that start at 0, stride, 2 stride, …: float64 [windows]."""
    unknown = np.concatenate([[0], np.cumsum(codes == N)])
    starts = np.arange(0, len(codes) - window + 1, stride)
    return (unknown[starts + window] - unknown[starts]) / window


def stretches(codes: np.ndarray, shortest: int = 1) -> Iterator[tuple[int, int]]:
    """Intervals (0-based, half-open) without N of at least `shortest` bases, in order."""
    if len(codes) and codes.max() < N:  # most contigs of an assembly in pieces
        edges = np.array([0, len(codes)])
    else:
        known = np.concatenate([[False], codes < N, [False]])
        edges = np.flatnonzero(known[1:] != known[:-1])
    for start, end in edges.reshape(-1, 2):
        if end - start >= shortest:
            yield int(start), int(end)


def soft_masked(letters: str | bytes | np.ndarray) -> np.ndarray:
    """Which bases are lower case (boolean): repeats, as RepeatMasker and UCSC mark them."""
    return _ascii(letters) >= ord("a")


def complement(codes: np.ndarray) -> np.ndarray:
    """The bases opposite, in place."""
    return _COMPLEMENT[codes]


def reverse_complement(codes: np.ndarray) -> np.ndarray:
    """The opposite strand, read 5' to 3', along the last axis."""
    return _COMPLEMENT[codes[..., ::-1]]


def gc_content(codes: np.ndarray) -> np.ndarray:
    """Share of G and C among A, C, G, T along the last axis (NaN where there are none)."""
    known = (codes < N).sum(-1)
    return np.where(known, ((codes == 1) | (codes == 2)).sum(-1) / np.maximum(known, 1), np.nan)


def shuffle_dinucleotides(codes: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A random sequence with the same dinucleotide counts and the same ends.

    Dinucleotides carry most of a genome's local composition (CpG depletion above all), so this is the usual null for
    motif finding and peak calling. An Euler walk with loop-erased last edges: Altschul and Erickson, MBE 1985.
    """
    size = int(codes.max(initial=0)) + 1
    following = [codes[1:][codes[:-1] == base] for base in range(size)]
    last = _last_edges(following, int(codes[-1]), rng)
    for base, edges in enumerate(following):
        if len(edges):
            rest = np.delete(edges, last[base]) if base in last else edges
            rest = rng.permutation(rest)
            following[base] = np.append(rest, edges[last[base]]) if base in last else rest
    shuffled, cursor, base = np.empty_like(codes), [0] * size, int(codes[0])
    shuffled[0] = base
    for position in range(1, len(codes)):
        step = following[base][cursor[base]]
        cursor[base] += 1
        shuffled[position] = base = int(step)
    return shuffled


def _last_edges(following: list[np.ndarray], end: int, rng: np.random.Generator) -> dict[int, int]:
    """For each base but the final one, the index of the edge it leaves by last: a random tree into `end`."""
    while True:
        last = {
            base: int(rng.integers(len(edges))) for base, edges in enumerate(following) if len(edges) and base != end
        }
        if all(_reaches(base, end, last, following) for base in last):
            return last


def _reaches(base: int, end: int, last: dict[int, int], following: list[np.ndarray]) -> bool:
    for _ in range(len(following)):
        if base == end:
            return True
        base = int(following[base][last[base]])
    return base == end

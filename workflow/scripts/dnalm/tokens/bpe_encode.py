"""Byte-pair encoding of chromosomes in linear time: the ids that Hugging Face gives, some ten times as fast.

Text encoders merge a word's pairs one by one, which for a word as long as a chromosome costs more than linear time. Two
facts give the same answer in one walk from left to right. Whatever the context, a token that survives was put together
as if it stood alone; so a row of tokens is the right encoding exactly if each two neighbours would stay apart, and
there is only one such row. The walk takes the longest token that may follow, and steps back where none does. Parts of
a chromosome are encoded side by side and joined at the first token that both have. Source: the theorem and the walk
are those of the `bpe` crate (github.com/github/rust-gems); merge order as in tokenizers 0.22.
"""

from concurrent.futures import ThreadPoolExecutor

import numpy as np

from dnalm.tokens.bpe_tables import Tables
from dnalm.tokens.bpe_walk import walk, walk_windows

PART = 1 << 20  # bases encoded at a time
OVERLAP = 1 << 10  # bases that two parts share at first, to find a common token
LEAST = 1 << 17  # bases of windows that are worth a thread: some milliseconds


def encode(codes: np.ndarray, lookup: Tables, threads: int = 1) -> np.ndarray:
    """Token ids (int32) of base codes, 4 for N; the same for any number of threads."""
    if len(codes) <= PART:
        return _part(codes, 0, len(codes), lookup)[0]
    stops = [min(start + PART + OVERLAP, len(codes)) for start in range(0, len(codes), PART)]
    with ThreadPoolExecutor(threads) as pool:
        parts = pool.map(lambda number: _part(codes, number * PART, stops[number], lookup), range(len(stops)))
        joined, (ids, places) = [], next(parts)
        for stop, (more, there) in zip(stops[1:], parts, strict=True):
            meeting = _common_token(ids, places, more, there)
            if meeting is None:  # the walk is exact from any true start of a token: take both as one part
                ids, places = _part(codes, places[0], stop, lookup)
                continue
            joined.append(ids[: meeting[0]])
            ids, places = more[meeting[1] :], there[meeting[1] :]
    return np.concatenate([*joined, ids])


def encode_windows(codes: np.ndarray, lookup: Tables, threads: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Windows [n, W] each on its own: ids int32 [n, longest], and the number of tokens of each, int64 [n].

    Windows in a row that overlap, as a scan's do, on either strand, are encoded once where they do.
    """
    codes, ids, counts = np.ascontiguousarray(codes), np.empty(codes.shape, np.int32), np.empty(len(codes), np.int64)
    each = max(-(-len(codes) // threads), -(-LEAST // max(codes.shape[1], 1)))
    shares = [slice(start, start + each) for start in range(0, len(codes), each)]

    shift, step = _shift(codes)

    def some(rows: slice) -> None:
        walk_windows(codes[rows], *lookup, ids[rows], counts[rows], shift, step)

    if len(shares) > 1:
        with ThreadPoolExecutor(len(shares) - 1) as pool:  # and this thread, which would otherwise wait
            others = pool.map(some, shares[1:])
            some(shares[0])
            list(others)
    else:
        some(slice(None))
    return ids[:, : counts.max(initial=0)], counts


def _shift(codes: np.ndarray) -> tuple[int, int]:
    """How many bases further on than the first two rows each row begins, and 1, or -1 where that is backwards.

    (0, 1) where they do not overlap by half of a row.
    """
    if len(codes) > 1:
        rows = codes[0].tobytes(), codes[1].tobytes()
        for step, (one, two) in ((1, rows), (-1, rows[::-1])):
            shift = one.find(two[: len(two) // 2])
            if shift > 0 and one[shift:] == two[: len(two) - shift]:
                return shift, step
    return 0, 1


def _part(codes: np.ndarray, start: int, stop: int, lookup: Tables) -> tuple[np.ndarray, np.ndarray]:
    """Ids of a stretch encoded as if it stood alone, and where each token starts."""
    piece = np.ascontiguousarray(codes[start:stop])
    ids = np.empty(len(piece), np.int32)
    ids = ids[: walk(piece, *lookup, ids, np.zeros(len(piece) + 1, np.uint8), 0, 0)]
    sizes = lookup.length[ids].astype(np.int64)
    return ids, start + np.cumsum(sizes) - sizes


def _common_token(ids: np.ndarray, places: np.ndarray, more: np.ndarray, there: np.ndarray) -> tuple[int, int] | None:
    """Indices of the first token that two overlapping parts share; cut there, they join to one right encoding."""
    first = int(np.searchsorted(places, there[0]))
    last = int(np.searchsorted(there, places[-1], "right"))
    _, one, two = np.intersect1d(places[first:], there[:last], assume_unique=True, return_indices=True)
    same = np.flatnonzero(ids[first + one] == more[two])
    return (first + int(one[same[0]]), int(two[same[0]])) if len(same) else None

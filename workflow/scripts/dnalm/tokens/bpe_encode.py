"""Byte-pair encoding of chromosomes in linear time: the ids that Hugging Face gives, some ten times as fast.

Text encoders merge a word's pairs one by one, which for a word as long as a chromosome costs more than linear time. Two
facts give the same answer in one walk from left to right. Whatever the context, a token that survives was put together
as if it stood alone; so a row of tokens is the right encoding exactly if each two neighbours would stay apart, and
there is only one such row. The walk takes the longest token that may follow, and steps back where none does. Parts of
a chromosome are encoded side by side and joined at the first token that both have. Source: the theorem and the walk
are those of the `bpe` crate (github.com/github/rust-gems); merge order as in tokenizers 0.22.
"""

from concurrent.futures import ThreadPoolExecutor

import numba
import numpy as np

from dnalm.tokens.bpe_tables import NONE, Tables, slot

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
    """Windows [n, W] each on its own: ids int32 [n, longest], and the number of tokens of each, int64 [n]."""
    codes, ids, counts = np.ascontiguousarray(codes), np.empty(codes.shape, np.int32), np.empty(len(codes), np.int64)
    each = max(-(-len(codes) // threads), -(-LEAST // max(codes.shape[1], 1)))
    shares = [slice(start, start + each) for start in range(0, len(codes), each)]

    def some(rows: slice) -> None:
        walk_windows(codes[rows], *lookup, ids[rows], counts[rows])

    if len(shares) > 1:
        with ThreadPoolExecutor(len(shares)) as pool:
            list(pool.map(some, shares))
    else:
        some(slice(None))
    return ids[:, : counts.max(initial=0)], counts


def _part(codes: np.ndarray, start: int, stop: int, lookup: Tables) -> tuple[np.ndarray, np.ndarray]:
    """Ids of a stretch encoded as if it stood alone, and where each token starts."""
    piece = np.ascontiguousarray(codes[start:stop])
    ids = np.empty(len(piece), np.int32)
    ids = ids[: walk(piece, *lookup, ids, np.zeros(len(piece) + 1, np.uint8))]
    sizes = lookup.length[ids].astype(np.int64)
    return ids, start + np.cumsum(sizes) - sizes


def _common_token(ids: np.ndarray, places: np.ndarray, more: np.ndarray, there: np.ndarray) -> tuple[int, int] | None:
    """Indices of the first token that two overlapping parts share; cut there, they join to one right encoding."""
    first = int(np.searchsorted(places, there[0]))
    last = int(np.searchsorted(there, places[-1], "right"))
    _, one, two = np.intersect1d(places[first:], there[:last], assume_unique=True, return_indices=True)
    same = np.flatnonzero(ids[first + one] == more[two])
    return (first + int(one[same[0]]), int(two[same[0]])) if len(same) else None


@numba.njit(cache=True, nogil=True)
def merged(left, right, joins, pairs, places):
    """Rank of the merge that joins two tokens, or NONE."""
    if not (joins[left] >> np.uint64(right & 63)) & np.uint64(1):  # most tokens begin one merge or none
        return np.int32(NONE)
    key = np.int64(left) * len(joins) + right
    at = slot(key, len(pairs))
    while pairs[at] != NONE:
        if pairs[at] == key:
            return places[at]
        at = (at + 1) & (len(pairs) - 1)
    return np.int32(NONE)


@numba.njit(cache=True, nogil=True)
def stay_apart(left, right, rank, halves, joins, pairs, places):
    """Whether no merge reaches across two tokens: undo the latest merge on either side and look again."""
    limit = np.int32(2147483647)  # only a merge earlier than those undone would have come before them
    while True:
        across = merged(left, right, joins, pairs, places)
        if across != NONE and across < limit:
            return 2
        if rank[left] > rank[right]:
            limit, left = rank[left], halves[left, 1]
        elif rank[right] == NONE:
            return 1
        else:  # of equal merges the left one is earlier, so one across would have been too
            limit, right = rank[right] + 1, halves[right, 0]


@numba.njit(cache=True, nogil=True, inline="always")
def six_bases(codes, at):
    """The number that six known bases from `at` on spell, or -1."""
    if at + 6 > len(codes):
        return -1
    one, two, three, four, five, six = (
        codes[at], codes[at + 1], codes[at + 2], codes[at + 3], codes[at + 4], codes[at + 5]
    )  # fmt: skip
    if (one | two | three | four | five | six) > 3:
        return -1
    return np.int64(one) << 10 | np.int64(two) << 8 | np.int64(three) << 6 | np.int64(four) << 4 | five << 2 | six


# Arrays one by one: a tuple of them, or a function more on the way of each token, costs more than the walk.
@numba.njit(cache=True, nogil=True)
def walk(
    codes, child, token, ahead, longest, length, shorter, rank, halves, joins, pairs, places, apart, unknown, out, dead
):
    """Encode `codes` into `out`, and how many tokens; `dead` (zeros, one longer than `codes`): where none may end."""
    count, at, begun, size = 0, 0, 0, len(codes)
    while at < size:
        if codes[at] > 3:
            out[count] = unknown
            count, at = count + 1, at + 1
            begun = count  # the next token has no neighbour on its left
            continue
        node, place, next_token, over = np.uint32(0), at, np.int32(NONE), False
        six = six_bases(codes, at)
        if six >= 0:
            node, place, next_token = ahead[six], at + 6, longest[six]
            over = node == 0
        while not over and place < size and codes[place] < 4:
            node = child[node, codes[place]]
            if node == 0:
                break
            place += 1
            if token[node] != NONE:
                next_token = token[node]
        while True:
            if next_token == NONE:  # nothing may follow: undo the last token and try a shorter one in its place
                dead[at] = 1
                count -= 1
                at -= length[out[count]]
                next_token = shorter[out[count]]
                continue
            if not dead[at + length[next_token]]:
                if count == begun:
                    break
                before = out[count - 1]
                cell, shift = next_token >> 2, 2 * (next_token & 3)
                found = (apart[before, cell] >> shift) & 3
                if found == 0:
                    found = stay_apart(before, next_token, rank, halves, joins, pairs, places)
                    # without a lock: a bit that another thread overwrites is only worked out again
                    apart[before, cell] |= np.uint8(found << shift)
                if found == 1:
                    break
            next_token = shorter[next_token]
        out[count] = next_token
        count, at = count + 1, at + length[next_token]
    return count


@numba.njit(cache=True, nogil=True)
def walk_windows(
    codes, child, token, ahead, longest, length, shorter, rank, halves, joins, pairs, places, apart, unknown, out, many
):
    """Encode each row of `codes` into a row of `out`; `many` tokens each."""
    dead = np.zeros(codes.shape[1] + 1, np.uint8)
    for row in range(len(codes)):
        dead[:] = 0
        many[row] = walk(
            codes[row], child, token, ahead, longest, length, shorter, rank, halves, joins, pairs, places, apart,
            unknown, out[row], dead,
        )  # fmt: skip

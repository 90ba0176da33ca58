"""Byte-pair encoding of chromosomes in linear time: the ids that Hugging Face gives, some ten times as fast.

Text encoders merge a word's pairs one by one, which for a word as long as a chromosome costs more than linear time. Two
facts give the same answer in one walk from left to right. Whatever the context, a token that survives was put together
as if it stood alone; so a row of tokens is the right encoding exactly if each two neighbours would stay apart, and
there is only one such row. The walk takes the longest token that may follow, and steps back where none does. Parts of
a chromosome are encoded side by side and joined at the first token that both have. Source: the theorem and the walk
are those of the `bpe` crate (github.com/github/rust-gems); merge order as in tokenizers 0.22.
"""

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import NamedTuple

import numba
import numpy as np

from dnalm.dna import seq

PART = 1 << 20  # bases encoded at a time
OVERLAP = 1 << 10  # bases that two parts share at first, to find a common token
LEAST = 1 << 17  # bases of windows that are worth a thread: some milliseconds
NONE = -1


class Tables(NamedTuple):
    """What the walk looks up. Tokens are numbered by id; `apart` is filled in as pairs are met."""

    child: np.ndarray  # uint32 [nodes, 4], a trie of the tokens; 0 for none
    token: np.ndarray  # int32 [nodes], the token that ends there, or NONE
    length: np.ndarray  # int32 [ids], bases
    shorter: np.ndarray  # int32 [ids], the longest token that is a proper prefix
    rank: np.ndarray  # int32 [ids], the merge that makes the token, NONE for a base
    halves: np.ndarray  # int32 [ids, 2]
    pairs: np.ndarray  # int64 [slots], the pairs that a merge joins (left x ids + right) by their hash, or NONE
    places: np.ndarray  # int32 [slots], the merge's rank
    apart: np.ndarray  # uint8 [ids, ids / 4], two bits a pair: 1 if it stays apart, 2 if not, 0 not yet known
    unknown: int  # id for N


def tables(vocabulary: dict[str, int], merges: list[tuple[str, str]], unknown: int) -> Tables:
    """Tables of a byte-pair tokenizer over A, C, G, T, with `unknown` for N.

    A word that its own merges do not reach (they split its letters otherwise) is never a token, as in Hugging Face's.
    """
    ids = max(vocabulary.values()) + 1
    ranks = {pair: rank for rank, pair in enumerate(merges)}
    keys = {vocabulary[left] * ids + vocabulary[right]: rank for (left, right), rank in ranks.items()}
    rank, halves = np.full(ids, NONE, np.int32), np.zeros((ids, 2), np.int32)
    length, shorter = np.zeros(ids, np.int32), np.full(ids, NONE, np.int32)
    reached: dict[str, int] = {}
    for word in sorted((word for word in vocabulary if word and set(word) <= set("ACGT")), key=len):
        number, pieces, last = vocabulary[word], *merge_alone(word, ranks)
        if pieces != [word]:
            continue
        reached[word], length[number] = number, len(word)
        if last:
            rank[number], halves[number] = ranks[last], [vocabulary[half] for half in last]
        shorter[number] = next(
            (reached[word[:end]] for end in range(len(word) - 1, 0, -1) if word[:end] in reached), NONE
        )
    length[unknown] = 1
    child, token = trie(reached)
    apart = np.zeros((ids, ids // 4 + 1), np.uint8)
    return Tables(child, token, length, shorter, rank, halves, *hashed(keys), apart, unknown)


def walkable(vocabulary: dict[str, int], merges: list[tuple[str, str]]) -> bool:
    """Whether the walk is exact: each word is spelt by one merge, of words that earlier merges made, over A, C, G, T.

    Any trainer's merges are of this kind; merges written or joined by hand need not be.
    """
    made = set("ACGT")
    for left, right in merges:
        if left not in made or right not in made or left + right in made:
            return False
        made.add(left + right)
    return made <= set(vocabulary)


def merge_alone(word: str, ranks: dict[tuple[str, str], int]) -> tuple[list[str], tuple[str, str] | None]:
    """The tokens of a short word, by the definition of the encoding, and the last pair merged."""
    pieces, last = list(word), None
    while True:
        pairs = [(ranks[pair], at) for at, pair in enumerate(pairwise(pieces)) if pair in ranks]
        if not pairs:
            return pieces, last
        _, at = min(pairs)
        last = pieces[at], pieces[at + 1]
        pieces[at : at + 2] = ["".join(last)]


def trie(words: dict[str, int]) -> tuple[np.ndarray, np.ndarray]:
    """Children uint32 [nodes, 4] (0 for none) and the token that ends at each node (NONE for none).

    Unsigned, because a signed index is tested for being negative at each base: the walk is a third faster without.
    """
    child, token = [[0] * 4], [NONE]
    for word, number in words.items():
        node = 0
        for code in seq.encode(word):
            if not child[node][code]:
                child[node][code] = len(child)
                child.append([0] * 4)
                token.append(NONE)
            node = child[node][code]
        token[node] = number
    return np.array(child, np.uint32), np.array(token, np.int32)


def hashed(keys: dict[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """Keys int64 and values int32 [slots], each key in the first free slot from where its hash says; NONE is free.

    Of all pairs of 4,096 tokens one in four thousand is merged: a square table is 64 MB of nothing, and each look at it
    waits for memory.
    """
    slots = 4 << len(keys).bit_length()
    found, values = np.full(slots, NONE, np.int64), np.zeros(slots, np.int32)
    for key, value in keys.items():
        at = slot(key, slots)
        while found[at] != NONE:
            at = (at + 1) % slots
        found[at], values[at] = key, value
    return found, values


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
def slot(key, slots):
    """Where a key is first looked for: bits of its product with an odd number. `slots` is a power of two."""
    return (key * 2654435769 >> 16) & (slots - 1)


@numba.njit(cache=True, nogil=True)
def merged(left, right, ids, pairs, places):
    """Rank of the merge that joins two tokens, or NONE."""
    key = np.int64(left) * ids + right
    at = slot(key, len(pairs))
    while pairs[at] != NONE:
        if pairs[at] == key:
            return places[at]
        at = (at + 1) & (len(pairs) - 1)
    return np.int32(NONE)


@numba.njit(cache=True, nogil=True)
def stay_apart(left, right, rank, halves, pairs, places):
    """Whether no merge reaches across two tokens: undo the latest merge on either side and look again."""
    limit = np.int32(2147483647)  # only a merge earlier than those undone would have come before them
    while True:
        across = merged(left, right, len(rank), pairs, places)
        if across != NONE and across < limit:
            return 2
        if rank[left] > rank[right]:
            limit, left = rank[left], halves[left, 1]
        elif rank[right] == NONE:
            return 1
        else:  # of equal merges the left one is earlier, so one across would have been too
            limit, right = rank[right] + 1, halves[right, 0]


@numba.njit(cache=True, nogil=True)
def walk(codes, child, token, length, shorter, rank, halves, pairs, places, apart, unknown, out, dead):
    """Encode `codes` into `out`, and how many tokens; `dead` (zeros, one longer than `codes`): where none may end."""
    count, at, begun, size = 0, 0, 0, len(codes)
    while at < size:
        if codes[at] > 3:
            out[count] = unknown
            count, at = count + 1, at + 1
            begun = count  # the next token has no neighbour on its left
            continue
        node, place, next_token = np.uint32(0), at, NONE
        while place < size and codes[place] < 4:
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
                    found = stay_apart(before, next_token, rank, halves, pairs, places)
                    # without a lock: a bit that another thread overwrites is only worked out again
                    apart[before, cell] |= np.uint8(found << shift)
                if found == 1:
                    break
            next_token = shorter[next_token]
        out[count] = next_token
        count, at = count + 1, at + length[next_token]
    return count


@numba.njit(cache=True, nogil=True)
def walk_windows(codes, child, token, length, shorter, rank, halves, pairs, places, apart, unknown, out, counts):
    """Encode each row of `codes` into a row of `out`."""
    dead = np.zeros(codes.shape[1] + 1, np.uint8)
    for row in range(len(codes)):
        dead[:] = 0
        counts[row] = walk(
            codes[row], child, token, length, shorter, rank, halves, pairs, places, apart, unknown, out[row], dead
        )

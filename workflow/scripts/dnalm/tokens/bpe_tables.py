"""What the byte-pair walk of `bpe_encode` looks up: a trie of the tokens, how each was merged, and the merges."""

from itertools import pairwise
from typing import NamedTuple

import numba
import numpy as np

from dnalm.dna import seq

NONE = -1


class Tables(NamedTuple):
    """What the walk looks up. Tokens are numbered by id; `apart` is filled in as pairs are met."""

    child: np.ndarray  # uint32 [nodes, 4], a trie of the tokens; 0 for none
    token: np.ndarray  # int32 [nodes], the token that ends there, or NONE
    ahead: np.ndarray  # uint32 [4096], the node that six bases lead to, or 0
    longest: np.ndarray  # int32 [4096], the longest token among their beginnings
    length: np.ndarray  # int32 [ids], bases
    shorter: np.ndarray  # int32 [ids], the longest token that is a proper prefix
    rank: np.ndarray  # int32 [ids], the merge that makes the token, NONE for a base
    halves: np.ndarray  # int32 [ids, 2]
    joins: np.ndarray  # uint64 [ids], bit i: whether it is merged with some id on its right of remainder i by 64
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
    apart, joins = np.zeros((ids, ids // 4 + 1), np.uint8), np.zeros(ids, np.uint64)
    for key in keys:
        joins[key // ids] |= np.uint64(1 << (key % ids & 63))
    looks = six_steps(child, token)
    return Tables(child, token, *looks, length, shorter, rank, halves, joins, *hashed(keys), apart, unknown)


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


def six_steps(child: np.ndarray, token: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where the first six steps through the trie end, uint32 [4096], and the last token met on the way, int32 [4096].

    Most tokens are shorter: one look in place of steps of which each waits for the one before, and for its branch.
    """
    ahead, longest = np.zeros(1, np.uint32), np.full(1, NONE, np.int32)
    there = np.ones(1, bool)
    for _ in range(6):
        ahead = np.where(there[:, None], child[ahead], 0).ravel()
        there = ahead > 0
        longest = np.where(there & (token[ahead] != NONE), token[ahead], np.repeat(longest, 4))
    return ahead.astype(np.uint32), longest.astype(np.int32)


@numba.njit(cache=True, nogil=True)
def slot(key, slots):
    """Where a key is first looked for: bits of its product with an odd number. `slots` is a power of two."""
    return (key * 2654435769 >> 16) & (slots - 1)

"""The walk of `bpe_encode` over one row of bases, and over rows that overlap: compiled, base by base.

Arrays are handed on one by one: a tuple of them, or a function more on the way of each token, costs more than the walk.
"""

import numba
import numpy as np

from dnalm.tokens.bpe_tables import NONE, slot

HEAD = 64  # bases that a row is encoded by itself, to find a token that it shares with the row before


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


@numba.njit(cache=True, nogil=True)
def walk(
    codes, child, token, ahead, longest, length, shorter, rank, halves, joins, pairs, places, apart, unknown, out, dead,
    given, at,
):  # fmt: skip
    """Encode `codes` into `out`, and how many tokens; `dead` (zeros, one longer than `codes`): where none may end.

    The first `given` tokens, of the bases before `at`, stand already; where nothing may follow them it is -1.
    """
    count, begun, size = given, 0, len(codes)
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
                if count == given:
                    return -1
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
def taken_over(length, most, shift, size, before, many, out, head):
    """(tokens, bases) of a row that are those of the row `before` it, which begins `shift` bases earlier.

    In `out` lie the first `head` tokens of the row by themselves; the two rows agree from the first token on that both
    have at one place, up to where a token might reach the end of the earlier.
    """
    own, one, two, other = 0, 0, -shift, 0  # tokens passed of either, and where they have come to in this row
    while own < head and other < many and (one != two or out[own] != before[other]):
        if one < two:
            one += length[out[own]]
            own += 1
        else:
            two += length[before[other]]
            other += 1
    if own == head or other == many:
        return 0, 0
    while other < many and one + length[before[other]] <= size - shift - most:
        out[own] = before[other]
        one += length[out[own]]
        own, other = own + 1, other + 1
    return own, one


@numba.njit(cache=True, nogil=True)
def walk_windows(
    codes, child, token, ahead, longest, length, shorter, rank, halves, joins, pairs, places, apart, unknown, out, many,
    shift, step,
):  # fmt: skip
    """Encode each row of `codes` into a row of `out`; `many` tokens each.

    Rows are gone through by `step`, 1 or -1. One that begins `shift` bases after the one before, and holds the same
    bases there, takes over what both have: there is but one right encoding, so what can be completed is right.
    """
    rows, size = codes.shape
    dead, most = np.zeros(size + 1, np.uint8), length.max()
    for number in range(rows):
        row = number if step > 0 else rows - 1 - number
        overlaps = shift > 0 and number > 0 and same(codes[row - step], codes[row], shift)
        attempt = 0 if overlaps else 2
        while True:  # its head, then on from where the row before can be taken over; if that fails from nothing
            count, at, stop = 0, 0, size if attempt else min(HEAD, size)
            if attempt == 1:
                count, at = taken_over(
                    length, most, shift, size, out[row - step], many[row - step], out[row], many[row]
                )
            dead[:] = 0
            many[row] = walk(
                codes[row, :stop], child, token, ahead, longest, length, shorter, rank, halves, joins, pairs, places,
                apart, unknown, out[row], dead, count, at,
            )  # fmt: skip
            if attempt == 2 or (attempt == 1 and many[row] >= 0):
                break
            attempt += 1


@numba.njit(cache=True, nogil=True)
def same(before, row, shift):
    """Whether a row begins with the bases that another has from `shift` on, all of them known."""
    for place in range(len(row) - shift):  # noqa: SIM110 - a generator takes seconds to compile
        if before[place + shift] != row[place] or row[place] > 3:
            return False
    return True

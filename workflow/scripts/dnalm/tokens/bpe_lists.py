"""Byte-pair merges by lists of places: a merge touches only where its pair stands.

`cells` keep the original coordinates: a token's id stands in its first and last cell, `INSIDE` between, `STOP` at
breaks. A pair's places are written down once, when the younger of its two tokens comes into being, in ascending order;
places where one of the two has meanwhile been merged away are passed over.
"""

from dataclasses import dataclass, field

import numba
import numpy as np

from dnalm.tokens.bpe_passes import STOP

INSIDE = 65534


@dataclass
class Lists:
    """The cells, the pair counts with each row's maximum, and every pair's places."""

    cells: np.ndarray  # uint16
    spans: np.ndarray  # int64 [ids], cells of each token
    lengths: np.ndarray  # int64 [ids], bases of each token
    counts: np.ndarray  # int64 [ids, ids]
    high: np.ndarray  # int64 [ids], largest count of each row
    at: np.ndarray  # int64 [ids], its column
    first: int  # ids that were there at the start
    offsets: np.ndarray  # int64 [first * first + 1], into `places`
    places: np.ndarray  # uint32, places of the first pairs
    used: int
    born: dict[int, tuple[np.ndarray, np.ndarray]] = field(default_factory=dict)  # by token: offsets, places

    def top(self) -> tuple[int, int, int]:
        """The largest count and its pair; of equal ones the smallest ids."""
        left = int(self.high[: self.used].argmax())
        return int(self.high[left]), left, int(self.at[left])

    def merge(self, left: int, right: int, new: int, longest: int) -> None:
        """Replace the pair everywhere by `new`, the next id; too long pairs do not count from now on."""
        places = pair_places(self, left, right)
        self.used = new + 1
        self.spans[new] = self.spans[left] + self.spans[right]
        self.lengths[new] = self.lengths[left] + self.lengths[right]
        where, what = np.empty(2 * len(places), np.uint32), np.empty(2 * len(places), np.uint32)
        share = np.zeros(2 * self.used, np.int64)
        events = replace(self.cells, self.spans, places, left, right, new, where, what, share, self.used)
        offsets = np.concatenate([[0], np.cumsum(share)])
        sorted_places = np.empty(events, np.uint32)
        distribute(where, what, events, offsets[:-1].copy(), sorted_places)
        self.born[new] = offsets, sorted_places
        recount(self.counts, share, self.lengths, longest, self.used, left, right, new, self.high, self.at)


def start(cells: np.ndarray, counts: np.ndarray, words: list[str], room: int) -> Lists:
    """Lists of the places of all pairs of `cells` (uint16 ids, `STOP` at breaks), counted in `counts`."""
    used, room = len(words), max(room, len(words))
    if len(cells) >= 1 << 32:
        raise ValueError(f"{len(cells):,} cells do not fit 32-bit places; lower the memory, so that passes go first")
    table = np.zeros((room, room), np.int64)
    table[:used, :used] = counts[:used, :used]
    spans, lengths = np.ones(room, np.int64), np.zeros(room, np.int64)
    lengths[:used] = [len(word) for word in words]
    high, at = np.zeros(room, np.int64), np.zeros(room, np.int64)
    for row in range(used):
        high[row], at[row] = row_top(table, row, used)
    offsets, places = find_places(cells, used)
    return Lists(cells, spans, lengths, table, high, at, used, offsets, places, used)


def pair_places(state: Lists, left: int, right: int) -> np.ndarray:
    """Where the pair may stand, ascending: written at the start, or when the younger of the two was born."""
    if max(left, right) < state.first:
        key = left * state.first + right
        return state.places[state.offsets[key] : state.offsets[key + 1]]
    offsets, places = state.born[max(left, right)]
    key = left if left <= right else len(offsets) // 2 + right
    return places[offsets[key] : offsets[key + 1]]


@numba.njit(cache=True, nogil=True)
def find_places(cells, ids):
    """Places of all pairs, by pair and ascending: offsets int64 [ids * ids + 1] and places uint32."""
    offsets = np.zeros(ids * ids + 1, np.int64)
    for at in range(len(cells) - 1):
        if cells[at] < INSIDE and cells[at + 1] < INSIDE:
            # counted one further on, so that the running sum is where each pair begins
            offsets[np.int64(cells[at]) * ids + cells[at + 1] + 1] += 1
    for key in range(ids * ids):
        offsets[key + 1] += offsets[key]
    places, here = np.empty(offsets[-1], np.uint32), offsets[:-1].copy()
    for at in range(len(cells) - 1):
        if cells[at] < INSIDE and cells[at + 1] < INSIDE:
            key = np.int64(cells[at]) * ids + cells[at + 1]
            places[here[key]] = at
            here[key] += 1
    return offsets, places


@numba.njit(cache=True, nogil=True)
def replace(cells, spans, places, left, right, new, where, what, share, ids):
    """Merge at every place where the pair still stands; write each new pair's place and key.

    Keys: x for (x, new), `ids` + y for (new, y). `share` counts the events of each key. Returns how many there are.
    """
    events, one, two = 0, spans[left], spans[right]
    size = len(cells)
    for number in range(len(places)):
        at = np.int64(places[number])
        if cells[at] != left or at + one >= size or cells[at + one] != right:
            continue  # one of the two has been merged away since this was written down
        end = at + one + two
        if at > 0 and cells[at - 1] != STOP:
            before = cells[at - 1]
            where[events] = at - spans[before]
            what[events] = before
            share[before] += 1
            events += 1
        if end < size and cells[end] != STOP:
            behind = cells[end]
            where[events] = at
            what[events] = ids + behind
            share[ids + behind] += 1
            events += 1
        cells[at + one - 1] = INSIDE  # before `new` is written: of a token of one cell it is the same cell
        cells[at + one] = INSIDE
        cells[at] = new
        cells[end - 1] = new
    return events


@numba.njit(cache=True, nogil=True)
def distribute(where, what, events, here, out):
    """Sort places by key, keeping their order."""
    for number in range(events):
        key = what[number]
        out[here[key]] = where[number]
        here[key] += 1


@numba.njit(cache=True, nogil=True)
def row_top(counts, row, ids):
    """The largest count of a row and its first column."""
    best, at = 0, 0
    for column in range(ids):
        if counts[row, column] > best:  # strictly: of equal counts the smallest id wins, as in Hugging Face's
            best, at = counts[row, column], column
    return best, at


@numba.njit(cache=True, nogil=True)
def recount(counts, share, lengths, longest, ids, left, right, new, high, at):
    """Counts and row maxima after a merge, from the number of neighbours on either side."""
    for token in range(ids):
        before, behind = share[token], share[ids + token]
        if before:
            counts[token, left] -= before
            if lengths[token] + lengths[new] <= longest:
                counts[token, new] += before
        if behind:
            counts[right, token] -= behind
            if lengths[token] + lengths[new] <= longest:
                counts[new, token] += behind
    counts[left, right] = 0
    for row in range(ids):
        if row in (left, right, new) or (share[row] and at[row] == left):  # only these may have lost their largest
            high[row], at[row] = row_top(counts, row, ids)
        elif share[row] and counts[row, new] > high[row]:  # `new` is the largest id: it loses a tie
            high[row], at[row] = counts[row, new], new

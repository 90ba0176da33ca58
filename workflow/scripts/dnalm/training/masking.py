"""Which tokens a masked model has to predict: a pure function of (seed, sample, place).

So a resumed run, and any number of processes, hides exactly what the straight run hid. Every place of a sample draws
its own number from a counter (splitmix64, Steele et al. 2014): no generator has to be made, carried along or saved, and
a batch is masked in one pass.
"""

import numba
import numpy as np

IGNORE = -100  # label of a place where nothing is to be predicted
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)


@numba.njit(cache=True, nogil=True, inline="always")
def _mix(x: int) -> int:
    """Splitmix64's finaliser: uint64 to uint64, every bit of the answer hangs on every bit of the question."""
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


@numba.njit(cache=True, nogil=True)
def draws(seed: int, numbers: np.ndarray) -> np.ndarray:
    """One number for each sample, uint64 [n]: the beginning of its own sequence of draws."""
    answer = np.empty(len(numbers), np.uint64)
    for row in range(len(numbers)):
        answer[row] = _mix(_mix(np.uint64(seed) + _GOLDEN) ^ np.uint64(numbers[row]))
    return answer


@numba.njit(cache=True, nogil=True)
def hide(
    ids: np.ndarray,
    labels: np.ndarray,
    begins: np.ndarray,
    rate: float,
    span: int,
    random_share: float,
    keep_share: float,
    mask_id: int,
    words: np.ndarray,
    bearing: np.ndarray,
) -> None:
    """BERT's masking, in place: `rate` of the tokens are to be predicted, most become [MASK] (Devlin 2019: 80 %).

    ids and labels are int64 [b, L], `begins` from `draws`, `words` the ids that a random token is drawn from, `bearing`
    says of each id whether it bears a base: no other is ever chosen. `random_share` of the chosen become a random token
    and `keep_share` stay; with both 0 all are hidden, and so a model is measured, because a token that stays gives its
    answer away. They come in runs of `span` that share their fate: of overlapping k-mers one alone is spelt out by its
    neighbours, and k in a row hide one base (DNABERT). Runs may overlap and are begun so often that `rate` holds. In
    every row at least one token is chosen.
    """
    start = np.uint64((1.0 - (1.0 - rate) ** (1.0 / span)) * 2.0**32)
    shares = keep_share * 2.0**32, (1.0 - random_share) * 2.0**32
    for row in range(len(ids)):
        if not _hide_row(ids[row], labels[row], begins[row], start, span, shares, mask_id, words, bearing, -1):
            forced = np.int64(begins[row] % np.uint64(ids.shape[1]))
            for _ in range(ids.shape[1]):
                if bearing[ids[row, forced]]:
                    break
                forced = (forced + 1) % ids.shape[1]
            _hide_row(ids[row], labels[row], begins[row], start, span, shares, mask_id, words, bearing, forced)


@numba.njit(cache=True, nogil=True)
def _hide_row(
    ids: np.ndarray,
    labels: np.ndarray,
    begin: int,
    start: int,
    span: int,
    shares: tuple[float, float],
    mask_id: int,
    words: np.ndarray,
    bearing: np.ndarray,
    forced: int,
) -> bool:
    """Hide in one row, and at `forced` whatever is drawn; whether any token was chosen."""
    left, fate, some = 0, np.uint64(0), False
    for place in range(len(ids)):
        token = ids[place]
        labels[place] = IGNORE
        draw = _mix(begin + np.uint64(place + 1) * _GOLDEN)
        if (draw & np.uint64(0xFFFFFFFF)) < start or place == forced:
            left, fate = span, draw >> np.uint64(32)
        left -= 1
        if left < 0 or not bearing[token]:
            continue
        some = True
        labels[place] = token
        if fate >= shares[1]:
            ids[place] = words[_mix(draw) % np.uint64(len(words))]
        elif fate >= shares[0]:
            ids[place] = mask_id
    return some

"""Equal pieces of work, by hand."""

import numpy as np
import pytest

from dnalm.networks import pieces


def test_windows_are_cut_across_places():
    assert pieces.cut([5, 0, 1, 7], 4) == [[(0, 0, 4)], [(0, 4, 5), (2, 0, 1), (3, 0, 2)], [(3, 2, 6)], [(3, 6, 7)]]
    assert [pieces.size(one) for one in pieces.cut([5, 0, 1, 7], 4)] == [4, 4, 4, 1]
    assert pieces.cut([0, 0], 4) == []
    assert pieces.cut([4, 4], 4) == [[(0, 0, 4)], [(1, 0, 4)]]


@pytest.mark.parametrize(("number", "shares"), [(7, 1), (7, 3), (7, 7), (3, 50), (0, 2)])
def test_shares_hold_each_piece_once_and_differ_by_one(number, shares):
    found = [pieces.shared(number, share, shares) for share in range(shares)]
    assert sorted(one for share in found for one in share) == list(range(number))
    assert max(map(len, found)) - min(map(len, found)) <= 1


@pytest.mark.parametrize("shares", [1, 2, 3, 9])
def test_what_shares_say_is_put_in_the_order_of_the_pieces(shares):
    sizes = [3, 1, 2, 4, 3]
    said = np.split(np.arange(13, dtype=np.float32), np.cumsum(sizes)[:-1])
    parts = [
        np.concatenate([np.empty(0, np.float32), *(said[one] for one in sorted(pieces.shared(5, share, shares)))])
        for share in range(shares)
    ]
    assert pieces.joined(sizes, parts).tolist() == list(range(13))
    assert pieces.joined([], [np.empty(0, np.float32)]).size == 0


def test_a_stretch_that_costs_nothing_is_in_all_shares():
    """A chromosome arm of N, a hundred pieces in a row, is of two shares half each, and begins neither."""
    shares = [pieces.shared(200, share, 2) for share in range(2)]
    assert all(35 <= sum(one < 100 for one in share) <= 65 for share in shares)
    assert all(15 <= sum(one < 100 for one in share[:50]) <= 35 for share in shares)


def test_a_piece_is_made_once_and_again_where_it_is_not_whole(tmp_path):
    made = []

    def make():
        made.append(0)
        return np.array([1.5, np.nan, -2.0], np.float32)

    for _ in range(2):
        assert np.array_equal(pieces.kept(tmp_path / "p", 3, 3, make), make(), equal_nan=True)
    assert len(made) == 3
    (path,) = (tmp_path / "p").iterdir()
    path.write_bytes(path.read_bytes()[:-1])
    pieces.kept(tmp_path / "p", 3, 3, make)
    assert path.stat().st_size == 12
    assert len(made) == 4
    pieces.kept(None, 3, 3, make)
    assert len(made) == 5

"""A share of work as a file: rows of any kind, put in order; foreign, missing and damaged ones are refused."""

import numpy as np
import pytest

from dnalm.errors import InputError, UsageError
from dnalm.networks import pieces, shares

SIZES = [2, 2, 2, 1]
ROWS = np.array([(number, number / 3) for number in range(7)], [("tokens", np.int64), ("l2", np.float64)])


def written(folder, number):
    """The files of so many shares of ROWS."""
    paths = [folder / f"{share}of{number}.npz" for share in range(1, number + 1)]
    cut = np.split(ROWS, np.cumsum(SIZES)[:-1])
    for share, path in enumerate(paths, start=1):
        own = [cut[one] for one in sorted(pieces.shared(4, share - 1, number))]
        shares.write(path, np.concatenate([ROWS[:0], *own]), "mine", share, number)
    return paths


@pytest.mark.parametrize("number", [1, 3, 6])
def test_rows_come_back_in_order_with_their_types(tmp_path, number):
    found = shares.gathered(written(tmp_path, number)[::-1], "mine", SIZES, "make.py", "another")
    assert found.dtype == ROWS.dtype
    assert (found == ROWS).all()


def test_what_is_no_share_of_this_work_is_refused(tmp_path):
    paths = written(tmp_path, 3)
    for given, key, said in (
        (paths, "yours", "1of3.npz: is a share of another; do it again"),
        (paths[:2], "mine", "1of3.npz: is share 1 of 3, and 2 were given; wanted each once"),
        ([*paths[:2], paths[1]], "mine", "2of3.npz: is share 2 of 3, and 3 were given; wanted each once"),
    ):
        with pytest.raises(InputError, match=said):
            shares.gathered(given, key, SIZES, "make.py", "another; do it again")
    np.savez(paths[0], said=ROWS)
    with pytest.raises(InputError, match=r"1of3.npz: got an .npz without key, share, shares; make it with make.py"):
        shares.gathered(paths, "mine", SIZES, "make.py", "another")


def test_a_share_is_counted_from_one():
    shares.check(1, 1)
    shares.check(3, 3)
    for share in (0, 4):
        with pytest.raises(UsageError, match=f"--share: got {share}, wanted 1 to 3, the number of shares"):
            shares.check(share, 3)

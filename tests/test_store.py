"""The token store's arithmetic, by hand."""

import numpy as np

from dnalm import seq, store


def test_stretches_leave_out_n_and_short_ones():
    letters = b"NN" + b"A" * 5 + b"N" + b"c" * 3 + b"N" + b"G" * 4
    assert list(seq.stretches(seq.encode(letters), shortest=4)) == [(2, 7), (12, 16)]
    assert list(seq.stretches(seq.encode(b"ACGT"))) == [(0, 4)]
    assert list(seq.stretches(seq.encode(b""))) == []


def test_soft_mask_is_lower_case_and_tokens_go_by_majority():
    masked = seq.soft_masked(b"ACgtACgTTt")
    assert masked.astype(int).tolist() == [0, 0, 1, 1, 0, 0, 1, 0, 0, 1]
    assert store.token_repeats(masked, np.array([3, 2, 4, 1])).tolist() == [0, 1, 0, 1]

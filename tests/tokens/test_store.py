"""The token store's arithmetic, by hand."""

import numpy as np

from dnalm.tokens import store


def test_a_token_is_a_repeat_by_majority_of_its_bases():
    masked = np.array([0, 0, 1, 1, 0, 0, 1, 0, 0, 1], bool)
    assert store.token_repeats(masked, np.array([3, 2, 4, 1])).tolist() == [0, 1, 0, 1]

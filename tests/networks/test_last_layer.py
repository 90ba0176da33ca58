"""The last layer run for the tokens that are to be predicted."""

import torch

from dnalm.networks import last_layer


def test_queries_are_made_of_those_places_alone():
    rows = []

    def twice(hidden):
        rows.append(len(hidden))
        return 2 * hidden

    answer = last_layer._for_places(twice, torch.tensor([1, 5]), torch.arange(6.0).view(2, 3, 1))
    assert rows == [2]
    assert answer.tolist() == [[[0], [2], [0]], [[0], [0], [10]]]

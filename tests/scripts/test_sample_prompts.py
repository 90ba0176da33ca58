"""Markov chains and the majority as baselines of the next bases."""

import genomes
import numpy as np
import pytest

import sample_prompts
from dnalm.genome import markov
from dnalm.training import next_bases


@pytest.fixture
def toy(tmp_path):
    return genomes.periodic(tmp_path / "toy")


def test_a_chain_names_every_word_of_a_periodic_sequence_and_the_majority_a_quarter(toy):
    codes = next_bases.draw([toy], "test", 26, 1, 10_000, np.random.default_rng(0))
    chain = markov.fit([toy], 2)
    words = {k: markov.shorter(chain, k - 1).ravel() for k in (2, 3)}
    found = sample_prompts.baselines(chain, words, {"test": codes}, 20, [1, 2])
    assert found["markov-1"]["test"]["k"]["3"]["accuracy"]["value"] == 1
    assert found["markov-2"]["test"]["k"]["2"]["bits_per_base"] < 0.05
    assert found["majority"]["test"]["k"]["2"]["accuracy"]["value"] == pytest.approx(0.25, abs=0.02)
    assert found["majority"]["test"]["k"]["2"]["bits_per_base"] == pytest.approx(1, abs=0.01)  # four words of two bases

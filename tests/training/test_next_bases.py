"""The next bases after a prompt: labels, sequences, heads and losses known by hand."""

import json
from types import SimpleNamespace

import genomes
import numpy as np
import pytest
import torch

from dnalm.dna import seq
from dnalm.errors import InputError
from dnalm.tokens import kinds
from dnalm.training import next_bases


@pytest.fixture
def toy(tmp_path):
    return genomes.periodic(tmp_path / "toy")


def test_labels_are_the_words_after_the_prompt():
    codes = seq.encode("GGGACGTTT")[None]
    expected = [int("0", 4), int("01", 4), int("012", 4), int("012333", 4)]  # A, AC, ACG, ACGTTT in base 4
    assert next_bases.labels(codes, 3, [1, 2, 3, 6]).tolist() == [expected]


def test_sequences_are_of_their_split_without_n_and_labels_share_no_base(toy):
    drawn = next_bases.draw([toy], "validation", 26, 6, 1000, np.random.default_rng(0))
    stretches = [(600 - 26) // 6 + 1, (200 - 26) // 6 + 1]
    assert len(drawn) == sum(stretches)  # all that there are
    assert (drawn < seq.N).all()
    begins = np.unique(drawn[:, 0])
    assert set(begins) == {0, 2}  # multiples of six in ACGTACGT…: A or G
    again = next_bases.draw([toy], "validation", 26, 6, 1000, np.random.default_rng(0))
    assert np.array_equal(drawn, again)
    assert len(next_bases.draw([toy], "train", 26, 6, 7, np.random.default_rng(0))) == 7


def test_a_split_without_sequence_is_an_error_with_a_next_step(toy):
    with pytest.raises(InputError, match="on test contigs; name some under the genome's splits"):
        next_bases.draw([toy], "test", 2000, 6, 10, np.random.default_rng(0))


def test_prompts_of_fixed_words_end_where_the_prompt_ends():
    tok = kinds.train("kmer", [], vocab_size=0, k=4)
    ids, _ = next_bases.tokenize(tok, seq.encode("GGACGTTTTTAAAAAA")[None], 10)
    assert tok.convert_ids_to_tokens(ids[0].tolist()) == ["[CLS]", "ACGT", "TTTT", "[SEP]"]


def test_every_sequence_is_drawn_once_a_pass():
    order = next_bases.order_of(10, 25, seed=1)
    assert sorted(order[:10]) == sorted(order[10:20]) == list(range(10))
    assert not np.array_equal(order[:10], order[10:20])
    assert np.array_equal(order, next_bases.order_of(10, 25, seed=1))


class Echo(torch.nn.Module):
    """A backbone whose hidden states are the ids."""

    config = SimpleNamespace(hidden_size=1)

    def forward(self, input_ids, attention_mask=None):
        return SimpleNamespace(last_hidden_state=input_ids[..., None].float())


def test_the_head_reads_the_last_and_the_mean_base_and_neither_padding_nor_special_tokens():
    network = next_bases.NextBases(Echo(), np.array([0, 2, 3]), [1])
    network.head = torch.nn.Identity()
    ids = torch.tensor([[2, 5, 8, 3, 0, 0]])
    assert network({"ids": ids, "mask": ids > 0}).tolist() == [[8, 6.5]]


def test_losses_by_hand():
    network = next_bases.NextBases(Echo(), np.array([0]), [1, 2])
    network.head = torch.nn.Linear(2, 20)
    torch.nn.init.zeros_(network.head.weight)
    torch.nn.init.zeros_(network.head.bias)
    ids = torch.tensor([[5, 6]])
    batch = {"ids": ids, "mask": ids > 0, "labels": torch.tensor([[0, 3]])}
    nats, right = next_bases.losses(network, batch)
    assert nats[0].tolist() == pytest.approx([np.log(4), np.log(16)])
    assert right.tolist() == [[True, False]]
    found = next_bases.summary(nats.detach().numpy(), right.numpy(), [1, 2])
    assert json.dumps(found)
    assert found["k"]["2"]["bits_per_base"] == pytest.approx(2)

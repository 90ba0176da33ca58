"""The next bases after a prompt: labels, sequences, chains and intervals known by hand."""

import json
from types import SimpleNamespace

import numpy as np
import pytest
import torch

import predict_next_bases
import sample_prompts
from dnalm.dna import seq
from dnalm.errors import InputError
from dnalm.genome import index as genome_index
from dnalm.genome import markov
from dnalm.metrics import ranking
from dnalm.networks import models
from dnalm.tokens import kinds
from dnalm.training import next_bases


@pytest.fixture
def toy(tmp_path):
    """A genome that repeats ACGT on training contigs, held-out ones too, with N in the middle of one."""
    fasta = tmp_path / "toy.fa"
    text = "".join(f">{name}\n{'ACGT' * 150}{'N' * 7}{'ACGT' * 50}\n" for name in ("one", "two", "three"))
    fasta.write_text(text)
    splits = {"validation": ["two"], "test": ["three"]}
    genome_index.index(fasta, tmp_path / "toy", name="toy", source="toy", splits=splits)
    return tmp_path / "toy"


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


def test_a_chain_names_every_word_of_a_periodic_sequence_and_the_majority_a_quarter(toy):
    codes = next_bases.draw([toy], "test", 26, 1, 10_000, np.random.default_rng(0))
    chain = markov.fit([toy], 2)
    words = {k: markov.shorter(chain, k - 1).ravel() for k in (2, 3)}
    found = sample_prompts.baselines(chain, words, {"test": codes}, 20, [1, 2])
    assert found["markov-1"]["test"]["k"]["3"]["accuracy"]["value"] == 1
    assert found["markov-2"]["test"]["k"]["2"]["bits_per_base"] < 0.05
    assert found["majority"]["test"]["k"]["2"]["accuracy"]["value"] == pytest.approx(0.25, abs=0.02)
    assert found["majority"]["test"]["k"]["2"]["bits_per_base"] == pytest.approx(1, abs=0.01)  # four words of two bases


def test_chances_of_continuations_sum_to_one_and_multiply():
    counts = np.random.default_rng(0).integers(0, 50, (16, 4))
    codes = seq.encode("ACGTAC")[None]
    chances = np.exp(markov.continuations(counts, codes, 3))
    assert chances.shape == (1, 64)
    assert chances.sum() == pytest.approx(1)
    one = (counts + 0.5) / (counts + 0.5).sum(1, keepdims=True)
    expected = one[int("01", 4), 2] * one[int("12", 4), 3] * one[int("23", 4), 0]  # AC→G, CG→T, GT→A
    assert chances[0, int("230", 4)] == pytest.approx(expected)


def test_prompts_of_fixed_words_end_where_the_prompt_ends():
    tok = kinds.train("kmer", [], vocab_size=0, k=4)
    ids, _ = next_bases.tokenize(tok, seq.encode("GGACGTTTTTAAAAAA")[None], 10)
    assert tok.convert_ids_to_tokens(ids[0].tolist()) == ["[CLS]", "ACGT", "TTTT", "[SEP]"]


def test_every_sequence_is_drawn_once_a_pass():
    order = next_bases.order_of(10, 25, seed=1)
    assert sorted(order[:10]) == sorted(order[10:20]) == list(range(10))
    assert not np.array_equal(order[:10], order[10:20])
    assert np.array_equal(order, next_bases.order_of(10, 25, seed=1))


def test_wilson_by_hand():
    low, high = ranking.wilson(0, 100)
    assert low == 0
    assert high == pytest.approx(1.96**2 / (100 + 1.96**2))
    low, high = ranking.wilson(50, 100)
    assert (low + high) / 2 == pytest.approx(0.5)
    assert high - 0.5 == pytest.approx(0.0962, abs=2e-4)


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


def test_a_small_model_learns_the_period_and_is_measured(toy, tmp_path):
    """Both scripts: ACGT again and again can be told by a model of one layer in a few steps."""
    sample_prompts.main(genomes=[toy], out=tmp_path, prompt=20, k=[2, 3], train_size=90, test_size=20, orders=[1])
    tok = kinds.train("char", [], vocab_size=0, k=1)
    sizes = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 16}
    models.save(models.build("mlm", "bert", sizes, tok, 64, seed=0), tok, tmp_path / "pretrained", "card")
    given = {"prompts": tmp_path / "prompts.npz", "pretrained": tmp_path / "pretrained", "learning_rate": 0.02}
    given |= {"epochs": 10, "batch_size": 30, "checkpoints": tmp_path / "state"}
    predict_next_bases.main(**given, out=tmp_path / "a")
    predict_next_bases.main(**given, out=tmp_path / "b")
    found = json.loads((tmp_path / "a/metrics.json").read_text())
    assert (found["kind"], found["tokens"], found["bases_per_token"], found["steps"]) == ("char", 5, 1, 30)
    assert found["test"]["n"] == 20
    assert found["test"]["k"]["3"]["accuracy"]["value"] == 1
    assert json.loads((tmp_path / "b/metrics.json").read_text()) == found

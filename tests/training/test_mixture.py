"""Genomes drawn in their shares, a held-out one never; a killed run ends in the same bytes."""

import numpy as np
import pandas as pd
import pytest

import pretrain_model
import tokenise_corpus
from dnalm.dna import seq
from dnalm.errors import InputError
from dnalm.genome import index as genome_index
from dnalm.tokens import kinds
from dnalm.training import batches, mixture
from dnalm.training.blocks import Blocks

SIZES = {"big": 9000, "small": 1000}


def index(split="train"):
    sizes = np.array(list(SIZES.values()))
    offset = np.cumsum(sizes) - sizes
    return pd.DataFrame(
        {"genome": list(SIZES), "start": 0, "end": sizes, "offset": offset, "tokens": sizes, "split": split}
    )


def cut(rows, seed):
    """Tokens of the big genome are A, those of the small one C."""
    tokens = np.repeat([5, 6], list(SIZES.values())).astype(np.uint16)
    return Blocks(tokens, np.zeros(len(tokens), np.uint8), rows, 10, seed)


def from_small(blocks, number):
    return np.array([blocks.sample(n)[0][0] == 6 for n in range(number)])


def test_shares_by_hand():
    assert mixture.shares(index(), {}, 1.0) == pytest.approx({"big": 0.9, "small": 0.1})
    assert mixture.shares(index(), {}, 0.0) == pytest.approx({"big": 0.5, "small": 0.5})
    assert mixture.shares(index(), {}, 0.5) == pytest.approx({"big": 0.75, "small": 0.25})
    assert mixture.shares(index(), {"small": 3.0}, 0.0) == pytest.approx({"big": 0.25, "small": 0.75})
    assert mixture.shares(index(), {"small": 9.0}, 1.0) == pytest.approx({"big": 0.5, "small": 0.5})


def test_by_default_an_epoch_holds_every_block_once():
    blocks = mixture.blocks(cut, index(), 0, {}, 1.0)
    assert isinstance(blocks, Blocks)
    assert from_small(blocks, len(blocks)).mean() == 0.1


@pytest.mark.parametrize("weights, balance, share", [({}, 0.0, 0.5), ({"small": 3.0}, 0.0, 0.75), ({}, 0.5, 0.25)])
def test_a_genome_is_drawn_in_its_share(weights, balance, share):
    drawn = from_small(mixture.blocks(cut, index(), 0, weights, balance), 2 * mixture.ROUND)
    assert drawn.mean() == pytest.approx(share, abs=1e-3)
    assert drawn[:400].mean() == pytest.approx(share, abs=0.1)  # well mixed
    changes = np.mean(drawn[1:] != drawn[:-1])
    assert changes == pytest.approx(2 * share * (1 - share), abs=0.03)


def test_each_genome_is_seen_whole_before_any_of_its_blocks_comes_again():
    blocks = mixture.blocks(cut, index(), 0, {}, 0.0)
    offsets = []
    for number in range(mixture.ROUND):
        drawn, within = blocks.round(0)
        if drawn[number] == 1:
            offsets.append(within[number])
    assert offsets == list(range(len(offsets)))  # the small genome's own samples, in order


def test_a_sample_depends_on_the_seed_and_its_number_alone():
    first, second = (mixture.blocks(cut, index(), 3, {"small": 2.0}, 0.5) for _ in range(2))
    tok = kinds.train("char", [], vocab_size=0, k=1)
    for step in range(5):
        batches.pretraining_batch(first, tok, step, 8, objective="mlm")
    far = mixture.ROUND * 7 // 8  # a batch in the seventh round
    ours, theirs = (batches.pretraining_batch(one, tok, far, 8, objective="mlm") for one in (first, second))
    assert all(np.array_equal(ours[name], theirs[name]) for name in ours)
    other = mixture.blocks(cut, index(), 4, {"small": 2.0}, 0.5)
    assert not np.array_equal(from_small(first, 200), from_small(other, 200))


def test_weights_of_an_unknown_genome():
    with pytest.raises(InputError, match="got tiny, wanted genomes that are trained on: big, small"):
        mixture.blocks(cut, index(), 0, {"tiny": 1.0}, 1.0)


@pytest.fixture
def corpus(tmp_path):
    """Three genomes tokenised, the third a species held out: its bases are all G."""
    rng = np.random.default_rng(0)
    for name, letters, splits in (("one", "AC", {"validation": ["b"]}), ("two", "AT", {}), ("species", "G", {})):
        fasta = tmp_path / f"{name}.fa"
        text = "".join(f">{contig}\n{''.join(rng.choice(list(letters), 600))}\n" for contig in "ab")
        fasta.write_text(text)
        genome_index.index(fasta, tmp_path / name, name=name, source="toy", splits=splits)
    kinds.train("char", [], vocab_size=0, k=1).save_pretrained(tmp_path / "tokenizer")
    genomes = [tmp_path / name for name in ("one", "two", "species")]
    out = tmp_path / "tokens"
    tokenise_corpus.main(genomes=genomes, tokenizer=tmp_path / "tokenizer", out=out, held_out=["species"])
    return tmp_path


def pretrain(folder, out, **more):
    sizes = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 16}
    given = {"objective": "mlm", "architecture": "bert", "config": sizes, "context": 32, "batch_size": 4, "steps": 10}
    given |= {"weights": {"two": 3.0}, "balance": 0.0, "validation_blocks": 8, "save_seconds": 0}
    given |= {"tokens": folder / "tokens", "tokenizer": folder / "tokenizer", "checkpoints": folder / "state"}
    pretrain_model.main(**given | more, out=folder / out)
    return (folder / out / "model.safetensors").read_bytes()


def test_a_held_out_species_is_measured_and_never_trained_on(corpus, monkeypatch):
    rows = pd.read_csv(corpus / "tokens/index.tsv", sep="\t")
    assert set(rows[rows.genome == "species"].split) == {"validation"}
    seen, true = [], batches.pretraining_batch

    def watched(blocks, *, step, **more):
        batch = true(blocks, step=step, **more)
        if isinstance(blocks, mixture.Mixture):
            seen.append(batch["labels"][batch["labels"] >= 0])
        return batch

    monkeypatch.setattr(batches, "pretraining_batch", watched)
    pretrain(corpus, "a")
    letters = np.bincount(np.concatenate(seen), minlength=10)[5:9]
    assert letters[seq.LETTERS.index("G")] == 0
    assert letters[seq.LETTERS.index("T")] > letters[seq.LETTERS.index("C")]  # two weighs three times one
    metrics = pd.read_csv(corpus / "a/metrics.tsv", sep="\t")
    last = metrics[metrics.split == "validation"].iloc[-1]
    assert last.bits_per_base == last.bits_in_one  # two has no validation contig
    assert last.bits_in_species > last.bits_in_one


def test_killed_and_resumed_a_mixture_ends_in_the_same_bytes(corpus, monkeypatch):
    straight = pretrain(corpus, "a")
    true = batches.pretraining_batch

    def killed(blocks, *, step, **more):
        if isinstance(blocks, mixture.Mixture) and step == 6:
            raise KeyboardInterrupt
        return true(blocks, step=step, **more)

    with monkeypatch.context() as patch:
        patch.setattr(batches, "pretraining_batch", killed)
        with pytest.raises(KeyboardInterrupt):
            pretrain(corpus, "b")
    assert list((corpus / "state").rglob("DONE"))
    assert pretrain(corpus, "b") == straight
    assert pretrain(corpus, "c", weights={"one": 3.0}) != straight

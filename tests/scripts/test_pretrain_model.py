"""What pretraining measures itself on; a species held out; a mixture killed and resumed to the same bytes."""

import shutil
from functools import partial

import numpy as np
import pandas as pd
import pytest
from stores import blocks

import pretrain_model
import tokenise_corpus
from dnalm.dna import seq
from dnalm.genome import index as genome_index
from dnalm.tokens import making
from dnalm.training import batches, mixture


@pytest.fixture
def tok():
    return making.train("char", [], vocab_size=0, k=1)


def test_pretraining_measures_itself_so(tok):
    make = partial(batches.pretraining_batch, tokenizer=tok, size=8, objective="mlm")
    rows = pd.DataFrame({"genome": ["a", "b"]})
    found = pretrain_model.validation_batches(rows, lambda _: blocks(), make, 4)
    assert [len(found[name]) for name in "ab"] == [2, 2]
    for batch in (*found["a"], *found["b"]):
        assert (batch["ids"][batch["labels"] != batches.IGNORE] == tok.mask_token_id).all()


@pytest.fixture
def corpus(tmp_path):
    """Three genomes tokenised, the third a species held out: its bases are all G."""
    rng = np.random.default_rng(0)
    for name, letters, splits in (("one", "AC", {"validation": ["b"]}), ("two", "AT", {}), ("species", "G", {})):
        fasta = tmp_path / f"{name}.fa"
        text = "".join(f">{contig}\n{''.join(rng.choice(list(letters), 600))}\n" for contig in "ab")
        fasta.write_text(text)
        genome_index.index(fasta, tmp_path / name, name=name, source="toy", splits=splits)
    making.train("char", [], vocab_size=0, k=1).save_pretrained(tmp_path / "tokenizer")
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
    shutil.rmtree(corpus / "state")  # what is kept of a training that is over
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

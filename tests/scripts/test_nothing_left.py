"""A genome of which nothing is left to learn from: said where it happens, not three jobs later."""

import gzip
import json

import numpy as np
import pysam
import pytest

import tokenise_corpus
import train_tokenizer
from dnalm.dna import seq
from dnalm.errors import InputError


@pytest.fixture
def genome(tmp_path):
    """Contig a is for testing; b, for training, is all N."""
    folder = tmp_path / "genome"
    folder.mkdir()
    known = seq.decode(np.random.default_rng(0).integers(0, 4, 400).astype(np.uint8))
    (folder / "plain.fa").write_text(f">a\n{known}\n>b\n{'N' * 500}\n")
    pysam.tabix_compress(str(folder / "plain.fa"), str(folder / "genome.fa.gz"))
    pysam.faidx(str(folder / "genome.fa.gz"))
    (folder / "chrom.sizes").write_text("a\t400\nb\t500\n")
    (folder / "softmask.bed.gz").write_bytes(gzip.compress(b""))
    (folder / "genome.json").write_text(json.dumps({"name": "toy", "splits": {"test": ["a"]}}))
    return folder


def test_byte_pairs_of_nothing(tmp_path, genome):
    with pytest.raises(InputError, match="genome: no pair of bases is left to learn from"):
        train_tokenizer.main(genomes=[genome], kind="bpe", vocab_size=40, out=tmp_path / "tokenizer")
    assert not (tmp_path / "tokenizer").exists()


def test_tokens_of_nothing(tmp_path, genome):
    train_tokenizer.main(genomes=[], kind="char", out=tmp_path / "tokenizer")
    message = "genome: no base is left to tokenise: 500 are N, 400 lie in stretches of fewer than 401"
    with pytest.raises(InputError, match=message):
        tokenise_corpus.main(genomes=[genome], tokenizer=tmp_path / "tokenizer", out=tmp_path / "tokens", shortest=401)
    assert not (tmp_path / "tokens").exists()

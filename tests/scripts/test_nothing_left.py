"""A genome of which nothing is left to learn from: said where it happens, not three jobs later."""

import pytest
from genomes import make, random_codes

import tokenise_corpus
import train_tokenizer
from dnalm.dna import seq
from dnalm.errors import InputError


@pytest.fixture
def genome(tmp_path):
    """Contig a is for testing; b, for training, is all N."""
    return make(tmp_path / "genome", {"a": seq.decode(random_codes(0, 400)), "b": "N" * 500}, {"test": ["a"]})


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

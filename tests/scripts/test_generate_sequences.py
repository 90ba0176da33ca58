"""Generation writes FASTA, and refuses a masked model."""

import language_models
import pytest

import generate_sequences
from dnalm.errors import UsageError
from dnalm.networks import models


@pytest.fixture(scope="module")
def bpe():
    return language_models.byte_pairs()


@pytest.fixture(scope="module")
def mixtral(bpe):
    return language_models.mixtral(bpe)


def test_the_script_writes_fasta_and_refuses_a_masked_model(tmp_path, mixtral, bpe):
    models.save(mixtral, bpe, tmp_path / "clm" / "pretrained", "")
    out = tmp_path / "sequences.fa"
    generate_sequences.main(model=tmp_path / "clm" / "pretrained", out=out, number=2, length=70, seed=5)
    lines = out.read_text().splitlines()
    assert lines[0].startswith(">generated_0001 seed=5 temperature=1 ")
    assert [len(line) for line in lines[1:3]] == [60, 10]
    assert sum(line.startswith(">") for line in lines) == 2
    masked = models.build("mlm", "dilated_conv", {"hidden_size": 8, "num_hidden_layers": 1}, bpe, 32, 0)
    models.save(masked, bpe, tmp_path / "mlm", "")
    with pytest.raises(UsageError, match="objective: clm"):
        generate_sequences.main(model=tmp_path / "mlm", out=tmp_path / "other.fa")
    assert not (tmp_path / "other.fa").exists()

"""A corpus reads genomes contig by contig, with their splits, and gives training lines only."""

import json

import pysam
import pytest
from genomes import make, random_codes

from dnalm.dna import seq
from dnalm.errors import InputError
from dnalm.genome import corpus


@pytest.fixture
def genome(tmp_path):
    folder = tmp_path / "g"
    folder.mkdir()
    with pysam.BGZFile(str(folder / "genome.fa.gz"), "w") as fasta:
        text = f">a\n{'ACGT' * 60}\n>b\n{'C' * 200}\n>c\n{'G' * 200}\n>d\n{'N' * 150}{'t' * 130}\n"
        fasta.write(text.encode())
    pysam.faidx(str(folder / "genome.fa.gz"))
    (folder / "chrom.sizes").write_text("a\t240\nb\t200\nc\t200\nd\t280\n")
    splits = {"validation": ["b"], "exclude": ["c"]}
    (folder / "genome.json").write_text(json.dumps({"name": "g", "splits": splits}))
    return folder


def test_contigs_carry_their_split_and_excluded_ones_are_left_out(genome):
    found = [(name, contig, split, len(letters)) for name, contig, split, letters in corpus.contigs([genome])]
    assert found == [("g", "a", "train", 240), ("g", "b", "validation", 200), ("g", "d", "train", 280)]
    assert corpus.bases(genome) == 920


def test_training_sequence_is_of_training_contigs_and_repeats_can_be_left_out(genome):
    first, second = corpus.training_sequence([genome])  # nothing of b and c
    assert seq.decode(first) == "ACGT" * 60
    assert seq.decode(second) == "N" * 150 + "T" * 130
    assert seq.decode(list(corpus.training_sequence([genome], repeats=False))[1]) == "N" * 280


def test_of_a_held_out_genome_nothing_is_for_training(genome):
    found = {contig: split for _, contig, split, _ in corpus.contigs([genome], held_out=["g"])}
    assert found == {"a": "validation", "b": "validation", "d": "validation"}


def test_a_contig_of_which_a_region_is_held_out_comes_once_for_each_split(tmp_path):
    text = seq.decode(random_codes(0, 1000))
    splits = {"validation": ["a:200-300"], "test": ["a:300-400", "b"], "exclude": ["a:900-1000"]}
    folder = make(tmp_path / "g", {"a": text, "b": text[:100]}, splits)
    found = {(contig, split): letters.decode() for _, contig, split, letters in corpus.contigs([folder])}
    assert found == {
        ("a", "train"): text[:200] + "." * 200 + text[400:900] + "." * 100,
        ("a", "validation"): "." * 200 + text[200:300] + "." * 700,
        ("a", "test"): "." * 300 + text[300:400] + "." * 600,
        ("b", "test"): text[:100],
    }
    held = {(contig, split): letters for _, contig, split, letters in corpus.contigs([folder], held_out=["g"])}
    assert set(held) == {("a", "validation"), ("a", "test"), ("b", "test")}
    assert held["a", "validation"].count(b".") == 200


def test_a_folder_that_is_no_genome(tmp_path):
    with pytest.raises(InputError, match=r"holds no genome\.json"):
        corpus.describe(tmp_path)

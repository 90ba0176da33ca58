"""Random stretches of a genome."""

import numpy as np
import pytest

from dnalm.dna import seq
from dnalm.errors import InputError
from dnalm.genome import fasta as genome_fasta
from dnalm.genome import index as genome_index
from dnalm.genome import stretches


def test_slices_are_where_they_say_without_n_or_overlap(tmp_path):
    one, two = (seq.decode(np.random.default_rng(seed).integers(0, 4, 2000).astype(np.uint8)) for seed in (1, 2))
    fasta = tmp_path / "toy.fa"
    fasta.write_text(f">one\n{one}NNN{one[::-1].lower()}\n>two\n{two}\n>tiny\nACGT\n>out\n{two}\n")
    toy = tmp_path / "toy"
    genome_index.index(fasta, toy, name="toy", source="toy", splits={"validation": ["two"], "exclude": ["out"]})
    table, codes = stretches.draw([toy], 100, 1000, np.random.default_rng(0))
    fasta = genome_fasta.open_fasta(toy / "genome.fa.gz")
    assert len(table) > 30
    assert set(table.chrom) == {"one", "two"}
    for row, piece in zip(table.itertuples(), codes, strict=True):
        letters = fasta.fetch(row.chrom, row.start, row.end)
        assert seq.decode(piece) == letters.upper()
        assert "N" not in letters
        assert row.repeats == np.mean([letter.islower() for letter in letters])
    for _, group in table.sort_values("start").groupby("chrom"):
        assert (group.start.to_numpy()[1:] >= group.end.to_numpy()[:-1]).all()
    held, _ = stretches.held_out([toy], 100, 5, np.random.default_rng(0))
    assert set(held.chrom) == {"two"}
    with pytest.raises(InputError, match="no stretch of 99999 bp"):
        stretches.held_out([toy], 99999, 5, np.random.default_rng(0))


def test_places_by_hand():
    pieces = [stretches.Known(0, "g", "one", "train", 10, 20), stretches.Known(2, "g", "two", "train", 0, 30)]
    piece, starts = stretches.places(pieces, np.array([1, 2]), np.array([2, 3]), 4, np.array([0, 1, 2, 4]))
    assert piece.tolist() == [0, 0, 1, 1]
    assert starts.tolist() == [11, 15, 2, 10]


def test_pieces_without_n_and_what_is_written_there(tmp_path):
    fasta = tmp_path / "toy.fa"
    fasta.write_text(">one\nACGTNNacgta\n>two\nTTTT\n>out\nCCCC\n>three\nGGGGG\n")
    toy = tmp_path / "toy"
    genome_index.index(fasta, toy, name="toy", source="toy", splits={"test": ["two"], "exclude": ["out"]})
    found = list(stretches.known([toy, toy], ["train"], 5))
    assert [(one.order, one.chrom, one.start, one.end) for one in found] == [
        (0, "one", 6, 11),
        (2, "three", 0, 5),
        (3, "one", 6, 11),
        (5, "three", 0, 5),
    ]
    letters = stretches.cut([toy, toy], np.array([5, 0, 1]), np.array([1, 7, 0]), 4)
    assert [row.tobytes() for row in letters] == [b"GGGG", b"cgta", b"TTTT"]
    assert stretches.cut([toy], np.array([], int), np.array([], int), 4).shape == (0, 4)

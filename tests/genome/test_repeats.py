"""What a genome holds too often is soft-masked, on whichever strand; what it holds once is not."""

import numpy as np

from dnalm.dna import seq
from dnalm.genome import index, repeats


def pieces():
    """A contig of three copies of 50 bases, one of them turned round, between unique stretches of 40."""
    rng = np.random.default_rng(0)
    copy, *unique = (rng.integers(0, 4, n).astype(np.uint8) for n in (50, 40, 40, 40, 40))
    parts = [unique[0], copy, unique[1], seq.reverse_complement(copy), unique[2], copy, unique[3]]
    return seq.decode(np.concatenate(parts)).encode()


def test_copies_on_either_strand_are_masked_and_nothing_else():
    letters = pieces()
    repeated = repeats.often([("a", letters)], 3)
    assert len(repeated) == 50 - 16 + 1
    masked = repeats.masked(letters, repeated)
    assert masked.upper() == letters
    assert index.lower_runs(masked) == [(40, 90), (130, 180), (220, 270)]
    assert repeats.masked(letters, repeats.often([("a", letters)], 4)) == letters


def test_a_copy_with_a_mutation_is_masked_whole_and_n_is_no_word():
    letters = pieces()
    changed = letters[:65] + (b"A" if letters[65:66] != b"A" else b"C") + letters[66:]
    masked = repeats.masked(changed, repeats.often([("a", letters)], 3))
    assert index.lower_runs(masked)[0] == (40, 90)
    assert len(repeats.often([("a", b"N" * 100)], 1)) == 0


def test_an_index_masks_when_asked(tmp_path):
    (tmp_path / "g.fa").write_bytes(b">a\n" + pieces() + b"\n")
    plain, asked = (
        index.index(tmp_path / "g.fa", tmp_path / str(n), name="g", source="toy", mask_repeated=n) for n in (0, 3)
    )
    assert (plain["soft_masked_bases"], asked["soft_masked_bases"]) == (0, 150)

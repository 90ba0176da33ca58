"""The null of a scan: heights of the same averaged track, where there is nothing to see."""

import genomes
import numpy as np
import pysam
import pytest

from dnalm.dna import motifs, seq
from dnalm.dna.place import Place
from dnalm.errors import InputError
from dnalm.genome import fasta
from dnalm.scan import null as scan_null
from dnalm.scan import peaks, tracks


def test_the_null_is_made_of_maxima_of_the_same_averaged_track(tmp_path):
    """A score that only sees composition gives the same heights on shuffled sequence as on the sequence."""
    codes = np.random.default_rng(0).integers(0, 4, 50_000).astype(np.uint8)
    path = tmp_path / "g.fa"
    path.write_text(">a\n" + seq.decode(codes) + "\n")
    pysam.faidx(str(path))

    def score(windows):
        return (windows[0 : len(windows)] == 2).mean(1) * 20 - 5

    places = [Place("a", 0, 50_000)]
    null = scan_null.null_scores(fasta.open_fasta(path), places, tracks.by_window(score), 40, 20, 2000, seed=1)
    values = tracks.track(codes, tracks.by_window(score), 40, 20)
    candidates = values[peaks.local_maxima(values, 2)]
    assert abs(np.mean(null) - np.mean(candidates)) < 0.03
    assert np.array_equal(
        null, scan_null.null_scores(fasta.open_fasta(path), places, tracks.by_window(score), 40, 20, 2000, seed=1)
    )


def test_null_must_hold_scores(tmp_path):
    path = tmp_path / "null.tsv"
    path.write_text("score\n")
    with pytest.raises(InputError, match="null"):
        scan_null.read_null(path)
    scan_null.write_null(path, {"decoys": np.array([0.5])})
    with pytest.raises(InputError, match="got no null scores, wanted some of shuffled pieces"):
        scan_null.read_null(path)
    scan_null.write_null(path, {"shuffled": np.array([0.25, 0.75]), "decoys": np.array([0.5])})
    found = scan_null.read_null(path)
    assert {kind: values.tolist() for kind, values in found.items()} == {"shuffled": [0.75, 0.25], "decoys": [0.5]}
    path.write_text("score\n0.5\n")  # as it was written before there were decoys
    assert [len(values) for values in scan_null.read_null(path).values()] == [1, 0]


MOTIF = motifs.log_odds(np.full((8, 4), 0.01) + 0.96 * np.eye(4)[[0, 2, 2, 1, 1, 3, 2, 0]])


def test_decoys_are_the_piece_without_its_motif():
    """Both strands, two matches that overlap, one at an end; all else is as it was, and bases only change places."""
    rng = np.random.default_rng(0)
    piece = rng.integers(0, 4, 4000).astype(np.uint8)
    word = np.array([0, 2, 2, 1, 1, 3, 2, 0], np.uint8)
    for at in (0, 500, 507, 3992):
        piece[at : at + 8] = word
    piece[1000:1008] = seq.reverse_complement(word)
    least = motifs.score_of_chance(MOTIF, scan_null.CHANCE)
    before = motifs.hit_scores(piece, MOTIF)[0]
    assert {0, 500, 507, 1000, 3992} <= set(np.flatnonzero(before >= least).tolist())
    found = scan_null.decoys(MOTIF)(piece, rng)
    assert motifs.hit_scores(found, MOTIF)[0].max() < least
    touched = np.zeros(4000, bool)
    for at in np.flatnonzero(before >= least):
        touched[at : at + 8] = True
    assert np.array_equal(found[~touched], piece[~touched])
    assert np.array_equal(np.bincount(found, minlength=4), np.bincount(piece, minlength=4))
    assert piece[:8].tolist() == word.tolist()  # what was given is left alone


def test_of_a_short_motif_the_best_matches_go():
    """ACGT and its reverse complement, itself, lie at one of 256 places: no score is rarer."""
    short = motifs.log_odds(np.full((4, 4), 0.01) + 0.96 * np.eye(4))
    piece = np.random.default_rng(2).integers(0, 4, 4000).astype(np.uint8)
    assert motifs.score_of_chance(short, scan_null.CHANCE) == np.inf
    assert "ACGT" in seq.decode(piece)
    assert "ACGT" not in seq.decode(scan_null.decoys(short)(piece, np.random.default_rng(3)))


def test_what_a_model_sees_beside_the_motif_stays_in_decoys_and_goes_in_shuffled_pieces(tmp_path):
    """A network that fires at runs of A, which the genome has and no order of its bases keeps."""
    rng = np.random.default_rng(1)
    codes = rng.integers(0, 4, 40_000).astype(np.uint8)
    for at in range(100, 40_000, 400):
        codes[at : at + 12] = 0
    path = tmp_path / "g.fa"
    path.write_text(">a\n" + seq.decode(codes) + "\n")
    pysam.faidx(str(path))

    def score(windows):
        views = np.lib.stride_tricks.sliding_window_view(windows[0 : len(windows)], 12, axis=1)
        return np.where((views == 0).all(2).any(1), 5.0, -5.0)

    given = (fasta.open_fasta(path), [Place("a", 0, 40_000)], tracks.by_window(score), 40, 20, 1000)
    shuffled, kept = (scan_null.null_scores(*given, 1, make) for make in (None, scan_null.decoys(MOTIF)))
    assert (kept > 0.5).sum() > 12
    assert (shuffled > 0.5).sum() < 3


def test_the_null_is_as_uneven_as_the_genome():
    """GC of windows: half of the genome's have .3, half .6, and so have the null's; a whole piece shuffled has .45."""
    rng = np.random.default_rng(0)
    rich = np.repeat(np.arange(20) % 2, 200)
    piece = np.where(
        rng.random(4000) < np.where(rich, 0.6, 0.3), 1 + rng.integers(0, 2, 4000), 3 * rng.integers(0, 2, 4000)
    )
    piece = piece.astype(np.uint8)

    def gc(codes):
        return np.isin(codes.reshape(20, 200), (1, 2)).mean(1)

    found = scan_null.shuffled(piece, 200, rng)
    assert np.array_equal(gc(found), gc(piece))
    assert not np.array_equal(found, piece)
    assert gc(seq.shuffle_dinucleotides(piece, rng)).std() < gc(piece).std() / 2
    assert len(scan_null.shuffled(piece[:450], 200, rng)) == 450


def genome_of(tmp_path, sizes):
    """A FASTA of random contigs of these sizes, and a place for each."""
    rng = np.random.default_rng(0)
    contigs = {f"c{number}": seq.decode(rng.integers(0, 4, size).astype(np.uint8)) for number, size in enumerate(sizes)}
    return genomes.indexed(tmp_path, contigs), [Place(name, 0, len(bases)) for name, bases in contigs.items()]


def pieces_of(opened, places, count):
    """The pieces that a null of windows of 40 is made of, and its heights."""
    made = []

    def keep(piece, rng):
        made.append(len(piece))
        return piece

    def score(windows):
        return (windows[0 : len(windows)] == 2).mean(1)

    return made, scan_null.null_scores(opened, places, tracks.by_window(score), 40, 20, count, 1, keep)


def test_contigs_shorter_than_a_piece_have_a_null(tmp_path):
    """No contig has the 800 bases of a piece: those of 100 and more are pieces whole, the one of 39 holds no window.

    A piece of 100, 200 and 700 has 4, 9 and 34 windows and is drawn as often as it is long: 26 windows in the mean, so
    3,000 windows are 116 pieces.
    """
    opened, places = genome_of(tmp_path, [100, 200, 700, 39])
    made, heights = pieces_of(opened, places, 3000)
    assert set(made) == {100, 200, 700}
    assert len(made) == 116
    assert made.count(700) == pytest.approx(0.7 * 116, abs=15)
    assert len(heights) > 116
    assert not np.isnan(heights).any()


def test_where_one_contig_is_long_enough_pieces_are_of_it_alone(tmp_path):
    """A piece of 800 has 39 windows, of which 400 take 11 pieces."""
    opened, places = genome_of(tmp_path, [799, 900])
    assert pieces_of(opened, places, 400)[0] == [800] * 11
    assert pieces_of(opened, places[:1], 400)[0] == [799] * 11


def test_contigs_without_a_window_have_no_null(tmp_path):
    opened, places = genome_of(tmp_path, [39, 20])
    made, heights = pieces_of(opened, places, 400)
    assert (made, len(heights)) == ([], 0)

"""Negatives keep away from peaks, blacklist and gaps, match where they should, and share no base."""

import numpy as np
import pandas as pd
import pysam
import pytest
from scipy import stats

from dnalm.dna import bigwig, intervals, motifs, seq, words
from dnalm.errors import InputError
from dnalm.metrics import bootstrap
from dnalm.targets import matching, mining, negatives

WINDOW = 40


@pytest.fixture(scope="module")
def genome(tmp_path_factory):
    """Two contigs of 20 kb: GC-poor and GC-rich halves, soft-masked stretches, a gap; a word planted here and there."""
    rng, path = np.random.default_rng(3), tmp_path_factory.mktemp("genome") / "genome.fa"
    with open(path, "w") as handle:
        for name in ("chr1", "chr2"):
            poor = rng.choice(4, 10_000, p=[0.35, 0.15, 0.15, 0.35])
            rich = rng.choice(4, 10_000, p=[0.2, 0.3, 0.3, 0.2])
            codes = np.r_[poor, rich].astype(np.uint8)
            for start in range(100, 20_000, 500):
                codes[start : start + 8] = seq.encode("GATTACAG")
            letters = list(seq.decode(codes))
            letters[3000:6000] = [letter.lower() for letter in letters[3000:6000]]
            letters[12_000:12_500] = ["N"] * 500
            handle.write(f">{name}\n{''.join(letters)}\n")
    pysam.faidx(str(path))
    return path


@pytest.fixture(scope="module")
def drawn(genome):
    rng = np.random.default_rng(0)
    starts = np.arange(100, 19_000, 1000)
    positives = pd.DataFrame(
        [(chrom, at - 10, at + 30, split) for chrom, split in (("chr1", "train"), ("chr2", "test")) for at in starts],
        columns=["chrom", "start", "end", "split"],
    )  # fmt: skip
    with pysam.FastaFile(str(genome)) as fasta:
        letters = [fasta.fetch(row.chrom, row.start, row.end).encode() for row in positives.itertuples()]
        shares = negatives.shares(np.array([list(text) for text in letters], np.uint8))
        positives = pd.concat([positives.assign(sequence=[text.decode() for text in letters]), shares], axis=1)
        banned = matching.forbidden(positives, pd.DataFrame({"chrom": ["chr1"], "start": [0], "end": [600]}), WINDOW)
        word = motifs.log_odds(np.eye(4)[seq.encode("GATTACAG")])
        ratios = {"gc_matched": 2.0, "motif": 0.5, "random": 1.0}
        table, report = matching.draw(fasta, positives, banned, word, ratios, {"test": ["chr2"]}, WINDOW, rng)
        sequences = [fasta.fetch(row.chrom, row.start, row.end) for row in table.itertuples()]
    return positives, banned, table.assign(sequence=sequences), report


def test_negatives_touch_nothing_forbidden(drawn):
    _, banned, table, _ = drawn
    assert len(table)
    assert not intervals.overlaps(table, banned).any()
    assert not table.sequence.str.contains("N").any()
    assert (table.end - table.start == WINDOW).all()


def test_negatives_of_a_kind_share_no_base_and_keep_to_their_split(drawn):
    _, _, table, _ = drawn
    for _, group in table.groupby(["chrom", "kind"]):
        starts = np.sort(group.start)
        assert (np.diff(starts) >= WINDOW).all()
    assert set(zip(table.chrom, table.split, strict=True)) == {("chr1", "train"), ("chr2", "test")}


def test_gc_matched_negatives_match_cell_by_cell(drawn):
    positives, _, table, report = drawn
    matched = table[table.kind == "gc_matched"]
    for split in ("train", "test"):
        mine = pd.Series(matching.cells(positives[positives.split == split])).value_counts() * 2
        theirs = pd.Series(matching.cells(matched[matched.split == split])).value_counts()
        assert (theirs <= mine.reindex(theirs.index).fillna(0)).all()
    assert len(matched) + report["short"].get("gc_matched", 0) == 2 * len(positives)
    assert len(matched) > 1.5 * len(positives)


def test_matched_negatives_have_the_positives_gc_and_random_ones_the_genomes(genome, drawn):
    """Positives round the word lie in both halves of a contig; random windows must not follow them."""
    positives, banned, table, _ = drawn
    rich = positives[positives.start > 10_000]  # matched to these alone they would all be rich
    apart = {kind: stats.ks_2samp(positives.gc, rows.gc).statistic for kind, rows in table.groupby("kind")}
    assert apart["gc_matched"] < 0.15
    skewed = {"gc_matched": 2.0, "random": 2.0}
    with pysam.FastaFile(str(genome)) as fasta:
        found, _ = matching.draw(
            fasta, rich, banned, None, skewed, {"test": ["chr2"]}, WINDOW, np.random.default_rng(1)
        )
    apart = {kind: stats.ks_2samp(rich.gc, rows.gc).statistic for kind, rows in found.groupby("kind")}
    assert apart["gc_matched"] < 0.15 < 0.25 < apart["random"]


def test_mined_negatives_are_the_highest_maxima_of_training_contigs(genome, drawn, tmp_path):
    positives, banned, *_ = drawn
    step, rng = 20, np.random.default_rng(0)
    tracks = {name: rng.random(1000).astype(np.float32) * 0.3 for name in ("chr1", "chr2")}
    high = {"chr1": [50, 71, 250, 900], "chr2": [300, 400]}  # bins
    for name, bins in high.items():
        tracks[name][bins] = 0.9
    tracks["chr1"][55] = 0.99  # in a peak
    bigwig.write(tmp_path / "first.bw", dict.fromkeys(tracks, 20_000), tracks, step)
    wanted = {"mined": 0.16}  # three for the nineteen positives in training, one by chance
    with pysam.FastaFile(str(genome)) as fasta:
        table, report = matching.draw(
            fasta, positives, banned, None, wanted, {"test": ["chr2"]}, WINDOW, rng, tmp_path / "first.bw"
        )
    assert report["short"] == {}
    assert set(zip(table.kind, table.chrom, table.split, strict=True)) == {("mined", "chr1", "train")}
    shifts = [table.start + WINDOW // 2 - (bins * step + step // 2) for bins in high["chr1"]]
    near = [shift[shift.abs() <= WINDOW // 8] for shift in shifts]
    assert sum(map(len, near)) == len(table) >= 3
    assert set(np.concatenate(near)) != {0}  # as positives to train on are
    assert not intervals.overlaps(table, banned).any()
    assert "height" not in table
    bigwig.write(tmp_path / "other.bw", dict.fromkeys(tracks, 20_000), {"chr2": tracks["chr2"]}, step)
    with pytest.raises(InputError, match=r"no value on the training contigs \(chr1\), wanted a scan"):
        mining.windows(tmp_path / "other.bw", ["chr1"], WINDOW, rng)


def test_maxima_by_hand():
    values = np.array([np.nan, 3, 2, 2, 5, 5, 1, np.nan, 4, 4.5])
    assert mining.maxima(values).tolist() == [1, 4, 9]  # a plateau counts once


def test_shuffled_negatives_keep_dinucleotides_and_the_split_and_lie_nowhere(drawn):
    positives, *_ = drawn
    (table,) = matching.made(positives, {"shuffled": 1.5}, np.random.default_rng(0))
    assert 45 < len(table) < 69
    assert (table.id.is_unique, set(table.chrom), set(table.kind), set(table.label)) == (True, {"."}, {"shuffled"}, {0})
    counts = {split: set(map(tuple, map(dinucleotides, rows.sequence))) for split, rows in positives.groupby("split")}
    for split, text in zip(table.split, table.sequence, strict=True):
        assert tuple(dinucleotides(text)) in counts[split]
    both = (set(table.sequence) & set(positives.sequence.str.upper())) - {"N" * WINDOW}
    assert not both, both
    blocks, _ = bootstrap.blocks_of(pd.concat([table.id, pd.Series(["chr1:5-45", "chr1:7-47"])], ignore_index=True))
    assert len(set(blocks)) == len(table) + 1  # each shuffle is a block of its own
    assert matching.made(positives, {}, np.random.default_rng(0))[0].empty


def dinucleotides(text):
    return np.bincount(words.words_at(seq.encode(text), 2)[0], minlength=16).tolist()


def test_motif_negatives_carry_the_motif_where_positives_do(drawn):
    _, _, table, _ = drawn
    hard = table[table.kind == "motif"]
    upper = hard.sequence.str.upper()
    assert 18 <= len(hard) <= 20  # half of 19 in each split, the odd one at random
    assert upper.str[10:18].isin(["GATTACAG", "CTGTAATC"]).all()  # either strand


def test_shares_and_cells_by_hand():
    letters = np.frombuffer(b"GCatNAAAAA", np.uint8)[None]
    found = negatives.shares(letters).iloc[0]
    assert (found.gc, found.repeats, found.unknown) == (pytest.approx(2 / 9), 0.2, 0.1)
    table = pd.DataFrame({"gc": [0.3, 0.31, 0.32], "repeats": [0.3, 0.0, 1.0]})
    assert matching.cells(table).tolist() == [1503, 1500, 1610]


def test_ratio_is_kept_on_average():
    rng = np.random.default_rng(0)
    total = sum(sum(matching.per_cell(np.arange(100), 0.5, rng).values()) for _ in range(20))
    assert 900 < total < 1100
    assert matching.per_cell([1, 1, 2], 2.0, rng) == {1: 4, 2: 2}

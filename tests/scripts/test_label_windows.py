"""Labelled windows: coordinates on known bases, splits that share no sequence, and rows that add up."""

import gzip
import json

import numpy as np
import pandas as pd
import pysam
import pytest

import label_windows
from dnalm.dna import seq
from dnalm.errors import InputError, UsageError
from dnalm.targets import labels

WINDOW = 32


SPLITS = {"validation": ["chr2"], "test": ["chr3"], "exclude": ["chr4"]}


@pytest.fixture
def genome(tmp_path):
    """Four contigs of 8 kb, the first 200 bp of each unknown."""
    rng, folder = np.random.default_rng(5), tmp_path / "genome"
    folder.mkdir()
    names = ["chr1", "chr2", "chr3", "chr4"]
    text = "".join(f">{name}\n{'N' * 200}{seq.decode(rng.integers(0, 4, 7800).astype(np.uint8))}\n" for name in names)
    (folder / "plain.fa").write_text(text)
    pysam.tabix_compress(str(folder / "plain.fa"), str(folder / "genome.fa.gz"))
    pysam.faidx(str(folder / "genome.fa.gz"))
    (folder / "chrom.sizes").write_text("".join(f"{name}\t8000\n" for name in names))
    (folder / "genome.json").write_text(json.dumps({"splits": SPLITS}))
    return folder


def peaks_file(tmp_path):
    """Thirteen peaks, of which seven are usable."""
    rows = [(chrom, start, start + 60, 20) for chrom in ("chr1", "chr2", "chr3") for start in (2000, 5000)]
    rows += [
        ("chr1", 2005, 2065, 20),  # 5 bp from a better one: merged
        ("chr1", 7000, 7060, 20),
        ("chr4", 2000, 2060, 20),  # excluded contig
        ("chr9", 2000, 2060, 20),  # not in the genome
        ("chr1", 0, 60, 1),  # its window leaves the contig
        ("chr1", 150, 210, 10),  # in the gap
        ("chr1", 6000, 6060, 20),  # blacklisted
    ]
    lines = [
        f"{chrom}\t{start}\t{end}\t.\t0\t.\t{99 - number}\t-1\t-1\t{summit}"
        for number, (chrom, start, end, summit) in enumerate(rows)
    ]
    (tmp_path / "peaks.narrowPeak").write_text("\n".join(lines) + "\n")
    (tmp_path / "blacklist.bed").write_text("chr1\t6010\t6020\n")
    return tmp_path / "peaks.narrowPeak"


def run(tmp_path, genome, name="a", **options):
    out = tmp_path / f"{name}.tsv.gz"
    summary = tmp_path / f"{name}.json"
    label_windows.main(
        genome=genome, out_windows=out, out_summary=summary, window=WINDOW, negatives={"motif": 0.0}, **options
    )
    return pd.read_csv(out, sep="\t"), json.loads(summary.read_text()), out


def test_rows_in_are_rows_out_plus_skipped(tmp_path, genome):
    table, summary, _ = run(tmp_path, genome, peaks=peaks_file(tmp_path), blacklist=tmp_path / "blacklist.bed")
    positives = table[table.label == 1]
    assert summary["skipped"]["peaks"] == {
        "merged": 1, "excluded_contig": 1, "contig_absent": 1, "clipped": 1, "unknown_bases": 1, "blacklist": 1,
    }  # fmt: skip
    assert summary["rows"]["peaks"] == 13 == len(positives) + sum(summary["skipped"]["peaks"].values())
    assert table.groupby("split").chrom.unique().map(sorted).to_dict() == {
        "train": ["chr1"], "validation": ["chr2"], "test": ["chr3"],
    }  # fmt: skip
    assert (table.sequence.str.len() == WINDOW).all()
    assert table.id.is_unique


def test_sequence_is_the_genome_at_its_coordinates_and_the_summit_is_near_the_middle(tmp_path, genome):
    table, _, _ = run(tmp_path, genome, peaks=peaks_file(tmp_path))
    with pysam.FastaFile(str(genome / "genome.fa.gz")) as fasta:
        for row in table.itertuples():
            assert fasta.fetch(row.chrom, row.start, row.end) == row.sequence
    middles = table[(table.label == 1) & (table.chrom == "chr3")].start + WINDOW // 2
    assert np.abs(np.sort(middles) - [2020, 5020]).max() <= WINDOW // 8


def test_same_seed_same_bytes_other_seed_other_windows(tmp_path, genome):
    peaks = peaks_file(tmp_path)
    first, second, other = (
        run(tmp_path, genome, name, peaks=peaks, seed=seed)[2] for name, seed in (("a", 1), ("b", 1), ("c", 2))
    )
    assert first.read_bytes() == second.read_bytes()
    assert first.read_bytes() != other.read_bytes()


def test_no_sequence_is_in_two_splits_not_even_reversed(tmp_path, genome):
    text = "ACGTTGCAAGCTTAGGCTAACCGGTTAACGTA"
    turned = seq.decode(seq.reverse_complement(seq.encode(text)))
    rows = [(text, 0, "chr1"), (turned, 1, "chr3"), (text.lower(), 1, "chrUn"), ("A" * 32, 0, "chr2")]
    path = tmp_path / "given.csv"
    path.write_text("sequence,label,chrom\n" + "".join(f"{a},{b},{c}\n" for a, b, c in rows))
    table, summary, _ = run(tmp_path, genome, sequences=path)
    assert table.split.tolist() == ["validation", "test"]
    assert table.kind.eq("given").all()
    assert summary["skipped"]["sequences"] == {"duplicate": 2}
    assert summary["rows"]["sequences"] == 4


def test_a_split_that_names_no_contig_is_refused(tmp_path, genome):
    with pytest.raises(InputError, match="chr33"):
        run(tmp_path, genome, peaks=peaks_file(tmp_path), splits={"test": ["chr33"]})
    with pytest.raises(UsageError, match="held"):
        run(tmp_path, genome, peaks=peaks_file(tmp_path), splits={"held": ["chr3"]})
    with pytest.raises(UsageError, match="nothing to label"):
        run(tmp_path, genome)


def test_windows_file_names_no_time(tmp_path, genome):
    _, _, out = run(tmp_path, genome, peaks=peaks_file(tmp_path))
    assert out.read_bytes()[4:8] == b"\0\0\0\0"
    with gzip.open(out, "rt") as handle:
        assert handle.readline().split() == labels.COLUMNS

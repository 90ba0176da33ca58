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
        genome=genome,
        out_windows=out,
        out_summary=summary,
        window=WINDOW,
        negatives={"motif": 0.0},
        **({"max_outside": 0.1} | options),
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


@pytest.mark.parametrize(
    "names, message",
    [
        ({"chr1": "1", "chr2": "2", "chr3": "3"}, r"none of its \d+ .* got 1 .* differ by 'chr' only"),
        ({"chr3": "3"}, r"2 of \d+ .* contigs that the genome lacks, wanted 10% at most: got 3 \(2\)"),
    ],
)
@pytest.mark.parametrize("kind", ["peaks", "blacklist", "sequences"])
def test_a_file_with_other_names_for_contigs_is_refused(tmp_path, genome, kind, names, message):
    """A blacklist would remove nothing; a labelled window on `3` would be trained on, though chr3 is for testing."""
    rows = [("chr1", 2000), ("chr1", 5000), ("chr2", 2000), ("chr3", 3000), ("chr3", 5000)]
    rows = [(names.get(chrom, chrom), start, start + 60) for chrom, start in rows]
    given = {"peaks": peaks_file(tmp_path)}
    given[kind] = tmp_path / "named"
    if kind == "sequences":
        lines = [f"{'ACGT' * 8},1,{chrom},{start},{end}" for chrom, start, end in rows]
        given[kind].write_text("\n".join(["sequence,label,chrom,start,end", *lines]) + "\n")
    else:
        given[kind].write_text("".join(f"{chrom}\t{start}\t{end}\n" for chrom, start, end in rows))
    with pytest.raises(InputError, match=message) as error:
        run(tmp_path, genome, **given)
    assert str(error.value).startswith(f"{given[kind]}: ")
    assert not (tmp_path / "a.tsv.gz").exists()


def test_a_blacklist_of_another_assembly_is_refused_and_an_empty_one_is_none(tmp_path, genome):
    peaks, listed = peaks_file(tmp_path), tmp_path / "listed.bed"
    listed.write_text("chr1\t100\t9000\n")
    with pytest.raises(InputError, match="another assembly"):
        run(tmp_path, genome, peaks=peaks, blacklist=listed)
    listed.write_text("# nothing is wrong with this genome\n")
    without, table = (run(tmp_path, genome, peaks=peaks, **more)[0] for more in ({}, {"blacklist": listed}))
    pd.testing.assert_frame_equal(without, table)


@pytest.mark.parametrize(
    "rest",
    [
        "",
        "\tp\t380\t.\t{0}\t{1}\t0\t1\t60\t0",
        "\tp\t380\t.\t{0}\t{1}\t0\t1\t60\t0\t38.5\t-1\t-1",
        "\ts\t0\t+\t{0}\t{1}\t0,255,0\t9",
    ],
)
def test_windows_lie_round_the_middle_of_intervals_without_a_summit(tmp_path, genome, rest):
    """Column 10 of BED12, gappedPeak and methylation calls is no summit: windows round it would miss the middle."""
    starts = [(chrom, start) for chrom in ("chr1", "chr2", "chr3") for start in (2000, 3000, 5000)]
    lines = [f"{chrom}\t{start}\t{start + 60}{rest.format(start, start + 60)}\n" for chrom, start in starts]
    (tmp_path / "peaks.bed").write_text("".join(lines))
    table, _, _ = run(tmp_path, genome, peaks=tmp_path / "peaks.bed")
    positives = table[table.kind == "positive"]
    middles = positives.start + WINDOW // 2
    assert len(positives) == len(starts)
    assert (np.abs(middles.to_numpy() - [start + 30 for _, start in starts]) <= WINDOW // 8).all()


def test_a_labelled_table_gives_the_same_windows_in_every_dialect(tmp_path, genome):
    rng = np.random.default_rng(1)
    rows = [(seq.decode(rng.integers(0, 4, WINDOW).astype(np.uint8)), n % 2, f"chr{1 + n % 3}") for n in range(12)]
    plain = "sequence,label,chrom\n" + "".join(f"{text},{label},{chrom}\n" for text, label, chrom in rows)
    quoted = "sequence,label,chrom,name\n" + "".join(
        f'"{text}",{label}.0,"{chrom}","peak, {label}"\n' for text, label, chrom in rows
    )
    dialects = [plain, plain.replace(",", "\t"), "\ufeff" + plain.replace("\n", "\r\n") + "\r\n", quoted]
    found = []
    for number, text in enumerate(dialects):
        (tmp_path / f"{number}.csv").write_bytes(text.encode())
        found.append(run(tmp_path, genome, f"out{number}", sequences=tmp_path / f"{number}.csv")[2].read_bytes())
    assert found == [found[0]] * 4
    (tmp_path / "gaps.csv").write_text(plain + f"ACGT,,chr1\nNA,1,chr1\n{'ACGA' * 8},1,NA\n")
    table, summary, _ = run(tmp_path, genome, sequences=tmp_path / "gaps.csv")
    assert summary["skipped"]["sequences"] == {"missing_label": 1, "missing_sequence": 1}
    assert summary["rows"]["sequences"] == 15 == len(table) + 2


NOTHING = {
    "all of N": ("sequence,label\n" + f"{'N' * WINDOW},1\n" * 3, "none of its 3 .* 3 unknown bases; .* more than 10%"),
    "no label": ("sequence,label\nACGT,NA\nACGA,\n", "none of its 2 sequences is usable: 2 missing label"),
    "excluded": (
        "sequence,label,chrom,start,end\n" + f"{'ACGT' * 8},1,chr4,2000,2032\n",
        "none of its 1 sequences is usable: 1 excluded contig; excluded contig: see `splits`",
    ),
}


@pytest.mark.parametrize("kind", NOTHING)
def test_nothing_left_is_an_error_here_with_the_reasons(tmp_path, genome, kind):
    text, message = NOTHING[kind]
    (tmp_path / "given.csv").write_text(text)
    with pytest.raises(InputError, match=message):
        run(tmp_path, genome, sequences=tmp_path / "given.csv")
    assert not (tmp_path / "a.tsv.gz").exists()


def test_no_usable_peak_is_an_error_here_with_the_reasons(tmp_path, genome):
    (tmp_path / "peaks.bed").write_text("chr4\t2000\t2060\nchr1\t2000\t2060\nchr2\t20\t90\n")
    (tmp_path / "all.bed").write_text("chr1\t0\t8000\n")
    message = "none of its 3 peaks is usable: 1 excluded contig, 1 blacklist, 1 unknown bases"
    with pytest.raises(InputError, match=message):
        run(tmp_path, genome, peaks=tmp_path / "peaks.bed", blacklist=tmp_path / "all.bed")


def test_a_split_on_which_nothing_lies_is_an_error(tmp_path, genome):
    """Contigs are named to hold something out; without a window there nothing is measured."""
    (tmp_path / "peaks.bed").write_text("chr1\t2000\t2060\nchr2\t2000\t2060\nchr3\t0\t9\n")
    with pytest.raises(InputError, match=r"the test split .chr3. holds no window, .* of 3 peaks 1 clipped; clipped: "):
        run(tmp_path, genome, peaks=tmp_path / "peaks.bed")


def test_of_one_contig_stripes_are_held_out_and_windows_near_a_border_are_in_no_split(tmp_path, genome):
    """A bacterium has one contig: peaks every 50 bp along it, in rounds of four stretches of 1 kb."""
    lines = [f"chr1\t{start}\t{start + 20}\n" for start in range(300, 7900, 50)]
    (tmp_path / "peaks.bed").write_text("".join(lines))
    stripes = {"exclude": ["chr2", "chr3", "chr4"], "stripes": {"bases": 1000, "of": 4}}
    table, summary, _ = run(tmp_path, genome, peaks=tmp_path / "peaks.bed", splits=stripes)
    held = {"validation": ["chr1:2000-3000", "chr1:6000-7000"], "test": ["chr1:3000-4000", "chr1:7000-8000"]}
    assert summary["splits"] == held | {"exclude": ["chr2", "chr3", "chr4"]}
    wide = table.end.iloc[0] - table.start.iloc[0]
    truth = np.repeat(["train", "train", "validation", "test"] * 2, 1000)
    for row in table.itertuples():
        assert set(truth[max(row.start - wide, 0) : row.end + wide]) == {row.split}
    assert set(table.split) == set(truth)
    assert set(table.kind) == {"positive", "gc_matched", "random"}
    assert summary["skipped"]["peaks"]["border"] == 10


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
    rows = [(text, 0, "chr1"), (turned, 1, "chr3"), (text.lower(), 1, "chr1"), ("A" * 32, 0, "chr2")]
    rows += [("AC" * 16, 0, "chr1"), ("AG" * 16, 1, "chr1")]
    path = tmp_path / "given.csv"
    path.write_text("sequence,label,chrom\n" + "".join(f"{a},{b},{c}\n" for a, b, c in rows))
    table, summary, _ = run(tmp_path, genome, sequences=path)
    assert table.split.tolist() == ["train", "train", "validation", "test"]
    assert table.kind.eq("given").all()
    assert summary["skipped"]["sequences"] == {"duplicate": 2}
    assert summary["duplicates"] == {"train": {"test": 2}, "with_another_label": 1}
    assert summary["rows"]["sequences"] == 6


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

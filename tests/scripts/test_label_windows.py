"""Labelled windows: coordinates on known bases, splits that share no sequence, and rows that add up."""

import gzip
import json

import numpy as np
import pandas as pd
import pysam
import pytest
from genomes import make

import label_windows
from dnalm.dna import bigwig, seq
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
    if "peaks" in options:
        options["peaks"] = options["peaks"] if isinstance(options["peaks"], list) else [options["peaks"]]
    label_windows.main(
        genome=genome,
        out_windows=out,
        out_summary=summary,
        **({"max_outside": 0.1, "window": WINDOW, "negatives": {"motif": 0.0}} | options),
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
    middles = table[table.label == 1].groupby("chrom").start.apply(lambda start: sorted(start + WINDOW // 2))
    assert (middles["chr2"], middles["chr3"]) == ([2020, 5020], [2020, 5020])
    assert np.abs(np.array(middles["chr1"]) - [2020, 5020, 6020, 7020]).max() <= WINDOW // 8


WORD = "GATTACAGATT"
TURNED = seq.decode(seq.reverse_complement(seq.encode(WORD)))
MOTIF = "MOTIF x\nletter-probability matrix: w= 11\n" + "".join(
    " ".join(str(int(letter == base)) for base in "ACGT") + "\n" for letter in WORD
)


@pytest.fixture
def planted(tmp_path):
    """A word on either strand every 60 bp of three contigs, a peak over each fourth with its summit to one side."""
    rng, letters, peaks = np.random.default_rng(0), {}, []
    for name in ("chr1", "chr2", "chr3"):
        text = list(seq.decode(rng.integers(0, 4, 12_000).astype(np.uint8)))
        for number, start in enumerate(range(300, 11_700, 60)):
            forward = rng.integers(0, 2)
            text[start : start + len(WORD)] = WORD if forward else TURNED
            summit = start + (9 if forward else 3)
            peaks += [] if number % 4 else [f"{name}\t{summit - 9}\t{summit + 10}\n"]
        letters[name] = "".join(text)
    (tmp_path / "peaks.bed").write_text("".join(peaks))
    (tmp_path / "motif.meme").write_text(MOTIF)
    return make(tmp_path / "planted", letters, {"validation": ["chr2"], "test": ["chr3"]})


def test_only_windows_to_train_on_are_shifted_and_motif_negatives_follow_the_positives_of_their_split(
    tmp_path, planted
):
    """Where the motif lies in one place in positives and elsewhere in negatives, a ruler does as well as a model."""
    given = {"peaks": tmp_path / "peaks.bed", "motif": tmp_path / "motif.meme"}
    table, _, _ = run(tmp_path, planted, **given, negatives={"motif": 1.0, "gc_matched": 0, "random": 0})
    for word, offset in ((WORD, 7), (TURNED, 13)):
        found = table.sequence.str.find(word)
        places = found[found >= 0].groupby([table.split, table.kind]).agg(set)
        for split, kind in ((split, kind) for split in ("validation", "test") for kind in ("positive", "motif")):
            assert places[split, kind] == {offset}, (split, kind, word)
        for kind in ("positive", "motif"):
            assert places["train", kind] <= set(range(offset - 4, offset + 5))
            assert len(places["train", kind]) > 5


def test_what_is_bound_in_too_few_files_or_elsewhere_is_no_negative(tmp_path, genome):
    """Three sites in both cell types, three in one, and a mark that covers most of what is left."""
    contigs, both, alone = ("chr1", "chr2", "chr3"), 3000, {"a": 4000, "b": 5000}
    for name, start in alone.items():
        places = [(chrom, at) for chrom in contigs for at in (both, start)]
        (tmp_path / name).write_text("".join(f"{chrom}\t{at}\t{at + 60}\n" for chrom, at in places))
    (tmp_path / "mark").write_text("".join(f"{chrom}\t200\t2900\n{chrom}\t5500\t8000\n" for chrom in contigs))
    given = {"peaks": [tmp_path / "a", tmp_path / "b"], "negatives": {"random": 10.0}}
    table, summary, _ = run(tmp_path, genome, **given, bound_in="all", not_negative=[tmp_path / "mark"])
    assert summary["rows"] == {"peaks": 12, "not_negative": 6}
    assert summary["skipped"] == {"peaks": {"in_too_few": 6, "merged": 3}, "not_negative": {}}
    assert (table[table.label == 1].start + WINDOW // 2 - 3030).abs().max() <= WINDOW // 8
    half, negatives = WINDOW // 2, table[table.label == 0]
    assert len(negatives) > 30
    for start, end in [(0, 2900), (5500, 8000), *((at, at + 60) for at in (both, *alone.values()))]:
        assert ((negatives.end <= start - half) | (negatives.start >= end + half)).all()
    table, summary, _ = run(tmp_path, genome, **given)
    assert (summary["rows"], summary["skipped"]) == ({"peaks": 12}, {"peaks": {"merged": 3}})
    assert len(table[table.label == 1]) == 9
    assert ((table.label == 0) & (table.end < 2900)).any()


def test_windows_round_the_motif_have_it_in_the_middle_bound_or_not(tmp_path, planted):
    """A peak without the motif is no site of it: nothing among the negatives would be like it."""
    with open(tmp_path / "peaks.bed", "a") as handle:
        handle.write("chr1\t40\t80\nchr3\t90\t160\n")
    given = {"peaks": tmp_path / "peaks.bed", "motif": tmp_path / "motif.meme", "centre": "motif"}
    table, summary, _ = run(tmp_path, planted, **given, negatives={"motif": 1.0, "gc_matched": 0, "random": 0})
    assert summary["skipped"]["peaks"] == {"no_motif": 2}
    held = table[table.split != "train"]
    assert held.sequence.str[11:22].isin([WORD, TURNED]).all()
    assert held.groupby("label").size().min() > 50
    train = table[table.split == "train"]
    middle = (train.sequence.str.find(WORD) + train.sequence.str.find(TURNED) + 1).groupby(train.label)
    assert middle.min().ge(7).all()
    assert middle.max().le(15).all()
    assert middle.nunique().gt(5).all()
    with pytest.raises(UsageError, match="--centre motif: got no --motif, wanted the one that lies in the middle"):
        run(tmp_path, planted, **(given | {"motif": None}))


def test_the_score_that_chose_positives_chooses_motif_negatives(tmp_path, planted, monkeypatch):
    given = {"peaks": tmp_path / "peaks.bed", "motif": tmp_path / "motif.meme", "centre": "motif"}
    monkeypatch.setattr(label_windows.summits, "at_motif", lambda peaks, *rest: (peaks, 7.5))
    assert run(tmp_path, planted, **given, negatives={"motif": 1.0})[1]["motif_threshold"] == 7.5


def test_mappability_is_beside_the_windows_and_measured(tmp_path, genome):
    sizes, step = dict.fromkeys(("chr1", "chr2", "chr3"), 8000), 100
    track = np.where(np.arange(80) % 20 < 10, 1, 0.5).astype(np.float32)
    bigwig.write(tmp_path / "map.bw", sizes, dict.fromkeys(sizes, track), step)
    given = {"peaks": peaks_file(tmp_path), "negatives": {"gc_matched": 2.0, "random": 2.0, "shuffled": 1.0}}
    table, summary, _ = run(tmp_path, genome, **given, mappability=tmp_path / "map.bw")
    placed = table[(table.chrom != ".") & (table.start % 1000 < 1000 - WINDOW)]
    assert (placed.mappability == np.where(placed.start // 1000 % 2, 0.5, 1)).all()
    assert table.mappability[table.kind == "shuffled"].isna().all()
    tests = {kind: set(found) for kind, found in summary["ks"].items()}
    assert (
        tests["shuffled"] | {"mappability"}
        == tests["gc_matched"]
        == tests["random"]
        == {"gc", "repeats", "mappability"}
    )
    without, _, _ = run(tmp_path, genome, **given)
    assert "mappability" not in without
    bigwig.write(tmp_path / "map.bw", {"1": 8000}, {"1": track}, step)
    with pytest.raises(InputError, match=r"map.bw: none of its 1 contigs is one of the genome: got 1, the genome has"):
        run(tmp_path, genome, "refused", **given, mappability=tmp_path / "map.bw")
    assert not (tmp_path / "refused.tsv.gz").exists()


@pytest.mark.parametrize(
    "names, message",
    [
        ({"chr1": "1", "chr2": "2", "chr3": "3"}, r"none of its \d+ .* got 1 .* differ by 'chr' only"),
        ({"chr3": "3"}, r"2 of \d+ .* contigs that the genome lacks, wanted 10% at most: got 3 \(2\)"),
    ],
)
@pytest.mark.parametrize("kind", ["peaks", "replicate", "not_negative", "blacklist", "sequences"])
def test_a_file_with_other_names_for_contigs_is_refused(tmp_path, genome, kind, names, message):
    """A blacklist would remove nothing; a labelled window on `3` would be trained on, though chr3 is for testing."""
    rows = [("chr1", 2000), ("chr1", 5000), ("chr2", 2000), ("chr3", 3000), ("chr3", 5000)]
    rows = [(names.get(chrom, chrom), start, start + 60) for chrom, start in rows]
    given, named = {"peaks": peaks_file(tmp_path)}, tmp_path / "named"
    given |= {"replicate": {"peaks": [given["peaks"], named]}, "not_negative": {kind: [named]}}.get(kind, {kind: named})
    if kind == "sequences":
        lines = [f"{'ACGT' * 8},1,{chrom},{start},{end}" for chrom, start, end in rows]
        named.write_text("\n".join(["sequence,label,chrom,start,end", *lines]) + "\n")
    else:
        named.write_text("".join(f"{chrom}\t{start}\t{end}\n" for chrom, start, end in rows))
    with pytest.raises(InputError, match=message) as error:
        run(tmp_path, genome, **given)
    assert str(error.value).startswith(f"{named}: ")
    assert not (tmp_path / "a.tsv.gz").exists()
    if len(names) == 3:  # a genome may be a part of its assembly, but not one of another
        with pytest.raises(InputError, match=message):
            run(tmp_path, genome, **given, max_outside=1)


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

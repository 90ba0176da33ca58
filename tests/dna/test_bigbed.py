"""bigBed: what is written is what libBigWig reads, in files of any shape, and what cannot be right is refused."""

import os
import zlib
from pathlib import Path

import numpy as np
import pandas as pd
import pyBigWig
import pytest

from dnalm.dna import bbi, bigbed
from dnalm.errors import InputError

DATA = Path(os.environ.get("DNALM_REAL_DATA", "../shared/data"))
SIZES = {"chr2": 500, "chr10": 2000, "chr1": 120}
COLUMNS = ["chrom", "start", "end", "name", "score", "strand", "signal", "p", "q", "peak"]
ROWS = [
    ("chr1", 0, 120, "peak_1", 1000, ".", 1.0, 6.25, np.inf, 60),
    ("chr10", 5, 105, "peak_2", 0, ".", 0.1234567, 3.0, 1.5, 50),
    ("chr10", 5, 20, "peak_3", 7, ".", 0.5, 3.0, 1.5, 7),
    ("chr10", 1990, 2000, "peak_4", 500, ".", 0.5, 3.0, 1.5, -1),
]


def peaks(rows=ROWS):
    whole = dict.fromkeys(("start", "end", "score", "peak"), int)
    return pd.DataFrame(rows, columns=COLUMNS).astype(whole | dict.fromkeys(("signal", "p", "q"), float))


def written(path, table, sizes=SIZES):
    bigbed.write(path, sizes, table, bigbed.NARROW_PEAK, 6)
    return pyBigWig.open(str(path))


def test_what_goes_in_comes_out(tmp_path):
    found = written(tmp_path / "a.bb", peaks())
    assert found.isBigBed()
    assert found.chroms() == SIZES
    assert list(found.chroms()) == ["chr1", "chr10", "chr2"]  # by name, as `sort` has them
    assert found.SQL().decode() == bigbed.NARROW_PEAK
    assert found.entries("chr1", 0, 120) == [(0, 120, "peak_1\t1000\t.\t1\t6.25\tinf\t60")]
    assert found.entries("chr10", 0, 2000) == [
        (5, 105, "peak_2\t0\t.\t0.123457\t3\t1.5\t50"),
        (5, 20, "peak_3\t7\t.\t0.5\t3\t1.5\t7"),
        (1990, 2000, "peak_4\t500\t.\t0.5\t3\t1.5\t-1"),
    ]
    assert found.entries("chr10", 104, 105)[0][:2] == (5, 105)
    assert found.entries("chr10", 105, 1990) is None  # half-open
    assert found.entries("chr2", 0, 500) is None
    header = found.header()
    assert (header["nBasesCovered"], header["minVal"], header["maxVal"]) == (120 + 100 + 10, 1, 2)
    assert header["sumData"] == 120 + 100 + 15 + 10


def test_the_header_counts_fields(tmp_path):
    written(tmp_path / "a.bb", peaks())
    data = (tmp_path / "a.bb").read_bytes()
    magic, version, _, _, data_at, _, fields, defined, *_ = bbi.HEADER.unpack_from(data)
    assert (magic, version, fields, defined) == (bbi.BIGBED, 4, 10, 6)
    assert bbi.COUNT.unpack_from(data, data_at) == (len(ROWS),)
    assert data[:4] == data[-4:]
    bigbed.write(tmp_path / "b.bb", SIZES, peaks()[["chrom", "start", "end", "name"]], bigbed.BED4, 4)
    assert bbi.HEADER.unpack_from((tmp_path / "b.bb").read_bytes())[6:8] == (4, 4)


def test_the_index_says_what_it_spans(tmp_path):
    """From the first start to the furthest end, which is not that of the last interval."""
    rows = [("chr1", 3, 100, "a"), ("chr10", 5, 1900, "b"), ("chr10", 6, 20, "c")]
    table = pd.DataFrame(rows, columns=["chrom", "start", "end", "name"])
    bigbed.write(tmp_path / "a.bb", SIZES, table, bigbed.BED4, 4)
    data = (tmp_path / "a.bb").read_bytes()
    magic, _, blocks, *span, _, _, _ = bbi.INDEX.unpack_from(data, bbi.HEADER.unpack_from(data)[5])
    assert (magic, blocks) == (bbi.INDEX_MAGIC, 2)
    assert span == [0, 3, 1, 1900]


def test_no_interval_makes_a_valid_file(tmp_path):
    found = written(tmp_path / "a.bb", peaks([]))
    assert found.isBigBed()
    assert found.chroms() == SIZES
    assert all(found.entries(name, 0, size) is None for name, size in SIZES.items())
    assert found.header()["nBasesCovered"] == 0
    assert found.SQL().decode() == bigbed.NARROW_PEAK


@pytest.mark.parametrize("slot, block", [(1, 2), (3, 2), (2, 3), (512, 256)])
def test_trees_of_many_levels_find_everything(tmp_path, monkeypatch, slot, block):
    """Names as long as some assemblers', hundreds of contigs, and nodes so small that the trees are deep."""
    monkeypatch.setattr(bbi, "SLOT", slot)
    monkeypatch.setattr(bbi, "BLOCK", block)
    rng = np.random.default_rng(slot)
    sizes = {f"scaffold_{'long' * (number % 40)}.{number}|x": 400 + number for number in range(300)}
    rows = []
    for name in sorted(sizes):
        for start in sorted(rng.integers(0, 300, number if (number := int(rng.integers(0, 6))) else 0)):
            rows.append(
                (name, int(start), int(start + rng.integers(1, 100)), f"p{len(rows)}", 1, ".", 1.0, 1.0, 1.0, 0)
            )
    found, table = written(tmp_path / "a.bb", peaks(rows), sizes), peaks(rows)
    assert found.chroms() == sizes
    for name, size in sizes.items():
        here = table[table.chrom == name]
        assert [entry[:2] for entry in found.entries(name, 0, size) or []] == list(
            zip(here.start, here.end, strict=True)
        )
        for place in (0, 150, 300):
            met = here[(here.start < place + 10) & (here.end > place)]
            assert [entry[2].split("\t")[0] for entry in found.entries(name, place, place + 10) or []] == list(met.name)


def test_more_entries_than_one_level_of_an_index_holds(tmp_path):
    count = bbi.SLOT * bbi.BLOCK + 5000
    start = np.arange(count) * 10
    table = pd.DataFrame({"chrom": "chr1", "start": start, "end": start + 15, "name": "."})
    bigbed.write(tmp_path / "a.bb", {"chr1": 10 * count + 10}, table, bigbed.BED4, 4)
    found = pyBigWig.open(str(tmp_path / "a.bb"))
    assert len(found.entries("chr1", 0, 10 * count + 10)) == count
    for place in (0, count // 2, count - 1):
        wanted = [(10 * one, 10 * one + 15) for one in (place - 1, place) if one >= 0]
        assert [entry[:2] for entry in found.entries("chr1", 10 * place, 10 * place + 1)] == wanted


def test_zoom_levels_hold_the_coverage(tmp_path):
    """Read as a browser does: the level's index, its first block, records of 32 bytes."""
    start = np.arange(3000) * 20
    table = pd.DataFrame({"chrom": "chr1", "start": start, "end": start + 10, "name": "."})
    bigbed.write(tmp_path / "a.bb", {"chr1": 60_000}, table, bigbed.BED4, 4)
    data = (tmp_path / "a.bb").read_bytes()
    levels = bbi.HEADER.unpack_from(data)[2]
    assert levels == 6  # of 600, 150, 38, 10, 3 bins and one
    for level in range(levels):
        width, _, at, index = bbi.ZOOM.unpack_from(data, bbi.HEADER.size + level * bbi.ZOOM.size)
        assert width == 100 * 4**level
        count = int.from_bytes(data[at : at + 4], "little")
        assert count == -(-60_000 // width)
        one, first, other, last, offset, size = bbi.LEAF.unpack_from(data, index + bbi.INDEX.size + bbi.NODE.size)
        records = np.frombuffer(zlib.decompress(data[offset : offset + size]), bbi.ZOOM_RECORD)
        assert (one, first, other) == (0, 0, 0)
        assert last == records["end"][-1]
        assert len(records) == min(count, bbi.SLOT)
        assert records["valid"][0] == width // 2 if count > 1 else 30_000


@pytest.mark.parametrize(
    "change, line",
    [
        ({"chrom": ["chr1", "chr10", "chr10", "chrZ"]},
         "chrZ:1990-2000 is on a contig that chrom.sizes lacks; give the chrom.sizes of the genome it was made on"),
        ({"end": [121, 105, 20, 2000]}, "chr1:0-121 is empty or leaves its contig"),
        ({"start": [0, 5, 20, 1990]}, "chr10:20-20 is empty or leaves its contig"),
        ({"start": [-1, 5, 5, 1990]}, "chr1:-1-120 is empty or leaves its contig"),
        ({"score": [1000, 0, 7, 1001]}, "chr10:1990-2000 has a score that is no whole number from 0 to 1000"),
        ({"score": [1000, 0, 7.5, 1]}, "chr10:5-20 has a score that is no whole number from 0 to 1000"),
        ({"start": [0, 6, 5, 1990]}, "chr10:5-20 comes after a later one; sort them: sort -k1,1 -k2,2n, in LC_ALL=C"),
        ({"chrom": ["chr10", "chr1", "chr10", "chr10"]}, "chr1:5-105 comes after a later one"),
        ({"chrom": ["chr1", "chr2", "chr10", "chr10"]}, "chr10:5-20 comes after a later one"),
    ],
)  # fmt: skip
def test_refuses(tmp_path, change, line):
    with pytest.raises(InputError) as error:
        bigbed.write(tmp_path / "a.bb", SIZES, peaks().assign(**change), bigbed.NARROW_PEAK, 6)
    assert f"a.bb: the interval {line}" in str(error.value)
    assert not list(tmp_path.iterdir())


def test_intervals_that_were_not_written_are_missed(tmp_path, monkeypatch):
    whole = bigbed._rows
    monkeypatch.setattr(bigbed, "_rows", lambda table, number: list(whole(table, number))[:-1])
    with pytest.raises(RuntimeError, match="3 intervals were written on chr10, 0 are read back"):
        written(tmp_path / "a.bb", peaks())
    assert not (tmp_path / "a.bb").exists()


def test_the_same_intervals_make_the_same_bytes(tmp_path):
    for name in ("a.bb", "b.bb"):
        written(tmp_path / name, peaks(), SIZES if name == "a.bb" else dict(reversed(SIZES.items())))
    assert (tmp_path / "a.bb").read_bytes() == (tmp_path / "b.bb").read_bytes()


@pytest.mark.real
def test_real_peaks_come_back_line_for_line(tmp_path):
    if not (DATA / "hg19/CTCF.GM12878.narrowPeak.gz").exists():
        pytest.skip("no real data")
    table = pd.read_csv(DATA / "hg19/CTCF.GM12878.narrowPeak.gz", sep="\t", names=COLUMNS)
    table = table.sort_values(["chrom", "start"], kind="stable").reset_index(drop=True)
    sizes = {"chr1": 249_250_621, "chr17": 81_195_210, "chr20": 63_025_520}
    found = written(tmp_path / "a.bb", table, sizes)
    assert len(table) > 400
    for name, rows in table.groupby("chrom"):
        got = found.entries(name, 0, sizes[name])
        assert [one[:2] for one in got] == list(zip(rows.start, rows.end, strict=True))
        fields = [one[2].split("\t") for one in got]
        assert [float(one[3]) for one in fields] == pytest.approx(rows.signal.tolist(), rel=1e-5)
        assert [int(one[-1]) for one in fields] == rows.peak.tolist()

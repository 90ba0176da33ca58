"""Damaged copies of what users give: each is read, with every row accounted for, or named in one line; nothing else.

A letter changed into another letter, or a cut at the end of a line, leaves a file that is as good as any; what is
promised is that all that such a file holds is read.
"""

import gzip
import re
from pathlib import Path

import numpy as np
import pytest
from mutations import mutations

import presets
from dnalm import tables
from dnalm.dna import bed, intervals, meme, seq
from dnalm.errors import InputError
from dnalm.figures import gene_track
from dnalm.genome import contigs
from dnalm.targets import given
from dnalm.targets import tables as labelled_tables
from dnalm.variants import table as variants_table

ROOT = Path(__file__).resolve().parents[2]
SIZES = {"chr1": 5_000_000, "chr2": 4_000_000}
SPLITS = {"validation": ["chr2"], "test": [], "exclude": []}
RNG = np.random.default_rng(0)
PLACES = [(f"chr{1 + row % 2}", int(start)) for row, start in enumerate(RNG.integers(0, 3_000_000, 40))]


def dna(length):
    return seq.decode(RNG.integers(0, 4, length).astype(np.uint8))


def rows_of(data):
    """Lines that hold something and are no comment, as any editor counts them."""
    text = gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data
    lines = text.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return [line for line in lines if line.strip() and not re.match(r"#|(track|browser)(\s|$)", line)]


def records(path, data):
    number = len(list(contigs.read(path)))
    text = gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data
    assert number == sum(line.startswith(b">") for line in text.split(b"\n"))


def twobit_records(path, data):
    names = [name for name, _ in contigs.read(path)]
    assert len(names) == int.from_bytes(data[8:12], "little" if data[:1] == b"\x43" else "big")


def peaks(path, data):
    read = bed.read_peaks(path)
    assert len(read) == len(rows_of(data))
    assert np.isfinite(read.score).all()
    assert ((read.start <= read.summit) & (read.summit <= read.end)).all()
    intervals.on_genome(read, SIZES, path)


def places(path, data):
    assert len(bed.read_intervals(path, {"chr1": 1 << 60, "chr2": 1 << 60}, most_outside=1)) <= len(rows_of(data))


def genes(path, data):
    gene_track.read_genes(path, SIZES)


def sequences(path, data):
    read = labelled_tables.read({"": path})
    found, skipped, _ = given.windows(read, SPLITS, 30, SIZES, 0.5)
    rows = read.rows
    assert rows == len(found) + skipped.total()
    assert rows == sum(bool(line.strip(" ,\t")) for line in rows_of(data)) - 1


def variants(path, data):
    table = tables.read(path)
    columns = {name: name for name in ("chrom", "pos", "ref", "alt", "id")}
    found, skipped = variants_table.to_records(table, columns, {"NOTE": "note"}, "chr")
    assert len(table.rows) == len(found) + skipped.total()


def motif(path, data):
    matrix = meme.read_meme(path)
    np.testing.assert_allclose(matrix.sum(1), 1)


def names(path, data):
    assert len(contigs.read_table(path)) == len([line for line in rows_of(data)[1:]])


def preset(path, data):
    presets.preset.cache_clear()
    presets.preset("genomes", path.stem)


def twobit_of(sequences):
    """Plain 2bit records, without runs of N or lower case."""
    index, body = b"", b""
    start = 16 + sum(len(name) + 5 for name in sequences)
    for name, text in sequences.items():
        codes = np.array(["TCAG".index(base) for base in text + "T" * (-len(text) % 4)], np.uint8).reshape(-1, 4)
        packed = (codes @ np.array([64, 16, 4, 1], np.uint8)).tobytes()
        record = len(text).to_bytes(4, "little") + bytes(12) + packed
        index += bytes([len(name)]) + name.encode() + (start + len(body)).to_bytes(4, "little")
        body += record
    return bytes.fromhex("4327411a") + b"".join(n.to_bytes(4, "little") for n in (0, len(sequences), 0)) + index + body


FASTA = "".join(f">chr{n} x\n" + "".join(f"{dna(60)}\n" for _ in range(8)) + "NNNNacgt\n" for n in (1, 2)).encode()
BED = "".join(f"{chrom}\t{start}\t{start + 200}\tp\t9\t+\n" for chrom, start in PLACES).encode()
NARROW = "".join(f"{c}\t{start}\t{start + 200}\tp\t9\t.\t7.5\t-1\t2.5\t80\n" for c, start in PLACES).encode()
GENES = "".join(f"{c}\t{s}\t{s + 90}\tg\t0\t+\t{s}\t{s + 90}\t0\t2\t20,30,\t0,60,\n" for c, s in PLACES).encode()
GIVEN = "sequence,label,chrom,start,end\n" + "".join(f"{dna(30)},{s % 2},{c},{s},{s + 30}\n" for c, s in PLACES)
TABLE = "chrom\tpos\tref\talt\tid\tnote\n" + "".join(f"{c[3:]}\t{s + 1}\tA\tC,G\tx\tsome words\n" for c, s in PLACES)
RENAME = b"source\tname\nNC_1.1\tchr1\nNC_2.1\tchr2\n"
PRESET = (ROOT / "config/genomes/demo.yaml").read_bytes()
READERS = {
    "FASTA": ("in.fa", FASTA, records),
    "FASTA, gzipped": ("in.fa.gz", gzip.compress(FASTA), records),
    "2bit": ("in.2bit", twobit_of({"chr1": dna(301), "chr2": dna(77), "chr3": ""}), twobit_records),
    "BED": ("in.bed", BED, peaks),
    "BED, gzipped": ("in.bed.gz", gzip.compress(BED), peaks),
    "narrowPeak": ("in.narrowPeak", NARROW, peaks),
    "blacklist": ("in.bed", BED, places),
    "genes": ("in.bed", GENES, genes),
    "labelled sequences": ("in.csv", GIVEN.encode(), sequences),
    "labelled sequences, gzipped": ("in.csv.gz", gzip.compress(GIVEN.encode()), sequences),
    "variants": ("in.tsv", TABLE.encode(), variants),
    "MEME": ("in.meme", (ROOT / "resources/motifs/MA0139.1.meme").read_bytes(), motif),
    "names": ("in.tsv", RENAME, names),
    "preset": ("config/genomes/demo.yaml", PRESET, preset),
}


@pytest.mark.parametrize("number", [50, pytest.param(1000, marks=pytest.mark.slow)])
@pytest.mark.parametrize("kind", READERS)
def test_a_damaged_file_is_read_whole_or_named_in_one_line(tmp_path, monkeypatch, kind, number):
    name, data, read = READERS[kind]
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    monkeypatch.chdir(tmp_path)  # where presets are looked for
    path.write_bytes(data)
    read(path, data)
    refused = []
    for damaged in mutations(data, number, seed=len(kind)):
        path.write_bytes(damaged)
        try:
            read(path, damaged)
        except (InputError, presets.ConfigError) as error:
            refused.append(str(error))
    assert [said for said in refused if path.name not in said] == []
    assert [said for said in refused if "\n" in said and kind != "preset"] == []  # a preset may have several faults
    assert len(refused) > number // 10  # the damage is such that it is met

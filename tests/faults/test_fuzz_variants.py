"""Damaged VCF, BCF and bigWig: an error of one line or the right result, never a crash, a hang or another row count.

All damaged copies of a kind go through one process, which says where it is: so a crash of htslib or libBigWig is seen.
What cannot be told: text and uncompressed BCF bear no checksum and no end mark, so a changed letter, and a cut exactly
at the end of a record, give another valid file. A bigWig's contigs' names and lengths stand in it once.
"""

import gzip
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pysam
import pytest
from mutations import mutations
from pysam import bcftools

from dnalm.dna import bigwig as dna_bigwig
from dnalm.errors import InputError
from dnalm.genome import vcf_text
from dnalm.variants import annotation, samples, vcf

ROOT = Path(__file__).resolve().parents[2]
HEAD = """##fileformat=VCFv4.2
##contig=<ID=c1,length=100000>
##FILTER=<ID=low,Description="few reads">
##INFO=<ID=AC,Number=A,Type=Integer,Description="count">
##INFO=<ID=CLASS,Number=1,Type=String,Description="kind">
##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">
##FORMAT=<ID=DP,Number=1,Type=Integer,Description="Depth">
"""
COLUMNS = "#" + "\t".join(vcf_text.FIXED) + "\tFORMAT\tS1\tS2\n"
RECORDS = 60
TEXT = (
    HEAD
    + COLUMNS
    + "".join(
        f"c1\t{7 * number + 1}\trs{number}\tA\t{'G,T' if number % 5 == 0 else 'C'}\t{number}\t"
        f"{'low' if number % 7 == 0 else 'PASS'}\tAC={'1,2' if number % 5 == 0 else number};CLASS=k{number % 3}\t"
        f"GT:DP\t0/1:{number}\t1|{number % 2}:9\n"
        for number in range(RECORDS)
    )
)
SIZES = {"c1": 100_000, "c2": 120, "c3": 5000}
VALUES = {name: np.random.default_rng(0).random(dna_bigwig.bins_of(SIZES[name], 50)) for name in ("c1", "c3")}
TRACKS = {name: np.where(values < 0.05, np.nan, values).astype(np.float32) for name, values in VALUES.items()}


def bgzf(path):
    with pysam.BGZFile(str(path), "wb") as handle:
        handle.write(TEXT.encode())


def bcf(path, kind):
    text = path.with_suffix(".vcf")
    text.write_text(TEXT)
    bcftools.view("--no-version", "-O", kind, "-o", str(path), str(text), catch_stdout=False)


def bare(path):
    bcf(path, "b")
    path.write_bytes(gzip.decompress(path.read_bytes()))


MAKERS = {
    "plain.vcf": lambda path: path.write_text(TEXT),
    "gzip.vcf.gz": lambda path: path.write_bytes(gzip.compress(TEXT.encode(), mtime=0)),
    "bgzf.vcf.gz": bgzf,
    "packed.bcf": lambda path: bcf(path, "b"),
    "piped.bcf": lambda path: bcf(path, "u"),
    "bare.bcf": bare,
    "htslib.vcf": lambda path: path.write_text(TEXT),
    "track.bw": lambda path: dna_bigwig.write(path, SIZES, TRACKS, 50),
}


def rows(path):
    """The lines of the records as the reader keeps them."""
    called = vcf.read(path)
    return list(samples.rows(called.records, called.samples))


def lines_of(data):
    """How many records stand in a text, counted in another way."""
    found = [line for line in data.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n").split("\n")]
    return sum(1 for line in found if line.strip() and not line.startswith("#"))


def try_text(path, data, whole):
    found = rows(path)
    return "same" if len(found) == lines_of(data) else f"{len(found)} rows of {lines_of(data)}"


def try_packed(path, data, whole):
    return "same" if rows(path) == whole else "other rows"


def try_bare(path, data, whole):
    found = rows(path)
    return "same" if len(found) == RECORDS or whole[: len(found)] == found else f"{len(found)} rows"


def try_htslib(path, data, whole):
    """As the scoring does: read, let htslib judge, write, let htslib read it back."""
    called = vcf.read(path, path.parent)
    meta = annotation.header(called, {}, SIZES)
    annotation.check(called, meta)
    records = called.records.iloc[vcf.genome_order(called.records, SIZES)]
    vcf.write(path.parent / "out.vcf.gz", meta, called.columns, records, called.samples)
    return "same" if len(called.records) == lines_of(data) else "other rows"


def try_track(path, data, whole):
    with dna_bigwig.reading(path) as opened:
        step = dna_bigwig.step_of(opened)
        for contig, length in SIZES.items():
            values = dna_bigwig.read(opened, contig, step)
            wanted = TRACKS.get(contig, np.full(dna_bigwig.bins_of(length, 50), np.nan))
            shared = min(len(values), len(wanted))
            if opened.chroms(contig) == length and not np.array_equal(values, wanted, equal_nan=True):
                return f"other values on {contig}"
            if not np.array_equal(values[:shared], wanted[:shared], equal_nan=True):
                return f"other values on {contig}"
    return "same"


TRIES = {
    "plain.vcf": try_text,
    "gzip.vcf.gz": try_packed,
    "bgzf.vcf.gz": try_packed,
    "packed.bcf": try_packed,
    "piped.bcf": try_packed,
    "bare.bcf": try_bare,
    "htslib.vcf": try_htslib,
    "track.bw": try_track,
}


def main(folder, name, number, seed):
    """Go through the damaged copies of a file, one line each: the kind of outcome and its words."""
    path = Path(folder) / name
    MAKERS[name](path)
    whole, data = None if name == "track.bw" else rows(path), path.read_bytes()
    for damaged in mutations(data, int(number), int(seed)):
        path.write_bytes(damaged)
        try:
            print("result", TRIES[name](path, damaged, whole), flush=True)
        except InputError as error:
            print("refused", repr(str(error)), flush=True)
        except Exception as error:
            print("fault", repr(error), flush=True)


def outcomes(folder, name, number, seed, seconds):
    paths = os.pathsep.join([str(ROOT / "workflow/scripts"), str(ROOT / "tests")])
    ran = subprocess.run(
        [sys.executable, __file__, folder, name, str(number), str(seed)],
        env=os.environ | {"PYTHONPATH": paths},
        capture_output=True,
        text=True,
        timeout=seconds,
    )
    found = [line for line in ran.stdout.splitlines() if line.startswith(("result", "refused", "fault"))]
    assert ran.returncode == 0, f"copy {len(found)} of {number}, seed {seed}: {ran.returncode}, {ran.stderr[-500:]}"
    assert len(found) == number
    return found


def judge(found, name):
    for number, line in enumerate(found):
        kind, _, words = line.partition(" ")
        assert kind != "fault", (number, words)
        assert kind != "result" or words == "same", (number, words)
        assert kind != "refused" or (name in words and "\\n" not in words), (number, words)
    assert any(line.startswith("refused") for line in found)


@pytest.mark.parametrize("name", TRIES)
def test_damage_is_named_or_harmless(tmp_path, name):
    judge(outcomes(tmp_path, name, 50, 0, 60), name)


@pytest.mark.slow
@pytest.mark.parametrize("name", TRIES)
def test_much_damage_is_named_or_harmless(tmp_path, name):
    number = 300 if name.endswith(".bcf") or name.startswith("htslib") else 1000  # where each copy is a process
    judge(outcomes(tmp_path, name, number, 1, 600), name)


if __name__ == "__main__":
    main(*sys.argv[1:])

"""FAULTS.md, rows 1 to 35: for each fault, the exit status, the words, and that nothing is left under a final name."""

import gzip
import hashlib
import io
import json
import signal as signals
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import numpy as np
import pysam
import pytest
from loopback import DATA

import presets
from dnalm import containers
from dnalm.dna import bed, seq
from dnalm.dna import bigwig as dna_bigwig
from dnalm.errors import InputError
from dnalm.genome import archive, contigs, fasta
from dnalm.genome import index as genome_index
from dnalm.scan import tracks
from dnalm.variants import vcf, vcf_header

SCRIPTS = Path(__file__).resolve().parents[2] / "workflow/scripts"
LETTERS = seq.decode(np.random.default_rng(0).integers(0, 4, 300_000)).encode()
LARGE = b"".join(
    b">c%d\n%s\n" % (number, LETTERS[at : at + 60_000]) for number, at in enumerate(range(0, 300_000, 60_000))
)


@pytest.fixture
def index(call, tmp_path):
    """Index a genome of this content; where that fails, no file may be there under its final name, or any other."""

    def run(content, *words, file="in.fa", name="toy"):
        path, out = tmp_path / file, tmp_path / "out"
        if content is not None:
            path.write_bytes(content)
        status, said = call("index_genome", "--fasta", path, "--out", out, "--name", name, *words)
        assert not status or not out.exists() or list(out.iterdir()) == []
        return status, said

    run.about = lambda: json.loads((tmp_path / "out/genome.json").read_text())
    return run


@pytest.fixture
def fetch(call, server, tmp_path):
    """Download from the loopback server; where that fails, no file may be there under its final name."""

    def run(fault, *words):
        out = tmp_path / "down/genome"
        url = fault if ":" in fault else f"{server.url}/{fault}/genome.fa"
        status, said = call("download_genome", "--url", url, "--out", out, *words)
        assert out.exists() == (status == 0)
        return status, said

    return run


def bgzf(path, content):
    with pysam.BGZFile(str(path), "wb") as handle:
        handle.write(content)
    return path.read_bytes()


def bigwig(path):
    track = {"c": np.arange(1, 201, dtype=np.float32)}
    dna_bigwig.write(path, {"c": 10_000}, track, 50)
    return path.read_bytes()


def open_bigwig(path):
    with dna_bigwig.reading(path) as opened:
        dna_bigwig.read(opened, "c", 50)


# files and containers


def test_row01_missing_input(index):
    status, said = index(None, file="nowhere.fa")
    assert status == 2
    assert "nowhere.fa: no such file or folder; check the path" in said


def test_row02_empty(index, read):
    status, said = index(b"")
    assert (status, "in.fa: the file is empty; wanted a FASTA file" in said) == (2, True)
    status, said = read(vcf.read, b"", "x.vcf")
    assert (status, "x.vcf: the file is empty" in said) == (2, True)
    status, said = read(bed.read_peaks, b"", "x.bed")
    assert (status, "x.bed: holds no interval" in said) == (2, True)


def test_row03_header_only_vcf(read, tmp_path):
    def copy(path):
        called = vcf.read(path)
        header = vcf_header.complete_header(called, {"c1": 9})
        vcf.write(tmp_path / "y.vcf.gz", header, called.columns, called.records)

    text = b"##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
    assert read(copy, text, "x.vcf")[0] == 0
    with pysam.VariantFile(str(tmp_path / "y.vcf.gz")) as file:
        assert list(file) == []


def test_row04_web_page(index, read, fetch):
    page = b"<!DOCTYPE html>\n<html>404</html>\n"
    status, said = index(page)
    assert (status, "in.fa: is a web page (HTML or XML); wanted a FASTA file" in said) == (2, True)
    status, said = index(page, file="in.fa.gz")
    assert (status, "is a web page (HTML or XML); wanted a FASTA file" in said) == (2, True)
    status, said = read(open_bigwig, page, "x.bw")
    assert (status, "x.bw: not a whole bigWig" in said) == (2, True)
    status, said = fetch("web")
    assert (status, "got a web page instead of data" in said) == (2, True)


def test_row05_download_truncated(fetch, tmp_path):
    status, said = fetch("always", "--attempts", 1)
    assert (status, "gave up after 1 attempts (connection closed at byte 200,003 of 400,007)" in said) == (2, True)
    assert fetch("once", "--attempts", 2)[0] == 0  # resumed
    assert (tmp_path / "down/genome").read_bytes() == DATA


@pytest.mark.parametrize(
    ("fault", "status", "words"),
    [
        ("busy", 0, "HTTP 503 Service Unavailable; attempt 2 of 6"),
        ("norange", 0, "connection closed at byte 200,003"),
        ("moved", 0, "sha256"),
        ("absent", 2, "HTTP 404 Not Found; check the address in the preset"),
        ("elsewhere", 2, "'http://example.org/x': wanted an https or ftp address"),
        ("empty", 2, "the file is empty"),
    ],
)
def test_row05_other_faults_of_servers(fetch, monkeypatch, tmp_path, fault, status, words):
    monkeypatch.setattr(time, "sleep", lambda seconds: None)
    got, said = fetch(fault)
    assert (got, words in said) == (status, True)
    assert status or (tmp_path / "down/genome").read_bytes() == DATA


def test_row06_checksums(fetch, tmp_path):
    found = hashlib.sha256(DATA).hexdigest()
    for key, wrong in (("--sha256", "0" * 64), ("--md5", "0" * 32), ("--bytes", "7")):
        status, said = fetch("fine", key, wrong)
        assert (status, f", wanted {wrong}; correct `{key[2:]}` or the address" in said) == (2, True)
    lock = tmp_path / "genomes.lock"
    assert fetch("fine", "--lock", lock)[0] == 0
    assert found in lock.read_text()
    (tmp_path / "down/genome").unlink()
    lock.write_text(lock.read_text().replace(found, "0" * 64))
    status, said = fetch("fine", "--lock", lock)
    assert (status, "it has changed since. If that is meant, remove its line from" in said) == (2, True)


def test_row07_no_end_block(index, tmp_path):
    status, said = index(bgzf(tmp_path / "x.gz", LARGE)[:-28], file="in.fa.gz")
    assert (status, "in.fa.gz: the BGZF end block is missing, so the file is cut short" in said) == (2, True)


def test_row08_cut_at_a_block(index, tmp_path):
    whole = bgzf(tmp_path / "x.gz", LARGE)
    at = int.from_bytes(whole[16:18], "little") + 1  # the first block's size
    status, said = index(whole[:at], file="in.fa.gz")
    assert (status, "the BGZF end block is missing" in said) == (2, True)
    status, said = index(whole[:at] + containers.BGZF_END, "--bases", 300_000, file="in.fa.gz")
    assert (status, "bases, wanted 300,000 (`bases`); it is cut short or another file" in said) == (2, True)


def test_row09_cut_within_a_block(index, tmp_path):
    whole = bgzf(tmp_path / "x.gz", LARGE)
    status, said = index(whole[: len(whole) // 2] + containers.BGZF_END, file="in.fa.gz")
    assert (status, "compressed data end early" in said) == (2, True)


def test_row10_plain_gzip_is_packed_anew_elsewhere(index, tmp_path):
    content = gzip.compress(LARGE)
    assert index(content, file="in.fa.gz")[0] == 0
    assert (tmp_path / "in.fa.gz").read_bytes() == content
    assert (tmp_path / "out/genome.fa.gz").read_bytes().endswith(containers.BGZF_END)
    assert index.about()["bases"] == 300_000


def test_row11_the_name_lies(index):
    status, said = index(LARGE, file="in.fa.gz")
    assert (status, "named .gz, but its first bytes are not gzip" in said) == (2, True)
    status, said = index(gzip.compress(LARGE), file="in.fa")
    assert (status, "named .fa, but it is gzipped; add .gz" in said) == (2, True)


def test_row12_a_stale_index_is_ignored(index, tmp_path):
    (tmp_path / "in.fa.gz.fai").write_text("c0\t8\t3\t8\t9\n")
    (tmp_path / "in.fa.gz.gzi").write_bytes(bytes(8))
    assert index(bgzf(tmp_path / "x.gz", LARGE), file="in.fa.gz")[0] == 0
    with fasta.open_fasta(tmp_path / "out/genome.fa.gz") as opened:
        assert opened.nreferences == 5
        assert fasta.fetch(opened, "c4", 0, 60_000) == LETTERS[240_000:]


def test_row13_read_only_folder(call, tmp_path):
    folder = tmp_path / "given"
    folder.mkdir()
    (folder / "in.fa").write_bytes(LARGE)
    folder.chmod(0o555)
    status, _ = call("index_genome", "--fasta", folder / "in.fa", "--out", tmp_path / "out", "--name", "toy")
    folder.chmod(0o755)
    assert status == 0
    assert [path.name for path in folder.iterdir()] == ["in.fa"]  # holds for root too, whom chmod does not stop


def test_row14_an_output_is_replaced_whole_or_not_at_all(call, tmp_path):
    def run(content):
        (tmp_path / "in.fa").write_bytes(content)
        return call("index_genome", "--fasta", tmp_path / "in.fa", "--out", tmp_path / "out", "--name", "toy")[0]

    def written():
        return {name: (tmp_path / "out" / name).read_bytes() for name in genome_index.NAMES}

    assert run(b">a\nACGT\n") == 0
    before = written()
    assert run(b">a\nACGT\n>b\nAC!T\n") == 2
    assert written() == before
    assert run(b">b\nGGGG\n") == 0
    assert (tmp_path / "out/chrom.sizes").read_text() == "b\t4\n"


def test_row15_killed_while_writing(call, tmp_path):
    path, out = tmp_path / "in.fa", tmp_path / "out"
    path.write_bytes(b">a\n" + LETTERS * 100 + b"\n")
    words = ["--fasta", path, "--out", out, "--name", "toy"]
    job = subprocess.Popen([sys.executable, SCRIPTS / "index_genome.py", *words], stderr=subprocess.DEVNULL)
    while not list(out.glob(".*.part.genome.fa.gz")) and job.poll() is None:
        time.sleep(0.01)
    job.kill()
    assert job.wait() == -signals.SIGKILL
    assert [one.name for one in out.iterdir() if not one.name.startswith(".")] == []
    path.write_bytes(b">a\nACGT\n")
    assert call("index_genome", *words)[0] == 0
    assert (out / "chrom.sizes").read_text() == "a\t4\n"


def test_row16_bigwig_truncated(read, tmp_path):
    whole = bigwig(tmp_path / "whole.bw")
    assert read(open_bigwig, whole, "x.bw")[0] == 0
    for cut in (len(whole) // 2, len(whole) * 3 // 4, len(whole) * 7 // 8, len(whole) - 4, len(whole) - 1, 3, 0):
        status, said = read(open_bigwig, whole[:cut], "x.bw")
        assert (status, "x.bw: " in said) == (2, True), cut


@pytest.mark.parametrize("name", ["../evil.fa", "/tmp/evil.fa", "data/../../evil.fa", "..\\evil.fa"])
def test_row17_zip_paths(fetch, server, tmp_path, name):
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w") as packed:
        packed.writestr("good.fa", DATA)
        packed.writestr(name, DATA)
    server.data = raw.getvalue()
    status, said = fetch("fine")
    assert (status, "a place outside itself; do not trust it" in said) == (2, True)
    assert not [*tmp_path.rglob("evil*"), *tmp_path.rglob("good*"), *tmp_path.rglob("*.fa")]


def test_row18_decompression_bombs(index, fetch, server, monkeypatch):
    status, said = index(gzip.compress(b">a\n" + b"N" * 12_000_000), "--bases", 1000, file="in.fa.gz")
    assert (status, "in.fa.gz: grows to more than 1,058,576 bytes when read" in said) == (2, True)
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("a.fa", b">a\n" + b"N" * 12_000_000)
    server.data = raw.getvalue()
    status, said = fetch("fine", "--bases", 1000)
    assert (status, "a.fa would grow from" in said) == (2, True)
    assert fasta.largest(1000) == 1 << 30
    assert fasta.largest(1 << 30) == 200 << 30


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "s3://a/b", "ext::sh -c id", "http://example.org/a.fa", "gopher://a/b"]
)
def test_row19_odd_schemes(fetch, url):
    status, said = fetch(url)
    assert (status, "wanted an https or ftp address" in said) == (2, True)


@pytest.mark.parametrize("name", ["a/b", "../a", "a b", "$(id)", "a;b", ""])
def test_row20_names(index, name):
    status, said = index(b">a\nACGT\n", name=name)
    assert (status, "wanted letters, digits" in said) == (1, True)
    with pytest.raises(presets.ConfigError, match="is no name for a preset") as stop:
        presets.preset("genomes", name)
    assert stop.value.code


def test_a_cut_or_a_flip_is_an_error_or_changes_nothing(tmp_path):
    text, records = b">a x\nACGTacgtNN\n>b\nGATTACA\n", [("a", b"ACGTacgtNN"), ("b", b"GATTACA")]
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("a/b.fna", text)
    for whole in (bgzf(tmp_path / "x.gz", text), gzip.compress(text), raw.getvalue()):
        for at in range(1, len(whole)):
            flipped = [whole[:at] + bytes([whole[at] ^ bit]) + whole[at + 1 :] for bit in (4, 128)]
            for broken in (whole[:at], *flipped):
                (tmp_path / "genome").write_bytes(broken)
                try:
                    if archive.is_zip(tmp_path / "genome"):
                        archive.unpack(tmp_path / "genome", tmp_path / "genome")
                    assert list(contigs.read(tmp_path / "genome")) == records
                except InputError:
                    continue


# FASTA


@pytest.mark.parametrize(
    ("content", "words"),
    [
        pytest.param(
            b">a\nAC\n>b\nAC\n>a\nAC\n", "in.fa:5: the record name 'a' was given before, on line 1", id="row21"
        ),
        pytest.param(
            b">a one\nAC\n>a two\nAC\n", "on line 1 (names end at the first blank); rename or remove one", id="row22"
        ),
        pytest.param(b"ACGT\n", "in.fa:1: got 'ACGT' where a header was wanted", id="row25-no-header"),
        pytest.param(b"@r\nACGT\n+\nIIII\n", "in.fa:1: got '@', as in FASTQ, wanted '>'", id="row25-fastq"),
        pytest.param(b">a\rACGT\r>b\rAC\r", "in.fa:1: lone carriage returns", id="row26-lone-cr"),
        pytest.param(b">a\nMKV*LLE-J!\n", "in.fa:2: got the letter '*' in contig a at offset 3", id="row30-protein"),
        pytest.param(b">a\nACGT\nAC-GT\n", "in.fa:3: got the letter '-' in contig a at offset 6", id="row30-gap"),
        pytest.param(b">a\nAC!T\n", "got the letter '!'", id="row30-mark"),
    ],
)
def test_refused(index, content, words):
    status, said = index(content)
    assert (status, words in said) == (2, True)


@pytest.mark.parametrize(
    ("content", "sizes", "counts"),
    [
        pytest.param(
            b">a\nAC\n>void\n>b\nACG\n>last\n",
            "a\t2\nb\t3\n",
            {"contigs_read": 4, "contigs": 2, "skipped": {"empty": 2}},
            id="row23-no-sequence",
        ),
        pytest.param(b">a\nACGT\n\nAC\nACGTACGT\n", "a\t14\n", {"contigs": 1}, id="row24-uneven-lines"),
        pytest.param(b">a\r\nACGT\r\nAC\r\n", "a\t6\n", {"bases": 6}, id="row26-crlf"),
        pytest.param(b">a\nACGTacgtN\n", "a\t9\n", {"soft_masked_bases": 4}, id="row27-soft-mask"),
        pytest.param(b">a\nRYKMacgtrn\n", "a\t10\n", {"iupac_to_n": 5, "n_bases": 6}, id="row29-iupac"),
        pytest.param(b">a\nACGT\n>b\nACG", "a\t4\nb\t3\n", {"bases": 7}, id="row31-no-last-line-end"),
    ],
)
def test_accepted_and_counted(index, tmp_path, content, sizes, counts):
    status, _ = index(content)
    about = index.about()
    assert (status, (tmp_path / "out/chrom.sizes").read_text()) == (0, sizes)
    skipped = counts.pop("skipped", {})
    assert counts.items() <= about.items()
    assert skipped.items() <= about["skipped"].items()
    left_out = sum(about["skipped"][reason] for reason in ("empty", "short", "unwanted"))
    assert about["contigs_read"] == about["contigs"] + left_out


def test_row27_the_soft_mask_is_a_track(index, tmp_path):
    assert index(b">a\nACGTacgtN\n>b\nnnAC\n")[0] == 0
    assert gzip.decompress((tmp_path / "out/softmask.bed.gz").read_bytes()) == b"a\t4\t8\nb\t0\t2\n"
    with fasta.open_fasta(tmp_path / "out/genome.fa.gz") as opened:
        assert fasta.fetch(opened, "a", 2, 9) == b"GTacgtN"


def test_row28_windows_of_n_are_not_scored():
    codes = seq.encode(b"ACGT" * 100 + b"N" * 200 + b"ACGT" * 100)
    seen = []

    def score(windows):
        rows = windows[0 : len(windows)]
        seen.append((rows == seq.N).mean(1).max())
        return np.zeros(len(rows))

    values = tracks.track(codes, tracks.by_window(score), 100, 50)
    assert max(seen) <= seq.MOST_N
    assert np.isnan(values[8:12]).all()
    assert np.isfinite(values[:7]).all()


def test_row32_many_contigs(index, tmp_path):
    """No file or job for each contig, and short ones are counted: 50,000 here; the time must not grow faster."""
    started = time.monotonic()
    content = b"".join(b">s%d\n%s\n" % (number, b"ACGT" * (5 if number % 10 else 1)) for number in range(50_000))
    assert index(content, "--min-contig-length", 10)[0] == 0
    assert time.monotonic() - started < 30
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == sorted([*genome_index.NAMES, "card.json"])
    assert index.about()["skipped"] | {"short": 5000, "short_bases": 20_000} == index.about()["skipped"]
    assert index.about()["contigs"] == 45_000


def test_row33_contig_shorter_than_the_window():
    values = tracks.track(seq.encode(b"ACGT" * 10), tracks.by_window(lambda windows: np.zeros(len(windows))), 100, 50)
    assert np.isnan(values).all()


def test_row34_beyond_512_mb(tmp_path):
    head = ["##fileformat=VCFv4.3", "##contig=<ID=c1,length=900000000>"]
    columns = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO"
    (tmp_path / "in.vcf").write_text("\n".join([*head, columns, "c1\t600000000\t.\tA\tC\t.\t.\t.\n"]))
    called = vcf.read(tmp_path / "in.vcf")
    vcf.write(tmp_path / "y.vcf.gz", called.meta, called.columns, called.records)
    with pysam.VariantFile(str(tmp_path / "y.vcf.gz"), index_filename=str(tmp_path / "y.vcf.gz.csi")) as file:
        assert [record.pos for record in file.fetch("c1", 599_999_999, 600_000_000)] == [600_000_000]
    assert not (tmp_path / "y.vcf.gz.tbi").exists()
    assert ".vcf.gz.csi" in (SCRIPTS.parent / "rules/variants.smk").read_text()  # the index that a rule can promise


@pytest.mark.parametrize(("start", "end"), [(-1, 3), (5, 9), (9, 12), (4, 3), (-5, -2)])
def test_row35_past_the_end(index, read, tmp_path, start, end):
    assert index(b">a\nACGTacgt\n")[0] == 0

    def fetch_it(path, **options):
        with fasta.open_fasta(tmp_path / "out/genome.fa.gz") as opened:
            return fasta.fetch(opened, "a", start, end, **options)

    status, said = read(fetch_it, b"", "none")
    assert (status, f"a:{start}-{end} leaves the contig, which ends at 8" in said) == (2, True)
    if start <= end:
        assert len(fetch_it(None, pad=True)) == end - start

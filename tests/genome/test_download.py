"""Downloads from a loopback server that misbehaves as real ones do."""

import hashlib
import io
import shutil
import zipfile

import pytest
from loopback import DATA

from dnalm.errors import InputError
from dnalm.genome.download import Wanted, download

SHA256 = hashlib.sha256(DATA).hexdigest()


def fetch(server, fault, out, sha256=None, **options):
    download(f"{server.url}/{fault}/genome.fa", out, wanted=Wanted(sha256), wait=0.01, **options)


@pytest.mark.parametrize("fault", ["fine", "moved", "busy", "once", "norange"])
def test_arrives_whole(server, tmp_path, fault):
    out = tmp_path / "genome.fa"
    fetch(server, fault, out, sha256=SHA256)
    assert out.read_bytes() == DATA
    assert [path.name for path in tmp_path.iterdir()] == ["genome.fa"]


def test_resumes_by_range_in_a_later_run(server, tmp_path):
    out = tmp_path / "genome.fa"
    with pytest.raises(InputError, match=r"gave up after 2 attempts \(connection closed at byte"):
        fetch(server, "twice", out, attempts=2)
    assert not out.exists()
    fetch(server, "twice", out, sha256=SHA256)
    assert out.read_bytes() == DATA
    half = len(DATA) // 2
    assert server.ranges == [None, f"bytes={half}-", f"bytes={half + (len(DATA) - half) // 2}-"]


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ("absent", "HTTP 404 Not Found; check the address"),
        ("web", "got a web page instead of data"),
        ("empty", "the file is empty"),
        ("other", f"wanted {SHA256}; correct `sha256`"),
        ("elsewhere", "'http://example.org/x': wanted an https or ftp address"),
    ],
)
def test_refused_with_nothing_left_behind(server, tmp_path, fault, message):
    with pytest.raises(InputError, match=message):
        fetch(server, fault, tmp_path / "genome.fa", sha256=SHA256)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("url", ["file:///etc/passwd", "http://example.org/a.fa", "s3://a/b", "ext::sh", "genome.fa"])
def test_only_https_and_ftp(tmp_path, url):
    with pytest.raises(InputError, match="wanted an https or ftp address"):
        download(url, tmp_path / "genome.fa")


def test_trusts_on_first_use(server, tmp_path):
    out, lock = tmp_path / "results/genome.fa", tmp_path / "genomes.lock"
    fetch(server, "fine", out, lock=lock)
    assert lock.read_text() == f"url\tsha256\tbytes\n{server.url}/fine/genome.fa\t{SHA256}\t{len(DATA)}\n"
    fetch(server, "fine", out, lock=lock)
    fetch(server, "moved", out, lock=lock)
    assert len(lock.read_text().splitlines()) == 3
    shutil.rmtree(out.parent)  # the lock outlives the results
    lock.write_text(lock.read_text().replace(SHA256, "0" * 64, 1))
    with pytest.raises(InputError, match=r"has changed since\. If that is meant, remove its line from .*genomes\.lock"):
        fetch(server, "fine", out, lock=lock)
    assert list(out.parent.iterdir()) == []


def test_what_the_source_publishes_is_compared(server, tmp_path):
    out, url = tmp_path / "genome.fa", f"{server.url}/fine/genome.fa"
    download(url, out, wanted=Wanted(SHA256, hashlib.md5(DATA).hexdigest(), len(DATA)))
    for wanted in (Wanted(md5="0" * 32), Wanted(bytes=7)):
        with pytest.raises(InputError, match=r"got (md5 \w{32}, wanted 0{32}|bytes 400007, wanted 7); correct"):
            download(url, out, wanted=wanted)
    assert out.read_bytes() == DATA  # the earlier file stays
    assert [path.name for path in tmp_path.iterdir()] == ["genome.fa"]


def test_a_part_of_another_file_is_not_continued(server, tmp_path):
    url = f"{server.url}/fine/genome.fa"
    part = tmp_path / f".genome.fa.{hashlib.sha256(url.encode()).hexdigest()[:8]}.part"
    part.write_bytes(b"junk" * 100)
    (tmp_path / f"{part.name}.stamp").write_text('"zero"')  # the server's file is now "one"
    fetch(server, "fine", tmp_path / "genome.fa")
    assert (tmp_path / "genome.fa").read_bytes() == DATA


def test_of_a_zip_the_fasta_inside_is_kept_and_remembered(server, tmp_path):
    """NCBI packs a zip anew at each request, so the checksum must be of what is inside."""
    lock = tmp_path / "genomes.lock"
    for year in (2024, 2025):
        raw = io.BytesIO()
        with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as packed:
            packed.writestr("README.md", f"{year}")
            packed.writestr(zipfile.ZipInfo("data/GCF_1_genomic.fna", (year, 1, 1, 0, 0, 0)), DATA)
        server.data = raw.getvalue()
        fetch(server, "fine", tmp_path / "down/genome", lock=lock)
        assert (tmp_path / "down/genome").read_bytes() == DATA
    assert SHA256 in lock.read_text()
    assert [path.name for path in (tmp_path / "down").iterdir()] == ["genome"]

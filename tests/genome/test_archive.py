"""Zip archives as NCBI sends them, and as nobody should."""

import io
import zipfile

import pytest

from dnalm.errors import InputError
from dnalm.genome import archive

FASTA = b">NC_000913.3\n" + b"ACGT" * 1000 + b"\n"
MEMBER = "ncbi_dataset/data/GCF_000005845.2/GCF_000005845.2_ASM584v2_genomic.fna"


def zipped(*members):
    """A zip archive of (name or ZipInfo, content)."""
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in members:
            packed.writestr(name, content)
    return raw.getvalue()


def link(name):
    info = zipfile.ZipInfo(name)
    info.external_attr = 0o120777 << 16
    return info


def unpack(folder, content, **options):
    path = folder / "genome.zip"
    path.write_bytes(content)
    archive.unpack(path, folder / "genome.fa", **options)
    return (folder / "genome.fa").read_bytes()


def test_takes_the_one_fasta(tmp_path):
    content = zipped(("README.md", b"hello"), (MEMBER, FASTA), ("ncbi_dataset/data/dataset_catalog.json", b"{}"))
    assert unpack(tmp_path, content) == FASTA


def test_takes_the_fasta_that_is_named(tmp_path):
    content = zipped(("a/one.fna", b">x\nA\n"), ("b/two.fna", FASTA))
    assert unpack(tmp_path, content, member="two.fna") == unpack(tmp_path, content, member="b/two.fna") == FASTA
    with pytest.raises(InputError, match=r"named three.fna, got a/one.fna, b/two.fna; say which .member: its name"):
        unpack(tmp_path, content, member="three.fna")


def flipped(content):
    at = content.index(MEMBER.encode()) + len(MEMBER) + 10
    return content[:at] + bytes([content[at] ^ 0x55]) + content[at + 1 :]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (zipped(("../../evil.fna", FASTA)), "names '../../evil.fna', a place outside itself"),
        (zipped(("/etc/evil.fna", FASTA)), "names '/etc/evil.fna'"),
        (zipped(("..\\evil.fna", FASTA)), "a place outside itself"),
        (zipped(("C:/evil.fna", FASTA)), "a place outside itself"),
        (zipped((link("a.fna"), b"/etc/passwd")), "'a.fna' in the archive is a link"),
        (zipped(("README.md", b"hello")), "wanted one FASTA .* got none"),
        (zipped(("a.fna", FASTA), ("b.fna", FASTA)), "wanted one FASTA .* got a.fna, b.fna"),
        (zipped((MEMBER, FASTA))[:-30], "a zip archive that cannot be read"),
        (flipped(zipped((MEMBER, FASTA))), "a zip archive that cannot be read"),
    ],
)
def test_refuses(tmp_path, content, message):
    with pytest.raises(InputError, match=message):
        unpack(tmp_path, content)
    assert [path.name for path in tmp_path.iterdir()] == ["genome.zip"]


def test_refuses_a_crowd_and_a_bomb(tmp_path, monkeypatch):
    with pytest.raises(InputError, match=r"would grow from [\d,]+ to 20,000,000 bytes"):
        unpack(tmp_path, zipped((MEMBER, bytes(20_000_000))), bases=4000)
    monkeypatch.setattr(archive, "MOST_MEMBERS", 3)
    with pytest.raises(InputError, match="of 4 members, wanted 3 at most"):
        unpack(tmp_path, zipped(*((f"{number}.fa", b"") for number in range(4))))

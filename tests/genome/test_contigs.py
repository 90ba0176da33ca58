"""Contigs kept and renamed by explicit words only; what does not fit is an error, what is left out is counted."""

import pytest

from dnalm.errors import InputError
from dnalm.genome import contigs
from dnalm.genome import index as genome_index

FASTA = b">NC_1.1 chromosome\nACGTacgt\n>NC_2.1\nGGGG\n>MT\nTTT\n>scrap\nA\n"


@pytest.fixture
def toy(tmp_path):
    path = tmp_path / "toy.fa"
    path.write_bytes(FASTA)
    return path


def table(folder, text):
    path = folder / "names.tsv"
    path.write_text("source\tname\n" + text)
    return path


def test_renames_and_keeps(toy, tmp_path):
    names = table(tmp_path, "NC_1.1\tchr1\nMT\tchrM\n")
    options = {"rename": names, "keep": ["NC_2.1", "chr1"], "splits": {"test": ["chr1"]}, "bases": 16}
    about = genome_index.index(toy, tmp_path / "out", name="toy", source="local", **options)
    assert (tmp_path / "out/chrom.sizes").read_text() == "chr1\t8\nNC_2.1\t4\n"  # the file's order
    assert about["skipped"] == {"empty": 0, "short": 0, "short_bases": 0, "unwanted": 2, "unwanted_bases": 4}
    assert about["contigs_read"] == about["contigs"] + about["skipped"]["unwanted"]
    assert about["bases"] + about["skipped"]["unwanted_bases"] == 16


def test_a_table_of_names_as_spreadsheets_save_it(toy, tmp_path):
    names = tmp_path / "names.tsv"
    names.write_bytes(b"\xef\xbb\xbfsource\tname\r\nMT\tchrM\r\n")
    assert [name for name, _ in contigs.read(toy, rename=names)] == ["NC_1.1", "NC_2.1", "chrM", "scrap"]


def test_names_may_be_exchanged(toy, tmp_path):
    found = [name for name, _ in contigs.read(toy, rename=table(tmp_path, "NC_1.1\tNC_2.1\nNC_2.1\tNC_1.1\n"))]
    assert found == ["NC_2.1", "NC_1.1", "MT", "scrap"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("NC_1\tchr1\n", r"toy\.fa has no contig 'NC_1'; nearest: .*NC_1\.1"),
        ("NC_1.1\tMT\n", r"contigs 'NC_1\.1' and 'MT' of .*toy\.fa would both be named 'MT'"),
        ("NC_1.1\ta\nNC_2.1\ta\n", r"names\.tsv:3: the name 'a' was given on line 2 already"),
        ("NC_1.1\ta\nNC_1.1\tb\n", r"names\.tsv:3: contig 'NC_1\.1' is listed twice"),
        ("NC_1.1 chr1\n", r"names\.tsv:2: got 'NC_1\.1 chr1', wanted two names with one tab"),
        ("NC_1.1\tchr 1\n", r"names\.tsv:2: got "),
        ("NC_1.1\t\n", r"names\.tsv:2: got "),
    ],
)
def test_a_table_that_does_not_fit(toy, tmp_path, text, message):
    with pytest.raises(InputError, match=message):
        genome_index.index(toy, tmp_path / "out", name="toy", source="local", rename=table(tmp_path, text))
    assert list((tmp_path / "out").iterdir()) == []


def test_a_table_has_a_head(tmp_path):
    (tmp_path / "names.tsv").write_text("NC_1.1\tchr1\n")
    with pytest.raises(InputError, match=r"names\.tsv:1: got 'NC_1.1\\tchr1', wanted the line 'source<tab>name'"):
        contigs.read_table(tmp_path / "names.tsv")


def test_what_is_not_there_cannot_be_kept(toy, tmp_path):
    with pytest.raises(InputError, match=r"keep names contig 'chrMT', which the genome lacks; nearest: MT"):
        genome_index.index(toy, tmp_path / "out", name="toy", source="local", keep=["NC_1.1", "chrMT"])
    with pytest.raises(InputError, match=r"splits\.test names contig 'MT', which .* not in keep"):
        genome_index.index(toy, tmp_path / "out", name="toy", source="local", keep=["NC_1.1"], splits={"test": ["MT"]})


def test_a_plain_fasta_cut_short_is_noticed_by_its_bases(toy):
    toy.write_bytes(FASTA[:-10])
    with pytest.raises(InputError, match=r"holds 15 bases, wanted 16 \(`bases`\); it is cut short or another file"):
        list(contigs.read(toy, bases=16))

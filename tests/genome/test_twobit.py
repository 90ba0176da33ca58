"""2bit: a hand-written file in either byte order, a real one, and every way to be broken."""

import gzip
import os
import struct
from pathlib import Path

import pytest

from dnalm.errors import InputError
from dnalm.genome import contigs, twobit
from dnalm.genome import index as genome_index

DATA = Path(os.environ.get("DNALM_REAL_DATA", "../shared/data"))


def packed(letters):
    codes = ["TCAG".index(letter) for letter in letters.upper().replace("N", "T")]
    codes += [0] * (-len(codes) % 4)
    return bytes(a << 6 | b << 4 | c << 2 | d for a, b, c, d in zip(*[iter(codes)] * 4, strict=True))


def runs(letters, wanted):
    edges = [at for at in range(len(letters) + 1) if wanted(letters[at : at + 1]) != wanted(letters[at - 1 : at])]
    return list(zip(edges[::2], edges[1::2], strict=True))


def twobit_of(records, order="<", version=0):
    """The bytes of a 2bit file, as the format's page describes them."""
    head = struct.pack(order + "4I", 0x1A412743, version, len(records), 0)
    bodies = []
    for letters in records.values():
        body = struct.pack(order + "I", len(letters))
        for wanted in (lambda text: text.upper() == "N", str.islower):
            found = runs(letters, wanted)
            numbers = [len(found), *(start for start, _ in found), *(end - start for start, end in found)]
            body += struct.pack(f"{order}{len(numbers)}I", *numbers)
        bodies.append(body + bytes(4) + packed(letters))
    at = len(head) + sum(1 + len(name) + 4 for name in records)
    for name, body in zip(records, bodies, strict=True):
        head += bytes([len(name)]) + name.encode() + struct.pack(order + "I", at)
        at += len(body)
    return head + b"".join(bodies)


RECORDS = {"chr1": "ACGTNNNNacgtnnGATTACA", "empty": "", "chr2": "n", "chr3": "GGGGcccc"}


@pytest.mark.parametrize("order", ["<", ">"])
def test_reads_what_was_written(tmp_path, order):
    path = tmp_path / "toy.2bit"
    path.write_bytes(twobit_of(RECORDS, order))
    assert twobit.is_twobit(path)
    assert {name: letters.decode() for name, letters in contigs.read(path)} == RECORDS


def test_a_genome_folder_is_the_same_from_fasta(tmp_path):
    (tmp_path / "toy.2bit").write_bytes(twobit_of(RECORDS))
    (tmp_path / "toy.fa").write_text("".join(f">{name}\n{letters}\n" for name, letters in RECORDS.items()))
    folders = []
    for kind in ("2bit", "fa"):
        about = genome_index.index(tmp_path / f"toy.{kind}", tmp_path / kind, name="toy", source="local")
        assert about["contigs_read"] == about["contigs"] + about["skipped"]["empty"] == 4
        folders.append(
            {name: (tmp_path / kind / name).read_bytes() for name in genome_index.NAMES if ".json" not in name}
        )
    assert folders[0] == folders[1]


def test_every_cut_is_an_error(tmp_path):
    whole, path = twobit_of(RECORDS), tmp_path / "toy.2bit"
    for size in range(4, len(whole)):
        path.write_bytes(whole[:size])
        with pytest.raises(InputError, match=r"toy\.2bit: "):
            list(twobit.read_contigs(path))
    path.write_bytes(whole + b"\0")
    with pytest.raises(InputError, match="record chr3 does not end where"):
        list(twobit.read_contigs(path))


def test_a_flipped_byte_crashes_nothing(tmp_path):
    whole, path = twobit_of(RECORDS), tmp_path / "toy.2bit"
    for place in range(4, len(whole)):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0x80]) + whole[place + 1 :])
        try:
            found = list(twobit.read_contigs(path))
        except InputError:
            continue
        assert len(found) == 4  # a base, a name or an end of a run: nothing in the format tells


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (twobit_of(RECORDS, version=1), "version 1, wanted 0; convert it with twoBitToFa"),
        (twobit_of({}), "holds no sequence"),
        (twobit_of({"a": "ACGT", "b": "AC"}).replace(b"\1b", b"\1a"), "the record name 'a' is given twice"),
        (twobit_of({"a": "ACGT"}).replace(b"\1a", b"\1 "), "got the record name ' '"),
    ],
)
def test_refuses(tmp_path, content, message):
    (tmp_path / "toy.2bit").write_bytes(content)
    with pytest.raises(InputError, match=message):
        list(twobit.read_contigs(tmp_path / "toy.2bit"))


def test_within_gzip_it_is_named(tmp_path):
    (tmp_path / "toy.2bit.gz").write_bytes(gzip.compress(twobit_of(RECORDS)))
    with pytest.raises(InputError, match=r"toy\.2bit\.gz: holds a 2bit file, gzipped; wanted a FASTA file: convert it"):
        list(contigs.read(tmp_path / "toy.2bit.gz"))


@pytest.mark.parametrize("piece", [4, 8, 1 << 24])
def test_what_is_written_is_what_the_formats_page_says(tmp_path, monkeypatch, piece):
    """Byte for byte, also where runs cross the pieces that are looked at together."""
    monkeypatch.setattr(twobit, "_PIECE", piece)
    twobit.write(tmp_path / "a.2bit", ((name, text.encode()) for name, text in RECORDS.items()), list(RECORDS))
    assert (tmp_path / "a.2bit").read_bytes() == twobit_of(RECORDS)


def test_letters_of_no_base_are_n_and_keep_their_case(tmp_path):
    twobit.write(tmp_path / "a.2bit", [("a", b"ACRyGt-")], ["a"])
    assert list(twobit.read_contigs(tmp_path / "a.2bit")) == [("a", b"ACNnGtN")]


def test_a_genome_is_written_a_contig_at_a_time(tmp_path):
    """Were all asked for before the first is written, a human genome would lie in memory."""
    asked, written = [], []
    record = twobit._write_record
    letters = {"a": b"ACGT", "b": b"GGnn"}

    def records():
        for name, text in letters.items():
            asked.append(len(written))
            yield name, text

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(twobit, "_write_record", lambda *given: (record(*given), written.append(1)))
        twobit.write(tmp_path / "a.2bit", records(), list(letters))
    assert asked == [0, 1]
    assert dict(twobit.read_contigs(tmp_path / "a.2bit")) == letters


def test_what_2bit_cannot_hold_is_refused(tmp_path, monkeypatch):
    with pytest.raises(InputError, match="names of 255 bytes at most, got xxxx"):
        twobit.write(tmp_path / "a.2bit", [("x" * 256, b"A")], ["x" * 256])
    with pytest.raises(ValueError, match="got the letters of b where those of a belong"):
        twobit.write(tmp_path / "a.2bit", [("b", b"A")], ["a"])
    monkeypatch.setattr(twobit, "_MOST", 60)
    with pytest.raises(InputError, match="more than 4 GB as 2bit at b; keep fewer"):
        twobit.write(tmp_path / "a.2bit", [("a", b"A"), ("b", b"A" * 100)], ["a", "b"])
    assert not list(tmp_path.iterdir())


@pytest.mark.real
@pytest.mark.parametrize("name", ["yeast/sacCer3.fa.gz", "hg19/hg19_part.fa.gz", "small/T_kodakarensis.2bit"])
def test_a_real_genome_comes_back_with_its_mask(tmp_path, name):
    if not (DATA / name).exists():
        pytest.skip("no real data")
    names = [contig for contig, _ in contigs.read(DATA / name)]
    twobit.write(tmp_path / "a.2bit", contigs.read(DATA / name), names)
    size = 0
    for (contig, letters), (other, back) in zip(contigs.read(DATA / name), twobit.read_contigs(tmp_path / "a.2bit"),
                                                strict=True):  # fmt: skip
        assert contig == other
        assert letters.translate(bytes.maketrans(b"RYSWKMBDHVryswkmbdhv", b"N" * 10 + b"n" * 10)) == back
        size += len(letters)
    assert (tmp_path / "a.2bit").stat().st_size == pytest.approx(size / 4, rel=0.05)


@pytest.mark.real
def test_a_real_genome(tmp_path):
    path = DATA / "small/T_kodakarensis.2bit"
    if not path.exists():
        pytest.skip("no real data")
    ((name, letters),) = twobit.read_contigs(path)
    assert len(letters) == 2_088_737
    assert set(letters.upper()) <= set(b"ACGTN")
    assert letters.count(b"G") + letters.count(b"C") == pytest.approx(0.52 * len(letters), rel=0.01), name

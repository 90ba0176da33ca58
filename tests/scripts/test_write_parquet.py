"""The table of scored variants as Parquet: what each column holds, whatever its cells look like."""

import gzip

import pandas as pd
import pyarrow as pa
import pytest
from pyarrow import parquet

import write_parquet
from dnalm import files
from dnalm.errors import InputError

ROWS = (
    "chrom\tpos\tid\tref\talt\talt_index\tclass\tl2\tl2_p\tnull\tedge\tskipped\n"
    "1\t5\t\tA\tNA\t0\t\t0.25\t\t300\t0\t\n"
    '2\t3000000000\trs"7\tN\tNaN\t1\t\t\t\t\t1\ttoo long\n'
)


@pytest.mark.parametrize("name", ["t.tsv", "t.tsv.gz"])
def test_a_table_by_hand(tmp_path, name):
    """Contigs that are numbers, an allele that looks like a missing value, columns without a value."""
    with (gzip.open if name.endswith(".gz") else open)(tmp_path / name, "wt") as handle:
        handle.write(ROWS.replace('rs"7', '"rs""7"'))
    write_parquet.main(table=tmp_path / name, out=tmp_path / "t.parquet")
    found = parquet.read_table(tmp_path / "t.parquet")
    text, whole, measured = pa.string(), pa.int64(), pa.float64()
    assert found.schema.types == [text, whole, text, text, text, whole, text, measured, measured, whole, whole, text]
    assert found.to_pylist() == [
        {"chrom": "1", "pos": 5, "id": None, "ref": "A", "alt": "NA", "alt_index": 0, "class": None, "l2": 0.25,
         "l2_p": None, "null": 300, "edge": 0, "skipped": None},
        {"chrom": "2", "pos": 3_000_000_000, "id": 'rs"7', "ref": "N", "alt": "NaN", "alt_index": 1, "class": None,
         "l2": None, "l2_p": None, "null": None, "edge": 1, "skipped": "too long"},
    ]  # fmt: skip


def test_a_long_table_has_all_its_rows_in_order(tmp_path):
    count = 300_000  # several megabytes, which are read one after the other; the first has no class
    table = pd.DataFrame({"chrom": "chr1", "pos": range(1, count + 1), "ref": "A", "alt": "C"})
    table["class"] = [None] * (count - 1) + ["bad"]
    table["l2"] = table.pos / 8
    files.write_table(tmp_path / "t.tsv.gz", table)
    write_parquet.main(table=tmp_path / "t.tsv.gz", out=tmp_path / "t.parquet")
    found = parquet.read_table(tmp_path / "t.parquet")
    assert found["pos"].to_pylist() == table.pos.tolist()
    assert found["class"].to_pylist() == [None] * (count - 1) + ["bad"]
    assert found["l2"][1000].as_py() == 1001 / 8


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"", r"t\.tsv\.gz: .*wanted the table that score_variants wrote, whole"),
        (gzip.compress(b"chrom\tpos\tref\n1\t1\tA\n"), r"t\.tsv\.gz: no column alt; give the table that score_v"),
        (gzip.compress(ROWS.encode() + b"1\tx\n"), r"t\.tsv\.gz: .*wanted the table"),
        (gzip.compress(ROWS.replace("\t5\t", "\tfive\t").encode()), r"t\.tsv\.gz: .*five.*wanted the table"),
        (gzip.compress(ROWS.encode())[:40], r"t\.tsv\.gz: .*wanted the table"),
    ],
)
def test_what_is_no_such_table_is_said_and_leaves_nothing(tmp_path, text, said):
    (tmp_path / "t.tsv.gz").write_bytes(text)
    with pytest.raises(InputError, match=said):
        write_parquet.main(table=tmp_path / "t.tsv.gz", out=tmp_path / "t.parquet")
    assert [one.name for one in tmp_path.iterdir()] == ["t.tsv.gz"]

"""Tables as people have them: every dialect gives the same cells, and no row is lost without a word."""

import codecs
import gzip

import pandas as pd
import pytest

from dnalm import tables
from dnalm.errors import InputError

ROWS = [["chr1", "5", "a b"], ["chr1", "9", ""], ["chr2", "7", "c"]]
TSV = "chrom\tpos\tnote\nchr1\t5\ta b\nchr1\t9\t\nchr2\t7\tc\n"
CSV = TSV.replace("\t", ",")
DIALECTS = {
    "tabs": ("t.tsv", TSV),
    "commas": ("t.csv", CSV),
    "commas in a .tsv": ("t.tsv", CSV),
    "tabs in a .csv": ("t.csv", TSV),
    "no extension": ("t", TSV),
    "gzip": ("t.csv.gz", gzip.compress(CSV.encode())),
    "CRLF": ("t.csv", CSV.replace("\n", "\r\n")),
    "CR": ("t.tsv", TSV.replace("\n", "\r")),
    "a byte order mark": ("t.csv", codecs.BOM_UTF8 + CSV.encode()),
    "no last line end": ("t.tsv", TSV.rstrip("\n")),
    "blank lines": ("t.csv", "\n" + CSV + "\n\n"),
    "rows of commas, as Excel ends a sheet": ("t.csv", CSV + ",,\n,,\n"),
    "lines of meta before the names": ("t.tsv", "##source=x\n##date=y\n" + TSV),
    "quotes of R": ("t.csv", '"chrom","pos","note"\n"chr1",5,"a b"\n"chr1",9,""\n"chr2",7,"c"\n'),
    "quotes of R with tabs": ("t.tsv", '"chrom"\t"pos"\t"note"\n"chr1"\t5\t"a b"\n"chr1"\t9\t""\n"chr2"\t7\t"c"\n'),
    "blanks at the ends": ("t.csv", "chrom , pos, note\nchr1 , 5,a b \nchr1,9, \nchr2,7,c\n"),
}


def read(tmp_path, name, content):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return tables.read(path)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_dialect_gives_the_same_cells(tmp_path, dialect):
    table = read(tmp_path, *DIALECTS[dialect])
    picked = tables.pick(table, {"a": "chrom", "b": "pos", "c": "note"})
    pd.testing.assert_frame_equal(picked, pd.DataFrame(ROWS, columns=list("abc"), dtype=str))


@pytest.mark.parametrize(
    "name, content", [("t.tsv", "pos\tnote, old\n5\tx, y\n"), ("t.csv", "pos,note\told\n5,x\ty\n")]
)
def test_where_names_hold_tabs_and_commas_the_extension_tells(tmp_path, name, content):
    assert [len(row) for row in read(tmp_path, name, content).rows] == [2]


def test_parquet_is_read_by_pyarrow_and_its_absence_says_what_to_do(tmp_path, monkeypatch):
    path = tmp_path / "t.parquet"
    frame = pd.DataFrame({"chrom": ["chr1", "chr1", "chr2"], "pos": [5, 9, 7], "note": ["a b", None, "c"]})
    frame.to_parquet(path)
    table = tables.read(path)
    assert (table.names, table.rows, table.lines) == (["chrom", "pos", "note"], ROWS, [1, 2, 3])
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(InputError, match=r"t\.parquet: a damaged Parquet file \(.*\); fetch it again"):
        tables.read(path)
    frame[:0].to_parquet(path)
    with pytest.raises(InputError, match=r"t\.parquet: holds a header and no row"):
        tables.read(path)

    def fail(path, engine):
        raise OSError("no footer\nat all")

    with monkeypatch.context() as patched:
        patched.setattr(pd, "read_parquet", fail)
        with pytest.raises(InputError, match=r"a damaged Parquet file \(no footer\); fetch it again"):
            tables.read(path)
    monkeypatch.setattr(tables, "find_spec", lambda name: None)  # as in the environments of conda
    with pytest.raises(InputError, match=r"t\.parquet: a Parquet file, and pyarrow, .* is not installed: `pip install"):
        tables.read(path)


QUOTES = {  # the cells of the second column
    "one, in a TSV": ('a\tb\n1\t"x\n2\ty\n3\tz\n', ['"x', "y", "z"]),
    "two, in a TSV": ('a\tb\n1\t"5\' end\n2\ty\n3\t"z\n', ["\"5' end", "y", '"z']),
    "alone, in a TSV": ('a\tb\n1\t"\n', ['"']),
    "at the end, in a TSV": ('a\tb\n1\tx"\n2\ty"\n', ['x"', 'y"']),
    "inches, in a TSV": ('a\tb\n1\t5"x7"\n', ['5"x7"']),
    "doubled, in a TSV": ('a\tb\n1\t"say ""x"""\n', ['say "x"']),
    "round a tab, in a TSV": ('a\tb\n1\t"x\ty"\n', ["x\ty"]),
    "round a comma, in a CSV": ('a,b\n1,"x, y"\n2,"say ""x"""\n', ["x, y", 'say "x"']),
    "within a cell of a CSV": ("a,b\n1,5' x\n2,7\" y\n", ["5' x", '7" y']),
}


@pytest.mark.parametrize("kind", QUOTES)
def test_a_quote_never_swallows_a_row(tmp_path, kind):
    content, cells = QUOTES[kind]
    assert tables.pick(read(tmp_path, "t", content), {"b": "b"}).b.tolist() == cells


REFUSED = {
    "open at the end of a line": ("t.csv", 'a,b\n1,2\n1,"x\n2,y\n3,z"\n', r"t.csv:3: a quote that does not fit"),
    "letters after a quote": ("t.csv", 'a,b\n1,"x"y\n', r"t.csv:2: a quote that does not fit"),
    "a long open quote": (
        "t.csv",
        'a,b\n1,"x\n' + "2,yyyyyyyyyyyyyyy\n" * 10_000,
        r"t.csv:2: a quote that does not fit",
    ),
    "too few": ("t.tsv", "a\tb\n\n1\n", r"t.tsv:3: got 1 column\(s\), wanted 2 as in the header$"),
    "names of rows": ("t.tsv", "a\tb\n1\t5\t6\n", r"t.tsv:2: got 3 .*write with row.names = FALSE"),
    "semicolons": ("t.csv", "a;b\n1;2\n", r"t.csv:1: got columns separated by semicolons"),
    "no row": ("t.csv", "a,b\n\n,\n", "t.csv: holds a header and no row"),
    "no line": ("t.csv", "\n\n", "t.csv: holds no line"),
    "a workbook": (
        "t.xlsx",
        b"PK\x03\x04" + bytes(40),
        "is a zip archive .or a workbook of a spreadsheet.; wanted a table",
    ),
    "UTF-16": ("t.csv", "a,b\n1,2\n".encode("utf-16"), "is UTF-16 text; wanted a table, .*: save it as UTF-8"),
    "Latin-1": ("t.csv", "a,b\n1,caf\xe9\n".encode("latin1"), "t.csv:2: byte 0xe9 is not UTF-8 text; save it as UTF-8"),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_what_cannot_be_read_is_named(tmp_path, kind):
    name, content, message = REFUSED[kind]
    with pytest.raises(InputError, match=message):
        read(tmp_path, name, content)


def test_a_cell_may_be_long(tmp_path):
    """Csv stops at 131,072 characters; windows of a long-range model have 196,608 bases."""
    long = "ACGT" * 50_000
    assert tables.pick(read(tmp_path, "t.csv", f'a,b\n"{long}",1\n'), {"a": "a"}).a.tolist() == [long]


def test_a_name_that_is_repeated_matters_only_where_it_is_asked_for(tmp_path):
    table = read(tmp_path, "t.csv", "a,line,index,a\n1,K562,4,3\n")
    assert tables.pick(table, {"x": "line", "line": "index"}).to_dict("list") == {"x": ["K562"], "line": ["4"]}
    with pytest.raises(InputError, match=r"t.csv:1: column 'a' is there 2 times"):
        tables.pick(table, {"x": "a"})
    with pytest.raises(InputError, match=r"t.csv:1: no column 'b'; the table has 'a', 'line', 'index'$"):
        tables.pick(table, {"x": "b"})


def test_values_that_are_not_there():
    told = ["", ".", "-", "NA", "na", "N/A", "#N/A", "NaN", "nan", "None", "null", "NULL", "<NA>", "?"]
    assert tables.missing(pd.Series([*told, "0", "chr1", "5"])).tolist() == [True] * len(told) + [False] * 3
    assert [tables.whole(text) for text in ("0", "1.0", "25.", "2.5", "1e3", "-1", "1_0", "²")] == [0, 1, 25] + [
        None
    ] * 5

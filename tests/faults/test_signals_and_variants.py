"""FAULTS.md, rows 48 to 64: for each fault, the exit status, the words, and that nothing is left under a final name."""

import ast
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pyBigWig
import pytest
from scored import HEAD, LENGTH, good, line, make_world, other

import score_variants
from dnalm.cli import Output
from dnalm.dna import bigwig as dna_bigwig

LIBRARY = Path(dna_bigwig.__file__).parents[1]
SIZES = {"c1": 130, "c2": 50}


@pytest.fixture
def save(call, tmp_path):
    """Write a track as a script does; where that fails, no file may be there."""

    def run(tracks):
        def main(*, out: Output) -> None:
            """Write it."""
            dna_bigwig.write(out, SIZES, {name: np.array(values) for name, values in tracks.items()}, 50)

        status, said = call(main, "--out", tmp_path / "a.bw")
        assert (tmp_path / "a.bw").exists() == (status == 0)
        return status, said

    return run


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    return make_world(tmp_path_factory.mktemp("world"))


@pytest.fixture
def score(call, world, tmp_path):
    """Score these records among good ones: (exit status, what was said, table, summary).

    Where that fails, no file may be there under its final name, or any other.
    """

    def run(body, *words, among=150, head=HEAD):
        (tmp_path / "in.vcf").write_text(head + good(world["texts"], among) + body)
        inputs = ["--vcf", tmp_path / "in.vcf", "--genome", world["folder"] / "genome"]
        inputs += ["--model", world["folder"] / "model", "--window", 40, "--scores", "l2", "--no-twin"]
        outs = ["--out", tmp_path / "o.vcf.gz", "--out-table", tmp_path / "o.tsv", "--out-summary", tmp_path / "o.json"]
        status, said = call(score_variants.main, *inputs, *outs, *words)
        if status:
            assert [path.name for path in tmp_path.iterdir()] == ["in.vcf"]
            return status, said, None, None
        table = pd.read_csv(tmp_path / "o.tsv", sep="\t", keep_default_na=False)
        return status, said, table, json.loads((tmp_path / "o.json").read_text())

    run.clear = lambda: [path.unlink() for path in tmp_path.glob("o.*")]
    return run


@pytest.fixture
def base(world):
    """The base of c1 at a position."""
    return lambda pos: world["texts"]["c1"][pos - 1]


# bigWig


@pytest.mark.parametrize("value", [np.inf, -np.inf])
def test_row48_infinite_values(save, value):
    status, said = save({"c1": [0.1, value, 0.3]})
    assert (status, "c1: infinite value in bin 1" in said) == (
        3,
        True,
    )  # no file is at fault: whoever made the track is


def test_row48_nan_is_absent_from_the_file(save, tmp_path):
    assert save({"c1": [0.5, np.nan, 0.25]})[0] == 0
    with dna_bigwig.reading(tmp_path / "a.bw") as bigwig:
        assert bigwig.intervals("c1") == ((0, 50, 0.5), (100, 130, 0.25))
        assert bigwig.header()["nBasesCovered"] == 80


def test_row49_only_one_module_can_forget_the_header():
    def imports(path):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import | ast.ImportFrom):
                yield from (alias.name for alias in node.names)

    users = [path.name for path in LIBRARY.parent.rglob("*.py") if "pyBigWig" in imports(path)]
    assert users == ["bigwig.py"]


def test_row50_the_last_bin_ends_with_its_contig(save, tmp_path):
    assert save({"c1": [0.5, 0.5, 0.25], "c2": [1.0]})[0] == 0
    with pyBigWig.open(str(tmp_path / "a.bw")) as bigwig:
        assert [bigwig.intervals(contig)[-1][1] for contig in SIZES] == [130, 50]
    (tmp_path / "a.bw").unlink()
    status, said = save({"c2": [0.5, 0.5]})
    assert (status, "c2: got 2 bins, wanted 1 for 50 bp" in said) == (3, True)


def test_row51_no_entry_at_all(save):
    status, said = save({"c1": [np.nan] * 3})
    assert (status, "a.bw: no bin has a value; every contig is a gap or shorter than a window" in said) == (2, True)


def test_row52_a_crash_before_the_end(tmp_path):
    """A process killed while it adds values: nothing under the final name; half a file is refused."""
    script = (
        "import os, sys; import numpy as np; from dnalm.dna import bigwig\n"
        "bigwig._add = lambda *_: os._exit(9)\n"
        "bigwig.write(sys.argv[1], {'c': 100}, {'c': np.ones(2)}, 50)"
    )
    command = [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(LIBRARY.parent)!r})\n{script}"]
    assert subprocess.run([*command, tmp_path / "a.bw"]).returncode == 9
    (half,) = tmp_path.iterdir()
    assert half.name.startswith(".")
    with pytest.raises(dna_bigwig.InputError, match="not a whole bigWig"), dna_bigwig.reading(half):
        pass


# VCF


def test_row53_reference_differs_from_the_genome(score, base):
    wrong = line("c1", 51, other(base(51)), base(51))
    status, _, table, summary = score(wrong)
    assert (status, summary["skipped"], len(table)) == (0, {"ref_mismatch": 1}, 151)
    score.clear()
    status, said, *_ = score(wrong, among=9)
    words = f"1 of 10 reference alleles (10.0%) differ from the genome, first at c1:51 {other(base(51))}>{base(51)}"
    assert (status, f"{words}; wrong build or strand?" in said) == (2, True)


def test_row54_lower_case(score, base):
    row = line("c1", 51, base(51).lower(), other(base(51)).lower())
    _, _, table, summary = score(row + row.upper().replace("C1", "c1"), among=1)
    twice = table[table.pos == 51]
    assert (summary["lower_case"], summary["scored"], twice.ref.nunique(), twice.l2.nunique()) == (1, 3, 1, 1)


def test_row55_several_alternatives(score, base):
    _, _, table, summary = score(line("c1", 51, base(51), f"{other(base(51))},{other(base(51), 2)}"), among=1)
    assert table[table.pos == 51].alt_index.tolist() == [1, 2]
    assert (summary["records"], summary["alleles"], summary["scored"]) == (2, 3, 3)


@pytest.mark.parametrize(
    ("row", "alt", "reason"),
    [
        (56, "{ref}" + "A" * 21, "too_long"),
        (57, "*", "star"),
        (57, ".", "missing_alt"),
        (57, "<DEL>", "symbolic"),
        (57, "{ref}[c2:9[", "breakend"),
        (58, "R", "non_acgt"),
        (58, "N", "non_acgt"),
        (59, "{ref}", "ref_equals_alt"),
    ],
)
def test_row56_to_59_alleles_that_cannot_be_scored(score, base, row, alt, reason):
    ref = base(51)
    status, said, table, summary = score(line("c1", 51, ref, alt.format(ref=ref)), among=1)
    assert (status, summary["skipped"], f"skipped 1 alleles: {reason}" in said) == (0, {reason: 1}, True)
    assert table[table.pos == 51].skipped.tolist() == [reason]
    score.clear()
    status, said, *_ = score(line("c1", 51, ref, alt.format(ref=ref)), among=0)
    assert (status, f"none of its 1 alleles can be scored ({reason} 1)" in said) == (2, True)


def test_row56_indels_and_several_bases_are_scored(score, base):
    """Padded, they are what changes: the third is the substitution that the last one is, too."""
    two, three = base(51) + base(52), base(51) + base(52) + base(53)
    body = [
        line("c1", 51, base(51), base(51) + "ACG"),
        line("c1", 51, two, "".join(map(other, two))),
        line("c1", 51, three, base(51) + other(base(52)) + base(53)),
        line("c1", 52, base(52), other(base(52))),
    ]
    _, _, table, summary = score("".join(body), among=1)
    assert (summary["skipped"], summary["scored"], summary["distinct"]) == ({}, 5, 4)
    assert table.normal.tolist()[:2] == ["", ""]
    assert table[table.normal != ""].normal.tolist() == [f"c1:52:{base(52)}:{other(base(52))}"]
    assert table[table.alt_index == 1].l2.nunique() == 4


def test_row60_near_the_end_of_a_contig(score, base):
    _, _, table, summary = score(line("c1", LENGTH, base(LENGTH), other(base(LENGTH))), among=1)
    assert (summary["edge"], table.edge.tolist(), (table.l2 != "").all()) == (1, [0, 1], True)


def test_row61_position_0_and_beyond_the_contig(score):
    both = line("c1", 0, "N", "A") + line("c1", LENGTH + 1, "A", "C")
    status, said, *_ = score(both, among=1)
    assert (status, "1 of 3 alleles end beyond their contig" in said, "another assembly" in said) == (2, True, True)
    score.clear()
    _, _, _, summary = score(both, "--max-outside", 1, among=1)
    assert summary["skipped"] == {"pos_zero": 1, "outside_contig": 1}


@pytest.mark.parametrize("pos", ["abc", "-4", "1e6", "3.0"])
def test_row62_position_that_is_none(score, pos):
    status, said, *_ = score(line("c1", pos, "A", "C"), among=2)
    assert (status, f"in.vcf:7: POS is '{pos}', wanted a whole number from 0" in said) == (2, True)


def test_row62_short_line(score):
    status, said, *_ = score("c1\t51\t.\tA\n", among=2)
    words = "in.vcf:7: got 4 tab-separated column(s), wanted 10 as in the #CHROM line; the line is cut"
    assert (status, words in said) == (2, True)


def test_row63_spaces_for_tabs(score):
    status, said, *_ = score(line("c1", 51, "A", "C").replace("\t", " "), among=2)
    assert (status, "in.vcf:7: got 1 tab-separated column(s)" in said and "not spaces" in said) == (2, True)
    status, said, *_ = score("", head=HEAD.replace("\t", " "))
    assert (status, "in.vcf:4: got '#CHROM POS ID" in said and "with tabs between the names" in said) == (2, True)


def test_row64_undefined_contig_unsorted_and_twice(score, base, tmp_path):
    one = line("c1", 51, base(51), other(base(51)))
    _, _, table, summary = score(one + line("c2", 0, "N", "A") + one, among=2)
    assert (summary["records"], summary["scored"], summary["distinct"]) == (5, 4, 3)
    assert table.pos.tolist() == [0, 51, 51, 100, 120]
    assert table[table.pos == 51].l2.nunique() == 1

"""Pairs of windows without places: every row is held, what differs is the variant, a third base stands beside it."""

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from dnalm.dna import seq
from dnalm.errors import InputError, UsageError
from dnalm.variants import contexts, pairs, windows

REAL = Path(os.environ.get("DNALM_REAL_DATA", Path(__file__).resolve().parents[3] / "shared" / "data"))
REF = "ACGTTGCAACTGACGGTCATTGCAC"  # 25 bases, A in the middle


def changed(text, at=12, to="C"):
    return text[:at] + to + text[at + len(to) :]


def write(path, rows, names="id,ref,alt"):
    path.write_text("\n".join([names, *(",".join(row) for row in rows)]) + "\n")
    return path


@pytest.fixture
def given(tmp_path):
    """Rows of a first class, and one row of another: the table held, and its windows."""

    def run(rows, **options):
        files = {"exon": write(tmp_path / "exon.csv", rows)}
        files["intron"] = write(tmp_path / "intron.csv", [("z", changed(REF, 3, "G"), changed(REF, 3, "A"))])
        return windows.hold(windows.read(files), **options)

    return run


def test_every_row_comes_out_with_an_edit_or_a_reason(given):
    rows = [
        ("a", REF, changed(REF)),
        ("b", "", changed(REF)),
        ("c", REF, changed(REF)[:-1]),
        ("d", REF + "A", changed(REF) + "A"),
        ("e", REF, REF.lower()),
        ("f", REF, changed(REF, 12, "N")),
        ("g", "N" * 11 + REF[11:], changed("N" * 11 + REF[11:])),
        ("h", "N" * 13 + REF[13:], changed("N" * 13 + REF[13:], 20)),
        ("i", REF.lower(), changed(REF).lower()),  # once more
        ("j", changed(REF), REF),  # the other way round is another variant
        ("k", changed(REF, 11, "TTT"), changed(REF, 11, "CTA")),
        (".", REF, changed(REF, 12, "R")),
    ]
    table, ref, alt = given(rows)
    reasons = ["", "missing_window", "unequal_length", "other_length", "ref_equals_alt", "non_acgt", "", "too_much_n"]
    assert table.skipped.tolist() == [*reasons, "", "", "", "non_acgt", ""]
    assert table.edit.tolist() == [0, -1, -1, -1, -1, -1, 1, -1, 0, 2, 3, -1, 4]
    assert ((table.edit >= 0) == (table.skipped == "")).all()
    assert table.line.tolist() == [*range(2, 14), 2]
    assert table.id.tolist() == [*"abcdefghijk", ".", "z"]
    assert seq.decode(ref[0]) == REF
    assert seq.decode(alt[0]) == changed(REF)
    assert ref.shape == alt.shape == (5, 25)
    other = windows.others(ref, alt, 0)
    said = windows.columns(table, pairs.of_windows(ref, alt), other)
    assert said[["place", "ref", "alt"]].iloc[[0, 8, 9, 10]].to_numpy().tolist() == [
        [12, "A", "C"],
        [12, "A", "C"],
        [12, "C", "A"],
        [11, "TTT", "CTA"],
    ]
    assert said.place.isna().tolist() == (table.edit < 0).tolist()
    assert len(said) == len(table)


def test_a_shifted_window_is_too_long(tmp_path):
    rng = np.random.default_rng(0)
    text = seq.decode(rng.integers(0, 4, 121).astype(np.uint8))
    rows = [("a", text, changed(text, 60, "C" if text[60] != "C" else "A")), ("b", text[:-1] + "A", text[1:] + "C")]
    files = {"x": write(tmp_path / "x.csv", rows), "y": write(tmp_path / "y.csv", rows[:1])}
    assert windows.hold(windows.read(files))[0].skipped.tolist() == ["", "too_long", ""]


@pytest.mark.parametrize(
    ("rows", "names", "columns", "said"),
    [
        ([("a", REF, changed(REF))], "id,window,alt", {}, "x.csv:1: no column 'ref'; the table has 'id', 'window', "),
        ([("a", REF, changed(REF))], "id,ref,alt", {"ref": "w"}, "x.csv:1: no column 'w'; the table has"),
        ([("a", REF, changed(REF)), ("b", REF, "MEKVLIFQ")], "id,ref,alt", {},
         "x.csv:3: got ['E', 'F', 'I', 'L', 'Q'] in the window with alt, wanted letters of DNA"),
        ([("a", REF, REF)], "id,ref,alt", {}, "x.csv: none of its 1 rows can be scored (ref_equals_alt 1); give pairs"),
        ([("a", "A", "C")], "id,ref,alt", {}, "x.csv: got windows of 1 base(s), wanted 20 or more; name the columns"),
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_refused_in_one_line(tmp_path, rows, names, columns, said):
    path = write(tmp_path / "x.csv", rows, names)
    with pytest.raises(InputError) as refused:
        windows.hold(windows.read({"one": path, "two": path}, columns))
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)


def test_an_unknown_key_of_columns_is_named(tmp_path):
    with pytest.raises(UsageError, match="--columns: got the key 'pos', wanted any of ref, alt, id"):
        windows.read({"one": tmp_path / "x.csv"}, {"pos": "POS"})


def test_a_third_base_is_neither_of_the_two_and_either_of_the_others():
    rng = np.random.default_rng(1)
    ref = rng.integers(0, 4, (400, 21)).astype(np.uint8)
    alt = ref.copy()
    alt[:, 10] = (ref[:, 10] + rng.integers(1, 4, 400)) % 4
    other = windows.others(ref, alt, 3)
    assert ((other != ref) == (alt != ref)).all()
    assert (other[:, 10] != alt[:, 10]).all()
    one = other[(ref[:, 10] == 0) & (alt[:, 10] == 1), 10]
    assert set(one.tolist()) == {2, 3}
    assert (windows.others(ref, alt, 3) == other).all()
    assert (windows.others(ref, alt, 4) != other).any()


def test_pieces_hold_the_variant_and_then_the_other_base(monkeypatch):
    rng = np.random.default_rng(2)
    ref = rng.integers(0, 4, (5, 21)).astype(np.uint8)
    alt, other = ref.copy(), ref.copy()
    alt[:, 10], other[:, 10] = (ref[:, 10] + 1) % 4, (ref[:, 10] + 2) % 4
    monkeypatch.setattr(windows, "CHUNK", 2)
    found = list(windows.pieces(ref, alt, other)())
    assert [len(one.ref) for one in found] == [2, 2, 1]
    assert [one.view.tolist() for one in found] == [[[0], [1], [2], [3]], [[0], [1], [2], [3]], [[0], [1]]]
    assert (np.concatenate([one.ref[one.site] for one in found]) == np.repeat(ref, 2, 0)).all()
    both = np.concatenate([one.alt for one in found])
    assert (both[0::2] == alt).all()
    assert (both[1::2] == other).all()
    assert all((one.first == 10).all() and (one.count == 1).all() for one in found)


def test_windows_that_overlap_are_one_cluster_on_either_strand(tmp_path):
    text = seq.decode(np.random.default_rng(0).integers(0, 4, 400).astype(np.uint8))
    cuts = [text[:101], text[70:171], text[250:351], seq.decode(seq.reverse_complement(seq.encode(text[290:391])))]
    cuts += [text[141:242]]  # shares 30 bases with the second: a word of 31 does not fit
    rows = [(str(at), cut, changed(cut, 50, "C" if cut[50] != "C" else "G")) for at, cut in enumerate(cuts)]
    files = {
        "x": write(tmp_path / "x.csv", [*rows, ("none", cuts[0], cuts[0])]),
        "y": write(tmp_path / "y.csv", rows[:1]),
    }
    table, _, _ = windows.hold(windows.read(files))
    assert table.cluster.fillna(-1).tolist() == [0, 0, 1, 1, 2, -1, 0]


def test_contexts_of_windows_by_hand():
    base = "TTTTTTTTTACGTTTTTTTTT"
    texts = [(base, changed(base, 10, "T")), (base, changed(base, 11, "A")), (base, changed(base, 9, "GTT"))]
    texts += [(base, changed(base, 0, "G")), ("N" * 10 + base[10:], "N" * 10 + changed(base, 10, "A")[10:])]
    ref, alt = (np.stack([seq.encode(pair[side]) for pair in texts]) for side in (0, 1))
    found = contexts.of_windows(pairs.of_windows(ref, alt))
    assert list(found) == ["kind", "substitution", "trinucleotide", "transition", "cpg", "change", "gc"]
    assert found.kind.tolist() == ["snv", "snv", "mnv", "snv", "snv"]
    assert found.substitution.tolist() == ["C>T", "C>T", "", "T>G", "C>A"]
    assert found.trinucleotide.tolist() == ["ACG", "ACG", "", "NTT", "NCG"]
    assert found.transition.tolist() == [True, True, False, False, False]
    assert found.cpg.tolist() == [True, True, True, False, True]
    assert found.change.tolist() == [0] * 5
    assert found.gc.tolist() == pytest.approx([2 / 21, 2 / 21, 2 / 21, 2 / 21, 2 / 11])
    none = contexts.of_windows(pairs.of_windows(ref[:0], alt[:0]))
    pd.testing.assert_frame_equal(none, found.iloc[:0], check_index_type=False)


@pytest.mark.real
@pytest.mark.skipif(not (REAL / "snp").exists(), reason="the SNPs of exons and introns are not here")
def test_snps_of_exons_and_introns_are_one_base_in_the_middle():
    """One window in twelve is a copy of Alu that shares a word with others: these are one cluster."""
    files = {name: REAL / f"snp/SNP{name}_201b.csv.gz" for name in ("exon", "intron")}
    table, ref, alt = windows.hold(windows.read(files, {"ref": "ref_seq", "alt": "alt_seq", "id": "id"}))
    assert (table.skipped == "").all()
    assert table.edit.tolist() == list(range(10_000))
    assert ((ref != alt).sum(1) == 1).all()
    assert (ref[:, 100] != alt[:, 100]).all()
    assert (table.cluster.nunique(), table.cluster.value_counts().iloc[0]) == (9036, 831)

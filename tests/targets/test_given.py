"""Sequences that a user labelled, as windows: split as told, by contig or by relatives, fitted, none lost unsaid."""

import json

import numpy as np
import pandas as pd
import pytest

import label_windows
from dnalm.dna import seq
from dnalm.errors import InputError, UsageError
from dnalm.targets import given, homology, tables

WINDOW = 32
SPLITS = {"validation": ["chr2"], "test": ["chr3"], "exclude": ["chr4"]}
NONE = {"validation": [], "test": [], "exclude": []}


@pytest.fixture(autouse=True)
def told(caplog):
    caplog.set_level("INFO", logger="dnalm")


def dna(number, length=WINDOW, seed=0):
    rng = np.random.default_rng(seed)
    return [seq.decode(rng.integers(0, 4, length).astype(np.uint8)) for _ in range(number)]


def read(path, splits=SPLITS, sizes=None, most_outside=0, window=WINDOW):
    return given.windows(tables.read({"": path}), splits, window, sizes or {}, most_outside)


def write(path, rows, header="sequence,label"):
    path.write_text("\n".join([header, *rows]) + "\n")
    return path


def label(tmp_path, **options):
    """Windows and summary by the script, without a genome."""
    out = {"out_windows": tmp_path / "w.tsv.gz", "out_summary": tmp_path / "w.json"}
    label_windows.main(**out, **({"window": WINDOW} | options))
    return pd.read_csv(out["out_windows"], sep="\t"), json.loads(out["out_summary"].read_text())


def by_split(tmp_path, train, test, validation=None):
    files = {"train": train, "test": test} | ({} if validation is None else {"validation": validation})
    return {
        f"sequences_{split}": write(tmp_path / f"{split}.csv", [f"{text},{n % 2}" for n, text in enumerate(texts)])
        for split, texts in files.items()
    }


def test_given_sequences_without_contig_are_split_by_clusters_whatever_the_strand(tmp_path):
    texts = dna(400, 30)
    turned = [seq.decode(seq.reverse_complement(seq.encode(text))) for text in texts]
    for name, column in (("a", texts), ("b", turned)):
        write(tmp_path / name, [f"{text},1" for text in column])
    (one, _, about), (two, _, _) = (read(tmp_path / name) for name in "ab")
    assert one.split.tolist() == two.split.tolist()
    assert 280 < (one.split == "train").sum() < 360
    assert one.id.tolist()[:2] == ["given:1", "given:2"]
    assert about["split_by"] == "clusters"


def test_a_labelled_window_on_an_unknown_contig_is_trained_on_only_where_the_genome_is_a_part(tmp_path):
    """`3` may be chr3, which is held out."""
    rows = [f"{'ACGT' * 5},1,chr1,{start},{start + 20}" for start in range(0, 3000, 20)] + [f"{'GATC' * 5},1,3,0,20"]
    write(tmp_path / "a.csv", rows, "sequence,label,chrom,start,end")
    splits, sizes = {"validation": [], "test": ["chr3"], "exclude": []}, {"chr1": 5000, "chr3": 5000}
    table, skipped, about = read(tmp_path / "a.csv", splits, sizes, 0.01)
    assert (set(table.chrom), dict(skipped), about["split_by"]) == ({"chr1"}, {"contig_absent": 1}, "contigs")
    table, skipped, _ = read(tmp_path / "a.csv", splits, sizes, 1)
    assert (table.split[table.chrom == "3"].tolist(), dict(skipped)) == (["train"], {})


def test_files_for_each_split_are_obeyed_and_copies_across_them_counted(tmp_path, caplog):
    train, validation, test = dna(20), dna(6, seed=1), dna(6, seed=2)
    turned = seq.decode(seq.reverse_complement(seq.encode(test[0])))
    files = by_split(tmp_path, [*train, turned, train[1], validation[3]], test, validation)
    table, summary = label(tmp_path, **files)
    for split, texts in (("train", train), ("validation", validation), ("test", test)):
        assert set(table.sequence[table.split == split]) == set(texts), split
    assert summary["duplicates"] == {"train": {"test": 1, "train": 1, "validation": 1}, "with_another_label": 1}
    assert (summary["split_by"], summary["task"], summary["genome"]) == ("files", "binary", None)
    assert summary["rows"]["sequences"] == 35 == len(table) + summary["skipped"]["sequences"]["duplicate"]
    assert table.id[table.split == "test"].tolist()[0] == "given:test:1"
    assert "split by files: train 23, validation 6, test 6" in caplog.text
    assert "1 windows of train left out: test has a copy" in caplog.text


def test_without_a_validation_file_clusters_of_training_are_and_no_relative_is_apart(tmp_path):
    train = dna(300, 60)
    rng = np.random.default_rng(9)
    train += [homology.mutated(text, 0.95, rng) for text in train[:100]]
    table, summary = label(tmp_path, window=60, **by_split(tmp_path, train, dna(6, 60, seed=2)))
    assert (summary["split_by"], summary["validation_by"]) == ("files", "clusters")
    assert 0.05 < (table.split == "validation").sum() / len(train) < 0.16
    split = dict(zip(table.sequence, table.split, strict=True))
    assert [split[text] for text in train[:100]] == [split[text] for text in train[300:]]
    assert (table.split == "test").sum() == 6


def test_a_split_column_is_obeyed_whatever_it_is_called_and_whichever_contig(tmp_path):
    words = ["Train", "DEV", "test", "valid", "training", "validation"]
    rows = [f"chr3,{text},{n // 6 % 2},{words[n % 6]}" for n, text in enumerate(dna(24))] + [f"chr3,{dna(25)[-1]},1,"]
    path = write(tmp_path / "a.csv", rows, "chrom,seq,y,fold")
    columns = {"sequence": "seq", "label": "y", "split": "fold"}
    table, summary = label(tmp_path, sequences=path, columns=columns, splits={"test": ["chr3"]})
    assert table.split.value_counts().to_dict() == {"validation": 12, "train": 8, "test": 4}
    assert (summary["split_by"], summary["skipped"]["sequences"]) == ("column", {"missing_split": 1})
    unheld = label(tmp_path, sequences=path, columns=columns)[1]
    assert unheld["splits"] == NONE


def test_contigs_of_a_table_are_held_out_without_a_genome(tmp_path):
    rows = [f"{text},{n % 2},chr{1 + n // 2 % 3}" for n, text in enumerate(dna(24))]
    path = write(tmp_path / "a.csv", rows, "sequence,label,chrom")
    table, summary = label(tmp_path, sequences=path, splits={"validation": ["chr2"], "test": ["chr3"]})
    assert table.groupby("split").chrom.unique().map(list).to_dict() == {
        "test": ["chr3"], "train": ["chr1"], "validation": ["chr2"],
    }  # fmt: skip
    assert summary["split_by"] == "contigs"
    with pytest.raises(InputError, match=r"lie on contigs \(chr1, chr2, chr3 …\) and none is held out"):
        label(tmp_path, sequences=path)
    with pytest.raises(InputError, match=r"a.csv: splits.test names contig 'chr9'"):
        label(tmp_path, sequences=path, splits={"test": ["chr9"]})


def test_three_classes_are_numbered_in_order_and_counted(tmp_path, caplog):
    names = ["promoter", "enhancer", "Other"]
    files = {
        f"sequences_{split}": write(
            tmp_path / f"{split}.csv", [f"{text},{names[n % 3]}" for n, text in enumerate(dna(9, seed=seed))]
        )
        for seed, split in enumerate(("train", "validation", "test"))
    }
    table, summary = label(tmp_path, **files)
    assert (summary["task"], summary["classes"]) == ("classes", ["Other", "enhancer", "promoter"])
    assert summary["class_counts"]["test"] == {"Other": 3, "enhancer": 3, "promoter": 3}
    assert "prevalence" not in summary
    first = table[(table.split == "train") & (table.id == "given:train:1")]
    assert first.label.tolist() == [2]
    assert "3 classes: Other, enhancer, promoter" in caplog.text


def test_values_are_columns_and_rows_without_one_are_counted(tmp_path):
    rows = [f"{text},{n / 4},{-n},{'train' if n % 3 else 'test'}" for n, text in enumerate(dna(12))]
    path = write(tmp_path / "a.csv", [*rows, f"{dna(13)[-1]},NA,1,test"], "sequence,expression,other,split")
    table, summary = label(tmp_path, sequences=path, values=["expression", "other"])
    assert (summary["task"], summary["outputs"]) == ("regression", ["expression", "other"])
    assert summary["skipped"]["sequences"] == {"missing_value": 1}
    table = table.sort_values("value:expression")
    assert table["value:expression"].tolist() == [n / 4 for n in range(12)]
    assert table["value:other"].tolist() == [-n for n in range(12)]
    assert set(table.label) == {0}
    assert "prevalence" not in summary


def test_lower_case_n_and_unequal_lengths_are_used_or_counted(tmp_path, caplog):
    a, b, c, d, e = dna(5)
    texts = [a.lower(), b + "A", c[1:], "N" * 4 + d[4:], "N" * 3 + e[3:]]
    rows = [f"{text},{n % 2},{'train' if n < 3 else 'test'}" for n, text in enumerate([*texts, *dna(6, seed=3)])]
    path = write(tmp_path / "a.csv", [*rows, f"{dna(1, seed=4)[0]},0,train", f"{dna(1, seed=5)[0]},0,dev"], HEADER)
    table, summary = label(tmp_path, sequences=path)
    assert a in set(table.sequence)
    assert set(table.sequence.str.len()) == {WINDOW}
    assert summary["lengths"] == {"shortest": 31, "longest": 33, "cut": 1, "padded": 1}
    assert summary["skipped"]["sequences"] == {"unknown_bases": 1}
    assert "sequences of 31 to 33 bases: 1 cut and 1 padded to the window" in caplog.text


HEADER = "sequence,label,split"
FAULTS = {
    "no test": (HEADER, "{0},0,train;{1},1,dev", r"a.csv: no row is for test \(got 1 train, 1 validation\)"),
    "another word": (HEADER, "{0},0,train;{1},1,fold3", r"a.csv:3: got split 'fold3', wanted train, validation, test"),
    "one class": (HEADER, "{0},1,train;{1},1,test", r"a.csv: class '0' has no sequence to train on \(0 in train, 0 in"),
    "one name": (HEADER, "{0},x,train;{1},x,test", "a.csv: every row has the label 'x', wanted two classes or more"),
    "two names": (
        HEADER,
        "{0},a,train;{1},b,test;{2},a,test;{3},b,train",
        "the labels are 'a', 'b'; nobody says which, wanted one of them as `positive: b`",
    ),
    "once": (
        HEADER,
        "{0},a,train;{1},b,test;{2},a,test;{3},c,train;{4},b,train",
        "a.csv:5: got the only row with label 'c', beside 'a', 'b', 'c'; a class needs rows",
    ),
    "case": (HEADER, "{0},Yes,train;{1},yes,test", "the labels 'Yes' and 'yes' differ in case only"),
    "never trained on": (
        HEADER,
        "{0},a,train;{1},b,train;{2},c,test;{3},c,dev;{4},a,test;{5},b,test",
        r"class 'c' has no sequence to train on \(0 in train, 1 in validation, 1 in test\)",
    ),
    "numbers": (HEADER, "{0},8.73,train;{1},1,test", r"a.csv:2: got label '8.73', .* under values"),
    "columns": (
        "seq,label",
        "{0},1;{1},0",
        r"a.csv:1: no column 'sequence' for sequence; .* 'seq', 'label'; say which",
    ),
    "twice": ("sequence,label,label", "{0},1,0;{1},0,1", "a.csv:1: column 'label' is there 2 times"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_table_that_cannot_be_meant_is_named_in_one_line(tmp_path, fault):
    header, rows, message = FAULTS[fault]
    path = write(tmp_path / "a.csv", rows.format(*dna(6)).split(";"), header)
    with pytest.raises(InputError, match=message) as error:
        label(tmp_path, sequences=path)
    assert "\n" not in str(error.value)
    assert not (tmp_path / "w.tsv.gz").exists()


def test_a_named_positive_class_is_one(tmp_path):
    rows = [
        f"{text},{'bound' if n % 4 < 2 else 'free'},{'train' if n % 2 else 'test'}" for n, text in enumerate(dna(16))
    ]
    path = write(tmp_path / "a.csv", [*rows, *(f"{text},free,dev" for text in dna(2, seed=1))], HEADER)
    table, summary = label(tmp_path, sequences=path, positive="bound")
    assert (summary["task"], summary["positive"], summary["prevalence"]["test"]) == ("binary", "bound", 0.5)
    assert dict(zip(table.id, table.label, strict=True))["given:1"] == 1
    with pytest.raises(InputError, match="got positive: bond, wanted one of them as"):
        label(tmp_path, sequences=path, positive="bond")


def test_values_that_are_no_numbers_or_one_number_are_refused(tmp_path):
    path = write(tmp_path / "a.csv", [f"{one},{n},{n}x,train" for n, one in enumerate(dna(3))], "sequence,a,b,split")
    with pytest.raises(InputError, match=r"a.csv:2: got '0x' as b, wanted a number"):
        label(tmp_path, sequences=path, values=["b"])
    with pytest.raises(InputError, match=r"a.csv:1: no column 'c' for values; the table has 'sequence', .* name one"):
        label(tmp_path, sequences=path, values=["c"])
    rows = [f"{one},5,{'train' if n % 2 else 'test'}" for n, one in enumerate(dna(30))]
    path = write(tmp_path / "a.csv", rows, "sequence,a,split")
    with pytest.raises(InputError, match=r"a.csv: a has 1 value\(s\) in training"):
        label(tmp_path, sequences=path, values=["a"])


def test_what_cannot_go_together_is_refused(tmp_path):
    files = by_split(tmp_path, dna(2), dna(2, seed=1))
    with pytest.raises(UsageError, match="got files for train, wanted one for all, or one for train and one for test"):
        label(tmp_path, sequences_train=files["sequences_train"])
    with pytest.raises(UsageError, match="got files for all, train, test"):
        label(tmp_path, sequences=files["sequences_train"], **files)
    with pytest.raises(UsageError, match="--columns: got the key 'seq', wanted any of sequence, label"):
        label(tmp_path, columns={"seq": "a"}, **files)
    with pytest.raises(UsageError, match="--peaks: got no genome that they lie on"):
        label(tmp_path, peaks=tmp_path / "peaks.bed")
    with pytest.raises(InputError, match="got classes beside peaks"):
        given.check_beside_peaks({"task": "classes", "split_by": "contigs"}, "a.csv")
    with pytest.raises(InputError, match=r"a\.csv: its column .* peaks beside it are split by contigs"):
        given.check_beside_peaks({"task": "binary", "split_by": "column"}, "a.csv")


def test_fit_keeps_the_middle_base():
    for length in (1, 30, 31, 32, 33, 201):
        text = "A" * (length // 2) + "G" + "C" * (length - length // 2 - 1)
        for window in (31, 32):
            found = given.fit(text, window)
            assert (len(found), found[window // 2]) == (window, "G")


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("sequence\nACGT\n", "label"),
        ("sequence,label\nACGT,2\n", "every row has the label '2'"),
        ("sequence,label\nACGT,1\nAC!T,0\n", ":3: got \\['!'\\]"),
        ("sequence,label\nACGT\n", ":2: got 1 column"),
        ("sequence,label\n", "holds a header and no row"),
        ("sequence,label,start,end\nACGT,1,2,x\n", ":2: got end 'x', wanted start and end as whole numbers"),
        ("", "the file is empty"),
    ],
)
def test_faulty_sequences_are_named_by_line(tmp_path, body, message):
    (tmp_path / "a.csv").write_text(body)
    with pytest.raises(InputError, match=message):
        read(tmp_path / "a.csv")

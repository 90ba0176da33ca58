"""Sequences that a user labelled: split by hash, fitted to a window, faults named by line."""

import numpy as np
import pytest

from dnalm.dna import seq
from dnalm.errors import InputError
from dnalm.targets import labels

WINDOW = 32
SPLITS = {"validation": ["chr2"], "test": ["chr3"], "exclude": ["chr4"]}


def test_given_sequences_without_contig_are_split_by_hash_whatever_the_strand(tmp_path):
    rng = np.random.default_rng(0)
    texts = [seq.decode(rng.integers(0, 4, 30).astype(np.uint8)) for _ in range(400)]
    turned = [seq.decode(seq.reverse_complement(seq.encode(text))) for text in texts]
    for name, column in (("a", texts), ("b", turned)):
        (tmp_path / name).write_text("sequence,label\n" + "".join(f"{text},1\n" for text in column))
    one, two = (labels.read_sequences(tmp_path / name, SPLITS, WINDOW, {}, 0)[0] for name in "ab")
    assert one.split.tolist() == two.split.tolist()
    assert 280 < (one.split == "train").sum() < 360
    assert one.id.tolist()[:2] == ["given:1", "given:2"]


def test_a_labelled_window_on_an_unknown_contig_is_trained_on_only_where_the_genome_is_a_part(tmp_path):
    """`3` may be chr3, which is held out."""
    rows = [f"{'ACGT' * 5},1,chr1,{start},{start + 20}" for start in range(0, 3000, 20)] + [f"{'GATC' * 5},1,3,0,20"]
    (tmp_path / "a.csv").write_text("\n".join(["sequence,label,chrom,start,end", *rows]))
    splits, sizes = {"validation": [], "test": ["chr3"], "exclude": []}, {"chr1": 5000, "chr3": 5000}
    table, skipped, number = labels.read_sequences(tmp_path / "a.csv", splits, WINDOW, sizes, 0.01)
    assert (set(table.chrom), dict(skipped), number) == ({"chr1"}, {"contig_absent": 1}, 151)
    table, skipped, _ = labels.read_sequences(tmp_path / "a.csv", splits, WINDOW, sizes, 1)
    assert (table.split[table.chrom == "3"].tolist(), dict(skipped)) == (["train"], {})


def test_fit_keeps_the_middle_base():
    for length in (1, 30, 31, 32, 33, 201):
        text = "A" * (length // 2) + "G" + "C" * (length - length // 2 - 1)
        for window in (31, 32):
            found = labels.fit(text, window)
            assert (len(found), found[window // 2]) == (window, "G")


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("sequence\nACGT\n", "label"),
        ("sequence,label\nACGT,2\n", ":2: got label '2'"),
        ("sequence,label\nACGT,1\nAC!T,0\n", ":3: got \\['!'\\]"),
        ("sequence,label\nACGT\n", ":2: got 1 column"),
        ("sequence,label\n", "holds a header and no row"),
        ("", "the file is empty"),
    ],
)
def test_faulty_sequences_are_named_by_line(tmp_path, body, message):
    (tmp_path / "a.csv").write_text(body)
    with pytest.raises(InputError, match=message):
        labels.read_sequences(tmp_path / "a.csv", SPLITS, WINDOW, {}, 0)

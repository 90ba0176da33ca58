"""Places held out: whole contigs, regions and stripes; no window is in two splits or next to another one."""

import numpy as np
import pandas as pd

from dnalm.dna import splits
from dnalm.dna.place import BEYOND, Place, contigs, place

HELD = {"validation": ["b"], "test": ["c:1000-2000", "a:0-500"], "exclude": ["d", "c:2000-2,500"]}


def split_of(places, margin=0, held=HELD):
    table = pd.DataFrame(places, columns=["chrom", "start", "end"])
    return splits.split_of(table.chrom, table.start, table.end, held, margin).tolist()


def test_whole_contigs_and_regions():
    places = [("b", 0, 10), ("d", 5, 6), ("e", 0, 9), ("c", 1000, 2000), ("c", 999, 1001), ("c", 0, 1000)]
    assert split_of(places) == ["validation", "exclude", "train", "test", "border", "train"]
    assert split_of([("c", 2000, 2500), ("c", 2500, 2600), ("a", 0, 500), ("a", 500, 501)]) == [
        "exclude",
        "train",
        "test",
        "train",
    ]


def test_a_window_within_the_margin_of_a_border_is_in_no_split():
    places = [("c", 800, 900), ("c", 801, 901), ("c", 1100, 1200), ("c", 1099, 1199), ("b", 0, 10)]
    assert split_of(places, 100) == ["train", "border", "test", "border", "validation"]
    assert split_of([("a", 0, 100), ("a", 0, BEYOND), ("b", 0, BEYOND)], 50) == [
        "test",
        "border",
        "validation",
    ]


def test_every_base_has_the_split_that_was_named_for_it():
    rng = np.random.default_rng(0)
    truth = np.array(["train"] * 3000, object)
    named = {"validation": [], "test": [], "exclude": []}
    for number, start in enumerate(range(0, 3000, 150)):
        split, end = list(named)[number % 3], start + int(rng.integers(1, 151))
        named[split].append(f"x:{start}-{end}")
        truth[start:end] = split
    assert split_of([("x", at, at + 1) for at in range(3000)], 0, named) == truth.tolist()
    for start, end in rng.integers(0, 2900, (200, 1)) + [0, 60]:
        inside = set(truth[max(start - 20, 0) : end + 20])
        wanted = inside.pop() if len(inside) == 1 else "border"
        assert split_of([("x", start, end)], 20, named) == [wanted]


def test_stripes_are_the_last_two_of_each_round():
    found = splits.stripes({"x": 1050, "y": 300, "z": 350}, 100, 4)
    assert found == {
        "validation": ["x:200-300", "x:600-700", "x:1000-1050", "y:200-300", "z:200-300"],
        "test": ["x:300-400", "x:700-800", "z:300-350"],
    }


def test_places_are_read_as_they_are_written():
    for text in ("chr1", "chr1:5-10", "HLA-A*01:01", "chr1:5-10:0-7"):
        assert str(place(text)) == text
    assert place("chr1:1,000-2,000") == ("chr1", 1000, 2000)
    odd = Place("chr1:5-10")  # a contig of that name
    assert place(str(odd)) == odd
    assert contigs(["a:1-2", "b", "a:5-9"]) == ["a", "b"]

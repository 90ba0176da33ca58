"""Places become all their substitutions, and stretches that are full of them are found again."""

from pathlib import Path

import pandas as pd
import pytest

from dnalm.dna.place import Place
from dnalm.errors import InputError
from dnalm.variants import dense, saturation

GENOME = {"c": "ACGTNacgtR", "d": "GG"}
SIZES = {name: len(text) for name, text in GENOME.items()}


def places(*named):
    return saturation.places(named, SIZES, Path("here"))


def fetch(contig, start, end):
    return GENOME[contig][start:end]


def test_places_are_in_the_genomes_order_and_each_base_is_there_once():
    assert places("d", "c:6-8", "c:2-5", "c:4-6") == [Place("c", 2, 8), Place("d", 0, 2)]
    assert places("c:1-3", "c:4-5") == [Place("c", 1, 3), Place("c", 4, 5)]


@pytest.mark.parametrize(
    ("named", "said"),
    [
        ("e:1-2", "here: saturate names contig 'e', which the genome lacks"),
        ("c:5-11", "here: saturate names c:5-11, wanted contig:start-end .0-based, end not included., and c has 10"),
        ("c:5-5", "here: saturate names c:5-5, wanted contig:start-end"),
    ],
)
def test_a_place_that_is_not_there_is_named(named, said):
    with pytest.raises(InputError, match=said):
        places(named)


def test_more_bases_than_anybody_waits_for_are_refused():
    with pytest.raises(
        InputError, match=r"saturate names 100,001 bases, wanted 100,000 at most, .*name shorter places"
    ):
        saturation.places(["c"], {"c": saturation.MOST + 1}, Path("here"))


def test_each_known_base_gets_its_three_alternatives():
    found, skipped = saturation.records(places("c:3-6", "c:9-10"), fetch)
    assert found[["chrom", "pos", "ref", "alt"]].to_numpy().tolist() == [
        ["c", 4, "T", "A"],
        ["c", 4, "T", "C"],
        ["c", 4, "T", "G"],
        ["c", 6, "A", "C"],
        ["c", 6, "A", "G"],
        ["c", 6, "A", "T"],
    ]
    assert skipped == {"unknown_base": 2}


def scored(*starts, alternatives=3, chrom="c"):
    """A table as score_variants.py writes it: an A at each start (0-based), with that many alternatives."""
    rows = [(chrom, start + 1, "A", alt, 0.5) for start in starts for alt in "CGT"[:alternatives]]
    return pd.DataFrame(rows, columns=["chrom", "pos", "ref", "alt", "llr"])


def found_in(*parts):
    return dense.stretches(dense.substitutions(pd.concat(parts, ignore_index=True), "llr"))


def test_a_stretch_is_long_enough_and_full_enough():
    assert found_in(scored(*range(5, 25))) == [Place("c", 5, 25)]
    assert found_in(scored(*range(5, 24))) == []
    assert found_in(scored(*range(0, 41, 2))) == [Place("c", 0, 41)]
    assert found_in(scored(*range(0, 60, 3))) == []
    assert found_in(scored(*range(5, 25), alternatives=1)) == []
    assert found_in(scored(*range(5, 25), alternatives=2)) == [Place("c", 5, 25)]


def test_a_gap_ends_a_stretch_and_so_does_a_contig():
    near, far = scored(*range(35, 60)), scored(*range(36, 60))
    first = scored(*range(5, 25))
    assert found_in(first, near) == [Place("c", 5, 60)]
    assert found_in(first, far) == [Place("c", 5, 25), Place("c", 36, 60)]
    assert found_in(first, scored(*range(25, 50), chrom="d")) == [Place("c", 5, 25), Place("d", 25, 50)]


def test_only_scored_substitutions_of_one_base_count_and_each_once():
    table = scored(3, 4)
    table.loc[0, "llr"] = None
    longer = table.iloc[1:2].assign(alt="CC")
    found = dense.substitutions(pd.concat([table, table, longer], ignore_index=True), "llr")
    assert found[["start", "alt"]].to_numpy().tolist() == [[3, "G"], [3, "T"], [4, "C"], [4, "G"], [4, "T"]]

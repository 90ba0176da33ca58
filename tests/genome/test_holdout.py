"""Splits are complete, name each place once, and name places that there are."""

import pytest

from dnalm.dna.place import BEYOND
from dnalm.errors import InputError, UsageError
from dnalm.genome import holdout

SIZES = {"chr1": 1000, "chr2": 500, "chr20": None, "chr1:5-10": 300}


def test_splits_are_made_complete():
    assert holdout.complete({"test": ["chr2"], "exclude": None}) == {"validation": [], "test": ["chr2"], "exclude": []}
    with pytest.raises(UsageError, match=r"splits: got the key 'tests', wanted any of validation, test, exclude, str"):
        holdout.complete({"tests": ["chr1"]})
    with pytest.raises(UsageError, match=r"contig 'chr1' is listed twice"):
        holdout.complete({"test": ["chr1"], "validation": ["chr1"]})
    with pytest.raises(UsageError, match=r"splits\.stripes: got 1000000 bases, of 2; wanted .* of 3 or more"):
        holdout.complete({"stripes": {"of": 2}})


def test_places_are_resolved_once():
    named = {"test": ["chr2", "chr1:0-1,00"], "validation": ["chr1:5-10", "chr20:7-9"]}
    found = holdout.resolve(named, SIZES, "g")
    assert found == {
        "validation": [f"chr1:5-10:0-{BEYOND}", "chr20:7-9"],
        "test": ["chr2", "chr1:0-100"],
        "exclude": [],
    }
    assert holdout.resolve(found, SIZES, "g") == found
    stripes = holdout.resolve(
        {"exclude": ["chr2"], "stripes": {"bases": 100, "of": 4}}, {"chr1": 450, "chr2": 999}, "g"
    )
    assert stripes == {"validation": ["chr1:200-300"], "test": ["chr1:300-400"], "exclude": ["chr2"]}


@pytest.mark.parametrize(
    "named, message",
    [
        (
            {"test": ["20"]},
            r"^g: splits\.test names contig '20', which the genome lacks \(or is short\); nearest: chr20",
        ),
        ({"test": ["chr3:1-2"]}, r"splits\.test names contig 'chr3', which the genome lacks"),
        (
            {"test": ["chr1:900-1001"]},
            r"names chr1:900-1001, wanted contig:start-end .0-based, .*, and chr1 has 1,000 b",
        ),
        ({"test": ["chr1:9-9"]}, r"names chr1:9-9, wanted contig:start-end"),
        ({"test": ["chr1:0-10"], "validation": ["chr1:9-20"]}, r"chr1:0-10 .test. and chr1:9-20 .validation. overlap"),
        ({"test": ["chr2"], "exclude": ["chr2:9-20"]}, r"chr2:9-20 .* overlap; a base belongs to one split"),
        (
            {"stripes": {"bases": 400, "of": 4}},
            r"splits\.stripes: no contig has more than 1,200 bases, so nothing is h",
        ),
    ],
)
def test_places_that_there_are_not_or_twice_are_refused(named, message):
    with pytest.raises(InputError, match=message):
        holdout.resolve(named, SIZES, "g", " (or is short)")


def test_what_was_seen_in_pretraining():
    sizes, splits = {"chr1": 1000, "chr2": 500, "chr3": 500}, {"test": ["chr2"], "validation": ["chr1:100-200"]}
    assert holdout.saw(["chr2", "chr8"], sizes, splits) == []
    assert holdout.saw(["chr2:5-10", "chr1:100-200"], sizes, splits) == []
    assert holdout.saw(["chr1:100-201", "chr1", "chr3:0-1"], sizes, splits) == ["chr1:100-201", "chr1", "chr3:0-1"]

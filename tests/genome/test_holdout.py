"""Splits are complete, name each contig once, and name contigs that there are."""

import pytest

from dnalm.errors import InputError, UsageError
from dnalm.genome import holdout


def test_splits_are_made_complete():
    assert holdout.complete({"test": ["chr2"], "exclude": None}) == {"validation": [], "test": ["chr2"], "exclude": []}
    with pytest.raises(UsageError, match=r"splits: got the key 'tests', wanted any of validation, test, exclude"):
        holdout.complete({"tests": ["chr1"]})
    with pytest.raises(UsageError, match=r"contig 'chr1' is listed twice"):
        holdout.complete({"test": ["chr1"], "validation": ["chr1"]})


def test_contigs_are_found_or_the_nearest_named():
    holdout.find({"test": ["chr2"], "exclude": []}, {"chr1": 5, "chr2": 9}, "g")
    with pytest.raises(InputError, match=r"^g: splits\.test names contig '20', which the genome lacks; nearest: chr20"):
        holdout.find({"test": ["20"]}, ["chr1", "chr20"], "g")
    with pytest.raises(InputError, match=r"lacks \(or is short\)"):
        holdout.find({"test": ["20"]}, ["chr1"], "g", " (or is short)")

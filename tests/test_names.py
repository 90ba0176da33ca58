"""The names of tests: each process that runs them must collect the same."""

import gzip

from conftest import pytest_make_parametrize_id as named


def test_a_name_does_not_hold_the_time():
    """Two processes that compress in different seconds; pytest-xdist refuses to run names that differ."""
    assert named(gzip.compress(b"ACGT", mtime=1), "content") == named(gzip.compress(b"ACGT", mtime=2), "content")
    assert named(gzip.compress(b"ACGT", mtime=1), "content") == "content"
    assert named(b">a\nACGT\n", "content") is None, "text names itself"

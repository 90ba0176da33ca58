"""Whole bigWigs of every kind pass; damage to any part that a reader follows is named."""

import numpy as np
import pyBigWig
import pytest

from dnalm.dna import bigwig as dna_bigwig
from dnalm.dna import bigwig_structure as structure
from dnalm.errors import InputError


def by_library(path, entries):
    """Written by the library itself, in the kinds of entries that others use."""
    bigwig = pyBigWig.open(str(path), "w")
    bigwig.addHeader([("a", 1_000_000), ("b", 500)])
    entries(bigwig)
    bigwig.close()


def many_contigs(path):
    sizes = {f"scaffold_{number}": 1000 for number in range(3000)}
    dna_bigwig.write(path, sizes, {name: np.linspace(-1, 1, 20) for name in sizes}, 50)


def gaps(path):
    values = np.random.default_rng(0).normal(size=60_000).astype(np.float32)
    values[::7] = np.nan
    dna_bigwig.write(path, {"a": 3_000_000}, {"a": values}, 50)


@pytest.mark.parametrize(
    "make",
    [
        many_contigs,
        gaps,
        lambda path: dna_bigwig.write(path, {"a": 100}, {"a": np.array([-3.0, -2.0])}, 50),
        lambda path: dna_bigwig.write(path, {"a": 100, "b": 60}, {"b": np.array([np.nan, 1e-30])}, 50),
        lambda path: by_library(path, lambda bigwig: bigwig.addEntries(["a"], [5], ends=[9], values=[-1.0])),
        lambda path: by_library(
            path, lambda bigwig: bigwig.addEntries("a", [1, 50, 70], values=[3.0, 2.0, 1.0], span=20)
        ),
        lambda path: by_library(
            path, lambda bigwig: bigwig.addEntries("b", 0, values=[0.0, 1.0, 0.0], span=5, step=30)
        ),
    ],
)
def test_whole_files_pass(tmp_path, make):
    make(tmp_path / "a.bw")
    structure.check(tmp_path / "a.bw")


@pytest.mark.parametrize(
    ("place", "message"),
    [
        (4, "its header is none"),
        (8, "its tree of contigs is none"),
        (16, "number of blocks"),
        (24, "an index is none"),
        (44, "totals"),
    ],
)
def test_a_part_that_is_off_is_named(tmp_path, place, message):
    """`place`: a byte of the header, where the offset of a part (or the version) stands."""
    path = tmp_path / "a.bw"
    gaps(path)
    damaged = bytearray(path.read_bytes())
    damaged[place] ^= 8
    path.write_bytes(damaged)
    with pytest.raises(InputError, match=rf"a.bw: the bigWig is damaged \(.*{message}.*\); make it again"):
        dna_bigwig.reading(path).__enter__()


def test_every_byte_of_the_values_counts(tmp_path):
    path = tmp_path / "a.bw"
    dna_bigwig.write(path, {"a": 5000}, {"a": np.random.default_rng(0).random(100)}, 50)
    whole = path.read_bytes()
    start = int.from_bytes(whole[16:24], "little") + 8
    for place in range(start, start + 300, 5):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        with pytest.raises(structure.Damaged):
            structure.check(path)

"""Relatives by MMseqs2: planted ones are found on both strands, strangers are not, and what it says is passed on."""

import os
import shutil

import numpy as np
import pandas as pd
import pytest

from dnalm.dna import diagonals, seq, similarity
from dnalm.errors import InputError, UsageError
from dnalm.targets import homology

mmseqs = pytest.mark.skipif(shutil.which("mmseqs") is None, reason="MMseqs2 is not installed: apt or conda has it")
SEARCHES = [pytest.param(similarity.search, marks=mmseqs, id="mmseqs"), pytest.param(diagonals.search, id="diagonals")]


def drawn(number, length=200, seed=0):
    rng = np.random.default_rng(seed)
    return [seq.decode(codes) for codes in rng.integers(0, 4, (number, length)).astype(np.uint8)]


def copy(text, identity, seed=1):
    return homology.mutated(text, identity, np.random.default_rng(seed))


@pytest.mark.parametrize("search", SEARCHES)
def test_planted_relatives_are_found_on_both_strands_and_strangers_are_not(search):
    known = drawn(50)
    queries = [known[3], copy(known[4], 0.9), homology.reverse(copy(known[5], 0.9)), drawn(1, seed=9)[0]]
    found = search(queries, known)
    assert list(found) == similarity.FOUND
    assert found[["query", "target"]].to_numpy().tolist() == [[0, 3], [1, 4], [2, 5]]
    assert found.identity.to_numpy() == pytest.approx([1, 0.9, 0.9], abs=0.011)


@pytest.mark.parametrize("search", SEARCHES)
def test_an_alignment_covers_half_of_the_shorter(search):
    """120 of 200 bases are enough, 80 are not, and a piece of 80 is a relative of what it is a piece of."""
    (known,), (other,) = drawn(1), drawn(1, seed=5)
    queries = [known[80:] + other[:80], known[120:] + other[:120], known[60:140], f"NNNN{known[60:140]}NNN"]
    found = search(queries, [known])
    assert found["query"].tolist() == [0, 2, 3]
    assert found.identity[1:].tolist() == [1, 1]


@pytest.mark.parametrize("search", SEARCHES)
def test_nothing_is_found_where_nothing_is(search):
    for queries, targets in (([], drawn(2)), (drawn(2), []), (["N" * 200], drawn(2)), (["ACGT", ""], drawn(2)),
                             (drawn(2, seed=1), drawn(2, seed=2))):  # fmt: skip
        found = search(queries, targets)
        assert len(found) == 0
        assert [len(part) for part in similarity.closest(found, len(queries))] == [len(queries)] * 2


@pytest.mark.parametrize("search", SEARCHES)
def test_a_tandem_repeat_is_a_relative_of_its_copy(search):
    """MMseqs2's mask of low complexity would hide it."""
    repeat = "CATTG" * 40
    assert search([repeat], [drawn(1)[0], repeat])[["target", "identity"]].to_numpy().tolist() == [[1, 1.0]]


@mmseqs
def test_threads_change_nothing():
    known = drawn(100)
    queries = [copy(text, 0.7) for text in known]
    found = [similarity.search(queries, known, threads=threads) for threads in (1, 3)]
    pd.testing.assert_frame_equal(*found)
    assert len(found[0]) > 90


def test_the_closest_is_the_best_and_of_equals_the_first():
    found = similarity.pairs([2, 0, 0, 0, 0], [5, 7, 3, 4, 3], [0.6, 0.9, 0.9, 0.8, 0.7])
    index, identity = similarity.closest(found, 4)
    assert index.tolist() == [3, -1, 5, -1]
    assert identity.tolist() == [0.9, 0, 0.6, 0]


def test_clusters_are_chains_of_relatives():
    """0 and 2 are joined by 1 alone; 3 is too far from 2 at 0.8; 4 has none."""
    found = similarity.pairs([0, 1, 2, 4], [1, 2, 3, 4], [0.9, 0.8, 0.79, 1])
    assert similarity.clusters(found, 5, 0.8).tolist() == [0, 0, 0, 3, 4]
    assert similarity.clusters(found, 5, 0.5).tolist() == [0, 0, 0, 0, 4]


@pytest.mark.parametrize("search", SEARCHES)
def test_a_reverse_complement_is_in_its_relatives_cluster(search):
    sequences = drawn(4)
    sequences += [homology.reverse(copy(sequences[2], 0.9))]
    assert similarity.clusters(search(sequences, sequences), 5, 0.8).tolist() == [0, 1, 2, 3, 2]


def test_without_mmseqs_it_is_said_how_to_get_it(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    similarity.version.cache_clear()
    assert not similarity.installed()
    with pytest.raises(UsageError, match=r"^mmseqs is not installed; get it from your system or `conda install"):
        similarity.search(drawn(1), drawn(1))


def test_where_mmseqs_fails_its_last_line_is_said(tmp_path, monkeypatch):
    program = tmp_path / "mmseqs"
    program.write_text("#!/bin/sh\n[ $1 = version ] && echo 7 && exit 0\necho first\necho Error: no room\nexit 3\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    similarity.version.cache_clear()
    with pytest.raises(InputError, match=r"^mmseqs easy-search failed \(status 3\): Error: no room$"):
        similarity.search(drawn(1), drawn(1))
    similarity.version.cache_clear()


def test_blocks_of_targets_change_nothing(monkeypatch):
    known = drawn(60)
    queries = [copy(text, 0.8) for text in known]
    whole = diagonals.search(queries, known)
    monkeypatch.setattr(diagonals, "_BASES", 1000)
    pd.testing.assert_frame_equal(diagonals.search(queries, known), whole)
    assert len(whole) > 50


def test_an_identity_by_hand():
    """Twelve equal bases, then every other one: 12 + 14 of 40; too few for a relative, and 36 of 40 are enough."""
    text = drawn(1, 40)[0]
    other = {"A": "C", "C": "A", "G": "T", "T": "G"}
    halves = text[:12] + "".join(other[base] if place % 2 else base for place, base in enumerate(text[12:]))
    close = text[:36] + "".join(other[base] for base in text[36:])
    assert diagonals.search([halves, close], [text]).to_numpy().tolist() == [[1, 0, 0.9]]

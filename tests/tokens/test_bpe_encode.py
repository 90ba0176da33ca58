"""Encoding by one walk: the same ids as Hugging Face's encoder, whatever the vocabulary, the parts and the N."""

import numpy as np
import pytest
from tokenizers import Regex, Tokenizer, models, pre_tokenizers

from dnalm.dna import seq
from dnalm.tokens import bpe_encode, bpe_tables, bpe_walk


def random_merges(rng, letters):
    words, merges = list("ACGT"[:letters]), []
    for _ in range(rng.integers(1, 60)):
        left, right = (str(word) for word in rng.choice(words, 2))
        if left + right not in words and len(left + right) <= 12:
            merges.append((left, right))
            words.append(left + right)
    return list(dict.fromkeys([*"ACGT", *words])), merges


def pair(rng, letters):
    """Our tables and Hugging Face's encoder of one random vocabulary, ids in any order."""
    words, merges = random_merges(rng, letters)
    ids = rng.permutation(len(words) + 2)
    vocabulary = {word: int(number) for word, number in zip(["[UNK]", "N", *words], ids, strict=True)}
    theirs = Tokenizer(models.BPE(vocabulary, merges, unk_token="[UNK]"))
    theirs.pre_tokenizer = pre_tokenizers.Split(Regex("N"), "isolated")
    return bpe_tables.tables(vocabulary, merges, vocabulary["N"]), theirs


@pytest.mark.parametrize(("part", "overlap"), [(1 << 20, 1 << 10), (20, 10), (7, 1)])
def test_ids_are_those_of_hugging_face(monkeypatch, part, overlap):
    monkeypatch.setattr(bpe_encode, "PART", part)
    monkeypatch.setattr(bpe_encode, "OVERLAP", overlap)
    rng = np.random.default_rng(part)
    for trial in range(150):
        letters = 1 + trial % 4
        tables, theirs = pair(rng, letters)
        codes = rng.integers(0, letters, rng.integers(0, 250)).astype(np.uint8)
        if trial % 2 and len(codes):
            codes[rng.integers(0, len(codes), 3)] = seq.N
        expected = theirs.encode(seq.decode(codes)).ids
        assert bpe_encode.encode(codes, tables, 1 + trial % 3).tolist() == expected


def test_windows_are_encoded_each_on_its_own():
    rng = np.random.default_rng(3)
    tables, theirs = pair(rng, 4)
    windows = rng.integers(0, 5, (20, 40)).astype(np.uint8)
    ids, counts = bpe_encode.encode_windows(windows, tables)
    for row, window in enumerate(windows):
        assert ids[row, : counts[row]].tolist() == theirs.encode(seq.decode(window)).ids


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("threads", [1, 3])
def test_windows_that_overlap_get_the_ids_they_get_alone(monkeypatch, turned, threads):
    """Whatever the vocabulary, the shift and the unknown bases; repeats, in which merges reach far, too."""
    monkeypatch.setattr(bpe_encode, "LEAST", 500)
    rng = np.random.default_rng(4)
    for trial in range(120):
        letters = 1 + trial % 4
        tables, theirs = pair(rng, letters)
        width, shift = int(rng.integers(20, 200)), int(rng.integers(1, 60))
        codes = rng.integers(0, letters, 1200).astype(np.uint8)
        if trial % 3 == 0:
            codes[300:700] = np.resize(codes[:3], 400)
        if trial % 2:
            codes[rng.integers(0, len(codes), 3)] = seq.N
        windows = np.lib.stride_tricks.sliding_window_view(codes, width)[::shift]
        windows = seq.reverse_complement(np.ascontiguousarray(windows)) if turned else windows
        ids, counts = bpe_encode.encode_windows(windows, tables, threads)
        for row, window in enumerate(windows):
            assert ids[row, : counts[row]].tolist() == theirs.encode(seq.decode(window)).ids


def test_windows_that_overlap_take_over_what_both_have(monkeypatch):
    """Of a row only its head and what is new are walked: 64 bases and 100, and the last token or so, of 400."""
    rng = np.random.default_rng(5)
    tables, _ = pair(rng, 4)
    codes = rng.integers(0, 4, 2000).astype(np.uint8)
    windows = np.ascontiguousarray(np.lib.stride_tricks.sliding_window_view(codes, 400)[::100])
    assert bpe_encode._shift(windows) == (100, 1)
    assert bpe_encode._shift(windows[::-1]) == (100, -1)
    assert bpe_encode._shift(windows[::5]) == (0, 1)
    first, out = bpe_encode.encode_windows(windows[:1], tables)[0][0], np.zeros(400, np.int32)
    alone = bpe_encode.encode(windows[1, :64], tables)
    out[: len(alone)] = alone
    most = tables.length.max()
    own, bases = bpe_walk.taken_over(tables.length, most, 100, 400, first, len(first), out, len(alone))
    assert 300 - 2 * most < bases <= 300 - most
    assert tables.length[out[:own]].sum() == bases


def test_rows_are_joined_only_at_a_token_of_both():
    """At its start the row has token 5 and the row before 6, of three bases each; then both have 7: there they join."""
    length = np.array([0, 0, 0, 0, 2, 3, 3, 4], np.int32)
    before, out = np.array([4, 6, 7, 7, 7], np.int32), np.array([5, 7, 0, 0], np.int32)
    own, bases = bpe_walk.taken_over(length, 4, 2, 17, before, 5, out, 2)
    assert (own, bases, out[:own].tolist()) == (3, 11, [5, 7, 7])
    assert bpe_walk.taken_over(length, 4, 2, 17, before, 5, np.array([5, 4], np.int32), 2) == (0, 0)


def test_what_cannot_go_on_says_so():
    """A C G with AC given: CG is the earlier merge, so no token may follow AC, and AC is not the walk's to undo."""
    vocabulary = {word: place for place, word in enumerate(["A", "C", "G", "T", "N", "CG", "AC"])}
    tables = bpe_tables.tables(vocabulary, [("C", "G"), ("A", "C")], 4)
    for given, found in ((1, -1), (0, 2)):
        out, dead = np.array([6, 0, 0], np.int32), np.zeros(4, np.uint8)
        assert bpe_walk.walk(seq.encode("ACG"), *tables, out, dead, given, 2 * given) == found


def test_merges_that_spell_a_word_twice_or_use_one_too_early_are_not_for_the_walk():
    vocabulary = {word: place for place, word in enumerate(["A", "C", "G", "T", "AA", "AAA"])}
    assert bpe_tables.walkable(vocabulary, [("A", "A"), ("AA", "A")])
    assert not bpe_tables.walkable(vocabulary, [("A", "A"), ("AA", "A"), ("A", "AA")])
    assert not bpe_tables.walkable(vocabulary, [("AA", "A"), ("A", "A")])
    assert not bpe_tables.walkable(vocabulary | {"NN": 9}, [("N", "N")])


def test_stepping_back():
    # longest first would take AC, but CG is the earlier merge: A CG
    vocabulary = {word: place for place, word in enumerate(["A", "C", "G", "T", "N", "CG", "AC"])}
    tables = bpe_tables.tables(vocabulary, [("C", "G"), ("A", "C")], 4)
    assert bpe_encode.encode(seq.encode("ACGAC"), tables).tolist() == [0, 5, 6]

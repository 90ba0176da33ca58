"""Where tokenizations differ: prefix and suffix by hand, equal bases under BPE."""

import numpy as np
import pytest

from dnalm.dna import seq
from dnalm.tokens import making, spans
from dnalm.tokens import tokenizer as tk


def tokens(*rows: list[int]) -> spans.Tokens:
    width = max(map(len, rows))
    ids = np.array([row + [0] * (width - len(row)) for row in rows])
    return spans.Tokens(ids, ids > 0)


def test_spans_by_hand():
    ref = tokens([2, 5, 6, 7, 3], [2, 5, 5, 5, 3], [2, 9, 3])
    alt = tokens([2, 5, 8, 7, 3], [2, 5, 5, 3], [2, 5, 6, 7, 8, 3])
    found = spans.find(ref, alt)
    assert found.first.tolist() == [[2, 2], [3, 3], [1, 1]]
    assert found.count.tolist() == [[1, 1], [1, 0], [1, 4]]
    assert spans.span_ids(alt, found.first[:, 1], found.count[:, 1]).tolist() == [
        [8, -1, -1, -1],
        [-1] * 4,
        [5, 6, 7, 8],
    ]


def test_bpe_spans_cover_the_same_bases_and_hold_the_variant():
    rng = np.random.default_rng(1)
    lines = [seq.decode(rng.choice(4, 400, p=[0.4, 0.1, 0.1, 0.4]).astype(np.uint8)) for _ in range(30)]
    tok = making.train("bpe", map(seq.encode, lines), vocab_size=120, k=1)
    ref = rng.integers(0, 4, (200, 61)).astype(np.uint8)
    alt = ref.copy()
    alt[:, 30] = (alt[:, 30] + rng.integers(1, 4, 200)) % 4
    one, two = spans.Tokens(*tk.tokenize(tok, ref)), spans.Tokens(*tk.tokenize(tok, alt))
    found = spans.find(one, two)
    bases = _bases(tok, found, one, two)
    lengths = tk.base_lengths(tok)
    starts = np.array([lengths[ids[:first]].sum() for ids, first in zip(one.ids, found.first[:, 0], strict=True)])
    assert ((starts <= 30) & (starts + bases > 30)).all()
    assert (found.count[:, 0] != found.count[:, 1]).any(), "byte pairs that never re-segment would test nothing"


def _bases(tok, found: spans.Spans, *readings: spans.Tokens) -> np.ndarray:
    """Bases of the spans, which must be as many in both readings."""
    one, two = (
        spans.bases_in(tok, spans.span_ids(tokens, found.first[:, side], found.count[:, side]))
        for side, tokens in enumerate(readings)
    )
    assert (one == two).all()
    return one


@pytest.mark.parametrize(("kind", "k"), [("bpe", 1), ("char", 1), ("kmer", 3), ("overlapping", 3)])
def test_spans_round_an_indel_are_the_shortest_that_both_readings_begin_and_end(kind: str, k: int):
    """Held against a search over all bases at which both readings may be cut."""
    rng = np.random.default_rng(1)
    lines = [seq.decode(rng.choice(4, 400, p=[0.4, 0.1, 0.1, 0.4]).astype(np.uint8)) for _ in range(30)]
    name = "kmer" if kind == "overlapping" else kind
    tok = making.train(name, map(seq.encode, lines), vocab_size=120, k=k, overlapping=kind == "overlapping")
    ref = rng.integers(0, 4, (100, 41)).astype(np.uint8)
    alt = np.concatenate([ref[:, :20], ref[:, 22:], rng.integers(0, 4, (100, 2)).astype(np.uint8)], 1)
    readings = [spans.Tokens(*tk.tokenize(tok, windows)) for windows in (ref, alt)]
    low, high = np.full(100, 20), np.full(100, 22)
    found = spans.around(tok, *readings, low, high)
    _bases(tok, found, *readings)
    lengths, least, most = tk.base_lengths(tok), 20 - (k - 1) * (kind == "overlapping"), 22
    for row in range(100):
        cuts = [np.cumsum(lengths[tokens.ids[row]] * tokens.mask[row]) for tokens in readings]
        shared = sorted({0, *cuts[0]} & {0, *cuts[1]})
        start, end = max(at for at in shared if at <= least), min(at for at in shared if at >= most)
        for side, ends in enumerate(cuts):
            first, count = found.first[row, side], found.count[row, side]
            assert (ends[first - 1] if first else 0, ends[first + count - 1]) == (start, end)

"""Where tokenizations differ: prefix and suffix by hand, equal bases under BPE."""

import numpy as np

from dnalm.dna import seq
from dnalm.tokens import kinds, spans
from dnalm.tokens import tokenizer as tk


def tokens(*rows: list[int]) -> spans.Tokens:
    width = max(map(len, rows))
    ids = np.array([row + [0] * (width - len(row)) for row in rows])
    return spans.Tokens(ids, ids > 0)


def test_spans_by_hand():
    ref = tokens([2, 5, 6, 7, 3], [2, 5, 5, 5, 3], [2, 9, 3])
    alt = tokens([2, 5, 8, 7, 3], [2, 5, 5, 3], [2, 5, 6, 7, 8, 3])
    found = spans.find(ref, alt)
    assert np.stack(found, 1).tolist() == [[2, 1, 1], [3, 1, 0], [1, 1, 4]]
    assert spans.span_ids(alt, found.first, found.alt).tolist() == [[8, -1, -1, -1], [-1] * 4, [5, 6, 7, 8]]


def test_bpe_spans_cover_the_same_bases_and_hold_the_variant():
    rng = np.random.default_rng(1)
    lines = [seq.decode(rng.choice(4, 400, p=[0.4, 0.1, 0.1, 0.4]).astype(np.uint8)) for _ in range(30)]
    tok = kinds.train("bpe", map(seq.encode, lines), vocab_size=120, k=1)
    ref = rng.integers(0, 4, (200, 61)).astype(np.uint8)
    alt = ref.copy()
    alt[:, 30] = (alt[:, 30] + rng.integers(1, 4, 200)) % 4
    one, two = spans.Tokens(*tk.tokenize(tok, ref)), spans.Tokens(*tk.tokenize(tok, alt))
    found = spans.find(one, two)
    bases = spans.bases_in(tok, spans.span_ids(one, found.first, found.ref))
    assert (bases == spans.bases_in(tok, spans.span_ids(two, found.first, found.alt))).all()
    lengths = tk.base_lengths(tok)
    starts = np.array([lengths[ids[:first]].sum() for ids, first in zip(one.ids, found.first, strict=True)])
    assert ((starts <= 30) & (starts + bases > 30)).all()
    assert (found.ref != found.alt).any(), "byte pairs that never re-segment would test nothing"

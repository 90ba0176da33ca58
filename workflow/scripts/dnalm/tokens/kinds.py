"""KINDS: the ways that bases become tokens, the only list of them; each says what it is, nothing here is heavy.

A kind whose words are known beforehand is one row: its words, how Hugging Face cuts a text into them, and our
own encoder, which gives the same ids at memory speed. One that learns its words (`bpe`) is made by `making`.
"""

from collections.abc import Callable
from itertools import product
from typing import NamedTuple

import numpy as np

from dnalm.dna import seq
from dnalm.tokens import kmers

Encoded = tuple[np.ndarray, np.ndarray]  # ids [n, longest], and how many tokens each row has, int64 [n]


class Kind(NamedTuple):
    """A kind of tokenizer.

    `words`: its tokens beside the letters, for words of k bases. `split`: a regular expression for one token, with {k}
    for k; empty where a text is typed with blanks between its tokens. `encode`: windows [n, W], k and a table of ids
    (letters, words, then the unknown token) to ids. `shortest`: bases of the shortest token of a long stretch, 0 for
    k. `letters`: whether A, C, G, T and N are tokens too. `sized`: whether k is its own to choose. `overlaps`: each
    token adds one base to the last. `learns`: its words come from a genome. `of`: the kind that a preset calls it by.
    """

    label: str
    colour: str
    shortest: int
    words: Callable[[int], list[str]] | None = None
    split: str = ""
    encode: Callable[[np.ndarray, int, np.ndarray], Encoded] | None = None
    letters: bool = True
    sized: bool = False
    overlaps: bool = False
    learns: bool = False
    of: str = ""


def none(k: int) -> list[str]:
    """No word but the letters."""
    return []


def all_words(k: int) -> list[str]:
    """All words of k bases, in the order of their numbers in base 4 (A 0, C 1, G 2, T 3)."""
    return ["".join(word) for word in product("ACGT", repeat=k)]


def by_base(codes: np.ndarray, k: int, table: np.ndarray) -> Encoded:
    """One token a base."""
    ids = table[codes]
    return ids, np.full(len(ids), ids.shape[1])


def side_by_side(codes: np.ndarray, k: int, table: np.ndarray) -> Encoded:
    """Words of k bases from left to right, letters for what no word takes in."""
    words, counts = kmers.side_by_side(codes, k, 0, len(seq.LETTERS))
    return table[words], counts


def overlapping(codes: np.ndarray, k: int, table: np.ndarray) -> Encoded:
    """The word at each base, W - k + 1 of them."""
    ids = table[kmers.overlapping(codes, k, 0, len(table) - 1)]
    return ids, np.full(len(ids), ids.shape[1])


KINDS: dict[str, Kind] = {
    # frequent words of the genome become tokens: GROVER, DNABERT-2, Mistral-DNA
    "bpe": Kind("byte pairs", "blue", shortest=2, learns=True),
    # words side by side; N and remainders as single letters: Nucleotide Transformer
    "kmer": Kind(
        "k-mers",
        "green",
        shortest=0,
        words=all_words,
        split="[ACGT]{{{k}}}|.",
        encode=side_by_side,
        sized=True,
    ),
    # the word at each base: DNABERT; its tokenizer.json takes them apart by blanks, see `tokenizer.spell`
    "overlapping": Kind(
        "overlapping k-mers",
        "orange",
        shortest=1,
        words=all_words,
        encode=overlapping,
        letters=False,
        sized=True,
        overlaps=True,
        of="kmer",
    ),
    # a variant changes one token: HyenaDNA, GPN; the default for variant effects
    "char": Kind("single bases", "vermilion", shortest=1, words=none, split=".", encode=by_base),
}
NAMED = {name: row for name, row in KINDS.items() if not row.of}  # what a preset may call its kind
LEARNT = [name for name, row in KINDS.items() if row.learns]  # kinds whose size is free, and a thing to choose


def row_name(kind: str, overlapping: bool) -> str:
    """The row that a preset's words stand for: its kind's, or that of the kind's sister whose tokens overlap."""
    return next((name for name, row in KINDS.items() if row.of == kind and row.overlaps == overlapping), kind)

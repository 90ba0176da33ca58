"""Byte-pair encoding learnt from a whole genome, exactly, in seconds: the trainer.

Frequent words of a genome (repeats, codons, CpG-poor stretches) become tokens. Public trainers handle text, where words
are short: on a chromosome they take minutes a megabase and 50 bytes a base. Here the genome stays one flat array:

passes  while the array is too long for lists, each merge is one linear pass that shortens it (one byte a base)
lists   then each pair's places are kept in lists, and a merge touches only these (six bytes an array cell, and eight
        for each of its merges)

Both give what Hugging Face's BpeTrainer gives on the same lines: overlapping counts (AAAA holds three AA), replacement
from left to right, the most frequent pair first, and of equally frequent pairs the one with the smaller ids (the left
token's first). No word is learnt twice: between its two ends a stretch is merged as if it stood alone.
Source: Sennrich et al. 2016; tokenizers 0.22.
"""

from collections.abc import Iterable, Iterator

import numpy as np

from dnalm.dna import seq
from dnalm.errors import InputError
from dnalm.logs import progress
from dnalm.tokens import bpe_lists, bpe_passes
from dnalm.tokens.bpe_passes import BREAK

BYTES_A_CELL = 14  # of the lists, their growth included


def train(
    bases: np.ndarray,
    vocab_size: int,
    *,
    max_token_length: int = 0,
    memory: float = 12e9,
    threads: int = 1,
) -> list[tuple[str, str]]:
    """Merges, as pairs of words in the order learnt, until there are `vocab_size` words (the four bases included).

    `bases` uint8: A 0, C 1, G 2, T 3, `BREAK` between stretches (contigs, lines, at N), which no pair crosses; it is
    overwritten. Stops early when no pair is left. Tokens have at most `max_token_length` bases (0: any). Memory beyond
    the array itself stays near `memory` bytes; the result does not depend on it, nor on `threads`.
    """
    if vocab_size > bpe_lists.INSIDE:
        raise InputError(f"vocab_size: got {vocab_size:,}, wanted at most {bpe_lists.INSIDE:,}; token ids are 16-bit")
    words, merges = list("ACGT"), []
    longest = max_token_length or np.iinfo(np.int64).max
    state: bpe_passes.Passes | bpe_lists.Lists = bpe_passes.start(bases, threads)
    with progress("learning words", vocab_size, "words", done=len(words)) as advance:
        while len(words) < vocab_size:
            if isinstance(state, bpe_passes.Passes) and state.size() * BYTES_A_CELL <= memory:
                state = bpe_lists.start(bpe_passes.join(state), state.counts, words, vocab_size)
            count, left, right = state.top()
            if count < 1:
                break
            state.merge(left, right, len(words), longest)
            merges.append((words[left], words[right]))
            words.append(words[left] + words[right])
            advance(1)
    return merges


def join_stretches(stretches: Iterable[np.ndarray], total: int, line: int = 0) -> np.ndarray:
    """Stretches of base codes (4 is N) as one array with breaks; `total` is the sum of their lengths.

    With `line`, each stretch is cut into lines of that many bases, as trainers that read text lines see it.
    """
    room = total + (total // line if line else 0) + 2
    bases, end = np.empty(room, np.uint8), 0
    for piece in lines(stretches, line):
        if end + len(piece) + 1 > len(bases):
            bases.resize(int(1.05 * len(bases)) + len(piece) + 1, refcheck=False)
        bases[end : end + len(piece)] = piece
        end += len(piece)
        bases[end] = BREAK
        end += 1
    bases = bases[:end]
    bases[bases == seq.N] = BREAK
    return bases


def lines(stretches: Iterable[np.ndarray], line: int) -> Iterator[np.ndarray]:
    """Each stretch, or its lines of at most `line` bases."""
    for stretch in stretches:
        for start in range(0, len(stretch), line or max(len(stretch), 1)):
            yield stretch[start : start + (line or len(stretch))]

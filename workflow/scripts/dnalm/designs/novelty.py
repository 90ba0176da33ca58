"""Is a sequence new? Its longest exact match to any genome on either strand, and its likeness to the other sequences.

A genome is read in chunks of some megabases. In each, the words of 21 bases that start at every position are sorted,
so that the longest match of a query at a position is found beside its place in that order, and is followed on where a
whole word agrees. Exact for matches of any length, without an index on disk; memory does not grow with the genome.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import sparse

from dnalm.dna import seq
from dnalm.dna import words as dna_words
from dnalm.genome import corpus

SEED = 21  # bases in a 64-bit word, three bits each
CHUNK = 1 << 24
_GENOME_GAP, _QUERY_GAP = 4, 5  # two letters that never agree, so that no match runs over an N or an end
_PAIRS = 1 << 21


def longest_matches(sequences: list[np.ndarray], genomes: list[Path], k: int = 20, chunk: int = CHUNK) -> pd.DataFrame:
    """For each sequence (codes) what it shares with the genomes, all contigs that are not excluded, both strands.

    Columns: longest_match (bp), match_genome, match_chrom, match_start, match_end (0-based, half-open), match_strand
    (of the first longest match; missing where nothing matches), and known_kmers: the share of its k-mers that occur in
    a genome (NaN where it has none). As MUMmer's maximal exact matches, but the longest only.
    """
    query = np.concatenate([[_QUERY_GAP], *(part for one in sequences for part in _both_strands(one))]).astype(np.uint8)
    words = _words(query, _QUERY_GAP)
    ends, where = np.arange(len(query)), np.full(len(query), -1)
    order = np.argsort(words, kind="stable")
    pieces: list[tuple[int, str, str, int]] = []
    base = 0
    for text, inside in _chunks(genomes, chunk, max(map(len, sequences), default=0)):
        _match(text, base, words, query, order, ends, where)
        pieces += [(base + place, genome, contig, start) for place, genome, contig, start in inside]
        base += len(text)
    lengths = np.maximum.accumulate(ends) - np.arange(len(query))
    starts = np.array([piece[0] for piece in pieces])
    rows, first = [], 1
    for codes in sequences:
        size = len(codes)
        forward, backward = first, first + size + 1
        rows.append(_describe(lengths, where, forward, backward, size, pieces, starts))
        rows[-1]["known_kmers"] = _known(codes, lengths[forward:backward], lengths[backward : backward + size], k)
        first = backward + size + 1
    return pd.DataFrame(rows)


def _both_strands(codes: np.ndarray) -> list[np.ndarray]:
    minus = seq.reverse_complement(codes)
    plus, minus = (np.where(one == seq.N, _QUERY_GAP, one) for one in (codes, minus))
    return [plus, [_QUERY_GAP], minus, [_QUERY_GAP]]


def _words(text: np.ndarray, gap: int) -> np.ndarray:
    """The word of SEED letters that starts at each position, as uint64 in the order of the letters."""
    padded = np.pad(text, (0, SEED - 1), constant_values=gap)
    words = np.zeros(len(text), np.uint64)
    for offset in range(SEED):
        np.left_shift(words, np.uint64(3), out=words)
        np.bitwise_or(words, padded[offset : offset + len(text)], out=words)
    return words


def _agreeing(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """How many letters two words share from their start."""
    different = one ^ other
    shared = np.zeros(len(one), np.int64)
    for letters in range(1, SEED + 1):
        shared += different < np.uint64(8 ** (SEED - letters))
    return shared


def _chunks(
    genomes: list[Path], size: int, overlap: int
) -> Iterator[tuple[np.ndarray, list[tuple[int, str, str, int]]]]:
    """Yield (letters with gaps around every contig, [(place in them, genome, contig, its start)])."""
    parts, inside, filled = [np.array([_GENOME_GAP], np.uint8)], [], 1
    for genome, contig, _, letters in corpus.contigs(genomes):
        codes = seq.encode(letters)
        for start in range(0, len(codes), size):
            piece = codes[start : start + size + overlap]
            inside.append((filled, genome, contig, start))
            parts += [piece, np.array([_GENOME_GAP], np.uint8)]
            filled += len(piece) + 1
            if filled >= size:
                yield np.concatenate(parts), inside
                parts, inside, filled = [np.array([_GENOME_GAP], np.uint8)], [], 1
    if inside:
        yield np.concatenate(parts), inside


def _match(
    text: np.ndarray,
    base: int,
    words: np.ndarray,
    query: np.ndarray,
    order: np.ndarray,
    ends: np.ndarray,
    where: np.ndarray,
) -> None:
    """Raise `ends` (end of the longest match that starts at each query position) and `where` by one chunk."""
    theirs = _words(text, _GENOME_GAP)
    places = np.argsort(theirs, kind="stable")
    ranked, asked = theirs[places], words[order]
    left = np.searchsorted(ranked, asked, "left")
    for beside in (np.minimum(left, len(ranked) - 1), np.maximum(left - 1, 0)):
        shared = _agreeing(ranked[beside], asked)
        _improve(ends, where, order, shared, places[beside] + base)
    whole = np.flatnonzero(ranked[np.minimum(left, len(ranked) - 1)] == asked)
    count = np.searchsorted(ranked, asked[whole], "right") - left[whole]
    total = np.concatenate([[0], np.cumsum(count)])
    cut = 0
    while cut < len(whole):
        stop = max(int(np.searchsorted(total, total[cut] + _PAIRS, "right")) - 1, cut + 1)
        number = count[cut:stop]
        rank = np.repeat(left[whole[cut:stop]] - total[cut:stop], number) + np.arange(total[cut], total[stop])
        here, there = np.repeat(order[whole[cut:stop]], number), places[rank]
        first = query[here - 1] != text[there - 1]  # others lie inside a match that starts before them
        here, there = here[first], there[first]
        _improve(ends, where, here, _follow(theirs, words, there, here), there + base)
        cut = stop


def _follow(theirs: np.ndarray, words: np.ndarray, there: np.ndarray, here: np.ndarray) -> np.ndarray:
    """Length of the match of each pair of positions, whose first words agree."""
    length = np.full(len(here), SEED)
    going = np.arange(len(here))
    while len(going):
        more = _agreeing(theirs[there[going] + length[going]], words[here[going] + length[going]])
        length[going] += more
        going = going[more == SEED]
    return length


def _improve(ends: np.ndarray, where: np.ndarray, here: np.ndarray, length: np.ndarray, there: np.ndarray) -> None:
    order = np.argsort(length, kind="stable")  # a position met twice keeps its last, longest match
    here, length, there = here[order], length[order], there[order]
    better = here + length > ends[here]
    ends[here[better]] = (here + length)[better]
    where[here[better]] = there[better]


def _describe(
    lengths: np.ndarray,
    where: np.ndarray,
    forward: int,
    backward: int,
    size: int,
    pieces: list[tuple[int, str, str, int]],
    starts: np.ndarray,
) -> dict[str, object]:
    """The longest match of one sequence; the forward strand is named where both have one of that length."""
    plus = forward + int(np.argmax(lengths[forward : forward + size])) if size else forward
    minus = backward + int(np.argmax(lengths[backward : backward + size])) if size else backward
    best, strand = (plus, "+") if lengths[plus] >= lengths[minus] else (minus, "-")
    length = int(lengths[best]) if size else 0
    if not length:
        empty = dict.fromkeys(("match_genome", "match_chrom"), "") | dict.fromkeys(("match_start", "match_end"), pd.NA)
        return {"longest_match": 0, **empty, "match_strand": ""}
    place, genome, contig, start = pieces[int(np.searchsorted(starts, where[best], "right")) - 1]
    begin = start + int(where[best]) - place
    return {
        "longest_match": length,
        "match_genome": genome,
        "match_chrom": contig,
        "match_start": begin,
        "match_end": begin + length,
        "match_strand": strand,
    }


def _known(codes: np.ndarray, plus: np.ndarray, minus: np.ndarray, k: int) -> float:
    """Share of the k-mers without N that a genome holds; `minus` counts from the other end."""
    places = len(codes) - k + 1
    if places < 1:
        return float("nan")
    found = (plus[:places] >= k) | (minus[:places][::-1] >= k)
    whole = ~np.lib.stride_tricks.sliding_window_view(codes == seq.N, k).any(1)
    return float(found[whole].mean()) if whole.any() else float("nan")


def nearest(sequences: list[np.ndarray], k: int = 20) -> tuple[np.ndarray, np.ndarray]:
    """For each sequence the other one that holds most of its k-mers, on either strand: (index, share).

    A share of 1 is a duplicate (or a piece of the other): a generator that repeats itself has fewer ideas than
    sequences. Index -1 and share 0 where no other shares any; `k` up to 31.
    """
    kmers = [canonical_kmers(codes, k) for codes in sequences]
    _, column = np.unique(np.concatenate([*kmers, np.empty(0, np.int64)]), return_inverse=True)
    row = np.repeat(np.arange(len(kmers)), [len(one) for one in kmers])
    holds = sparse.csr_matrix((np.ones(len(row), np.int32), (row, column)), (len(kmers), column.max(initial=-1) + 1))
    index, share = np.full(len(kmers), -1), np.zeros(len(kmers))
    for start in range(0, len(kmers), 256):
        common = (holds[start : start + 256] @ holds.T).toarray()
        rows = np.arange(len(common))
        common[rows, rows + start] = 0
        best = common.argmax(1)
        most = common[rows, best]
        index[start : start + 256] = np.where(most > 0, best, -1)
        share[start : start + 256] = most / np.maximum([len(one) for one in kmers[start : start + 256]], 1)
    return index, share


def canonical_kmers(codes: np.ndarray, k: int) -> np.ndarray:
    """The distinct k-mers without N of one sequence, each the smaller of itself and its reverse complement."""
    numbers, known = dna_words.canonical_at(codes, k)
    return np.unique(numbers[known])

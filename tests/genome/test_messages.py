"""Spliced transcripts by hand: both strands, stop codons counted in or not, parts that are missing."""

import numpy as np
import pytest

from dnalm.dna import seq
from dnalm.errors import InputError
from dnalm.genome import messages
from dnalm.genome.genes import Gene

#         0         1         2
#         0123456789012345678901234
GENOME = "CCGGATGTTCCCCCTTTGAGGCCCA"
EXONS = [(2, 9), (14, 20)]  # GG ATG TT | T TTG AG
OTHERS = [(2, 9), (15, 21)]  # GG ATG TT | T TGA GG


def spliced(coding, exons=EXONS, strand="+", phase=0, genome=GENOME):
    return messages.spliced(Gene("c", strand, exons, coding, phase), lambda _, start, end: genome[start:end])


def turned(spans):
    return [(len(GENOME) - end, len(GENOME) - start) for start, end in reversed(spans)]


def test_a_message_by_hand():
    message = spliced([(4, 9), (14, 18)])
    assert seq.decode(message.bases) == "GGATGTTTTTGAG"
    assert message.place.tolist() == [2, 3, 4, 5, 6, 7, 8, 14, 15, 16, 17, 18, 19]
    assert (message.first, message.frame, message.last) == (2, 2, 11)
    assert (message.start, message.stop) == (True, False)


def test_the_stop_codon_is_taken_in_where_it_stands_behind_the_coding_part():
    inside, outside = spliced([(4, 9), (15, 19)], OTHERS), spliced([(4, 9), (15, 16)], OTHERS)
    assert (inside.last, inside.stop) == (outside.last, outside.stop) == (11, True)
    split = spliced([(4, 9), (15, 16)], [(2, 9), (15, 17), (17, 20)])
    assert (split.last, split.stop) == (11, True)
    none = spliced([(4, 9), (14, 15)])  # TTG follows
    assert (none.last, none.stop) == (8, False)
    odd = spliced([(5, 9), (15, 16)], OTHERS)  # TGT TT are no whole codons, though TGA follows
    assert (odd.last, odd.stop) == (8, False)
    twice = spliced([(0, 6)], [(0, 12)], genome="ATGTAATAACCC")
    assert (twice.last, twice.stop) == (6, True)


def test_the_minus_strand_is_read_from_its_end():
    plain = spliced([(4, 9), (15, 16)], OTHERS)
    mirror = seq.decode(seq.reverse_complement(seq.encode(GENOME)))
    mirrored = spliced(turned([(4, 9), (15, 16)]), turned(OTHERS), "-", genome=mirror)
    assert seq.decode(mirrored.bases) == seq.decode(plain.bases) == "GGATGTTTTGAGG"
    assert mirrored[3:] == plain[3:]
    assert (mirrored.place == len(GENOME) - 1 - plain.place[::-1]).all()
    assert messages.at(mirrored, np.array([len(GENOME) - 1 - 4, 0])).tolist() == [2, -1]


def test_places_and_edits_of_the_genome_in_the_message():
    message = spliced([(4, 9), (15, 16)], OTHERS)
    assert messages.at(message, np.array([1, 2, 8, 9, 14, 15, 20, 21])).tolist() == [-1, 0, 6, -1, -1, 7, 12, -1]
    assert messages.carried(message, 10, 11, "A") is None
    assert messages.carried(message, 12, 12, "A") is None
    for place, first in ((9, 7), (15, 7), (4, 2)):  # at either end of an intron, what is inserted belongs to the exon
        assert messages.carried(message, place, place, "AC")[:2] == (first, first)
    first, last, new = messages.carried(message, 8, 16, "GCCCCCCA")
    assert (first, last, seq.decode(new)) == (6, 8, "GA")


def test_a_ribosome_that_slips_reads_coding_parts_alone():
    message = spliced([(4, 7), (8, 9), (14, 16)], [(2, 20)])
    assert message.place[2:8].tolist() == [4, 5, 6, 8, 14, 15]


def test_an_incomplete_coding_part_has_no_start_and_no_stop():
    message = spliced([(4, 9), (15, 16)], [(4, 9), (15, 16)], phase=1)
    assert (message.first, message.frame, message.last) == (0, 1, 6)
    assert (message.start, message.stop) == (False, False)
    assert not spliced([(3, 9), (15, 16)], OTHERS, phase=1).start  # G, then ATG
    nothing = spliced([], EXONS)
    assert (nothing.first, nothing.last, len(nothing.bases)) == (0, 0, 13)
    assert spliced([(4, 9)], EXONS, ".").last == 0


def test_an_exon_beyond_its_contig_is_refused():
    with pytest.raises(InputError, match="exon c:31-99 leaves its contig; give the genes of this assembly"):
        spliced([], [(30, 99)])

"""Chains written, read and followed, by hand and on a published one."""

import os
from pathlib import Path

import numpy as np
import pytest

from dnalm.dna import chain
from dnalm.dna.place import Place
from dnalm.errors import InputError

# 012345678901 on one; bases 3 and 4 are one's alone, two bases of the other have no counterpart behind base 7
BLOCKS = np.array([[0, 0, 3], [5, 3, 3], [8, 8, 4]])
ONE = chain.Chain("one", 12, "two", 12, "+", BLOCKS, 10)
HEAD = "chain 10 one 12 + 0 12 two 12 + 0 12 1\n"
TEXT = f"{HEAD}3\t2\t0\n3\t0\t2\n4\n\n"


def same(one, other):
    return one[:5] == other[:5] and one.blocks.tolist() == other.blocks.tolist() and one.score == other.score


def test_a_chain_is_written_as_the_format_has_it_and_read_back(tmp_path):
    chain.write(tmp_path / "a.chain", [ONE])
    assert (tmp_path / "a.chain").read_text() == TEXT
    (back,) = chain.read(tmp_path / "a.chain")
    assert same(back, ONE)


def test_blank_lines_comments_and_line_ends_do_not_matter(tmp_path):
    text = f"# made by hand\r\n\r\n{HEAD}" + "3 2 0\r\n3 0 2\r\n0 0 0\r\n4\r\n"
    (tmp_path / "a.chain").write_bytes(text.encode())
    assert same(chain.read(tmp_path / "a.chain")[0], ONE)


def test_bases_are_lifted_and_those_in_a_gap_are_nowhere():
    there = [0, 1, 2, -1, -1, 3, 4, 5, 8, 9, 10, 11]
    assert chain.lift(ONE, np.arange(12)).tolist() == there
    assert chain.lift(ONE, np.array([12, 40])).tolist() == [-1, -1]
    nearest = chain.lift(ONE, np.arange(14), nearest=True).tolist()
    assert nearest == [0, 1, 2, 2, 3, 3, 4, 5, 8, 9, 10, 11, 11, 11]
    assert chain.lift(chain.inverted(ONE), np.arange(12)).tolist() == [0, 1, 2, 5, 6, 7, -1, -1, 8, 9, 10, 11]


def test_of_two_bases_at_the_same_distance_the_left_one_is_nearest():
    wide = chain.Chain("one", 9, "two", 6, "+", np.array([[0, 0, 3], [6, 3, 3]]))
    assert chain.lift(wide, np.arange(9), nearest=True).tolist() == [0, 1, 2, 2, 2, 3, 3, 4, 5]


def test_before_the_first_block_the_nearest_is_its_first_base():
    late = chain.Chain("one", 9, "two", 9, "+", np.array([[4, 2, 3]]))
    assert chain.lift(late, np.arange(9)).tolist() == [-1] * 4 + [2, 3, 4] + [-1] * 2
    assert chain.lift(late, np.arange(9), nearest=True).tolist() == [2] * 5 + [3, 4, 4, 4]
    assert chain.lift(late._replace(blocks=np.empty((0, 3), np.int64)), np.arange(3)).tolist() == [-1] * 3


def test_on_the_other_strand_places_are_counted_from_the_end():
    """ACGTAA against TT-ACGT turned: base 0 of one is the last of two."""
    turned = chain.Chain("one", 6, "two", 7, "-", np.array([[0, 0, 4], [4, 5, 2]]))
    assert chain.lift(turned, np.arange(6)).tolist() == [6, 5, 4, 3, 1, 0]
    back = chain.inverted(turned)
    assert chain.lift(back, np.arange(7)).tolist() == [5, 4, -1, 3, 2, 1, 0]
    assert same(chain.inverted(back), turned)
    assert chain.interval([turned], "one", 1, 5) == (Place("two", 1, 6), "-")


def test_an_interval_is_clipped_to_its_aligned_bases():
    assert chain.interval([ONE], "one", 2, 6) == (Place("two", 2, 4), "+")
    assert chain.interval([ONE], "one", 3, 6) == (Place("two", 3, 4), "+")
    assert chain.interval([ONE], "one", 2, 5) == (Place("two", 2, 3), "+")
    assert chain.interval([ONE], "one", 7, 9) == (Place("two", 5, 9), "+")
    assert chain.interval([ONE], "one", 3, 5) is None
    assert chain.interval([ONE], "one", 6, 6) is None
    assert chain.interval([ONE], "two", 0, 5) is None
    assert chain.interval([ONE], "one", 12, 15) is None


def test_of_several_chains_the_highest_score_counts():
    low = chain.Chain("one", 12, "far", 100, "+", np.array([[0, 50, 12]]), 3)
    assert chain.point([low, ONE], "one", 1) == (Place("two", 1, 2), "+")
    assert chain.point([low, ONE], "one", 3) == (Place("far", 53, 54), "+")
    assert chain.point([ONE], "one", 3) is None
    assert chain.point([ONE], "three", 3) is None


@pytest.mark.parametrize(
    "text, said",
    [
        (HEAD + "3\t2\n", r"a:2: got '3\\t2', wanted 'chain score"),
        ("1\t2\t3\n", "a:1: got .* wanted 'chain score .* give a chain file"),
        (HEAD + "3\t2\t0\n", "a:2: the last chain has no end"),
        ("", "a: the file is empty"),
        ("# nothing\n", "a:1: the last chain has no end, or there is none"),
        (HEAD + HEAD, "a:2: a chain begins where the one before has no end"),
        (TEXT.replace("\n4\n", "\n5\n"), "a:4: the blocks end at 13, the header says 12 of 12"),
        (TEXT.replace("one 12 + 0 12", "one 11 + 0 12"), "a:4: the blocks end at 12, the header says 12 of 11"),
        (TEXT.replace("one 12 +", "one 12 -"), "a:1: got strand '-' of one, wanted"),
        (TEXT.replace(" 12 1\n", "\n"), "a:1: got 'chain 10 one"),
        (TEXT.replace("one 12", "one twelve"), "a:1: got 'chain 10 one twelve"),
    ],
)
def test_what_is_no_chain_is_refused_with_its_line(tmp_path, text, said):
    (tmp_path / "a").write_text(text)
    with pytest.raises(InputError, match=said):
        chain.read(tmp_path / "a")


@pytest.mark.real
def test_known_places_of_hg19_on_hg38():
    """Starts of genes and known variants by both assemblies' coordinates (0-based here)."""
    path = Path(os.environ.get("DNALM_REAL_DATA", "../shared/data")) / "hg19/hg19ToHg38.over.chain"
    if not path.exists():
        pytest.skip(f"no {path}; set DNALM_REAL_DATA")
    chains = chain.read(path)
    for contig, old, new in (
        ("chr1", 11_856_377, 11_796_320),  # rs1801133, MTHFR C677T
        ("chr17", 7_579_471, 7_676_153),  # rs1042522, TP53 P72R
        ("chr11", 5_248_231, 5_227_001),  # rs334, HBB, sickle cell
        ("chr19", 45_411_940, 44_908_683),  # rs429358, APOE
    ):
        assert chain.point(chains, contig, old) == (Place(contig, new, new + 1), "+")
    for one in chains:
        assert same(chain.inverted(chain.inverted(one)), one)

"""A file of places held against a genome: other names and other assemblies are refused, the rest is counted."""

import pandas as pd
import pytest

from dnalm.dna import assembly
from dnalm.errors import InputError

SIZES = {"chrA": 1000, "chrF": 500}


def held(*rows, **options):
    table = pd.DataFrame(rows, columns=["chrom", "end"])
    return assembly.places(table.chrom, table.end, SIZES, "given.bed", **options).tolist()


def test_what_is_outside_says_why():
    inside = [("chrA", 1000), ("chrF", 500)] * 1000
    assert held(*inside, ("chrUn", 9), ("chrF", 501)) == [""] * 2000 + ["contig_absent", "beyond_contig"]
    assert held() == []


@pytest.mark.parametrize("rows", [[("F", 9)], [("F", 9), ("A", 9)], [("F", 9)] * 58 + [("chrA", 9)] * 2])
def test_names_that_differ_by_chr_are_refused_with_the_cure(rows):
    with pytest.raises(InputError, match=r"given.bed: .* got F .*, the genome has chrA, chrF …; .*'chr' only: rename"):
        held(*rows)


def test_a_share_is_told_and_may_be_raised():
    rows = [("chrA", 9)] * 98 + [("scaffold_1", 9)] * 2
    with pytest.raises(
        InputError, match=r"2 of 100 peaks are .* wanted 1% at most: got scaffold_1 \(2\), .* max_outside"
    ):
        held(*rows, noun="peaks")
    assert held(*rows, most_outside=0.02).count("contig_absent") == 2
    assert held(*rows[:99], ("chrA", 9)).count("contig_absent") == 1


def test_nothing_inside_is_refused_whatever_may_be_outside():
    with pytest.raises(InputError, match="none of its 1 intervals is on a contig of the genome"):
        held(("scaffold_1", 9), most_outside=1)


def test_contigs_of_a_split_may_be_absent():
    assert held(("chr8", 9), known={"chr8"}) == [""]
    with pytest.raises(InputError, match="none of its"):
        held(("chr8", 9), known={"chr9"})


def test_another_assembly_is_refused_unless_the_genome_is_a_part():
    with pytest.raises(InputError, match=r"1 of 2 .* at 501 \(chrF has 500 bp\): this is another assembly"):
        held(("chrA", 9), ("chrF", 501), most_outside=assembly.NEARLY_ALL)
    assert held(("chrA", 9), ("chrF", 501), most_outside=1) == ["", "beyond_contig"]


def test_where_alleles_tell_the_assembly_ends_are_not_asked_for():
    chrom = pd.Series(["chrA", "chrF"])
    assert assembly.places(chrom, None, SIZES, "given.vcf").tolist() == ["", ""]

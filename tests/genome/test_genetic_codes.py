"""Which contigs are read by another code: given, checked, and missed where a name looks like it."""

import pytest

from dnalm.errors import UsageError
from dnalm.genome import genetic_codes
from dnalm.genome.genes import Gene

SIZES = {"chr1": 100, "chrM": 50}


def test_codes_that_are_given_are_of_contigs_and_known():
    assert genetic_codes.check({"chrM": 2}, SIZES) == {"chrM": 2}
    assert genetic_codes.check({}, SIZES) == {}
    with pytest.raises(UsageError, match="the genome has no contig 'MT'; its contigs are chr1, chrM"):
        genetic_codes.check({"MT": 2}, SIZES)
    for code in (9, "2", True, 2.0, None):
        with pytest.raises(UsageError, match=r"chrM is to have the code .*; choose from NCBI's 1 \(standard\), 2 "):
            genetic_codes.check({"chrM": code}, SIZES)


@pytest.mark.parametrize("contig", ["chrM", "MT", "Mito", "chrMT"])
def test_what_looks_like_a_mitochondrion_is_spoken_of(contig, caplog):
    coding = Gene(contig, "+", [(0, 30)], [(0, 30)])
    genetic_codes.warn([coding, coding, coding._replace(chrom="chrMito2")], {})
    said = caplog.text
    caplog.clear()
    assert said.count("standard genetic code") == 1
    assert f"genetic_codes: {{{contig}: 2}}" in said
    genetic_codes.warn([coding], {contig: 3})
    genetic_codes.warn([coding._replace(coding=[])], {})
    assert not caplog.text

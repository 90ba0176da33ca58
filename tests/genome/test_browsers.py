"""What genome browsers call a genome: UCSC's assembly where it is one, a name that UCSC takes where it is not."""

import pytest

from dnalm.genome import browsers


@pytest.mark.parametrize(
    "name, values, called, known",
    [
        ("human", {"source": "ucsc", "assembly": "hg38"}, "hg38", True),
        ("human", {"source": "ucsc", "assembly": "hg38", "rename": "names.tsv"}, "human", False),
        ("part", {"source": "local", "path": "a.fa", "browser": "hg19"}, "hg19", True),
        ("human", {"source": "ucsc", "assembly": "hg38", "rename": "names.tsv", "browser": "hg38"}, "hg38", True),
        ("weed", {"source": "ensembl", "assembly": "TAIR10"}, "weed", False),
        ("ecoli-k12_2", {"source": "ncbi", "assembly": "ASM584v2"}, "ecoli-k12_2", False),
        ("1.assembly", {"source": "local"}, "genome_1_assembly", False),
        ("GCF_000005845.2", {"source": "local"}, "GCF_000005845_2", False),
        ("9", {"source": "local"}, "genome_9", False),
    ],
)
def test_a_genome_is_called_by_rule(name, values, called, known):
    assert browsers.called(name, values) == (called, known)
    assert browsers.NAME.fullmatch(called)


@pytest.mark.parametrize("text", ["name@lab.org", "a.b+c@x.y.example"])
def test_addresses(text):
    assert browsers.EMAIL.fullmatch(text)


@pytest.mark.parametrize("text", ["", "nobody", "a@b", "a b@c.d", "@lab.org", "a@b@c.d", "a@lab..org", "a@lab.org."])
def test_no_addresses(text):
    assert not browsers.EMAIL.fullmatch(text)

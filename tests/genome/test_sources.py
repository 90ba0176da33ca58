"""Addresses built by rule from a preset's keys."""

import pytest

from dnalm.errors import InputError
from dnalm.genome import sources


@pytest.mark.parametrize(
    ("values", "address"),
    [
        ({"source": "url", "url": "https://a.org/x.fa"}, "https://a.org/x.fa"),
        (
            {"source": "ucsc", "assembly": "hg38"},
            "https://hgdownload.soe.ucsc.edu/goldenPath/hg38/bigZips/hg38.fa.gz",
        ),
        (
            {"source": "ensembl", "species": "homo_sapiens", "assembly": "GRCh38", "release": 112}
            | {"level": "primary_assembly"},
            "https://ftp.ensembl.org/pub/release-112/fasta/homo_sapiens/dna/"
            "Homo_sapiens.GRCh38.dna_sm.primary_assembly.fa.gz",
        ),
        (
            {"source": "ensembl", "species": "arabidopsis_thaliana", "assembly": "TAIR10", "release": 60}
            | {"division": "plants"},
            "https://ftp.ensemblgenomes.ebi.ac.uk/pub/plants/release-60/fasta/arabidopsis_thaliana/dna/"
            "Arabidopsis_thaliana.TAIR10.dna_sm.toplevel.fa.gz",
        ),
        (
            {"source": "ncbi", "accession": "GCF_000005845.2", "assembly": "ASM584v2"},
            "https://ftp.ncbi.nlm.nih.gov/genomes/all/GCF/000/005/845/GCF_000005845.2_ASM584v2/"
            "GCF_000005845.2_ASM584v2_genomic.fna.gz",
        ),
        (
            {"source": "ncbi", "accession": "GCF_000005845.2"},
            "https://api.ncbi.nlm.nih.gov/datasets/v2/genome/accession/GCF_000005845.2/download"
            "?include_annotation_type=GENOME_FASTA",
        ),
    ],
)
def test_addresses(values, address):
    assert sources.address(values) == address
    sources.check_scheme(address)


def test_a_lacking_key_is_named():
    with pytest.raises(InputError, match="source ensembl needs species, release; add"):
        sources.address({"source": "ensembl", "assembly": "GRCh38"})

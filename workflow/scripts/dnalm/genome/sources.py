"""Where public genomes lie: the address of a genome's FASTA, from the keys of its preset."""

import urllib.parse

from dnalm.errors import InputError

NEEDS = {
    "simulate": (),
    "local": ("path",),
    "url": ("url",),
    "ucsc": ("assembly",),
    "ensembl": ("species", "assembly", "release"),
    "ncbi": ("accession",),
    "consensus": ("reference", "vcf"),
}
UCSC = "https://hgdownload.soe.ucsc.edu/goldenPath/{0}/bigZips/{0}.fa.gz"
ENSEMBL = "https://ftp.ensembl.org/pub/release-{release}/fasta/{species}/dna/{file}"
DIVISION = "https://ftp.ensemblgenomes.ebi.ac.uk/pub/{division}/release-{release}/fasta/{species}/dna/{file}"
NCBI = "https://ftp.ncbi.nlm.nih.gov/genomes/all/{folder}/{name}/{name}_genomic.fna.gz"
DATASETS = "https://api.ncbi.nlm.nih.gov/datasets/v2/genome/accession/{0}/download?include_annotation_type=GENOME_FASTA"


LOCAL = ("127.0.0.1", "localhost", "::1")


def missing(values: dict) -> list[str]:
    """Keys that the preset's `source` needs and that it lacks."""
    return [key for key in NEEDS[values["source"]] if key not in values]


def address(values: dict) -> str:
    """The address of the soft-masked FASTA that a preset's keys name; for `ncbi` without `assembly`, of a zip.

    Only what can be built by rule is built, nothing is asked of a server: the same preset always means the same file.
    NCBI's files lie in a folder named by accession and assembly; without `assembly`, its datasets service packs them.
    """
    if lacking := missing(values):
        raise InputError(f"source {values['source']} needs {', '.join(lacking)}; add to the genome's preset")
    if values["source"] == "ucsc":
        return UCSC.format(values["assembly"])
    if values["source"] == "ensembl":
        return _ensembl(values)
    if values["source"] == "ncbi":
        return _ncbi(values["accession"], values.get("assembly"))
    return values["url"]


def _ensembl(values: dict) -> str:
    species, division = values["species"].lower(), values.get("division", "vertebrates")
    level = values.get("level", "toplevel")
    file = f"{species.capitalize()}.{values['assembly']}.dna_sm.{level}.fa.gz"
    place = ENSEMBL if division == "vertebrates" else DIVISION
    return place.format(division=division, release=values["release"], species=species, file=file)


def _ncbi(accession: str, assembly: str | None) -> str:
    if not assembly:
        return DATASETS.format(accession)
    letters, digits = accession.split(".")[0].split("_")
    folder = "/".join([letters, digits[:3], digits[3:6], digits[6:9]])
    return NCBI.format(folder=folder, name=f"{accession}_{assembly.replace(' ', '_')}")


def check_scheme(url: str) -> None:
    """Refuse what is not https or ftp: a preset must not read local files or send requests in the clear."""
    address = urllib.parse.urlsplit(url)
    local = address.scheme == "http" and address.hostname in LOCAL
    if not (address.hostname and (address.scheme in ("https", "ftp") or local)):
        raise InputError(f"{url!r}: wanted an https or ftp address; a file on this machine goes under `path:`")

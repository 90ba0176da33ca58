"""Genomes and corpora, checked before any job starts: sources, files, contigs, and what is left to train on."""

from pathlib import Path

import presets
from dnalm.dna.place import HELD, place
from dnalm.errors import InputError
from dnalm.genome import browsers, sources
from origins import SCRATCH
from presets import ConfigError, listed, preset

PERSONAL = ("source", "reference", "vcf", "sample", "haplotype", "max_mismatch", "max_outside")


def genomes(corpus: str, *, trained_on: bool = False) -> list[str]:
    """The genomes of a corpus, of all or of those that are not held out; a genome's name alone is a corpus of one.

    Raises ConfigError where weights or held_out name what the corpus does not train on.
    """
    if corpus == SCRATCH:
        return []
    if not presets.exists("corpora", corpus):
        return [corpus]
    values, where = preset("corpora", corpus), f"config/corpora/{corpus}.yaml"
    held_out = values.get("held_out", [])
    training = [genome for genome in values["genomes"] if genome not in held_out]
    problems = [
        f"{where}: {key}: got {name}, wanted one of {what}: {', '.join(known)}{presets.nearest(name, known)}"
        for key, what, known in (
            ("held_out", "genomes", values["genomes"]),
            ("weights", "genomes trained on", training),
        )
        for name in values.get(key, [])
        if name not in known
    ]
    problems += [] if training else [f"{where}: held_out: got every genome, wanted one left to train on"]
    if problems:
        raise ConfigError("\n".join(problems))
    return training if trained_on else values["genomes"]


def genome_problems(name: str) -> list[str]:
    """Source, files and contig names of a genome, as far as they are known before the genome is there."""
    genome = preset("genomes", name)
    where = f"config/genomes/{name}.yaml"
    if missing := sources.missing(genome):
        return [f"{where}: source {genome['source']} needs {', '.join(missing)}"]
    if genome["source"] == "local" and not Path(genome["path"]).exists():
        return [f"{where}: path: {genome['path']}: no such file"]
    if genome["source"] == "consensus":
        return consensus_problems(name)
    if genome["source"] not in ("local", "simulate"):
        try:
            sources.check_scheme(sources.address(genome))
        except InputError as error:
            return [f"{where}: {error}"]
    held, (called, known) = genome.get("splits", {}), browsers.called(name, genome)
    if known and not browsers.NAME.fullmatch(called):
        return [
            f"{where}: assembly: got {called!r}, which is no name for UCSC (a letter, then letters, digits, _ and -); "
            "say UCSC's under browser"
        ]
    return file_problem(where, "rename", genome) + split_problems(where, held, contigs(name, genome))


def consensus_problems(name: str) -> list[str]:
    """Reference, VCF and keys of a genome that is made of another and a VCF."""
    genome, where = preset("genomes", name), f"config/genomes/{name}.yaml"
    if missing := sources.missing(genome):
        return [f"{where}: source consensus needs {', '.join(missing)}"]
    reference = genome["reference"]
    problems = [
        f"{where}: {key}: a personal genome has its reference's, config/genomes/{reference}.yaml; leave it out"
        for key in genome
        if key not in PERSONAL
    ]
    if preset("genomes", reference)["source"] == "consensus":
        return [*problems, f"{where}: reference: {reference} is a personal genome itself; name the one it is made of"]
    return problems + genome_problems(reference) + file_problem(where, "vcf", genome)


def splits(name: str) -> dict:
    """The places that a genome's preset holds out; of a personal one, those of its reference."""
    genome = preset("genomes", name)
    return preset("genomes", genome.get("reference", name)).get("splits", {})


def split_problems(where: str, held: dict, known: list[str]) -> list[str]:
    """Places of a genome's splits on contigs that it lacks, where its contigs are known."""
    named = [(split, text) for split in HELD for text in held.get(split, [])] if known else []
    return [
        f"{where}: splits.{split}: the genome has no contig {contig}{presets.nearest(contig, known)}"
        for split, text in named
        if text not in known and (contig := place(text).contig) not in known
    ]


def nothing_left(name: str) -> list[str]:
    """A genome to train on of which every contig is held out, where its contigs are known."""
    genome = preset("genomes", name)
    known, held = contigs(name, genome), splits(name)
    if not known or not set(known) <= {text for split in HELD for text in held.get(split, [])}:
        return []
    return [
        f"config/genomes/{name}.yaml: splits: every contig ({', '.join(known[:5])}) is held out and nothing is left to "
        "train on; hold out regions (contig:start-end, or stripes) or fewer contigs"
    ]


def contigs(name: str, genome: dict) -> list[str]:
    """Contig names, where they can be known without reading a genome: kept, simulated, or indexed since.

    A personal genome has those of its reference. An index beside a local FASTA says nothing: it may be of another file.
    """
    if "reference" in genome:
        below = preset("genomes", genome["reference"])
        return [] if "reference" in below else contigs(genome["reference"], below)
    if "keep" in genome:
        return genome["keep"]
    if genome["source"] == "simulate":
        return [f"chr{chr(ord('A') + number)}" for number in range(genome.get("contigs", 6))]
    sizes = Path(f"resources/genomes/{name}/chrom.sizes")
    if sizes.exists() and sizes.stat().st_mtime > Path(presets.path("genomes", name)).stat().st_mtime:
        return [line.split("\t")[0] for line in sizes.read_text(encoding="utf-8").splitlines()]
    return []


def file_problem(where: str, key: str, values: dict) -> list[str]:
    """A file that no rule makes must be there already."""
    paths = [path for path in listed(values.get(key) or []) if not presets.is_made(path)]
    return [f"{where}: {key}: {path}: no such file" for path in paths if not Path(presets.shipped(path)).exists()]

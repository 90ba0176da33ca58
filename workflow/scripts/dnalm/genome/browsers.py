"""What genome browsers call a genome: UCSC's name of its assembly, or one of our own that UCSC takes.

Light enough to be imported while the graph is built. Names: https://genome.ucsc.edu/goldenPath/help/trackDb/trackDbHub.html
"""

import re

NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")  # of a genome or track of a hub: UCSC turns other letters to _ or stumbles
EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")
# Assemblies that IGV itself knows by UCSC's names, with their genes: what a session may name in place of a FASTA.
IGV = (
    *("hg18", "hg19", "hg38", "hs1", "panTro6", "gorGor6", "mm9", "mm10", "mm39", "rn6", "rn7", "bosTau9", "canFam3"),
    *("canFam5", "susScr11", "galGal6", "xenTro10", "danRer10", "danRer11", "dm3", "dm6", "ce11", "sacCer3"),
)


def called(name: str, values: dict) -> tuple[str, bool]:
    """What a browser calls the genome of a preset, and whether UCSC has it, so that no sequence need be sent along.

    UCSC has what was fetched from there with its own contig names, and what the preset says it has (`browser`). Another
    genome has its preset's name, of which letters that UCSC does not take become _ (`1.assembly`: genome_1_assembly).
    """
    if "browser" in values:
        return values["browser"], True
    if values["source"] == "ucsc" and "rename" not in values:
        return values["assembly"], True
    taken = re.sub(r"[^A-Za-z0-9_-]", "_", name)
    return (taken if NAME.fullmatch(taken) else f"genome_{taken}"), False

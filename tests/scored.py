"""A genome of two contigs, an untrained masked model over single bases, and records of variants on them."""

from pathlib import Path

import numpy as np
import pysam

from dnalm.dna import seq
from dnalm.networks import models
from dnalm.tokens import making

LENGTH = 4000
HEAD = (
    '##fileformat=VCFv4.2\n##source=someone\n##INFO=<ID=CLASS,Number=1,Type=String,Description="kind">\n'
    "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tS1\n"
)


def make_world(folder: Path) -> dict:
    """{folder: with `genome` and `model` in it, texts: {contig: its bases}}."""
    codes = np.random.default_rng(0).integers(0, 4, (2, LENGTH)).astype(np.uint8)
    texts = {name: seq.decode(row) for name, row in zip(("c2", "c1"), codes, strict=True)}
    (folder / "genome").mkdir()
    with pysam.BGZFile(str(folder / "genome" / "genome.fa.gz"), "w") as handle:
        handle.write("".join(f">{name}\n{text.lower()}\n" for name, text in texts.items()).encode())
    pysam.faidx(str(folder / "genome" / "genome.fa.gz"))
    tok = making.train("char", [], vocab_size=0, k=1)
    sizes = {"hidden_size": 8, "num_hidden_layers": 1}
    models.save(models.build("mlm", "dilated_conv", sizes, tok, 64, 0).eval(), tok, folder / "model", "card")
    return {"folder": folder, "texts": texts}


def line(chrom: str, pos: int | str, ref: str, alt: str, info: str = ".") -> str:
    """A record with one sample."""
    return f"{chrom}\t{pos}\t.\t{ref}\t{alt}\t50\tPASS\t{info}\tGT\t0/1\n"


def other(base: str, step: int = 1) -> str:
    """Another base."""
    return "ACGT"[("ACGT".index(base) + step) % 4]


def good(texts: dict[str, str], number: int, chrom: str = "c1") -> str:
    """So many records that can be scored, 20 bases apart."""
    places = range(100, 100 + 20 * number, 20)
    return "".join(line(chrom, pos, texts[chrom][pos - 1], other(texts[chrom][pos - 1])) for pos in places)

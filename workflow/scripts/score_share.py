"""Score one of several shares of the variants of a VCF, for `score_variants` to put together: a job of its own."""

import dnalm.startup

import shutil
from pathlib import Path
from typing import Annotated

from dnalm import cli
from dnalm.cli import Input, Output
from dnalm.dna import assembly
from dnalm.logs import log
from dnalm.networks import models
from dnalm.networks import shares as networks_shares
from dnalm.variants import annotation, beside, evidence, intake
from dnalm.variants import shares as variants_shares
from dnalm.variants.scores import SCORES


def main(
    *,
    vcf: Input,
    genome: Input,
    model: Input,
    share: int,
    shares: int,
    window: int = 256,
    scores: Annotated[list[str] | None, SCORES] = None,
    max_length: int | None = None,
    phases: int = 1,
    layer: int = 0,
    output: str | None = None,
    twin: bool = True,
    fast: bool = False,
    max_mismatch: float = 0.01,
    max_outside: float = assembly.MOST_OUTSIDE,
    max_n: float = 0.5,
    regions: Input | None = None,
    places: list[str] | None = None,
    sample: str | None = None,
    pass_only: bool = False,
    allow_empty: bool = False,
    checkpoints: Path | None = None,
    seed: int = 0,
    out: Output,
) -> None:
    """Write what a model says of the variants of share number --share, from 1, of --shares of the same size.

    The other options are those of `score_variants`, which finds the same bits whether there are one share or fifty.
    """
    networks_shares.check(share, shares)
    names = evidence.choose(models.read_objective(model), scores, models.read_outputs(model), output)
    called, fasta, sizes, _, edits = intake.read(
        vcf, genome, out.parent, window=window, phases=phases, max_length=max_length, max_n=max_n,
        max_mismatch=max_mismatch, max_outside=max_outside, regions=regions, places=places, sample=sample,
        pass_only=pass_only, allow_empty=allow_empty,
    )  # fmt: skip
    annotation.check(called, annotation.header(called, beside.fields(names, ranked=True), sizes))
    asked = {"names": names, "window": window, "phases": phases, "layer": layer, "output": output, "fast": fast}
    work = variants_shares.Work(model, genome, fasta, edits, asked | {"twin": seed if twin else None})
    kept = variants_shares.folder(checkpoints, Path(__file__), work)
    said = variants_shares.scored(work, kept, share, shares)
    variants_shares.write(out, said, work, share, shares)
    log.info(f"scored {len(said):,} of them, share {share} of {shares}")
    if kept:
        shutil.rmtree(kept, ignore_errors=True)


if __name__ == "__main__":
    cli.run(main)

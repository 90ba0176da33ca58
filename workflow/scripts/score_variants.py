"""Score the variants of a VCF by what a DNA language model, or a classifier made from one, makes of each allele."""

import dnalm.startup

import shutil
from pathlib import Path
from typing import Annotated

import numpy as np
import pandas as pd

from dnalm import cli, files
from dnalm.cli import Input, Output
from dnalm.dna import assembly
from dnalm.errors import UsageError
from dnalm.genome import corpus
from dnalm.genome import genes as genome_genes
from dnalm.genome import genetic_codes as genetic_codes_of
from dnalm.logs import log
from dnalm.networks import models
from dnalm.targets import split
from dnalm.variants import (
    alleles,
    annotation,
    answers,
    beside,
    classes,
    consequences,
    contexts,
    evidence,
    intake,
    null_table,
)
from dnalm.variants import given as variants_given
from dnalm.variants import shares as variants_shares
from dnalm.variants import summary as variants_summary
from dnalm.variants import vcf as variants_vcf
from dnalm.variants.rarity import Rarity
from dnalm.variants.scores import SCORES


def main(
    *,
    vcf: Input,
    genome: Input,
    model: Input,
    window: int = 256,
    scores: Annotated[list[str] | None, SCORES] = None,
    max_length: int | None = None,
    phases: int = 1,
    layer: int = 0,
    output: str | None = None,
    twin: bool = True,
    fast: bool = False,
    null: Input | None = None,
    genes: Input | None = None,
    genetic_codes: dict | None = None,
    max_mismatch: float = 0.01,
    max_outside: float = assembly.MOST_OUTSIDE,
    max_n: float = 0.5,
    label_key: str | None = None,
    positive: list[str] | None = None,
    negative: list[str] | None = None,
    contrast: list[str] | None = None,
    baselines: dict | None = None,
    signal_names: list[str] | None = None,
    signals: list[Input] | None = None,
    motif: Input | None = None,
    motif_name: str | None = None,
    frequency: str | None = None,
    rare_below: float = 0.005,
    common_above: float = 0.05,
    regions: Input | None = None,
    places: list[str] | None = None,
    sample: str | None = None,
    pass_only: bool = False,
    allow_empty: bool = False,
    shares: list[Input] | None = None,
    checkpoints: Path | None = None,
    seed: int = 0,
    out: Output,
    out_table: Output,
    out_summary: Output,
) -> None:
    """Score each substitution, insertion and deletion of --max-length bases at most, by all scores or those asked for.

    Every record comes out as it came, with its scores or the reason why it has none; records of which none can be
    scored are an error, unless you --allow-empty. The change lies in the middle of a window of --window bases, and
    the windows of --phases begin one base after the other. Beside each score stand its spread, what the network
    says with random weights (--twin), and its percentile among the variants of --null (score_null.py). --genes are
    transcripts, for the consequence of each allele; --genetic-codes are NCBI's numbers {contig: number} of the
    codes of contigs that have not the standard one. Scored are the alleles in --regions (a BED file) or --places
    (contigs, or contig:start-end, 0-based), those that --sample carries, those whose FILTER is PASS or "."
    (--pass-only). Where an INFO key (--label-key) names classes, --positive are those that a good score should rank
    first and --negative the others (default: all other classes); without one, consequences are classes. --contrast
    are two of them that are held against each other, --baselines INFO keys {name: KEY} of what others say of the
    alleles; others are the --signals (bigWig, called as in --signal-names) along the genome, as of conservation, and
    what the best match of a factor's --motif (MEME; --motif-name where it holds several) loses.
    With the INFO key of a --frequency rare alleles (--rare-below) are held against common ones (--common-above).
    What `score_share` left in --shares is put together. What is scored here is kept in --checkpoints, piece by
    piece, until all is written, and not scored again after a kill. Of a fine-tuned model with several outputs
    (classes, values, tracks) delta is of the one that --output names, and shift of all. --fast rounds products to
    bf16 where the machine multiplies these faster: of the reference, and of what an allele changes by itself, so
    that scores rank as in fp32.
    """
    _check(bool(label_key or genes), positive, negative, contrast)
    if genetic_codes and not genes:
        raise UsageError("--genetic-codes speaks of --genes; give transcripts as GTF, GFF3 or BED12, or leave it out")
    given = variants_given.read(baselines, signal_names, signals, motif, motif_name)
    objective, says = models.read_objective(model), models.read_outputs(model)
    names = evidence.choose(objective, scores, says, output)
    taken = intake.read(
        vcf, genome, out.parent, window=window, phases=phases, max_length=max_length, max_n=max_n,
        max_mismatch=max_mismatch, max_outside=max_outside, regions=regions, places=places, sample=sample,
        pass_only=pass_only, allow_empty=allow_empty,
    )  # fmt: skip
    called, fasta, sizes, table, edits = taken
    fields = beside.fields(names, ranked=null is not None, meanings=answers.meanings(names, says, output))
    header = annotation.header(called, fields, sizes)
    annotation.check(called, header)
    for fault, count in called.repaired:
        log.info(f"repaired {count:,} {fault}")
    transcripts = genome_genes.transcripts(genes) if genes else None
    regions_of = genome_genes.parts(transcripts, sizes, genes, most_outside=max_outside) if genes else None
    context = contexts.describe(edits, fasta, window, regions_of)
    codes = genetic_codes_of.check(genetic_codes or {}, sizes)
    genetic_codes_of.warn(transcripts or [], codes)
    said = consequences.of_edits(edits, transcripts, fasta.fetch, codes) if genes else None
    if label_key:
        table["class"] = classes.read(called, table, label_key)
    else:
        table["class"] = np.nan if said is None else said.consequence.reindex(table.edit).to_numpy()
    labels = classes.label_alleles(table["class"], positive or [], negative or [], vcf)
    table = table.assign(**variants_given.of_alleles(given, taken, part=max_outside == 1))
    rate = classes.numbers(called, table, frequency, 0, 1) if frequency else None
    asked = {"names": names, "window": window, "phases": phases, "layer": layer, "output": output, "fast": fast}
    work = variants_shares.Work(model, genome, fasta, edits, asked | {"twin": seed if twin else None})
    kept = variants_shares.folder(checkpoints, Path(__file__), work)
    found = variants_shares.gathered(shares, work) if shares else variants_shares.scored(work, kept)
    found = beside.with_residuals(found, names)
    if null:
        known = null_table.read(null, names, fasta, window, regions_of, output)
        found = beside.with_percentiles(found, names, context, known)
    if said is not None:
        found = found.join(said[["consequence", "protein"]])
    table = alleles.with_scores(table, found)
    about = split.beside(model)
    if about is not None:
        where = pd.DataFrame({"chrom": table.chrom, "start": table.pos - 1, "end": table.pos})
        table["split"] = split.of_places(about, corpus.describe(genome)["name"], where)
    summary = {
        "objective": objective,
        "output": output,
        "units": answers.units(names, says, output),
        "window": window,
        "records": len(called.records),
        "lower_case": int(called.records.ref.str.contains("[a-z]").sum()),
        **variants_summary.summarise(table, context, labels, names, seed, given=given.columns),
        "pretraining_saw_test": None if about is None else about["saw_test"],
        "label": {"key": label_key, "positive": positive or [], "negative": negative or []},
        **({"repaired": dict(called.repaired)} if called.repaired else {}),
    }
    if contrast:
        summary["contrast"] = variants_summary.compared(table, context, contrast, names, seed)
    if rate is not None:
        limits_of = Rarity(rare_below, common_above)
        summary["rarity"] = variants_summary.rarity_of(table, context, rate, limits_of, names, seed)
    annotation.write_vcf(out, called, header, table, fields, sizes)
    rows = table.iloc[variants_vcf.genome_order(table, sizes)]
    files.write_table(out_table, annotation.columns(rows, beside.columns(table, names)))
    files.write_json(out_summary, summary)
    if kept:
        shutil.rmtree(kept, ignore_errors=True)
    for reason, count in summary["skipped"].items():
        log.info(f"skipped {count:,} alleles: {reason}")


def _check(classed: bool, positive: list | None, negative: list | None, contrast: list | None) -> None:
    if (positive or negative or contrast) and not classed:
        raise UsageError(
            "--positive, --negative and --contrast name classes: say with --label-key which INFO key holds them, or "
            "give --genes for consequences"
        )
    if contrast and len(set(contrast)) != 2:
        raise UsageError(f"--contrast: got {', '.join(contrast)}; wanted two classes, as in exon intron")


if __name__ == "__main__":
    cli.run(main)

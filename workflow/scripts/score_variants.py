"""Score the variants of a VCF by what a DNA language model, or a classifier made from one, makes of each allele."""

import dnalm.startup

from typing import Annotated

import pandas as pd

from dnalm import cli, files
from dnalm.cli import Input, Output
from dnalm.dna import assembly
from dnalm.errors import UsageError
from dnalm.genome import corpus
from dnalm.genome import fasta as genome_fasta
from dnalm.logs import log
from dnalm.networks import models
from dnalm.targets import split
from dnalm.variants import alleles, annotation, classes, evidence
from dnalm.variants import summary as variants_summary
from dnalm.variants import vcf as variants_vcf
from dnalm.variants.scores import SCORES


def main(
    *,
    vcf: Input,
    genome: Input,
    model: Input,
    window: int = 256,
    scores: Annotated[list[str] | None, SCORES] = None,
    max_mismatch: float = 0.01,
    max_outside: float = assembly.MOST_OUTSIDE,
    max_n: float = 0.5,
    label_key: str | None = None,
    positive: list[str] | None = None,
    negative: list[str] | None = None,
    allow_empty: bool = False,
    seed: int = 0,
    out: Output,
    out_table: Output,
    out_summary: Output,
) -> None:
    """Score each single-base substitution by the scores asked for, or by all that the model can give.

    Every record comes out, with its scores or the reason why it has none; records of which none can be scored are an
    error, unless you --allow-empty. A window of --window bases starts
    --window // 2 before the variant. Where an INFO key (--label-key) names classes, --positive are those that a good
    score should rank first and --negative the others (default: all other classes).
    """
    if (positive or negative) and label_key is None:
        raise UsageError("--positive and --negative name classes: say with --label-key which INFO key holds them")
    if window < 3:
        raise UsageError(
            f"--window {window} leaves no context; give at least 3, and a model is happier with 100 or more"
        )
    objective = models.read_objective(model)
    names = evidence.choose(objective, scores)
    called = variants_vcf.read(vcf, out.parent)
    fasta = genome_fasta.open_genome(genome)
    sizes = dict(zip(fasta.references, fasta.lengths, strict=True))
    table = variants_vcf.split_alleles(called.records)
    table["class"] = classes.read(called, table, label_key)
    labels = classes.label_alleles(table["class"], positive or [], negative or [], vcf)
    limits = {"max_n": max_n, "max_mismatch": max_mismatch, "max_outside": max_outside}
    table, pairs = alleles.pair_alleles(table, fasta, window, **limits, path=vcf)
    if not allow_empty:
        alleles.refuse_nothing(table, vcf)
    fields = {name: (SCORES[name].field, SCORES[name].meaning) for name in names}
    header = annotation.header(called, fields, sizes)
    annotation.check(called, header)
    for fault, count in called.repaired:
        log.info(f"repaired {count:,} {fault}")
    log.info(f"{len(table):,} alleles of {len(called.records):,} records, {len(pairs.alt):,} distinct ones to score")
    table = alleles.with_scores(table, evidence.score(model, pairs, names), pairs)
    about = split.beside(model)
    if about is not None:
        places = pd.DataFrame({"chrom": table.chrom, "start": table.pos - 1, "end": table.pos})
        table["split"] = split.of_places(about, corpus.describe(genome)["name"], places)
    summary = {
        "objective": objective,
        "window": window,
        "records": len(called.records),
        "lower_case": int(called.records.ref.str.contains("[a-z]").sum()),
        **variants_summary.summarise(table, pairs, labels, names, seed),
        "pretraining_saw_test": None if about is None else about["saw_test"],
        "label": {"key": label_key, "positive": positive or [], "negative": negative or []},
        **({"repaired": dict(called.repaired)} if called.repaired else {}),
    }
    annotation.write_vcf(out, called, header, table, fields, sizes)
    rows = table.iloc[variants_vcf.genome_order(table, sizes)]
    files.write_table(out_table, annotation.columns(rows, names, evidence.TOKEN_COLUMNS))
    files.write_json(out_summary, summary)
    for reason, count in summary["skipped"].items():
        log.info(f"skipped {count:,} alleles: {reason}")


if __name__ == "__main__":
    cli.run(main)

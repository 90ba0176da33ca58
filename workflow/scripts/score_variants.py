"""Score the variants of a VCF by what a DNA language model, or a classifier made from one, makes of each allele."""

from typing import Annotated

import numpy as np
import pandas as pd

from dnalm import cli, files
from dnalm.cli import Input, Output
from dnalm.errors import UsageError
from dnalm.genome import fasta as genome_fasta
from dnalm.logs import log
from dnalm.networks import models
from dnalm.variants import alleles, evidence, vcf_header
from dnalm.variants import annotation as variant_annotation
from dnalm.variants import summary as variant_summary
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
    max_n: float = 0.5,
    label_key: str | None = None,
    positive: list[str] | None = None,
    negative: list[str] | None = None,
    seed: int = 0,
    out: Output,
    out_table: Output,
    out_summary: Output,
) -> None:
    """Score each single-base substitution by the scores asked for, or by all that the model can give.

    Every record comes out, with its scores or the reason why it has none. A window of --window bases starts
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
    called = variants_vcf.read(vcf)
    fasta = genome_fasta.open_genome(genome)
    sizes = dict(zip(fasta.references, fasta.lengths, strict=True))
    table = variants_vcf.split_alleles(called.records)
    table["class"] = classes(called, table, label_key)
    labels = variant_summary.label_alleles(table["class"], positive or [], negative or [], vcf)
    table, pairs = alleles.pair_alleles(table, fasta, window, max_n=max_n, max_mismatch=max_mismatch, path=vcf)
    log.info(f"{len(table):,} alleles of {len(called.records):,} records, {len(pairs.alt):,} distinct ones to score")
    found = evidence.score(model, pairs, names)
    table = join(table, found, pairs)
    summary = summarise(table, pairs, labels, names, seed)
    summary = {
        "objective": objective,
        "window": window,
        "records": len(called.records),
        "lower_case": int(called.records.ref.str.contains("[a-z]").sum()),
        **summary,
        "label": {"key": label_key, "positive": positive or [], "negative": negative or []},
    }
    write_vcf(out, called, table, names, sizes)
    order = variants_vcf.genome_order(table, sizes)
    rows = variant_annotation.columns(table.iloc[order], names, evidence.TOKEN_COLUMNS)
    with files.whole(out_table) as beside:
        settings = {"method": "gzip", "mtime": 0} if out_table.suffix == ".gz" else None
        rows.to_csv(beside, sep="\t", index=False, float_format=variant_annotation.DIGITS, compression=settings)
    files.write_json(out_summary, summary)
    for reason, count in summary["skipped"].items():
        log.info(f"skipped {count:,} alleles: {reason}")


def classes(called: variants_vcf.Vcf, table: pd.DataFrame, key: str | None) -> pd.Series:
    """The class of each allele: the INFO value, or its part where it lists one for each ALT; NaN for none."""
    if key is None or called.records.empty:
        return pd.Series(np.nan, index=table.index, dtype=object)
    values = variants_vcf.info_value(called.records, key, called.path)
    parts = values.iloc[table.record].reset_index(drop=True).str.split(",")
    alternatives = table.groupby("record").record.transform("size")
    listed = (parts.str.len() == alternatives) & (alternatives > 1)
    return pd.Series(
        [
            (part[index - 1] if several else ",".join(part)) if isinstance(part, list) else np.nan
            for part, index, several in zip(parts, table.alt_index, listed, strict=True)
        ],
        dtype=object,
    ).replace({"": "flag", ".": np.nan})


def join(table: pd.DataFrame, found: pd.DataFrame, pairs: alleles.Pairs) -> pd.DataFrame:
    """Scores of the pairs on the alleles that share them; NaN on the alleles without."""
    spread = found.reindex(pairs.row).set_axis(table.index)
    return pd.concat([table.assign(pair=pairs.row), spread], axis=1)


def summarise(
    table: pd.DataFrame, pairs: alleles.Pairs, labels: pd.Series, names: list[str], seed: int
) -> dict[str, object]:
    """Counts over alleles as read; statistics over distinct scored alleles, so that duplicates weigh once."""
    skipped = table.skipped[table.skipped != ""].value_counts()
    scored = int((table.skipped == "").sum())
    assert scored + int(skipped.sum()) == len(table)
    once = table[table.pair >= 0].drop_duplicates("pair")
    summary = {
        "alleles": len(table),
        "scored": scored,
        "distinct": len(once),
        "sites": len(pairs.windows),
        "edge": int(table.edge.sum()),
        "skipped": {reason: int(count) for reason, count in skipped.items()},
        "scores": names,
        "quantiles": variant_summary.quantiles(once, names),
        "classes": variant_summary.by_class(once, names),
        "changed_tokens_spearman": variant_summary.token_correlation(once, names),
    }
    labelled = once[labels[once.index].notna()]
    if labels.notna().any():
        context = variant_summary.contexts(pairs).iloc[labelled.pair].reset_index(drop=True)
        truth = labels[labelled.index].to_numpy(int)
        summary |= {"n_positive": int(truth.sum()), "n_negative": int((1 - truth).sum())}
        summary |= variant_summary.rank_labels(labelled, truth, context, names, seed)
    return summary


def write_vcf(
    out: Output, called: variants_vcf.Vcf, table: pd.DataFrame, names: list[str], sizes: dict[str, int]
) -> None:
    """The input's records with our INFO fields, sorted, bgzipped and indexed."""
    scorers = {name: SCORES[name] for name in names}
    fields = {name: scorer.field for name, scorer in scorers.items()}
    meta = vcf_header.complete_header(called, sizes)
    meta += variant_annotation.definitions({scorer.field: scorer.meaning for scorer in scorers.values()})
    records = called.records.assign(info=variant_annotation.annotate(called.records["info"], table, fields))
    order = variants_vcf.genome_order(records, sizes)
    variants_vcf.write(out, meta, called.columns, records.iloc[order])


if __name__ == "__main__":
    cli.run(main)

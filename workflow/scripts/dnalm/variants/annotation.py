"""Variant scores written back: into the INFO column of the records they came from, and as a table."""

from pathlib import Path

import numpy as np
import pandas as pd

from dnalm.variants import htslib, samples, vcf, vcf_header
from dnalm.variants.info_types import OURS
from dnalm.variants.scores import TOKENS

SKIP, EDGE, NORMAL, CONSEQUENCE = (f"{OURS}{name}" for name in ("SKIP", "EDGE", "NORM", "CSQ"))
TEXTS = {NORMAL: "normal", CONSEQUENCE: "consequence"}  # INFO fields of text, by their column of the table
# Classes and ids are text that may hold anything a VCF allows; numbers get six digits, as fp32 has.
DIGITS = "%.6g"


def header(called: vcf.Vcf, fields: dict[str, tuple[str, str]], sizes: dict[str, int]) -> list[str]:
    """The input's header, completed, with definitions of our INFO fields."""
    return vcf_header.complete_header(called, sizes) + definitions(dict(fields.values()))


def check(called: vcf.Vcf, meta: list[str]) -> None:
    """Let htslib read the records as they came, under the header that they will have (`htslib.check`)."""
    head = "\n".join([*meta, called.columns]) + "\n"
    htslib.check(called.path, head, samples.rows(called.records, called.samples), called.records.line.tolist())


def write_vcf(
    out: Path,
    called: vcf.Vcf,
    meta: list[str],
    table: pd.DataFrame,
    fields: dict[str, tuple[str, str]],
    sizes: dict[str, int],
) -> None:
    """The input's records with our INFO fields, sorted, bgzipped and indexed (`vcf.write`).

    `fields` gives the field's name and the meaning of each score, a column of `table`, which has one row an allele;
    `meta` is their `header`.
    """
    info = annotate(called.records["info"], table, {score: field for score, (field, _) in fields.items()})
    records = called.records.assign(info=info)
    vcf.write(out, meta, called.columns, records.iloc[vcf.genome_order(records, sizes)], called.samples)


def definitions(fields: dict[str, str]) -> list[str]:
    """Header lines for our INFO fields; `fields` maps each score's name to its meaning."""
    scores = [
        f'##INFO=<ID={OURS}{name},Number=A,Type=Float,Description="{meaning}">' for name, meaning in fields.items()
    ]
    return [
        "##source=dnalm",
        *scores,
        f'##INFO=<ID={NORMAL},Number=A,Type=String,Description="The scored change as contig:POS:REF:ALT, trimmed and '
        'left-aligned; . where the record says it so">',
        f'##INFO=<ID={CONSEQUENCE},Number=A,Type=String,Description="Most severe consequence for a transcript">',
        f'##INFO=<ID={SKIP},Number=.,Type=String,Description="Why each ALT has no score; . for one that has">',
        f'##INFO=<ID={EDGE},Number=0,Type=Flag,Description="The scored window leaves its contig and holds N there">',
    ]


def annotate(info: pd.Series, table: pd.DataFrame, fields: dict[str, str]) -> list[str]:
    """The INFO text of each record with our fields added, and those of an earlier run dropped.

    `table` has one row an allele, in record order; `fields` maps score columns to field names.
    """
    texts = {f"{OURS}{field}": _numbers(table[name].to_numpy(float)) for name, field in fields.items()}
    said = {name: _texts(table[column]) for name, column in TEXTS.items() if column in table}
    skipped, edge = table.skipped.to_numpy(), table.edge.to_numpy()
    ends = np.searchsorted(table.record.to_numpy(), np.arange(len(info)), "right")
    lines, start = [], 0
    for text, end in zip(info, ends, strict=True):
        here = slice(start, end)
        parts = [part for part in text.split(";") if part not in ("", ".") and not part.startswith(OURS)]
        if (skipped[here] == "").any():
            parts += [f"{name}={','.join(values[here])}" for name, values in texts.items()]
            parts += [f"{name}={','.join(words[here])}" for name, words in said.items() if set(words[here]) != {"."}]
        if (skipped[here] != "").any():
            parts.append(f"{SKIP}={','.join(reason or '.' for reason in skipped[here])}")
        if edge[here].any():
            parts.append(EDGE)
        lines.append(";".join(parts) or ".")
        start = end
    return lines


def _texts(values: pd.Series) -> np.ndarray:
    return values.fillna("").replace("", ".").to_numpy(object)


def _numbers(values: np.ndarray) -> list[str]:
    return ["." if np.isnan(value) else DIGITS % value for value in values]


def columns(table: pd.DataFrame, scores: list[str]) -> pd.DataFrame:
    """The table of results: one row an allele, in the order given; missing values are empty.

    `scores` are the columns of scores and of what stands beside them.
    """
    tokens = [name for name in TOKENS if name in table]
    whole = [*tokens, *(name for name in ("null",) if name in scores)]
    first = ["chrom", "pos", "id", "ref", "alt", "alt_index", "normal", "class", "consequence", "protein"]
    wanted = [*first, *scores, *tokens, "edge", "split", "skipped"]
    return table[[name for name in wanted if name in table]].astype(dict.fromkeys(whole, "Int64") | {"edge": np.int8})

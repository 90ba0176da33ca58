"""Variants on a genome: which alleles can be scored, why the others cannot, and the window round each that can.

A window of W bases starts at `pos0 - W // 2` (pos0: 0-based position), so the variant sits at index W // 2, for odd and
even widths alike; on the opposite strand it sits at W - 1 - W // 2. What leaves a contig is filled with N.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd
import pysam

from dnalm.dna import assembly, seq
from dnalm.errors import InputError
from dnalm.genome import fasta as genome_fasta


class Pairs(NamedTuple):
    """Reference and alternative, each distinct pair once.

    `windows` uint8 [sites, W] reference bases round each site; `site` int64 [pairs] rows of `windows`; `alt` uint8
    [pairs] base codes of the alternative; `row` int64 [alleles] the pair of each allele of the table, -1 for none.
    """

    windows: np.ndarray
    site: np.ndarray
    alt: np.ndarray
    row: np.ndarray


def alternatives(pairs: Pairs) -> np.ndarray:
    """The window of each pair with the alternative base in its place; uint8 [pairs, W]."""
    windows = pairs.windows[pairs.site]
    windows[:, windows.shape[1] // 2] = pairs.alt
    return windows


def allele_reasons(table: pd.DataFrame, sizes: dict[str, int]) -> np.ndarray:
    """Why each allele cannot be scored, by its text alone; "" where it is a substitution of one base in a contig.

    One reason an allele, the first that holds: contig_unknown, pos_zero (the telomere), outside_contig, missing_alt,
    star (deleted upstream), symbolic (<DEL>, breakends), non_acgt, ref_equals_alt, indel, mnv.
    """
    length = table.chrom.map(sizes).fillna(-1).to_numpy()
    ref, alt = table.ref.astype(str), table.alt.astype(str)
    ref_bases, alt_bases = ref.str.len(), alt.str.len()
    rules = {
        "contig_unknown": length < 0,
        "pos_zero": table.pos == 0,
        "outside_contig": table.pos > length,
        "missing_alt": alt == ".",
        "star": alt == "*",
        "symbolic": alt.str.contains(r"[<>\[\]]|^\.|\.$"),
        "non_acgt": ~(ref.str.fullmatch("[ACGT]+") & alt.str.fullmatch("[ACGT]+")),
        "ref_equals_alt": ref == alt,
        "indel": ref_bases != alt_bases,
        "mnv": ref_bases > 1,
    }
    return np.select([np.asarray(rule, bool) for rule in rules.values()], list(rules), "")


def pair_alleles(
    table: pd.DataFrame,
    fasta: pysam.FastaFile,
    window: int,
    *,
    max_n: float = 0.5,
    max_mismatch: float = 0.01,
    max_outside: float = assembly.MOST_OUTSIDE,
    path: object = "VCF",
) -> tuple[pd.DataFrame, Pairs]:
    """Hold the alleles against the genome: the table with columns `skipped` and `edge`, and the pairs to score.

    To the reasons of `allele_reasons` come ref_is_n (the genome has no base there), ref_mismatch (it has another) and
    too_much_n (more than `max_n` of the window). `edge` says that the window leaves its contig. Raises InputError when
    more than `max_mismatch` of the reference alleles differ from the genome: another build, or the other strand; and
    when more than `max_outside` lie on contigs that it lacks.
    """
    sizes = dict(zip(fasta.references, fasta.lengths, strict=True))
    assembly.places(table.chrom, None, sizes, path, noun="alleles", most_outside=max_outside)
    reasons = allele_reasons(table, sizes)
    fit = np.flatnonzero(reasons == "")
    sites = table.iloc[fit][["chrom", "pos"]].drop_duplicates()
    start = sites.pos.to_numpy() - 1 - window // 2
    windows = genome_fasta.cut_windows(fasta, sites.chrom.to_numpy(), start, window)
    site = _index(table.iloc[fit], sites)
    genome, ref, alt = windows[site, window // 2], _codes(table.ref, fit), _codes(table.alt, fit)
    too_much = ((windows == seq.N).mean(1) > max_n)[site]
    reasons[fit] = np.select([genome == seq.N, genome != ref, too_much], ["ref_is_n", "ref_mismatch", "too_much_n"], "")
    _refuse_mismatches(table, reasons, int((genome != seq.N).sum()), max_mismatch, path)
    edge = np.zeros(len(table), bool)
    edge[fit] = ((start < 0) | (start + window > sites.chrom.map(sizes).to_numpy()))[site] & (reasons[fit] == "")
    kept = reasons[fit] == ""
    pairs = _distinct(windows, site[kept], alt[kept], fit[kept], len(table))
    _assert_centred(pairs, table)
    return table.assign(edge=edge, skipped=reasons), pairs


def _index(alleles: pd.DataFrame, sites: pd.DataFrame) -> np.ndarray:
    numbered = sites.assign(site=np.arange(len(sites)))
    return alleles[["chrom", "pos"]].merge(numbered, how="left", on=["chrom", "pos"]).site.to_numpy(np.int64)


def _codes(alleles: pd.Series, rows: np.ndarray) -> np.ndarray:
    return seq.encode("".join(alleles.iloc[rows]))


def _distinct(windows: np.ndarray, site: np.ndarray, alt: np.ndarray, alleles: np.ndarray, total: int) -> Pairs:
    """Each (site, alternative) once, and only the sites still in use; duplicates of the VCF share a pair."""
    unique, pair = np.unique(np.stack([site, alt.astype(np.int64)]), axis=1, return_inverse=True)
    used, renumbered = np.unique(unique[0], return_inverse=True)
    row = np.full(total, -1, np.int64)
    row[alleles] = pair.reshape(-1)
    return Pairs(windows[used], renumbered.reshape(-1), unique[1].astype(np.uint8), row)


def _refuse_mismatches(
    table: pd.DataFrame, reasons: np.ndarray, compared: int, max_mismatch: float, path: object
) -> None:
    wrong = np.flatnonzero(reasons == "ref_mismatch")
    if len(wrong) > max_mismatch * compared:
        first = table.iloc[wrong[0]]
        raise InputError(
            f"{path}: {len(wrong):,} of {compared:,} reference alleles ({len(wrong) / compared:.1%}) differ from the "
            f"genome, first at {first.chrom}:{first.pos} {first.ref}>{first.alt}; wrong build or strand? At most "
            f"{max_mismatch:.1%} may; give the right genome, or raise --max-mismatch if these are known to be wrong"
        )


def refuse_nothing(table: pd.DataFrame, path: object) -> None:
    """Raise InputError where there are alleles and none can be scored: empty figures would be the first to show it."""
    if len(table) and (table.skipped != "").all():
        reasons = ", ".join(f"{reason} {count:,}" for reason, count in table.skipped.value_counts().items())
        raise InputError(
            f"{path}: none of its {len(table):,} alleles can be scored ({reasons}); give substitutions of one base, or "
            "--allow-empty where none is expected (allow_empty: true in the preset)"
        )


def _assert_centred(pairs: Pairs, table: pd.DataFrame) -> None:
    """The variant's base lies where the models will look for it, on both strands."""
    scored = np.flatnonzero(pairs.row >= 0)
    width = pairs.windows.shape[1]
    site, ref = pairs.site[pairs.row[scored]], _codes(table.ref, scored)
    turned = seq.reverse_complement(pairs.windows)[site, width - 1 - width // 2]
    assert (pairs.windows[site, width // 2] == ref).all(), "forward window is off its variant"
    assert (turned == 3 - ref).all(), "reverse window is off its variant"


def with_scores(table: pd.DataFrame, found: pd.DataFrame, pairs: Pairs) -> pd.DataFrame:
    """Scores of the pairs on the alleles that share them, and the `pair` of each (-1 for none: its scores are NaN)."""
    spread = found.reindex(pairs.row).set_axis(table.index)
    return pd.concat([table.assign(pair=pairs.row), spread], axis=1)

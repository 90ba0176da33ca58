"""Alleles held against a genome: which can be scored, why the others cannot, and the distinct changes that they are.

Scored is what replaces a short stretch of bases by another: substitutions of one base or several, insertions and
deletions, as short and as far left as they can be said (`normalise`). Alleles that say the same change share one edit.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd
import pysam

from dnalm.dna import assembly, seq
from dnalm.errors import InputError, UsageError
from dnalm.genome import fasta as genome_fasta
from dnalm.variants import normalise, symbolic
from dnalm.variants.pairs import reach

LONGEST = 50  # bases lost or gained that are scored where nothing else is said
EDIT = ["chrom", "start", "ref", "alt"]
_READ = 65_536  # windows looked through at a time


class Limits(NamedTuple):
    """What is scored: the longest change in bases, the largest share of N in a window, and how many faults pass.

    `mismatch`: largest share of REF that may differ from the genome; `outside`: of alleles on contigs that it lacks.
    """

    longest: int = LONGEST
    n: float = 0.5
    mismatch: float = 0.01
    outside: float = assembly.MOST_OUTSIDE


def allele_reasons(table: pd.DataFrame, sizes: dict[str, int], unspoken: np.ndarray | str = "") -> np.ndarray:
    """Why each allele cannot be scored, by its text alone; "" where it puts bases in the place of bases of a contig.

    One reason an allele, the first that holds: contig_unknown, pos_zero (the telomere), outside_contig, missing_alt,
    star (deleted upstream), those that are `unspoken` (`symbolic.expanded`), breakend, symbolic (<INS>), non_acgt,
    ref_equals_alt.
    """
    length = table.chrom.map(sizes).fillna(-1).to_numpy()
    ref, alt = table.ref.astype(str), table.alt.astype(str)
    rules = {
        "contig_unknown": length < 0,
        "pos_zero": table.pos == 0,
        "outside_contig": table.pos + ref.str.len() - 1 > length,
        "missing_alt": alt == ".",
        "star": alt == "*",
        "": np.broadcast_to(unspoken != "", len(table)),
        "breakend": alt.str.contains(symbolic.BREAKEND),
        "symbolic": alt.str.contains(symbolic.SYMBOL),
        "non_acgt": ~(ref.str.fullmatch("[ACGT]+") & alt.str.fullmatch("[ACGT]+")),
        "ref_equals_alt": ref == alt,
    }
    words = [word or np.broadcast_to(unspoken, len(table)) for word in rules]
    return np.select([np.asarray(rule, bool) for rule in rules.values()], words, "").astype(object)


def hold(
    table: pd.DataFrame,
    fasta: pysam.FastaFile,
    window: int,
    limits: Limits | None = None,
    path: object = "VCF",
    plain: symbolic.Plain | None = None,
    phases: int = 1,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Hold alleles against the genome: the table with columns skipped, edge, normal and edit; and the edits to score.

    An allele that is `unwanted` (a column with the reason) is left alone, and of `plain` are the bases of those that
    the table has as symbols. To the reasons of `allele_reasons` come ref_is_n (the genome has no base there),
    ref_mismatch (it has another), too_long (more bases lost or gained than `limits` allow) and too_much_n. `edge`: a
    window, in one of the `phases`, leaves its contig; `normal`: contig:POS:REF:ALT as short and as far left as can be,
    where the record says it otherwise; `edit`: row of the edits, each distinct change once in genome order (EDIT,
    `start` 0-based, see `normalise.minimal`), -1 for none.

    Raises InputError where more reference alleles than allowed differ from the genome (another build, or the other
    strand), or lie where it has no base; UsageError where the window cannot hold the longest change.
    """
    limits = limits or Limits()
    if limits.longest > window // 2:
        raise UsageError(
            f"--max-length {limits.longest} is more than half of a window of {window} bases, which then holds little "
            "else; make the window larger, or score shorter changes"
        )
    sizes = dict(zip(fasta.references, fasta.lengths, strict=True))
    assembly.places(table.chrom, table.pos, sizes, path, noun="alleles", most_outside=limits.outside)
    texts = table if plain is None else table.assign(ref=plain.ref, alt=plain.alt)
    reasons = allele_reasons(texts, sizes, "" if plain is None else plain.reason)
    if "unwanted" in table:
        reasons = np.where(table.unwanted != "", table.unwanted, reasons).astype(object)
    _compare(texts, reasons, fasta, limits.mismatch, path)

    def fetch(chrom: str, start: int, end: int) -> str:
        return genome_fasta.fetch(fasta, chrom, start, end).decode()

    fit = np.flatnonzero(reasons == "")
    edits = normalise.minimal(texts.iloc[fit], fetch)
    changed = np.maximum(edits.ref.str.len(), edits.alt.str.len()).to_numpy(int)
    begin, low, high = reach(edits, window, phases)
    chrom, moved = edits.chrom.to_numpy(), sorted({0, phases - 1})  # the first phase, and the last
    many = np.max([_share_of_n(chrom, begin - by, fasta, window) for by in moved], axis=0) > limits.n
    reasons[fit] = np.select([changed > limits.longest, many], ["too_long", "too_much_n"], "")
    kept = reasons[fit] == ""
    edge = np.zeros(len(table), bool)
    edge[fit] = kept & ((low < 0) | (high > edits.chrom.map(sizes).to_numpy()))
    normal = np.full(len(table), "", object)
    normal[fit[kept]] = _normal(table.iloc[fit[kept]], edits[kept], fetch)
    distinct, number = _distinct(edits[kept], sizes)
    edit = np.full(len(table), -1, np.int64)
    edit[fit[kept]] = number
    return table.assign(edge=edge, normal=normal, skipped=reasons, edit=edit), distinct


def _compare(table: pd.DataFrame, reasons: np.ndarray, fasta: pysam.FastaFile, most: float, path: object) -> None:
    """Give those whose REF is not the genome's their reason; refuse a file with too many of them."""
    fit = np.flatnonzero(reasons == "")
    some = table.iloc[fit]
    lengths = some.ref.str.len().to_numpy(int)
    found = np.full(len(fit), "", object)
    for length in np.unique(lengths):
        rows = np.flatnonzero(lengths == length)
        here = some.iloc[rows]
        genome = genome_fasta.cut_windows(fasta, here.chrom.to_numpy(), here.pos.to_numpy() - 1, int(length))
        given = seq.encode("".join(here.ref)).reshape(-1, length)
        unknown = (genome == seq.N).any(1)
        found[rows] = np.select([unknown, (genome != given).any(1)], ["ref_is_n", "ref_mismatch"], "")
    reasons[fit] = found
    wrong, compared = np.flatnonzero(reasons == "ref_mismatch"), int((found != "ref_is_n").sum())
    if len(wrong) > most * compared:
        first = table.iloc[wrong[0]]
        raise InputError(
            f"{path}: {len(wrong):,} of {compared:,} reference alleles ({len(wrong) / compared:.1%}) differ from the "
            f"genome, first at {first.chrom}:{first.pos} {first.ref}>{first.alt}; wrong build or strand? At most "
            f"{most:.1%} may; give the right genome, or raise --max-mismatch if these are known to be wrong"
        )


def _share_of_n(chrom: np.ndarray, start: np.ndarray, fasta: pysam.FastaFile, window: int) -> np.ndarray:
    shares = np.empty(len(start))
    for first in range(0, len(start), _READ):
        part = slice(first, first + _READ)
        shares[part] = (genome_fasta.cut_windows(fasta, chrom[part], start[part], window) == seq.N).mean(1)
    return shares


def _normal(table: pd.DataFrame, edits: pd.DataFrame, fetch: normalise.Fetch) -> list[str]:
    """The normal form of each allele as VCF says it, or "" where the record says just that."""
    said = zip(table.chrom, table.pos, table.ref, table.alt, strict=True)
    found = []
    for record, edit in zip(said, zip(*(edits[name] for name in EDIT), strict=True), strict=True):
        spelt = normalise.spelt(edit, fetch)
        found.append("" if spelt == record else ":".join(map(str, spelt)))
    return found


def _distinct(edits: pd.DataFrame, sizes: dict[str, int]) -> tuple[pd.DataFrame, np.ndarray]:
    """Each edit once, by contig as the genome has them and by place; and the row of each that was given."""
    once = edits.drop_duplicates(EDIT)
    rank = once.chrom.map({name: number for number, name in enumerate(sizes)})
    once = once.assign(rank=rank).sort_values(["rank", "start", "ref", "alt"]).drop(columns="rank")
    once = once.reset_index(drop=True)
    numbered = once.assign(number=np.arange(len(once)))
    return once, edits.merge(numbered, how="left", on=EDIT).number.to_numpy(np.int64)


def refuse_nothing(table: pd.DataFrame, path: object) -> None:
    """Raise InputError where there are alleles and none can be scored: empty figures would be the first to show it."""
    if len(table) and (table.skipped != "").all():
        reasons = ", ".join(f"{reason} {count:,}" for reason, count in table.skipped.value_counts().items())
        raise InputError(
            f"{path}: none of its {len(table):,} alleles can be scored ({reasons}); give substitutions, insertions or "
            "deletions, or --allow-empty where none is expected (allow_empty: true in the preset)"
        )


def with_scores(table: pd.DataFrame, found: pd.DataFrame) -> pd.DataFrame:
    """Scores of the edits, one a row, on the alleles that share them (NaN where an allele has none)."""
    spread = found.reset_index(drop=True).reindex(table.edit).set_axis(table.index)
    return pd.concat([table, spread], axis=1)

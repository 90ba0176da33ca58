"""Labelled windows: positives cut round peak summits, and no sequence in two splits.

A window of W bases round a summit s is [s - W // 2, s - W // 2 + W): for an even W the summit is the first base of the
second half. 0-based, half-open. Every row of an input is either kept or counted under the reason it was left out.
"""

from collections import Counter

import numpy as np
import pandas as pd
import pysam
import scipy

from dnalm.dna import intervals, seq
from dnalm.dna import splits as dna_splits
from dnalm.genome import fasta as genome_fasta
from dnalm.targets import homology, negatives, replicates
from dnalm.targets.negatives import NEGATIVES
from dnalm.targets.windows import VALUE, jitter

COLUMNS = ["id", "chrom", "start", "end", "label", "kind", "split", "sequence"]


def columns(table: pd.DataFrame) -> list[str]:
    """The columns of windows.tsv.gz: COLUMNS, mappability where known, and those of the values of a regression."""
    return [*COLUMNS, *(name for name in table if name == "mappability" or name.startswith(VALUE))]


def from_peaks(
    peaks: pd.DataFrame,
    fasta: pysam.FastaFile,
    sizes: dict[str, int],
    splits: dict[str, list[str]],
    blacklist: pd.DataFrame | None,
    window: int,
    rng: np.random.Generator,
) -> tuple[pd.DataFrame, Counter]:
    """One positive window for each summit: (table with sequence, gc, repeats; rows left out by reason).

    `peaks` come with a `reason`, "" for those that are sites (`replicates.read`). Of summits less than half a window
    apart the one with the best score stands for all (`merged`), before any is given to a split. Windows to train on are
    shifted by up to an eighth of their width, or a model could learn where a motif lies rather than what it is; those
    that measure it lie round the summit.
    """
    merged = peaks.reason.to_numpy(object, copy=True)
    sites = np.flatnonzero(merged == "")
    merged[sites[~replicates.best(peaks.iloc[sites], window // 2)]] = "merged"
    table = _round_summits(peaks, splits, window, rng)
    listed = np.zeros(len(peaks), bool) if blacklist is None else intervals.overlaps(table, blacklist)
    reason = np.select(
        [merged != "", table.split == "exclude", listed, (table.start < 0) | (table.end > table.chrom.map(sizes)),
         table.split == dna_splits.BORDER],
        [merged, "excluded_contig", "blacklist", "clipped", "border"],
        "",
    )  # fmt: skip
    table = with_sequence(table[reason == ""].reset_index(drop=True), fasta)
    known = table.unknown <= seq.MOST_N
    skipped = Counter(reason[reason != ""].tolist()) + Counter({"unknown_bases": int((~known).sum())})
    return table[known].drop(columns="unknown").assign(kind="positive", label=1).reset_index(drop=True), skipped


def _round_summits(
    peaks: pd.DataFrame, splits: dict[str, list[str]], window: int, rng: np.random.Generator
) -> pd.DataFrame:
    """A window (chrom, start, end, split) for each summit: in its middle, or shifted where it is to be trained on."""
    start = peaks.summit - window // 2
    middle = dna_splits.split_of(peaks.chrom, start, start + window, splits, margin=window)
    start = start + np.where(middle == dna_splits.TRAIN, jitter(len(peaks), window, rng), 0)
    table = pd.DataFrame({"chrom": peaks.chrom, "start": start, "end": start + window})
    return table.assign(split=dna_splits.split_of(table.chrom, table.start, table.end, splits, margin=window))


def with_sequence(table: pd.DataFrame, fasta: pysam.FastaFile) -> pd.DataFrame:
    """Add each window's sequence (upper case), gc, repeats and unknown shares."""
    rows = zip(table.chrom.tolist(), table.start.tolist(), table.end.tolist(), strict=True)
    letters = [genome_fasta.fetch(fasta, *row) for row in rows]
    windows = np.frombuffer(b"".join(letters), np.uint8).reshape(len(table), -1 if letters else 0)
    found = negatives.shares(windows) if letters else pd.DataFrame(columns=["gc", "repeats", "unknown"], dtype=float)
    return table.assign(sequence=[seq.decode(seq.encode(text)) for text in letters], **{k: found[k] for k in found})


def without_duplicates(table: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Leave one window of each sequence, strand aside: (rows kept, rows left out).

    A sequence that is trained on and tested on measures memory. The copy in test stays, then validation, then train;
    a positive stays before a negative. What is left out has columns kept_split and kept_label, of the copy that stays.
    """
    rank = table.split.map({"test": 0, "validation": 1, "train": 2})
    order = np.lexsort([np.arange(len(table)), -table.label, rank])
    table = table.iloc[order].assign(key=[homology.strandless(text) for text in table.sequence.iloc[order]])
    kept = ~(table.duplicated("key") | table.duplicated("id"))
    copies, gone = table[kept].set_index("key"), table[~kept]
    here = {f"kept_{name}": gone.key.map(copies[name]) for name in ("split", "label")}
    return table[kept].drop(columns="key"), gone.drop(columns="key").assign(**here)


def compare(table: pd.DataFrame) -> dict[str, dict[str, dict[str, float]]]:
    """Kolmogorov-Smirnov test of each kind of negative against the positives, in what they are matched in.

    That is GC, repeat share and, where it was measured, mappability; what lies nowhere has none.
    """
    positives, found = table[table.kind == "positive"], {}
    for kind in NEGATIVES:
        theirs = table[table.kind == kind]
        if len(theirs) and len(positives):
            known = [name for name in ("gc", "repeats", "mappability") if name in theirs and theirs[name].notna().all()]
            tests = {name: scipy.stats.ks_2samp(positives[name], theirs[name]) for name in known}
            found[kind] = {
                name: {"statistic": float(one.statistic), "p": float(one.pvalue)} for name, one in tests.items()
            }
    return found

"""Labelled windows: positives cut round peak summits, sequences a user labelled, and no sequence in two splits.

A window of W bases round a summit s is [s - W // 2, s - W // 2 + W): for an even W the summit is the first base of the
second half. 0-based, half-open. Every row of an input is either kept or counted under the reason it was left out.
"""

from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
import pysam
from scipy import stats

from dnalm import tables
from dnalm.dna import assembly, intervals, seq
from dnalm.dna import splits as dna_splits
from dnalm.dna.place import BEYOND
from dnalm.errors import InputError
from dnalm.genome import fasta as genome_fasta
from dnalm.targets import homology, negatives, replicates
from dnalm.targets.negatives import NEGATIVES
from dnalm.targets.windows import NOWHERE, jitter

COLUMNS = ["id", "chrom", "start", "end", "label", "kind", "split", "sequence"]
MOST_N = 0.1
_IUPAC = frozenset("ACGTNRYKMSWBDHVUacgtnrykmswbdhvu")


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
    known = table.unknown <= MOST_N
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


def contigs_of(path: Path) -> list[str]:
    """The contigs that a table of sequences names, which a genome may lack."""
    read = tables.read(path)
    named = tables.pick(read, {"chrom": "chrom"}).chrom if "chrom" in read.names else pd.Series([], dtype=str)
    return named[~tables.missing(named)].drop_duplicates().tolist()


def read_sequences(
    path: Path, splits: dict[str, list[str]], window: int, sizes: dict[str, int], most_outside: float
) -> tuple[pd.DataFrame, Counter, int]:
    """Sequences with a label from a table (columns sequence, label, and perhaps chrom, start, end).

    Returns (windows, rows left out by reason, rows read). Each sequence is cut or padded with N to `window` bases round
    its middle base. With a `chrom` column a row goes to that contig's split; without, to that of its
    relatives, drawn by a hash (`homology.split_clusters`): some 80 % train, 10 % validation, 10 % test.
    """
    table, skipped, rows = _given(tables.read(path))
    named = (table.chrom != NOWHERE).to_numpy()
    placed = named & (table.end > table.start).to_numpy()
    outside = _outside(table[named], sizes, path, most_outside, splits).reindex(table.index, fill_value="").to_numpy()
    unknown = np.array([np.mean(seq.encode(text) == seq.N) for text in table.sequence])
    middle = (table.start + table.end) // 2
    start = (middle - window // 2).clip(lower=0).where(placed, 0)
    end = (start + window).where(placed, BEYOND)  # of a contig in parts, no place is in no split
    split = pd.Series(dna_splits.split_of(table.chrom, start, end, splits, margin=window), table.index)
    apart = homology.split_clusters(table.sequence[~named]) if not named.all() else split
    table["split"] = split.where(named, apart.reindex(table.index))
    ids = [f"{chrom}:{first}-{first + window}" for chrom, first in zip(table.chrom, start, strict=True)]
    table = table.assign(
        id=np.where(placed, ids, [f"given:{number}" for number in table.index + 1]),
        start=start,
        end=np.where(placed, start + window, 0),
        kind="given",
        sequence=[fit(text, window) for text in table.sequence],
    )
    reason = np.select(
        [table.split == "exclude", unknown > MOST_N, table.split == dna_splits.BORDER],
        ["excluded_contig", "unknown_bases", "border"],
        outside,
    )
    return table[reason == ""].reset_index(drop=True), skipped + Counter(reason[reason != ""].tolist()), rows


def _outside(
    table: pd.DataFrame, sizes: dict[str, int], path: Path, most_outside: float, splits: dict[str, list[str]]
) -> pd.Series:
    """Why each sequence with a place is left out: its contig is unknown, or ends before it; "" for the others.

    A contig of an unknown name may be a held-out one. Where `most_outside` is 1 the genome is said to be a part of its
    assembly: sequences elsewhere on it bring all that is needed, and no reason is one.
    """
    options = {"noun": "sequences", "most_outside": most_outside, "known": dna_splits.borders(splits)}
    found = assembly.places(table.chrom, table.end, sizes, path, **options)
    return pd.Series(found if most_outside < 1 else "", table.index, dtype=object)


def _given(read: tables.Table) -> tuple[pd.DataFrame, Counter, int]:
    """The columns of a table of sequences, checked: (sequence, label, chrom, start, end; rows left out; rows read).

    Rows keep their number in the table as index. A row without a sequence or without a label is left out.
    """
    given = {name: name for name in ("chrom", "start", "end") if name in read.names}
    text = tables.pick(read, {"sequence": "sequence", "label": "label"} | given)
    for name in ("chrom", "start", "end"):
        text[name] = text[name].where(~tables.missing(text[name]), "") if name in text else ""
    reason = np.select(
        [text.sequence.isin(tables.MISSING), tables.missing(text.label)], ["missing_sequence", "missing_label"], ""
    )
    kept = text[reason == ""]
    places = [f"{read.path}:{read.lines[row]}" for row in kept.index]
    rows = [_row(values, where) for values, where in zip(kept.to_dict("records"), places, strict=True)]
    table = pd.DataFrame(rows, columns=["sequence", "label", "chrom", "start", "end"], index=kept.index)
    return table, Counter(reason[reason != ""].tolist()), len(text)


def _row(values: dict[str, str], where: str) -> tuple[str, int, str, int, int]:
    label = tables.whole(values["label"])
    if label not in (0, 1):
        raise InputError(f"{where}: got label {values['label']!r}, wanted 0 or 1")
    if bad := sorted(set(values["sequence"]) - _IUPAC):
        raise InputError(f"{where}: got {bad} as sequence, wanted letters of DNA")
    place = [tables.whole(values[name] or "0") for name in ("start", "end")]
    if None in place:
        got = f"{values['start']!r} to {values['end']!r}"
        raise InputError(f"{where}: got {got}, wanted start and end as whole numbers, 0-based, half-open")
    return (seq.decode(seq.encode(values["sequence"])), label, values["chrom"] or NOWHERE, *place)


def fit(text: str, window: int) -> str:
    """Cut or pad with N to `window` letters, the middle letter (index L // 2) coming to index window // 2."""
    left = window // 2 - len(text) // 2
    text = text[max(-left, 0) :]
    return ("N" * max(left, 0) + text)[:window].ljust(window, "N")


def without_duplicates(table: pd.DataFrame) -> tuple[pd.DataFrame, pd.Series]:
    """Leave one window of each sequence, strand aside: (rows kept, kinds of the rows left out).

    A sequence that is trained on and tested on measures memory. The copy in test stays, then validation, then train;
    a positive stays before a negative.
    """
    rank = table.split.map({"test": 0, "validation": 1, "train": 2})
    order = np.lexsort([np.arange(len(table)), -table.label, rank])
    table = table.iloc[order].assign(key=[homology.strandless(text) for text in table.sequence.iloc[order]])
    kept = ~(table.duplicated("key") | table.duplicated("id"))
    return table[kept].drop(columns="key"), table.kind[~kept]


def compare(table: pd.DataFrame) -> dict[str, dict[str, dict[str, float]]]:
    """Kolmogorov-Smirnov test of each kind of negative against the positives, in what they are matched in.

    That is GC, repeat share and, where it was measured, mappability; what lies nowhere has none.
    """
    positives, found = table[table.kind == "positive"], {}
    for kind in NEGATIVES:
        theirs = table[table.kind == kind]
        if len(theirs) and len(positives):
            known = [name for name in ("gc", "repeats", "mappability") if name in theirs and theirs[name].notna().all()]
            tests = {name: stats.ks_2samp(positives[name], theirs[name]) for name in known}
            found[kind] = {
                name: {"statistic": float(one.statistic), "p": float(one.pvalue)} for name, one in tests.items()
            }
    return found

"""Random variants of a genome: what a score says where nothing is known to matter, so that others have a rank.

Places are uniform over the known bases, so no mutation rate, no selection and no caller has a say: a null of what may
happen, not of what is seen in a population. Its rates are brought in by comparing like with like (`percentiles`).
Edits are as in `contexts`, with a `weight`: how many variants of a uniform draw a row stands for.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd
import pysam

from dnalm.dna import seq
from dnalm.dna.place import joined
from dnalm.errors import InputError, UsageError
from dnalm.genome import fasta as genome_fasta
from dnalm.genome import holdout
from dnalm.variants import contexts, normalise

FLANK = 20  # bases on either side of an indel that must be known, and whose composition an insertion has
LOOKED_AT = 20  # SNVs drawn for each that an even draw keeps: a mammal's rarest stratum is 1 in 1,000 of its SNVs
CLASSES = 192  # strata of SNVs: 96 classes, in repeats and outside
TRIES = 50  # times that places which fell on N are drawn again
LONGEST = 20
EXPONENT = 1.65


class Mix(NamedTuple):
    """What is drawn: the share of indels, of those the share of deletions, of insertions the share of tandem copies.

    `lengths` are the chances of one base, two, and so on, in any unit. Between primates, and between rodents, there are
    12 to 16 indels to 100 substitutions, and their lengths follow a power law with an exponent of 1.6 to 1.7
    (Cartwright, MBE 2009); most short insertions copy what stands beside them (Messer and Arndt, MBE 2007). Half of the
    insertions are drawn the one way, half the other, because each is compared with its own kind.
    """

    indels: float = 0.12
    deletions: float = 0.5
    tandem: float = 0.5
    lengths: tuple[float, ...] = tuple(length**-EXPONENT for length in range(1, LONGEST + 1))


USUAL = Mix()


def like(described: pd.DataFrame, longest: int = LONGEST) -> Mix:
    """The mix of other variants, by their contexts (`contexts.describe`); longer indels than `longest` are left out."""
    change = described.change[described.kind.isin(("insertion", "deletion")) & (described.change.abs() <= longest)]
    snvs = int((described.kind == "snv").sum())
    if not len(change):
        return Mix(indels=0.0)
    inserted = described.tandem[change.index[change > 0]]
    return Mix(
        len(change) / (len(change) + snvs),
        float((change < 0).mean()),
        float(inserted.mean()) if len(inserted) else USUAL.tandem,
        tuple(np.bincount(change.abs(), minlength=longest + 1)[1:].tolist()),
    )


def draw(
    fasta: pysam.FastaFile,
    number: int,
    seed: int,
    *,
    mix: Mix = USUAL,
    places: list[str] | None = None,
    even: bool = False,
) -> pd.DataFrame:
    """Up to `number` different edits (chrom, start, ref, alt, weight), in the genome's order, the same for one seed.

    They begin in `places` (contigs or regions; all of the genome), where the bases beside them are known. An SNV's
    alternatives are equally likely. An insertion's bases are a tandem copy of those behind it, or drawn from those
    round it; an indel in a run of copies is moved to the run's start (be that before its place), which makes it as
    likely as the run is long.
    With `even` there are as many SNVs of each of 96 classes, in repeats and outside, and as many indels of each size
    (`contexts.size_class`), as far as there are any, and `weight` says how much rarer or commoner they are in truth;
    otherwise all weights are 1. Fewer come back where the genome holds no more.
    """
    indels = round(number * mix.indels)
    _check(number - indels, number, mix, even)
    where = _allowed(fasta, places)
    snvs = _substitutions(fasta, where, number - indels, np.random.default_rng([seed, 0]), even)
    table = pd.concat([snvs, _indels(fasta, where, indels, mix, np.random.default_rng([seed, 1]), even)])
    rank = table.chrom.map({name: row for row, name in enumerate(fasta.references)}).to_numpy()
    table = table.iloc[np.lexsort((table.alt, table.ref, table.start, rank))]
    return table.astype({"chrom": str, "start": np.int64, "ref": str, "alt": str}).reset_index(drop=True)


def _check(snvs: int, number: int, mix: Mix, even: bool) -> None:
    if number < 1:
        raise UsageError(f"number: got {number}, wanted 1 or more variants; a few thousand make a null")
    if even and 0 < snvs < CLASSES:
        raise UsageError(f"number: got {snvs} SNVs, wanted {CLASSES} or more, one of each class; draw more variants")
    for name, share in mix._asdict().items():
        if name != "lengths" and not 0 <= share <= 1:
            raise UsageError(f"{name}: got {share}, wanted a share from 0 to 1")
    if not (sum(mix.lengths) > 0 and min(mix.lengths) >= 0):
        raise UsageError(f"lengths: got {mix.lengths}, wanted the chances of indels of 1 base, 2 and so on")


def _allowed(fasta: pysam.FastaFile, places: list[str] | None) -> pd.DataFrame:
    """The places (chrom, start, end) as regions that do not overlap."""
    sizes = dict(zip(fasta.references, fasta.lengths, strict=True))
    name = fasta.filename.decode()
    found = [holdout.known(text, "places", sizes, name) for text in (sizes if places is None else places)]
    rows = joined(one._replace(end=min(one.end, sizes[one.contig])) for one in sorted(found))
    if not rows:
        raise UsageError("places: got none, wanted contigs or regions to draw from; does the genome exclude all?")
    return pd.DataFrame(rows, columns=["chrom", "start", "end"])


def _known(
    fasta: pysam.FastaFile, where: pd.DataFrame, number: int, reach: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """`number` random places without N: contig, start, and the base codes from `reach` before to `reach` behind."""
    length = (where.end - where.start).to_numpy(np.int64)
    ends = length.cumsum()
    found = [(where.chrom.to_numpy(object)[:0], ends[:0], np.empty((0, 2 * reach + 1), np.uint8))]
    for _ in range(TRIES):
        at = rng.integers(ends[-1], size=number - sum(len(start) for _, start, _ in found))
        row = np.searchsorted(ends, at, "right")
        chrom, start = where.chrom.to_numpy(object)[row], where.end.to_numpy(np.int64)[row] - ends[row] + at
        codes = genome_fasta.cut_windows(fasta, chrom, start - reach, 2 * reach + 1)
        fit = (codes < seq.N).all(1)
        found.append((chrom[fit], start[fit], codes[fit]))
        if fit.all():
            break
    chrom, start, codes = (np.concatenate(parts) for parts in zip(*found, strict=True))
    if number and not len(start):
        raise InputError(
            f"{fasta.filename.decode()}: {number * TRIES:,} random places have an N within {reach} bases; name places "
            "that hold sequence"
        )
    return chrom, start, codes


def _substitutions(
    fasta: pysam.FastaFile, where: pd.DataFrame, number: int, rng: np.random.Generator, even: bool
) -> pd.DataFrame:
    chrom, start, codes = _known(fasta, where, _more(number) * (LOOKED_AT if even else 1), 1, rng)
    alt = (codes[:, 1] + rng.integers(1, 4, len(codes))) % 4
    table = pd.DataFrame({"chrom": chrom, "start": start, "ref": _bases(codes[:, 1]), "alt": _bases(alt)})
    table = table.drop_duplicates(ignore_index=True)
    if not even:
        return table.head(number).assign(weight=1.0)
    strata = contexts.describe(table, fasta, 3)[["trinucleotide", "substitution", "repeat"]]
    group = strata.groupby(list(strata)).ngroup().to_numpy()
    seen = np.bincount(group)
    kept = _evenly(seen, number)
    table["weight"] = (seen / kept)[group]
    table = table[table.groupby(group).cumcount().to_numpy() < kept[group]]
    return table.assign(weight=table.weight / table.weight.mean())


def _more(number: int) -> int:
    """A few more than are wanted, because some may be alike."""
    return number + number // 10 + 100 if number else 0


def _bases(codes: np.ndarray) -> np.ndarray:
    return np.array(list(seq.decode(codes)), object)


def _evenly(room: np.ndarray, number: int) -> np.ndarray:
    """`number` shared out as evenly as the room of each allows."""
    found = np.zeros_like(room)
    while (left := min(number, int(room.sum())) - int(found.sum())) > 0:
        free = np.flatnonzero(found < room)[:left]
        found[free] = np.minimum(found[free] + max(left // len(free), 1), room[free])
    return found


def _indels(
    fasta: pysam.FastaFile, where: pd.DataFrame, number: int, mix: Mix, rng: np.random.Generator, even: bool
) -> pd.DataFrame:
    chance = np.array(mix.lengths) / sum(mix.lengths)
    size = contexts.size_class(np.arange(1, len(chance) + 1))
    shares = np.bincount(size, chance)
    drawn = chance / shares[size].clip(1e-300) / (shares > 0).sum() if even else chance
    reach = max(FLANK, len(chance))
    chrom, start, codes = _known(fasta, where, _more(number), reach, rng)
    length = rng.choice(len(chance), len(start), p=drawn) + 1
    deleted, copied = (rng.random(len(start)) < share for share in (mix.deletions, mix.tandem))
    composed = np.take_along_axis(codes, rng.integers(0, codes.shape[1], (len(start), len(chance))), 1)
    behind = np.where((deleted | copied)[:, None], codes[:, reach : reach + len(chance)], composed)
    rows = []

    def fetch(name: str, low: int, high: int) -> str:
        return genome_fasta.fetch(fasta, name, low, high).decode()

    for name, at, text, bases, gone in zip(
        chrom, start.tolist(), map(seq.decode, behind), length, deleted, strict=True
    ):
        first, changed = normalise.leftmost(name, at, text[:bases], fetch)
        rows.append((name, first, *((changed, "") if gone else ("", changed))))
    table = pd.DataFrame(rows, columns=["chrom", "start", "ref", "alt"])
    table = table.assign(weight=(chance[length - 1] / drawn[length - 1])).drop_duplicates(ignore_index=True)
    return table.head(number)

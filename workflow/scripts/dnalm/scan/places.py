"""Where a scan is scored: the bins of the places that were held out, and nothing that the model was taught on."""

from pathlib import Path

import numpy as np
import pandas as pd

from dnalm.dna import bigwig
from dnalm.dna import splits as dna_splits
from dnalm.dna.place import contigs, place
from dnalm.errors import InputError, UsageError
from dnalm.genome import corpus, holdout
from dnalm.genome import fasta as genome_fasta
from dnalm.scan import scorecard
from dnalm.targets import baselines as targets_baselines


def held_out(genome: Path, sizes: dict[str, int], regions: list[str] | None, about: dict) -> list[str]:
    """The places to score on."""
    if regions:
        return holdout.resolve({"test": regions}, sizes, genome / "chrom.sizes")["test"]
    same = of_its_target(genome, about)
    test = of_split(genome, about, "test")
    found = [one for one in test if place(one).contig in sizes]
    if not found and not same and about:
        return list(sizes)
    if not found:
        named = f" (test has {', '.join(test[:5])}, which it lacks)" if test else ""
        raise UsageError(f"{genome}: no place to score on{named}: give --regions, or a test split in its preset")
    return found


def of_its_target(genome: Path, about: dict) -> bool:
    """Whether a split.json speaks of this genome."""
    return bool(about) and about["genome"] == corpus.describe(genome)["name"]


def of_split(genome: Path, about: dict, split: str) -> list[str]:
    """The places of a split: the target's on its own genome, the genome's own on another."""
    source = about if of_its_target(genome, about) else corpus.describe(genome)
    return source.get("splits", {}).get(split, [])


def gather(
    path: Path,
    genome: Path,
    regions: list[str],
    truth: pd.DataFrame | None,
    blacklist: pd.DataFrame | None,
    fitted: Path | None,
    window: int,
) -> tuple[pd.DataFrame, dict[str, int], int]:
    """All bins of the regions that count, how many do not and why, and their width.

    Raises InputError where none was scanned: an empty scorecard would say nothing of that.
    """
    arrays = {} if fitted is None else targets_baselines.load(fitted)
    tables, left_out = [], {}
    with bigwig.reading(path) as signal, genome_fasta.open_fasta(genome / "genome.fa.gz") as fasta:
        step = bigwig.step_of(signal)
        for number, contig in enumerate(contigs(regions)):
            codes = genome_fasta.codes(fasta, contig, 0, fasta.get_reference_length(contig))
            if signal.chroms(contig) != len(codes):
                raise InputError(
                    f"{path}: {contig} has {signal.chroms(contig)} bp, in {genome} {len(codes)}; scan again"
                )
            here = [None if table is None else table[table.chrom == contig] for table in (truth, blacklist)]
            values = bigwig.read(signal, contig, step)
            within = inside(_bins(contig, len(codes), step), regions)
            table, lost = scorecard.contig_bins(values, codes, *here, arrays, window, step, within)
            tables.append(table.assign(contig=number))
            left_out = {reason: left_out.get(reason, 0) + lost.get(reason, 0) for reason in {**left_out, **lost}}
    bins = pd.concat(tables, ignore_index=True)
    if bins.empty and set(left_out) == {"not_scanned"}:
        raise InputError(
            f"{path}: got no value at the places to score on ({', '.join(regions[:5])}), wanted a scan of one of them; "
            "name its contig under scan: contigs in the target's preset"
        )
    return bins, left_out, step


def _bins(contig: str, length: int, step: int) -> pd.DataFrame:
    starts = np.arange(bigwig.bins_of(length, step)) * step
    return pd.DataFrame({"chrom": contig, "start": starts, "end": np.minimum(starts + step, length)})


def inside(places: pd.DataFrame, regions: list[str]) -> np.ndarray:
    """Whether each place lies whole in one of the regions."""
    return dna_splits.split_of(places.chrom, places.start, places.end, {"test": regions}) == "test"


def prevalence(
    genome: Path, about: dict, truth: pd.DataFrame, blacklist: pd.DataFrame | None, step: int
) -> float | None:
    """Share of positive bins at the validation places, which are not scored; None where there are none."""
    regions, labels = of_split(genome, about, "validation"), []
    with genome_fasta.open_fasta(genome / "genome.fa.gz") as fasta:
        for contig in contigs(one for one in regions if place(one).contig in fasta.references):
            codes = genome_fasta.codes(fasta, contig, 0, fasta.get_reference_length(contig))
            here = [None if table is None else table[table.chrom == contig] for table in (truth, blacklist)]
            nothing = np.zeros(bigwig.bins_of(len(codes), step), np.float32)  # only which bins are bound is asked
            within = inside(_bins(contig, len(codes), step), regions)
            labels.append(scorecard.contig_bins(nothing, codes, *here, {}, step, step, within)[0].label.to_numpy())
    return float(np.concatenate(labels).mean()) if sum(map(len, labels)) else None

"""What a scan is scored on: bins and maxima of the places that were held out, and of nothing else."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from dnalm.dna import bigwig
from dnalm.dna.place import contigs, place
from dnalm.errors import InputError
from dnalm.genome import fasta as genome_fasta
from dnalm.scan import beside, calling, held, scorecard


class Gathered(NamedTuple):
    """Bins that count, how many do not and why, their width, the local maxima of each baseline's signal, contigs.

    A bin's `contig` is its number among `contigs`. Bins that count only where any overlap does are `ambiguous`.
    """

    bins: pd.DataFrame
    left_out: dict[str, int]
    step: int
    maxima: dict[str, pd.DataFrame]
    contigs: list[str]


def gather(
    path: Path,
    genome: Path,
    regions: list[str],
    also: list[str],
    truth: pd.DataFrame | None,
    blacklist: pd.DataFrame | None,
    baselines: Path | None,
    window: int,
) -> Gathered:
    """The bins of the regions that count, and the maxima there and in the places of `also` of the folder `baselines`.

    Raises InputError where none of the regions was scanned: an empty scorecard would say nothing of that.
    """
    tables, left_out, maxima = [], {}, {}
    with (
        bigwig.reading(path) as signal,
        genome_fasta.open_fasta(genome / "genome.fa.gz") as fasta,
        beside.reading(baselines, genome, [*regions, *also], window, step := bigwig.step_of(signal)) as said,
    ):
        names = contigs([*regions, *also])
        for number, contig in enumerate(names):
            if contig not in signal.chroms() and contig not in contigs(regions):
                continue
            codes = genome_fasta.codes(fasta, contig, 0, fasta.get_reference_length(contig))
            if signal.chroms(contig) != len(codes):
                raise InputError(
                    f"{path}: {contig} has {signal.chroms(contig)} bp, in {genome} {len(codes)}; scan again"
                )
            here = [None if table is None else table[table.chrom == contig] for table in (truth, blacklist)]
            values = bigwig.read(signal, contig, step)
            tracks = said(contig, len(codes))
            for name, track in tracks.items():
                maxima.setdefault(name, []).append(calling.of_track(track, contig, len(codes), step, window))
            within = held.bins_inside(contig, len(codes), step, regions)
            table, lost = scorecard.contig_bins(values, codes, *here, tracks, step, within)
            tables.append(table.assign(contig=number))
            left_out = {reason: left_out.get(reason, 0) + lost.get(reason, 0) for reason in {**left_out, **lost}}
    bins = pd.concat(tables, ignore_index=True)
    if bins.empty and set(left_out) == {"not_scanned"}:
        raise InputError(
            f"{path}: got no value at the places to score on ({', '.join(regions[:5])}), wanted a scan of one of them; "
            "name its contig under scan: contigs in the target's preset"
        )
    return Gathered(bins, left_out, step, {name: pd.concat(found) for name, found in maxima.items()}, names)


def at_validation(
    path: Path, genome: Path, about: dict, truth: pd.DataFrame | None, blacklist: pd.DataFrame | None, step: int
) -> pd.DataFrame:
    """The bins of the validation places that count (label, model), which are not scored; NaN where none was scanned.

    Without a `truth` there is none.
    """
    regions = [] if truth is None else held.of_split(genome, about, "validation")
    found = [pd.DataFrame({"label": [], "model": []})]
    with bigwig.reading(path) as signal, genome_fasta.open_fasta(genome / "genome.fa.gz") as fasta:
        for contig in contigs(one for one in regions if place(one).contig in fasta.references):
            codes = genome_fasta.codes(fasta, contig, 0, fasta.get_reference_length(contig))
            here = [None if table is None else table[table.chrom == contig] for table in (truth, blacklist)]
            nothing = np.zeros(bigwig.bins_of(len(codes), step), np.float32)  # whether it was scanned is not asked
            within = held.bins_inside(contig, len(codes), step, regions)
            table, _ = scorecard.contig_bins(nothing, codes, *here, {}, step, within)
            scanned = contig in signal.chroms()
            values = bigwig.read(signal, contig, step) if scanned else np.full(len(nothing), np.nan, np.float32)
            found.append(table.assign(model=values[table.start // step])[~table.ambiguous][["label", "model"]])
    return pd.concat(found, ignore_index=True).astype({"label": bool, "model": float})

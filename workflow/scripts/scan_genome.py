"""Score a genome window by window with a fine-tuned model and write the signal as a bigWig."""

import dnalm.startup

from pathlib import Path
from typing import Literal

from dnalm import cli
from dnalm.cli import Input, Output
from dnalm.dna import bigwig, intervals
from dnalm.genome import fasta as genome_fasta
from dnalm.logs import log
from dnalm.networks import scorer
from dnalm.scan import null as scan_null
from dnalm.scan import tracks as scan_tracks


def main(
    *,
    genome: Input,
    model: Input,
    out_signal: Output,
    out_null: Output,
    window: int,
    stride: int = 50,
    mode: Literal["auto", "tiles", "windows"] = "auto",
    contigs: list[str] | None = None,
    null_windows: int = 20_000,
    seed: int = 0,
) -> None:
    """One value a `stride`-wide bin: the mean probability of the windows that cover it, both strands averaged.

    Each base is read once a strand, in long tiles (`mode` tiles), by a model that was trained on windows with the bases
    beside them; another is asked of each window by itself (windows). `contigs` are whole ones or regions,
    contig:start-end (0-based, half-open); all where left out. Windows with more than a tenth of N are left out, and
    bins that no window covers have no value. The null is the same scan of dinucleotide-shuffled pieces of the same
    genome: the peaks it has where there is nothing to see.
    """
    read, beside = reader(model, mode, "windows")
    fasta = genome_fasta.open_fasta(genome / "genome.fa.gz")
    sizes = intervals.read_sizes(genome / "chrom.sizes")
    places = scan_tracks.chosen(contigs, sizes, genome / "chrom.sizes")
    tracks = scan_tracks.along(fasta, sizes, places, read, window, stride, beside)
    if short := [one.end - one.start for one in places if one.end - one.start < window]:
        log.info(f"{len(short):,} places ({sum(short):,} bp) are shorter than the window and have no value")
    bigwig.write(out_signal, sizes, tracks, stride)
    quiet, _ = reader(model, mode, None)  # the null tells its own progress
    null = scan_null.null_scores(fasta, places, quiet, window, stride, null_windows, seed)
    scan_null.write_null(out_null, null)
    log.info(f"scanned {sum(map(len, tracks.values())):,} bins of {stride} bp in {len(tracks)} contigs")


def reader(model: Path, mode: str, what: str | None) -> tuple[scan_tracks.Read, int]:
    """How a stretch is read by the model in a folder, and how many bases beside it are."""
    tiles = None if mode == "windows" else scorer.load_tiles(model, needed=mode == "tiles", what=what)
    return tiles or (scan_tracks.by_window(scorer.load_classifier(model, what=what)), 0)


if __name__ == "__main__":
    cli.run(main)

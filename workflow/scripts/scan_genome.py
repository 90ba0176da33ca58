"""Score a genome window by window with a fine-tuned model and write the signal as a bigWig."""

import dnalm.startup

import shutil
from pathlib import Path

from dnalm import cli
from dnalm.cli import Input, Output
from dnalm.dna import bigwig, motifs
from dnalm.dna.meme import read_meme
from dnalm.logs import log
from dnalm.scan import null as scan_null
from dnalm.scan import shares as scan_shares
from dnalm.scan import tracks as scan_tracks
from dnalm.scan.shares import Mode


def main(
    *,
    genome: Input,
    model: Input,
    out_signal: Output,
    out_null: Output,
    window: int,
    stride: int = 50,
    mode: Mode = "auto",
    contigs: list[str] | None = None,
    shares: list[Input] | None = None,
    motif: Input | None = None,
    motif_name: str | None = None,
    null_windows: int = 20_000,
    checkpoints: Path | None = None,
    seed: int = 0,
) -> None:
    """One value a `stride`-wide bin: the mean probability of the windows that cover it, both strands averaged.

    Each base is read once a strand, in long tiles (`mode` tiles), by a model that was trained on windows with the bases
    beside them; another is asked of each window by itself (windows). `contigs` are whole ones or regions,
    contig:start-end (0-based, half-open); all where left out. Windows with more than a tenth of N are left out, and
    bins that no window covers have no value. The null is the same scan of dinucleotide-shuffled pieces of the same
    genome: the peaks it has where there is nothing to see; with a `motif` (MEME) also of as many pieces of which only
    what matches it is shuffled.
    What `scan_share` left in `shares` is put together. What is scanned here is kept in `checkpoints`, piece by piece,
    until the signal is written, and not scanned again after a kill.
    """
    work = scan_shares.work(genome, model, window, stride, mode, contigs)
    kept = scan_shares.folder(checkpoints, Path(__file__), work)
    reading = scan_shares.reader(work)
    said = scan_shares.gathered(shares, work) if shares else scan_shares.scanned(work, reading, kept)
    if short := [one.end - one.start for one in work.spans if not one.windows]:
        log.info(f"{len(short):,} places ({sum(short):,} bp) are shorter than the window and have no value")
    tracks = scan_tracks.along(work.spans, said, work.sizes, window, stride)
    bigwig.write(out_signal, work.sizes, tracks, stride)
    given = (work.fasta, work.places, reading[0], window, stride, null_windows, seed)
    null = {scan_null.SHUFFLED: scan_null.null_scores(*given)}
    if motif:
        make = scan_null.decoys(motifs.log_odds(read_meme(motif, motif_name)))
        null[scan_null.DECOYS] = scan_null.null_scores(*given, make, "decoys")
    scan_null.write_null(out_null, null)
    log.info(f"scanned {sum(map(len, tracks.values())):,} bins of {stride} bp in {len(tracks)} contigs")
    if kept:
        shutil.rmtree(kept, ignore_errors=True)


if __name__ == "__main__":
    cli.run(main)

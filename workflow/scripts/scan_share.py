"""Scan one of several shares of a genome, for `scan_genome` to put together: a job of its own on a cluster."""

import dnalm.startup

import shutil
from pathlib import Path

from dnalm import cli
from dnalm.cli import Input, Output
from dnalm.logs import log
from dnalm.networks import shares as networks_shares
from dnalm.scan import shares as scan_shares
from dnalm.scan.shares import Mode


def main(
    *,
    genome: Input,
    model: Input,
    out: Output,
    window: int,
    share: int,
    shares: int,
    stride: int = 50,
    mode: Mode = "auto",
    contigs: list[str] | None = None,
    checkpoints: Path | None = None,
) -> None:
    """Write what a model says of the windows of share number `share`, from 1, of `shares` of the same size.

    The other options are those of `scan_genome`, which finds the same bits whether there are one share or fifty.
    """
    networks_shares.check(share, shares)
    work = scan_shares.work(genome, model, window, stride, mode, contigs)
    kept = scan_shares.folder(checkpoints, Path(__file__), work)
    said = scan_shares.scanned(work, scan_shares.reader(work), kept, share, shares)
    scan_shares.write(out, said, work, share, shares)
    log.info(f"scanned {len(said):,} windows, share {share} of {shares}")
    if kept:
        shutil.rmtree(kept, ignore_errors=True)


if __name__ == "__main__":
    cli.run(main)

"""Compare the constraint track of a personal genome with that of its reference, variant by variant."""

import dnalm.startup

import pandas as pd

from dnalm import cli, files
from dnalm.cli import Input, Output
from dnalm.dna import chain as dna_chain
from dnalm.logs import log
from dnalm.scan import constraint_changes


def main(
    *,
    signal: Input,
    personal: Input,
    chain: Input,
    variants: Input,
    out: Output,
    out_summary: Output,
    flank: int = 50,
    places: int = 20_000,
    window: int = constraint_changes.AWAY,
    seed: int = 0,
) -> None:
    """Write a row for each variant: mean log p of the --flank bases on either side, in both genomes, and of its own.

    --signal and --personal are the tracks of log p (track_constraint), made in windows of --window bases. `difference`
    is personal less reference: below 0, the variant makes its neighbours less expected. `moved` is one behind an
    insertion or deletion, or one itself: windows stand elsewhere there, and `beyond_phase` is one greater than 99 in
    100 of those at such of the --places drawn where no variant is near. Where windows stand as in the reference it is
    any difference. `others` counts the other variants among the neighbours.
    """
    chains = {one.contig: one for one in dna_chain.read(chain)}
    applied = pd.read_csv(variants, sep="\t", keep_default_na=False, dtype={"chrom": str})
    table, report = constraint_changes.compare((signal, personal), chains, applied, flank, places, seed, window)
    files.write_table(out, table)
    files.write_json(out_summary, report)
    tell(report)


def tell(report: dict) -> None:
    """Log the counts, what phase does, and the variants that change most."""
    for name in ("all", "alone"):
        one = report[name]
        words = "variants" if name == "all" else f"with no other within {report['flank']} bases"
        if one["variants"]:
            log.info(
                f"{one['variants']:,} {words}: {one['beyond_phase']:,} change their neighbours by more than phase, "
                f"{one['lower']:,} of them to less expected; median {one['sizes'][0]:.4f}, mean {one['mean']:+.4f}"
            )
    for name, words in (("still", "stand as in the reference"), ("moved", "stand elsewhere")):
        one = report["away"][name]
        if one["places"]:
            log.info(
                f"no variant near, windows {words}: {one['places']:,} places differ by {one['largest']:.4f} at most"
            )
    if (spread := report["away"]["spread"]) is not None:
        log.info(f"along the genome the same mean has a standard deviation of {spread:.4f}")
    log.info("largest: " + ", ".join(report["largest"][:5]))


if __name__ == "__main__":
    cli.run(main)

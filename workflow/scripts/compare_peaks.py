"""Compare the peaks of a personal genome with those of its reference: gained, lost, changed, and by which variants."""

import dnalm.startup

from pathlib import Path

import pandas as pd

from dnalm import cli, files, texts
from dnalm.cli import Input, Output
from dnalm.dna import chain as dna_chain
from dnalm.errors import InputError
from dnalm.logs import log
from dnalm.scan import compare, held


def main(
    *,
    signal: Input,
    personal: Input,
    calling: Input,
    chain: Input,
    variants: Input,
    genome: Input,
    split: Input,
    config: Input,
    out: Output,
    out_counts: Output,
    window: int,
) -> None:
    """Write a table of all peaks of either genome, in the reference's coordinates, and their counts (JSON).

    Both signals are called at the cutoff of --calling, the reference's own (calling.json of call_peaks). A height is
    the highest of a summit's bin and its neighbours, in either genome. `lost` is a peak whose place in the personal
    genome is below the cutoff, `gained` one whose place in the reference is, `changed` one that both have, over a
    variant, and whose heights differ by more than the phase of the bins explains (`beyond_phase`). --variants are those
    applied, and --chain leads back; `split` says where a summit lies, by --split, the split.json of the model that
    scanned. Its --config says how many bases beside a window it reads, which a variant may lie in, too.
    """
    cutoff = cutoff_of(calling)
    chains = {one.contig: one for one in dna_chain.read(chain)}
    applied = pd.read_csv(variants, sep="\t", keep_default_na=False, dtype={"chrom": str})
    beside = texts.read_json(config).get("margin", 0)
    table, report = compare.compare((signal, personal), chains, applied, cutoff, window, beside)
    table["split"] = held.split_of(table, genome, texts.read_json(split))
    moved = table[table.kind != "shared"]
    report["splits"] = {name: part.kind.value_counts().to_dict() for name, part in moved.groupby("split")}
    files.write_table(out, table[compare.COLUMNS])
    files.write_json(out_counts, report)
    tell(report)


def cutoff_of(calling: Path) -> float:
    """The height at which the reference's peaks were called."""
    about = texts.read_json(calling)
    cutoff = about[about["by"]]["cutoff"]
    if cutoff is None:
        raise InputError(
            f"{calling}: no peak was called on the reference, so there is no cutoff to compare at; raise fdr under "
            "calling in the target's preset"
        )
    return cutoff


def tell(report: dict) -> None:
    """Log the counts, the check of the method, and what chance would do."""
    found, away = report["peaks"], report["away"]
    for name, words in (("all", "all peaks"), ("beyond_phase", "over variants and beyond phase")):
        log.info(f"{words}: " + ", ".join(f"{number:,} {kind}" for kind, number in found[name].items()))
    for name, words in (("in_phase", "bins stand as in the reference"), ("shifted", "bins stand elsewhere")):
        one = away[name]
        if one["peaks"]:
            log.info(
                f"no variant near, {words}: {one['differ']:,} of {one['peaks']:,} peaks differ in height by more than "
                f"{compare.SAME} (at most {one['largest']:.4f}), {one['flipped']:,} are gained or lost"
            )
    chance = report["by_chance"]
    if chance["flipped"] is not None:
        log.info(f"of {chance['peaks']:,} peaks over variants phase alone would flip {chance['flipped']:.1f}")


if __name__ == "__main__":
    cli.run(main)

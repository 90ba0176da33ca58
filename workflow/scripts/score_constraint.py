"""Score a constraint track by the genes of its genome, beside chains of its bases, GC and CpG."""

import dnalm.startup

from contextlib import ExitStack

import numpy as np
import pandas as pd

from dnalm import cli, files
from dnalm.cli import Input, Output
from dnalm.dna import assembly, bigwig, intervals
from dnalm.dna import splits as dna_splits
from dnalm.genome import corpus, markov
from dnalm.genome import fasta as genome_fasta
from dnalm.genome import genes as genome_genes
from dnalm.logs import log
from dnalm.scan import constraint, elements
from dnalm.scan import constraint_scorecard as scorecard

HELD_OUT = ("validation", "test")
NOTHING = {"parts": {}, "held_out": {}, "profile": None}


def main(
    *,
    log_probability: Input,
    entropy: Input,
    llr: Input,
    genome: Input,
    genes: Input | None = None,
    trained_on: list[str] | None = None,
    max_outside: float = assembly.MOST_OUTSIDE,
    seed: int = 0,
    out: Output,
) -> None:
    """AUROC of coding parts, exons, start codons and splice sites against matched places between genes.

    --genes is GTF, GFF3 or BED12; without it the scorecard says so. --trained-on names the genomes that the model was
    pretrained on: where this one is among them only what it holds out was not seen, and is told apart. Places that the
    genome's splits exclude are not scored, nor those that lie in two splits. Where no gene lies on what is left, as may
    be on a part of a genome, the scorecard says so, too.
    """
    rng = np.random.default_rng(seed)
    about, sizes = corpus.describe(genome), intervals.read_sizes(genome / "chrom.sizes")
    labels = {name: track.label for name, track in constraint.TRACKS.items()} | scorecard.BASELINES
    seen = None if trained_on is None else about["name"] in trained_on
    card = {"genome": about["name"], "seen": seen, "labels": labels}
    if genes is None:
        files.write_json(out, card | {"reason": "no genes are given"} | NOTHING)
        return
    parts = genome_genes.read(genes, sizes, most_outside=max_outside)
    splits = about.get("splits", {})
    chosen = elements.pieces(parts[split_of(parts, splits) != "exclude"], rng)
    chosen = chosen[elements.scored(chosen, splits)]
    if chosen.empty:
        log.info(f"{genes}: no gene lies on what is scored of {genome}: its contigs, less what its splits exclude")
        files.write_json(out, card | {"reason": "no gene lies on what is scored"} | NOTHING)
        return
    longest = markov.fit([genome], max(scorecard.ORDERS))
    chains = {order: markov.shorter(longest, order) for order in scorecard.ORDERS}
    paths, tables, sums, number = {"log_probability": log_probability, "entropy": entropy, "llr": llr}, [], {}, 0
    of_contig = dict(list(parts.groupby("chrom")))
    with ExitStack() as stack:
        fasta = stack.enter_context(genome_fasta.open_genome(genome))
        signals = {name: stack.enter_context(bigwig.reading(path)) for name, path in paths.items()}
        for contig, rows in chosen.groupby("chrom", sort=False):
            codes, here = genome_fasta.codes(fasta, contig, 0, sizes[contig]), of_contig[contig]
            tracks = {name: bigwig.read(signal, contig, 1) for name, signal in signals.items()}
            tracks |= scorecard.base_tracks(codes, chains)
            tables.append(scorecard.of_contig(elements.compared(rows, here, codes, rng, splits), tracks))
            shape = {name: tracks[name] for name in (*paths, f"chain_{max(scorecard.ORDERS)}")}
            starts = here[(here.kind == "start codon") & elements.scored(here, splits)]
            found, many = scorecard.profile(starts, shape)
            sums, number = {name: sums.get(name, 0) + found[name] for name in found}, number + many
            log.info(f"{contig}: {len(rows):,} parts")
    table = pd.concat(tables, ignore_index=True)
    known = table[table.drop(columns=["strand"]).notna().all(axis=1)]
    profile = {name: (values / number).tolist() for name, values in sums.items()} if np.min(number) > 0 else None
    card |= {
        "reason": "",
        "left_out": {"parts": len(chosen) - int(known.label.sum()), "of": len(chosen)},
        "parts": scorecard.assess(known, seed),
        "held_out": scorecard.assess(known[np.isin(split_of(known, splits), HELD_OUT)], seed),
        "profile": profile and {"side": scorecard.SIDE, "codons": int(np.min(number)), "values": profile},
    }
    files.write_json(out, card)
    for kind, found in card["parts"].items():
        best = found["auroc"][found["best_baseline"]]["value"]
        log.info(
            f"{kind}: log p AUROC {found['auroc']['log_probability']['value']:.3f}, best chain or share {best:.3f}"
        )


def split_of(table: pd.DataFrame, splits: dict) -> np.ndarray:
    """The split of each place (chrom start end)."""
    return dna_splits.split_of(table.chrom, table.start, table.end, splits)


if __name__ == "__main__":
    cli.run(main)

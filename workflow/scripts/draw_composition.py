"""Draw whether generated DNA looks like the genome without being a copy of it."""

import dnalm.startup

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import NullFormatter

from dnalm import cli
from dnalm.cli import Input, Output
from dnalm.figures import style

COLOURS = {"generated": style.BLUE, "genome": style.INK, "markov": style.ORANGE}
NAMES = {"generated": "generated", "genome": "genome", "markov": "Markov chain"}


def main(*, composition: Input, summary: Input, novelty: Input, out: Output, k: int = 6) -> None:
    """Draw GC content, the `k`-mers of generated and of Markov DNA against the genome's, and the longest matches."""
    kmers = style.read_table(composition, ["k", "kmer", "generated", "genome", "markov"])
    sequences = style.read_table(novelty, ["gc", "longest_match", "length"])
    report = style.read_json(summary)
    with style.figure(out, 15, 4.5) as figure:
        gc_panel, left, right, copies = figure.subplots(1, 4)
        gc(gc_panel, sequences, report.get("gc") or {})
        divergence = (report.get("divergence") or {}).get(str(k)) or {}
        for axes, name in ((left, "generated"), (right, "markov")):
            spectrum(axes, kmers[kmers.k == k], name, divergence)
        matches(copies, sequences, report)


def gc(axes: Axes, sequences: pd.DataFrame, spreads: dict) -> None:
    """GC content of the generated sequences; above them mean and standard deviation of each sample."""
    values = sequences.gc.dropna()
    if values.empty:
        style.say(axes, "not defined: no sequence has a known base")
        return
    axes.hist(values, bins=20, color=style.BLUE, alpha=0.75)
    top = axes.get_ylim()[1]
    for rank, name in enumerate(("markov", "genome", "generated")):
        spread = spreads.get(name) or {}
        if style.known(spread.get("mean")):
            label = f"{NAMES[name]}, mean {spread['mean']:.3f} ± {spread['sd']:.3f}"
            axes.errorbar(
                spread["mean"], top * (1.06 + 0.08 * rank), xerr=spread["sd"], fmt="o", color=COLOURS[name], label=label
            )
    axes.set(xlabel="GC content", ylabel=f"sequences, of {len(sequences):,}")
    axes.set_title("GC content")
    style.legend_below(axes)


def spectrum(axes: Axes, kmers: pd.DataFrame, name: str, divergence: dict) -> None:
    """Share of each k-mer in one sample against the genome, logarithmic; those with CpG, rare in many genomes, apart.

    A k-mer that a sample lacks is drawn at half the least share seen.
    """
    x, y = kmers.genome.to_numpy(float), kmers[name].to_numpy(float)
    seen = np.concatenate([x[x > 0], y[y > 0]])
    if not len(seen):
        style.say(axes, "not defined: no k-mer was counted")
        return
    least, most = seen.min() / 2, seen.max() * 1.5
    x, y = np.maximum(x, least), np.maximum(y, least)
    axes.plot([least, most], [least, most], color=style.FAINT, linestyle="--", linewidth=1)
    cpg = kmers.kmer.str.contains("CG").to_numpy()
    for held, colour, label in ((~cpg, style.BLUE, "without CpG"), (cpg, style.VERMILION, "with CpG")):
        label = f"{label}, n {held.sum():,}"
        axes.scatter(x[held], y[held], s=5, color=colour, alpha=0.35, linewidth=0, label=label, rasterized=True)
    axes.set(xscale="log", yscale="log", xlim=(least * 0.8, most), ylim=(least * 0.8, most))
    width = len(kmers.kmer.iloc[0])
    axes.set(xlabel=f"share of {width}-mer in the genome", ylabel=f"share in {NAMES[name]} DNA")
    axes.set_title(f"{NAMES[name]}: {bits(divergence.get(f'{name}_vs_genome'))}".capitalize())
    axes.plot([], [], " ", label=f"genome against itself: {bits(divergence.get('genome_vs_genome'))}")
    style.legend_below(axes, marker=2.5)


def bits(value: float | None) -> str:
    """A Jensen-Shannon divergence as text."""
    return f"divergence {value:.4f} bits" if style.known(value) else "divergence not defined"


def matches(axes: Axes, sequences: pd.DataFrame, report: dict) -> None:
    """Longest exact match of each generated sequence to a genome, beside what a Markov chain's DNA has by chance."""
    if sequences.empty:
        style.say(axes, "not defined: there is no sequence")
        return
    longest, length = sequences.longest_match, sequences.length.median()
    edges = np.geomspace(max(longest.min(), 1) * 0.95, max(longest.max(), 2) * 1.05, 25)
    label = f"generated, median {longest.median():,.0f} bp, most {longest.max():,.0f} bp"
    axes.hist(longest, bins=edges, color=style.BLUE, alpha=0.75, label=label)
    chance = (report.get("longest_match") or {}).get("markov") or {}
    if style.known(chance.get("median")):
        label = f"Markov chain, median {chance['median']:,.0f} bp, most {chance['max']:,.0f} bp"
        axes.axvspan(chance["median"], chance["max"], color=style.ORANGE, alpha=0.25, linewidth=0)
        axes.axvline(chance["median"], color=style.ORANGE, label=label)
    axes.axvline(length, color=style.INK, linestyle="--", linewidth=1, label=f"whole sequence, {length:,.0f} bp")
    axes.set_xscale("log")
    axes.xaxis.set_minor_formatter(NullFormatter())  # figures inside a decade overlap
    axes.set(xlabel="longest match to a genome (bp)", ylabel=f"sequences, of {len(sequences):,}")
    axes.set_title("Longest match")
    style.legend_below(axes)


if __name__ == "__main__":
    cli.run(main)

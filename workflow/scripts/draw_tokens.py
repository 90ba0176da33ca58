"""Draw what a tokenizer made of a corpus: how often its tokens occur, how long they are, and their GC content."""

import dnalm.startup

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from dnalm import cli
from dnalm.cli import Input, Output
from dnalm.figures import style


def main(*, counts: Input, summary: Input, out: Output) -> None:
    """Draw counts.tsv of a token store (token, count, bases, gc), with the figures of its summary.json above.

    A vocabulary is wasted where most of it is rare, and short tokens leave a model's window short.
    """
    table = style.read_table(counts, ["token", "count", "bases", "gc"])
    about = style.read_json(summary)
    used = table[(table["count"] > 0) & (table.bases > 0)]
    with style.figure(out, 12.6, 4.6) as figure:
        frequency, length, composition = figure.subplots(1, 3)
        draw_frequency(frequency, used)
        draw_lengths(length, used)
        draw_gc(composition, used)
        figure.suptitle(heading(about), x=0.01, ha="left")


def heading(about: dict) -> str:
    """The store in one line."""
    return (
        f"{about['tokens']:,} tokens of {about['bases_per_token']:.2f} bases; {about['tokens_used']:,} of "
        f"{about['vocabulary']:,} ids used, {100 * about['unknown_share']:.2g} % unknown; "
        f"{about['entropy_bits_per_base']:.3f} bits per base from frequencies alone"
    )


def draw_frequency(axes: Axes, used: pd.DataFrame) -> None:
    """Share of all tokens by rank, both on log scales: a straight line is Zipf's law."""
    if used.empty:
        style.say(axes, "not defined: there is no token")
        return
    share = np.sort(used["count"].to_numpy(float))[::-1] / used["count"].sum()
    axes.loglog(np.arange(1, len(share) + 1), share, color=style.BLUE, marker=".", markersize=3, linewidth=1)
    axes.set(xlabel="rank of the token", ylabel="share of all tokens", title="Frequency")
    axes.grid(axis="y")


def draw_lengths(axes: Axes, used: pd.DataFrame) -> None:
    """Share of the tokens of the corpus, and of the vocabulary, by length in bases."""
    if used.empty:
        style.say(axes, "not defined: there is no token")
        return
    longest = int(used.bases.max())
    lengths = np.arange(1, longest + 1)
    running = np.bincount(used.bases, used["count"], longest + 1)[1:] / used["count"].sum()
    words = np.bincount(used.bases, minlength=longest + 1)[1:] / len(used)
    axes.bar(lengths - 0.2, running, 0.4, color=style.BLUE, label="tokens of the corpus")
    axes.bar(lengths + 0.2, words, 0.4, color=style.ORANGE, label="words of the vocabulary")
    axes.set(xlabel="bases of the token", ylabel="share", title="Length")
    axes.set_xlim(0.3, min(longest, 24) + 0.7)
    if longest > 24:
        axes.set_xlabel(f"bases of the token (longest {longest}, not all shown)")
    style.legend_below(axes)


def draw_gc(axes: Axes, used: pd.DataFrame) -> None:
    """GC content of each token by how often it occurs: which words are rare, and whether they are CpG-rich."""
    if used.empty:
        style.say(axes, "not defined: there is no token")
        return
    cpg = used.token.str.contains("CG", regex=False)
    jitter = np.random.default_rng(0).uniform(-0.015, 0.015, len(used))
    for mask, colour, label in ((~cpg, style.BLUE, "without CpG"), (cpg, style.VERMILION, "with CpG")):
        axes.scatter(used.gc[mask] + jitter[mask], used["count"][mask], s=5, color=colour, alpha=0.6, label=label)
    axes.set_yscale("log")
    axes.set(xlabel="GC content of the token", ylabel="occurrences", title="Composition")
    style.legend_below(axes)


if __name__ == "__main__":
    cli.run(main)

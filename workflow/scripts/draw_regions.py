"""Draw three stretches of a scan as a genome browser does, model and baselines one above the other."""

import dnalm.startup

import numpy as np
import pandas as pd

from dnalm import cli
from dnalm.cli import Input, Output
from dnalm.dna import intervals
from dnalm.figures import browser, gene_track, style
from dnalm.figures.browser import Region, Track
from dnalm.scan import peaks
from dnalm.targets import baselines, replicates

LOOKS = style.beside_model(baselines.BASELINES, baselines.in_order())
TOLERANCE = 100  # bp between a called and a true summit, where the scorecard does not say
COVERED = 0.8  # of a stretch, that has bins


def main(
    *,
    bins: Input,
    called: Input,
    scorecard: Input,
    genome: Input,
    out: Output,
    truth: list[Input] | None = None,
    bound_in: str = "any",
    genes: Input | None = None,
    span: int = 20_000,
    seed: int = 0,
) -> None:
    """Draw the `span` bp of held-out places where the calls are best, where they are worst, and some drawn by lot.

    Best are most true peaks found and fewest errors, worst most errors: true peaks not found and calls that are none.
    The third is any stretch with a true peak, or, without `truth`, with a call. Heights are those of the bins that
    `score_peaks` wrote, the model's and each baseline's up to its own highest. `genes` is a BED file, BED12 for exons.
    """
    table = style.read_table(bins, ("chrom", "start", "end", "model"))
    sizes = intervals.read_sizes(genome / "chrom.sizes")
    calls, tolerance = peaks.read_called(called), style.read_json(scorecard)["peaks"].get("tolerance") or TOLERANCE
    sites = known = None
    if truth:
        sites, known, _ = replicates.truth(truth, bound_in, sizes, tolerance, 1)
    calls["hit"] = True if sites is None else peaks.match(calls, sites, tolerance)
    counted = counts(table, calls, sites, tolerance, span)
    tracks = {"truth peaks": browser.boxes(known, 0.6)} if known is not None else {}
    tracks |= {
        look.label.replace(" ", "\n", 1): heights(table, name, look.colour) for name, look in shown(table).items()
    }
    tracks["called peaks"] = browser.boxes(calls, 0.6)
    if genes is not None:
        tracks["genes"] = gene_track.genes(gene_track.read_genes(genes, sizes))
    wanted = chosen(counted, span, seed, labelled=sites is not None)
    with style.figure(out, 13, 1.2 + len(wanted) * (1.1 + 0.48 * len(tracks))) as figure:
        grid = figure.add_gridspec(len(wanted), 1)
        for row, (name, region) in enumerate(wanted.items()):
            first = browser.stack(figure, grid[row], tracks, region)[0]
            first.set_title(f"{name}. {first.get_title(loc='left')}")
        if known is not None:
            browser.hits_legend(figure.axes[0])


def shown(table: pd.DataFrame) -> dict[str, style.Look]:
    """The model and the baselines that have a signal, as they look."""
    return {name: look for name, look in LOOKS.items() if name in table}


def heights(table: pd.DataFrame, name: str, colour: str) -> Track:
    """A method's height bin by bin, from 0 to its highest; gaps where bins are not scored."""
    top = float(f"{max(table[name].max(), 1e-6):.2g}")

    def paint(axes: browser.Axes, region: Region) -> None:
        own = browser.inside(table, *region)
        edges = np.union1d(own.start, own.end)
        values = np.full(len(edges) - 1, np.nan)  # between bins that are not scored
        values[np.searchsorted(edges, own.start)] = own[name].clip(0)
        browser.draw_signal(axes, edges, values, colour, top)

    return 1.3, paint


def counts(
    table: pd.DataFrame, calls: pd.DataFrame, sites: pd.DataFrame | None, tolerance: int, span: int
) -> pd.DataFrame:
    """Stretches of `span` bp that are covered by bins: chrom, stretch (its number), hits, wrong calls, missed peaks."""
    place = [table.chrom, table.start // span]
    covered = (table.end - table.start).groupby(place).sum().rename_axis(["chrom", "stretch"]) / span
    found = covered[covered >= min(COVERED, covered.max())].to_frame("covered")
    lost = sites if sites is None else sites[~peaks.match(sites.assign(signal=0.0), calls, tolerance)]
    parts = {"hits": calls[calls.hit], "wrong": calls[~calls.hit], "missed": lost}
    for name, one in parts.items():
        if one is None or one.empty:
            found[name] = 0
        else:
            each = one.groupby([one.chrom, one.summit // span]).size().rename_axis(["chrom", "stretch"])
            found[name] = each.reindex(found.index, fill_value=0)
    return found.reset_index()


def chosen(counted: pd.DataFrame, span: int, seed: int, *, labelled: bool) -> dict[str, Region]:
    """The best, the worst and any stretch, each once; fewer where there are not so many."""
    errors = counted.wrong + counted.missed
    something = (counted.hits + (counted.missed if labelled else 0) > 0).to_numpy()
    lots = np.random.default_rng(seed).permutation(len(counted))
    by_lot = lots[np.argsort(~something[lots], kind="stable")]
    orders = {"Best": np.lexsort((errors, -counted.hits)), "Worst": np.lexsort((-counted.hits, -errors))}
    if not labelled:
        orders = {"Most calls": orders["Best"]}
    found: dict[str, int] = {}
    for name, order in (orders | {"By lot": by_lot}).items():
        if len(left := [row for row in order if row not in found.values()]):
            found[name] = left[0]
    rows = {name: counted.iloc[row] for name, row in found.items()}
    return {name: (row.chrom, int(row.stretch) * span, int(row.stretch + 1) * span) for name, row in rows.items()}


if __name__ == "__main__":
    cli.run(main)

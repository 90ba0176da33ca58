"""How high a peak has to be: by the rate of false ones where peaks are known, or by a null where none is.

The rate is measured at the validation places and promised for the others, and for a genome where no peak is known; a
null of shuffled sequence is not the genome, and errs both ways. 0-based, half-open.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from dnalm.dna import bigwig
from dnalm.metrics import bootstrap, calibration, exact, fdr, hit_curve
from dnalm.scan import matched, peaks

LEAST_KNOWN = 20  # true peaks among the maxima of validation: fewer cannot tell a rate of one in ten from one in five
RESAMPLES = 200
KEPT = 0.5  # candidates worth a row: their rate is at most this by one of the estimates


class Estimate(NamedTuple):
    """q-values of the candidates, the facts behind them, and why there is no estimate, or ""."""

    q: np.ndarray
    facts: dict
    reason: str


def maxima(path: Path, distance: int) -> pd.DataFrame:
    """All local maxima of a signal `distance` bp or more apart: chrom, summit (middle of the bin), signal (height)."""
    with bigwig.reading(path) as signal:
        step, names = bigwig.step_of(signal), signal.chroms()
        found = [_tops(bigwig.read(signal, contig, step), length, step, distance) for contig, length in names.items()]
    summits, heights = (np.concatenate(part) for part in zip(*found, strict=True))
    contigs = np.repeat(np.arange(len(found)), [len(part[0]) for part in found])
    chrom = pd.Categorical.from_codes(contigs, list(names))  # of a large genome there are ten million
    return pd.DataFrame({"chrom": chrom, "summit": summits, "signal": heights})


def of_track(values: np.ndarray, contig: str, length: int, step: int, distance: int) -> pd.DataFrame:
    """`maxima` of one contig's values [bins]."""
    summits, heights = _tops(values, length, step, distance)
    return pd.DataFrame({"chrom": contig, "summit": summits, "signal": heights})


def _tops(values: np.ndarray, length: int, step: int, distance: int) -> tuple[np.ndarray, np.ndarray]:
    tops = peaks.local_maxima(values, distance // step)
    tops = tops[~np.isnan(values[tops])]
    return (tops * step + np.minimum((tops + 1) * step, length)) // 2, values[tops].astype(np.float64)


def judged(
    found: pd.DataFrame,
    sites: pd.DataFrame,
    listed: pd.DataFrame | None,
    tolerance: int,
    regions: list[str] | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """(hit, counts) of candidates: whether each finds a true site one to one, and whether it is scored at all.

    It is where it is clear of `listed` and finds no site that does not count: one that touches `listed`, or has its
    summit outside the `regions` (`matched.settle`). Without regions no site is outside.
    """
    found = found.astype({"chrom": object})
    around = found.assign(start=found.summit, end=found.summit + 1)
    clear = np.flatnonzero(matched.counting(around, listed, None))
    there = matched.counting(sites, listed, regions)
    apart, stays = matched.settle(found.iloc[clear].reset_index(drop=True), sites, there, tolerance)
    hit, counts = np.zeros(len(found), bool), np.zeros(len(found), bool)
    hit[clear], counts[clear] = stays & ~np.isnan(apart), stays
    return hit, counts


def by_validation(
    found: pd.DataFrame,
    counted: np.ndarray,
    sites: pd.DataFrame,
    listed: pd.DataFrame | None,
    tolerance: int,
    asked: float | None = None,
    seed: int = 0,
) -> Estimate:
    """`by_truth` of candidates (chrom summit signal split) by those of them that lie in validation."""
    known = found[found.split == "validation"].reset_index(drop=True)
    hit, clear = judged(known, sites, listed, tolerance)
    return by_truth(found, counted, known.assign(hit=hit)[clear], asked, seed)


def by_truth(found: pd.DataFrame, counted: np.ndarray, known: pd.DataFrame, asked: float | None, seed: int) -> Estimate:
    """q-values from the maxima of validation, `known` (chrom summit signal hit), for those that are `counted`.

    Where a rate is `asked` the facts hold what resamples of the validation places would have promised at its cutoff,
    5th to 95th percentile.
    """
    hits = int(known.hit.sum())
    facts = {"maxima": len(known), "true": hits}
    if hits < LEAST_KNOWN:
        reason = f"{hits} true peaks are among the maxima of validation, and {LEAST_KNOWN} are wanted"
        return Estimate(np.ones(len(found)), facts, reason)
    there = found.signal.to_numpy()[counted]
    curve = hit_curve.measured(known.signal.to_numpy(np.float64), known.hit.to_numpy(), blocks(known))
    q = _promised(curve, found, counted)
    cutoff = None if asked is None else fdr.score_cutoff(there, q[counted], asked, 0.0)
    facts["interval"] = None if cutoff is None else _interval(known, curve, there[there >= cutoff], seed)
    facts["curve"] = hit_curve.told(curve)
    return Estimate(q, facts, "")


def by_home(found: pd.DataFrame, counted: np.ndarray, home: Mapping) -> Estimate:
    """`by_truth` as it was measured on the genome that the model was taught on: `home` is calling.json of its scan.

    How often a maximum of some height is true is taken to be the same on both genomes, how many there are is not. That
    holds for planted genomes with a third of the sites, or six decoys a site, where shuffled sequence is far out.
    """
    seen = home.get("validation") or {}
    if not seen.get("curve"):
        other = "an earlier edition measured the rate there: call its peaks again" if seen.get("steps") else ""
        return Estimate(np.ones(len(found)), {}, seen.get("reason") or other or "no rate was measured there")
    q = _promised(hit_curve.as_told(seen["curve"]), found, counted)
    return Estimate(q, {key: seen[key] for key in ("maxima", "true")}, "")


def _promised(curve: hit_curve.Curve, found: pd.DataFrame, counted: np.ndarray) -> np.ndarray:
    """q-values of all candidates over those `counted`, where heights are true as often as the curve says."""
    heights = found.signal.to_numpy()
    there = heights[counted]
    return fdr.elsewhere(heights, there, fdr.expected(hit_curve.probability(curve, there), there))


def blocks(table: pd.DataFrame) -> np.ndarray:
    """The stretch of the genome that each summit (chrom, summit) is resampled with, counted from 0."""
    return bootstrap.place_blocks(pd.factorize(table.chrom)[0], table.summit.to_numpy())[0]


def _interval(known: pd.DataFrame, curve: hit_curve.Curve, called: np.ndarray, seed: int) -> list[float]:
    """What is promised of the called heights by resamples of validation's blocks, 5th and 95th percentile.

    Where these cannot tell it is at least the exact one (`exact.least`) of the maxima that the promise rests on:
    those that are as high as the lowest called one, and those that the steps take together with them. The curve's
    weight is held, and what other heights may come is not in it: of 120 drawn genomes with 25 to 100 known true maxima
    it held the true rate in 80 to 92 %.
    """
    rng = np.random.default_rng(seed)
    block = blocks(known)
    rows = [np.flatnonzero(block == number) for number in range(block.max() + 1)]
    heights, hits = known.signal.to_numpy(np.float64), known.hit.to_numpy()
    promised = []
    for _ in range(RESAMPLES):
        drawn = np.concatenate([rows[number] for number in rng.integers(0, len(rows), len(rows))])
        again = hit_curve.again(curve, heights[drawn], hits[drawn])
        promised.append(float(1 - hit_curve.probability(again, called).mean()))
    steps = curve.steps
    first = np.searchsorted(steps.probability, fdr.probability(steps, called.min()))
    rests = hits[heights >= steps.heights[first]]
    limits = exact.least(int((~rests).sum()), len(rests), len(rows), exact.NINETY)
    return exact.widened(np.array(promised), limits, exact.NINETY)


def by_null(found: pd.DataFrame, counted: np.ndarray, null: np.ndarray) -> tuple[np.ndarray, Estimate]:
    """(p, estimate) by the maxima of shuffled sequence, Benjamini-Hochberg over those that are `counted`."""
    heights = found.signal.to_numpy()
    p = fdr.tail_p_values(calibration.logit(heights), calibration.logit(null))
    q = fdr.elsewhere(heights, heights[counted], fdr.q_values(p[counted]))
    return p, Estimate(q, {"maxima": len(null)}, "")


def most_careful(estimates: list[Estimate]) -> Estimate:
    """Of each candidate the highest q-value of several."""
    maxima = sum(estimate.facts["maxima"] for estimate in estimates)
    return Estimate(np.max([estimate.q for estimate in estimates], axis=0), {"maxima": maxima}, "")

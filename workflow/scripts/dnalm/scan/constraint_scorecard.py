"""How well a constraint track tells parts of genes from matched places between them, beside what needs no model.

The same statistic is taken of Markov chains of the genome: a language model that does no better has learnt short words.
GC and CpG stand beside it. Values are turned so that high means constrained; below one half a score says the opposite.
"""

from typing import Any

import numpy as np
import pandas as pd

from dnalm.dna import seq
from dnalm.genome import markov
from dnalm.metrics import bootstrap
from dnalm.scan import elements
from dnalm.scan.constraint import TRACKS

ORDERS = (1, 3, 5)
LEAST = 20  # parts of a kind, to say anything
SIDE = 90  # bases on either side of a start codon in its profile
BASELINES = {"gc": "GC", "cpg": "CpG", **{f"chain_{order}": f"chain of order {order}" for order in ORDERS}}


def chain_track(codes: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Log p (nats) of each base of a contig by a chain, mean of both strands: float32 [L]; NaN where neither knows."""
    strands = [_one_strand(codes, counts), _one_strand(seq.reverse_complement(codes), counts)[::-1]]
    known = [~np.isnan(strand) for strand in strands]
    total = sum(np.where(there, strand, 0) for there, strand in zip(known, strands, strict=True))
    number = known[0].astype(int) + known[1]
    return np.where(number > 0, total / np.maximum(number, 1), np.nan).astype(np.float32)


def _one_strand(codes: np.ndarray, counts: np.ndarray) -> np.ndarray:
    (cost,), (known,) = markov.bits(counts, codes[None])
    found = np.full(len(codes), np.nan)
    found[len(codes) - len(cost) :] = np.where(known, -np.log(2) * cost, np.nan)
    return found


def base_tracks(codes: np.ndarray, chains: dict[int, np.ndarray]) -> dict[str, np.ndarray]:
    """The baselines base by base: G or C, a CpG, and each chain's log p; float32 [L]."""
    after = np.r_[codes[1:], seq.N]
    cpg = (codes == 1) & (after == 2)
    found = {"gc": (codes == 1) | (codes == 2), "cpg": cpg | np.r_[False, cpg[:-1]]}
    return {name: values.astype(np.float32) for name, values in found.items()} | {
        f"chain_{order}": chain_track(codes, counts) for order, counts in chains.items()
    }


def of_contig(table: pd.DataFrame, tracks: dict[str, np.ndarray]) -> pd.DataFrame:
    """Mean of each track [L] over each place (start end): the table with a column a track; NaN where one is missing."""
    start, end = table.start.to_numpy(int), table.end.to_numpy(int)
    columns = {}
    for name, values in tracks.items():
        missing = np.r_[0, np.cumsum(np.isnan(values))]
        total = np.r_[0, np.cumsum(np.nan_to_num(values), dtype=np.float64)]
        whole = missing[end] == missing[start]
        sign = TRACKS[name].sign if name in TRACKS else 1
        columns[name] = np.where(whole, sign * (total[end] - total[start]) / (end - start), np.nan)
    return table.assign(**columns)


def assess(table: pd.DataFrame, seed: int = 0) -> dict[str, Any]:
    """AUROC of each score for each kind of part (chrom start kind label, a column a score), with intervals.

    `less_best` is the paired difference to the best of the baselines on the same resamples. Kinds with fewer than
    LEAST parts are left out.
    """
    found = {}
    for kind in elements.KINDS:
        rows = table[table.kind == kind]
        if rows.label.sum() < LEAST:
            continue
        blocks, size = bootstrap.place_blocks(pd.factorize(rows.chrom)[0], rows.start.to_numpy(int))
        samples = {
            name: bootstrap.sample(rows.label.to_numpy(), rows[name].to_numpy(float), blocks, seed=seed)
            for name in (*TRACKS, *BASELINES)
        }
        scores = {name: bootstrap.summary(one, ["auroc"])["auroc"] for name, one in samples.items()}
        best = max(BASELINES, key=lambda name: scores[name]["value"] if scores[name]["value"] is not None else -1)
        less = {name: bootstrap.minus(samples[name], samples[best]) for name in TRACKS}
        found[kind] = {
            "parts": int(rows.label.sum()),
            "bases": int((rows.end - rows.start).median()),
            "block_bases": size,
            "auroc": scores,
            "best_baseline": best,
            "less_best": {name: bootstrap.summary(one, ["auroc"])["auroc"] for name, one in less.items()},
        }
    return found


def profile(starts: pd.DataFrame, tracks: dict[str, np.ndarray]) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Sums of each track [L] round the start codons (start strand) of a contig, 5' to 3': ({track: [n]}, how many [n]).

    n is 2 SIDE + 3; the codon's first base is number SIDE. Codons near an end of the contig, or near N, are left out.
    """
    length = len(next(iter(tracks.values())))
    first = starts.start.to_numpy(int)
    near = (first < SIDE) | (first + 3 + SIDE > length)
    first, minus = first[~near], (starts.strand == "-").to_numpy()[~near]
    at = first[:, None] - SIDE + np.arange(2 * SIDE + 3)
    at[minus] = at[minus][:, ::-1]
    rows = {name: values[at] for name, values in tracks.items()}
    whole = ~np.any([np.isnan(values).any(1) for values in rows.values()], axis=0) if len(at) else np.zeros(0, bool)
    sums = {name: values[whole].sum(0, dtype=np.float64) for name, values in rows.items()}
    return sums, np.full(at.shape[1], whole.sum())

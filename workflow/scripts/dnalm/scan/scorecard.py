"""The bins of a genome as a test set at natural prevalence: which count, which are positive, what baselines say.

A bin is positive where truth peaks cover at least half of it, ambiguous (and left out) where they touch less. Also left
out are bins without a signal, bins that hold N, and blacklisted ones. 0-based, half-open.
"""

from typing import Any

import numpy as np
import pandas as pd

from dnalm.dna import seq
from dnalm.metrics import bootstrap, calibration, fdr, ranking
from dnalm.targets import baselines
from dnalm.targets.baselines import BASELINES

CONTIGS = 100  # that have a row of their own
LEAST_BOUND = 50  # bins of validation, to say what a height is worth


def scanners() -> list[str]:
    """Baselines that have a signal of their own along a genome."""
    return [name for name in baselines.in_order() if BASELINES[name].track]


def covered(table: pd.DataFrame, length: int, step: int) -> np.ndarray:
    """Share of each bin of a contig that the intervals (start, end; may overlap) cover: float32 [bins]."""
    change = np.zeros(length + 1, np.int32)
    np.add.at(change, table.start.to_numpy(int).clip(0, length), 1)
    np.add.at(change, table.end.to_numpy(int).clip(0, length), -1)
    return bin_means(np.cumsum(change[:-1]) > 0, step)


def bin_means(values: np.ndarray, step: int) -> np.ndarray:
    """Mean of each bin of `step` bases, the last one over the bases it has: float32 [bins]."""
    edges = np.arange(0, len(values), step)
    return (np.add.reduceat(values, edges, dtype=np.int64) / np.diff(np.r_[edges, len(values)])).astype(np.float32)


def contig_bins(
    values: np.ndarray,
    codes: np.ndarray,
    truth: pd.DataFrame | None,
    blacklist: pd.DataFrame | None,
    tracks: dict[str, np.ndarray],
    step: int,
    inside: np.ndarray,
) -> tuple[pd.DataFrame, dict[str, int]]:
    """The bins of one contig that count: (table start label ambiguous model, a column a baseline; left out by reason).

    Only bins `inside` [bins], of the places held out, are looked at. `truth` and `blacklist` hold this contig's
    intervals; without a truth labels are all False. A baseline that has none of the `tracks` has no value. Ambiguous
    bins stay in the table, for a rule that counts them (`assess_touched`), and are counted among those left out.
    """
    length, bins = len(codes), len(values)
    share = np.zeros(bins, np.float32) if truth is None else covered(truth, length, step)
    listed = np.zeros(bins, bool) if blacklist is None else covered(blacklist, length, step) > 0
    reason = np.select(
        [np.isnan(values), bin_means(codes == seq.N, step) > 0, listed, (share > 0) & (share < 0.5)],
        ["not_scanned", "unknown_bases", "blacklist", "ambiguous"],
        "",
    )
    table = pd.DataFrame({"start": np.arange(bins) * step, "label": share >= 0.5, "ambiguous": reason == "ambiguous"})
    table["model"] = values
    for name in scanners():
        table[name] = tracks.get(name, np.full(bins, np.nan, np.float32))
    names, counts = np.unique(reason[inside & (reason != "")], return_counts=True)
    return table[inside & np.isin(reason, ("", "ambiguous"))], dict(zip(names.tolist(), counts.tolist(), strict=True))


def assess_bins(table: pd.DataFrame, left_out: dict[str, int], truth: str | None, seed: int) -> dict[str, Any]:
    """AUROC and AUPRC over all bins (contig start label model, baselines), and how true the model's probability is.

    `truth` says why there are no labels.
    """
    report: dict[str, Any] = {"n": len(table), "positives": None, "prevalence": None, "left_out": left_out}
    labels = table.label.to_numpy(bool)
    if truth is None:
        report |= {"positives": int(labels.sum()), "prevalence": float(labels.mean()) if len(table) else None}
        blocks, report["block_bases"] = bootstrap.place_blocks(table.contig.to_numpy(), table.start.to_numpy())
    for name in ("model", *scanners()):
        wanted = ("auroc", "auprc", "ece") if name == "model" else ("auroc", "auprc")
        if truth is not None:
            report[name] = {metric: bootstrap.undefined(truth) for metric in wanted}
        else:
            found = bootstrap.sample(labels, table[name].to_numpy(), blocks, probability="ece" in wanted, seed=seed)
            report[name] = bootstrap.summary(found, wanted)
    report["reliability"] = [] if truth is not None else calibration.reliability_rows(labels, table.model.to_numpy())
    return report


def assess_touched(table: pd.DataFrame, truth: str | None, seed: int) -> dict[str, Any]:
    """The areas where a bin is positive that a true peak touches at all, none being ambiguous: the laxer rule.

    `truth` says why there are no labels.
    """
    if truth is not None:
        return {"n": len(table), "positives": None, "reason": truth}
    touched = table.assign(label=table.label | table.ambiguous)
    found = assess_bins(touched, {}, None, seed)
    return {"n": found["n"], "positives": found["positives"]} | {
        name: {metric: found[name][metric] for metric in ("auroc", "auprc")} for name in ("model", *scanners())
    }


def by_contig(table: pd.DataFrame, truth: str | None, contigs: list[str], peaks: dict[str, dict]) -> list[dict]:
    """A row a contig, the largest first: bins, how many are bound, AUPRC of each signal, and its `peaks`.

    `contigs` are the names of the table's numbers. An area is None where it is undefined; of a draft assembly only the
    CONTIGS with most bins have a row.
    """
    rows = []
    for number in table.contig.value_counts().index[:CONTIGS]:
        bins = table[table.contig == number]
        labels = bins.label.to_numpy(bool)
        row: dict[str, Any] = {"contig": contigs[number], "bins": len(bins)}
        row |= {"positives": None if truth else int(labels.sum()), "auprc": {}}
        for name in ("model", *scanners()):
            scores = bins[name].to_numpy(float)
            told = truth is None and labels.any() and not labels.all() and not np.isnan(scores).any()
            row["auprc"][name] = ranking.auprc(labels, scores) if told else None
        rows.append(row | {"peaks": peaks.get(contigs[number])})
    return rows


def assess_seen(table: pd.DataFrame, known: pd.DataFrame, seed: int) -> dict[str, Any]:
    """Calibration of the model's probability where it is what was seen at that height on `known`, validation's bins.

    `steps` are how often a bin of a height was bound there (isotonic): they make a track of probabilities of a bin.
    """
    there = known[known.model.notna()]
    report: dict[str, Any] = {"bins": len(there), "positives": int(there.label.sum()), "ece": None, "reliability": []}
    if report["positives"] < LEAST_BOUND:
        few = f"{report['positives']} bins of the validation places that were scanned are bound"
        return report | {"steps": [], "reason": f"{few}, and {LEAST_BOUND} are wanted"}
    steps = fdr.measured(there.model, there.label)
    report |= {"steps": fdr.told(steps), "reason": ""}
    if len(table):
        labels, probability = table.label.to_numpy(bool), fdr.probability(steps, table.model.to_numpy())
        blocks = bootstrap.place_blocks(table.contig.to_numpy(), table.start.to_numpy())[0]
        found = bootstrap.sample(labels, probability, blocks, probability=True, seed=seed)
        report |= {"ece": bootstrap.summary(found, ("ece",))["ece"]}
        report |= {"reliability": calibration.reliability_rows(labels, probability)}
    return report


def assess_shifted(table: pd.DataFrame, of_windows: float | None, of_bins: float | None) -> dict[str, Any]:
    """Calibration of the model's probability where its logit is shifted from the windows' prevalence to the bins'.

    `of_windows`: at which the model is calibrated; `of_bins`: of bins that are not measured here. Either may be
    unknown, and then nothing can be said.
    """
    report: dict[str, Any] = {"from": of_windows, "to": of_bins, "ece": None, "reliability": []}
    if not of_windows or not of_bins or not len(table):
        return report | {"reason": "the prevalence of the windows, or of validation bins, is not known"}
    labels = table.label.to_numpy(bool)
    shifted = calibration.shift(calibration.logit(table.model.to_numpy()), of_windows, of_bins)
    probability = calibration.sigmoid(shifted)
    return report | {
        "ece": calibration.calibration_error(labels, probability),
        "reliability": calibration.reliability_rows(labels, probability),
    }

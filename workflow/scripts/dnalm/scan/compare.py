"""Peaks of a personal genome beside its reference's: which are gained, lost or changed, and by which variants.

Bins begin at a contig's start, so behind an insertion the windows of the personal genome stand at other places of the
same sequence: a height changes a little with that phase alone. Where the phase is the same and no window holds a
variant the heights are the same; where it is another and no window holds a variant they show what phase does by itself,
and only a difference beyond that is laid at a variant's door. 0-based, half-open; places are the reference's unless
said.
"""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from dnalm.dna import bigwig
from dnalm.dna.chain import Chain, inverted, lift
from dnalm.errors import InputError
from dnalm.scan import peaks

SAME = 1e-3  # heights of one sequence differ by less, whatever the batch that it was read in
SURE = 0.99  # of the differences by phase alone, the quantile beyond which one is no longer that
LEAST = 20  # peaks without a variant that can tell what phase does
COLUMNS = ["chrom", "start", "end", "summit", "personal_summit", "kind", "height", "personal_height", "difference"]
COLUMNS += ["beyond_phase", "in_phase", "split", "nearest", "variants", "distances"]
KINDS = ("shared", "changed", "gained", "lost")


def heights(values: np.ndarray, summits: np.ndarray, step: int) -> np.ndarray:
    """Height at each summit [n]: the highest of its bin and the one on either side; NaN where none has a value.

    A summit that is lifted falls into one bin or the next, as the phase has it.
    """
    padded = np.r_[np.nan, values, np.nan]
    near = np.lib.stride_tricks.sliding_window_view(np.where(np.isnan(padded), -np.inf, padded), 3)
    found = near.max(1)[np.clip(summits // step, 0, len(values) - 1)]
    return np.where(np.isfinite(found), found, np.nan)


def read_round(summits: np.ndarray, step: int, window: int, beside: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """The bases [start, end) that are read in the windows which a height rests on (`heights`, `mean_of_windows`).

    So many are read `beside` each window, by a model that scans in tiles.
    """
    bins = summits // step
    return (bins - max(window // step, 1)) * step - beside, (bins + 1) * step + window + beside


def of_contig(
    contig: str,
    values: tuple[np.ndarray, np.ndarray],
    chain: Chain,
    cutoff: float,
    step: int,
    window: int,
) -> pd.DataFrame:
    """The peaks of a contig in the reference's signal or the personal one, both at or above `cutoff`.

    `values` are both signals [bins], the reference's first; `chain` leads from the personal contig to the reference. A
    peak of the personal genome that the reference has too, at its cutoff, is the reference's, and has one row.
    """
    back = inverted(chain)
    here, there = (
        peaks.regions(one, cutoff, step, size, window)
        for one, size in zip(values, (chain.other_size, chain.size), strict=True)
    )
    summits = [(here.start + here.peak).to_numpy(np.int64), (there.start + there.peak).to_numpy(np.int64)]
    ours = pd.DataFrame({"start": here.start, "end": here.end, "summit": summits[0]})
    ours["personal_summit"] = lift(back, summits[0], nearest=True)
    theirs = pd.DataFrame({"summit": lift(chain, summits[1], nearest=True), "personal_summit": summits[1]})
    theirs["start"] = lift(chain, there.start.to_numpy(), nearest=True)
    theirs["end"] = lift(chain, there.end.to_numpy() - 1, nearest=True) + 1
    table = pd.concat([ours.assign(own=True), theirs.assign(own=False)], ignore_index=True)
    table["height"] = heights(values[0], table.summit.to_numpy(np.int64), step)
    table["personal_height"] = heights(values[1], table.personal_summit.to_numpy(np.int64), step)
    table = table[table.own | ~(table.height >= cutoff)]
    table["kind"] = np.where(table.own, np.where(table.personal_height >= cutoff, "shared", "lost"), "gained")
    table["in_phase"] = (table.personal_summit - table.summit) % step == 0
    return table.assign(chrom=contig, difference=table.personal_height - table.height).drop(columns="own")


def with_variants(table: pd.DataFrame, variants: pd.DataFrame, step: int, window: int, beside: int = 0) -> pd.DataFrame:
    """Name the variants that are read under each peak, in either genome, and how far they are from its summit.

    `variants` are those of the contig, sorted, as apply_variants lists them. Adds `variants` (POS:REF>ALT, joined by
    ";", POS from 1), `distances` (bases from the summit, positive to the right), `nearest` (the least of them; NaN).
    """
    under: list[set[int]] = [set() for _ in range(len(table))]
    for column, first, last in (("summit", "start", "end"), ("personal_summit", "personal_start", "personal_end")):
        left, right = read_round(table[column].to_numpy(np.int64), step, window, beside)
        begins, stops = np.searchsorted(variants[last], left, "right"), np.searchsorted(variants[first], right, "left")
        for found, begin, stop in zip(under, begins.tolist(), stops.tolist(), strict=True):
            found.update(range(begin, stop))
    places, records = variants.start.to_numpy(np.int64), variants.record.to_numpy(object)
    rows = [sorted(found) for found in under]
    apart = [places[row] - summit for row, summit in zip(rows, table.summit, strict=True)]
    return table.assign(
        variants=[";".join(records[row]) for row in rows],
        distances=[";".join(map(str, one)) for one in apart],
        nearest=[float(one[np.abs(one).argmin()]) if len(one) else np.nan for one in apart],
    )


def compare(
    signals: tuple[Path, Path],
    chains: dict[str, Chain],
    variants: pd.DataFrame,
    cutoff: float,
    window: int,
    beside: int = 0,
) -> tuple[pd.DataFrame, dict[str, Any]]:
    """All peaks of two signals, the reference's first, with kind and variants; and the counts that go into a report.

    Peaks that the other genome has no value for (a scan of parts of a genome ends elsewhere) are counted and left out.
    """
    tables = []
    with bigwig.reading(signals[0]) as reference, bigwig.reading(signals[1]) as personal:
        step = bigwig.step_of(reference)
        for contig, chain in chains.items():
            for path, signal, size in zip(signals, (reference, personal), (chain.other_size, chain.size), strict=True):
                if signal.chroms(contig) not in (None, size):
                    raise InputError(
                        f"{path}: {contig} has {signal.chroms(contig)} bp, and {size} by the chain; scan again"
                    )
            values = bigwig.read(reference, contig, step), bigwig.read(personal, contig, step)
            table = of_contig(contig, values, chain, cutoff, step, window)
            tables.append(with_variants(table, variants[variants.chrom == contig], step, window, beside))
    table = pd.concat(tables, ignore_index=True)
    known = table.difference.notna()
    facts = {"cutoff": cutoff, "step": step, "window": window, "beside": beside, "not_scanned": int((~known).sum())}
    table = table[known].reset_index(drop=True)
    phase = by_phase(table)
    most = np.where(
        table.in_phase, SAME, np.inf if phase["shifted"]["quantile"] is None else phase["shifted"]["quantile"]
    )
    table["beyond_phase"] = table.difference.abs() > most
    table.loc[(table.kind == "shared") & table.beyond_phase & (table.variants != ""), "kind"] = "changed"
    return table, facts | {"away": phase} | counts(table, phase)


def by_phase(table: pd.DataFrame) -> dict[str, Any]:
    """What becomes of peaks that no variant is near: whose windows stand as in the reference, and whose do not.

    `differ` have another height by more than `SAME`, `flipped` are gained or lost; `quantile` is that of the
    differences (`SURE`), None where fewer than `LEAST` peaks tell.
    """
    found = {}
    for name, rows in (("in_phase", table.in_phase), ("shifted", ~table.in_phase)):
        away = table[rows & (table.variants == "")]
        apart, flipped = away.difference.abs(), int(away.kind.isin(["gained", "lost"]).sum())
        found[name] = {
            "peaks": len(away),
            "differ": int((apart > SAME).sum()),
            "share": float((apart > SAME).mean()) if len(away) else None,
            "largest": float(apart.max()) if len(away) else None,
            "flipped": flipped,
            "flip_share": flipped / len(away) if len(away) else None,
            "quantile": float(apart.quantile(SURE)) if len(away) >= LEAST else None,
        }
    return found


def counts(table: pd.DataFrame, phase: dict[str, Any]) -> dict[str, Any]:
    """Peaks by kind: all, those with a variant, those that phase alone does not explain, and what phase would flip."""
    near = table.variants != ""
    moved = {name: table[rows].kind.value_counts() for name, rows in (
        ("all", near | ~near), ("with_variants", near), ("beyond_phase", near & table.beyond_phase),
    )}  # fmt: skip
    shifted, share = int((near & ~table.in_phase).sum()), phase["shifted"]["flip_share"]
    return {
        "peaks": {name: {kind: int(found.get(kind, 0)) for kind in KINDS} for name, found in moved.items()},
        "by_chance": {"peaks": shifted, "flipped": None if share is None else share * shifted},
    }

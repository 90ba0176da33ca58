"""Constraint of a personal genome beside its reference's: what each variant does to what a model expects round it.

A variant that breaks a word of the genome makes its neighbours less expected, too; one that is as good as the reference
leaves them as they were. Where no variant is near the sequence is the same, and a difference there comes from the
windows, which stand elsewhere behind an insertion: that is what their phase does by itself. 0-based, half-open.
"""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from dnalm.dna import bigwig
from dnalm.dna.chain import NOWHERE, Chain, inverted, lift
from dnalm.errors import InputError

SURE = 0.99  # of the differences by phase alone, the quantile beyond which one is a variant's
LEAST = 100  # places without a variant, behind an insertion or deletion, that can tell what phase does
SAME = 1e-3  # two readings of one base differ by less
QUANTILES = [0.5, 0.9, 0.99]
AWAY = 512  # bases of a window of track_constraint, where nobody asks for another
COLUMNS = ["chrom", "start", "end", "record", "kind", "others", "reference", "personal", "difference", "beyond_phase"]
COLUMNS += ["moved", "allele_reference", "allele_personal"]
Signals = tuple[np.ndarray, np.ndarray]


def means(values: np.ndarray, starts: np.ndarray, ends: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Sum and number of the values in each [start, end), cut at the contig's ends; bases without a value left out."""
    known = np.isfinite(values)
    total, count = (np.r_[0, np.cumsum(one)] for one in (np.where(known, values, 0).astype(np.float64), known))
    first, stop = (np.clip(at, 0, len(values)) for at in (starts, ends))
    return total[stop] - total[first], count[stop] - count[first]


def round_it(values: np.ndarray, starts: np.ndarray, ends: np.ndarray, flank: int) -> np.ndarray:
    """Mean over the `flank` bases before each [start, end) and as many behind it; NaN where none has a value."""
    left, right = means(values, starts - flank, starts), means(values, ends, ends + flank)
    return divided(left[0] + right[0], left[1] + right[1])


def divided(total: np.ndarray, count: np.ndarray) -> np.ndarray:
    """A mean, or NaN of nothing."""
    return np.where(count, total / np.maximum(count, 1), np.nan)


def of_variants(values: Signals, variants: pd.DataFrame, flank: int) -> pd.DataFrame:
    """Each variant of a contig: the mean of its neighbours in either genome, and of its own bases.

    `others` is how many other variants lie among the neighbours, which are no longer the same bases then. `moved` is
    one whose neighbours stand elsewhere in the personal genome, on one side at least: so do the windows that they are
    read in. Of an insertion the reference has no allele, of a deletion the personal genome.
    """
    places = [variants[name].to_numpy(np.int64) for name in ("start", "end", "personal_start", "personal_end")]
    table = variants[["chrom", "start", "end", "record", "kind"]].reset_index(drop=True)
    for name, signal, first, stop in zip(("reference", "personal"), values, places[::2], places[1::2], strict=True):
        table[name] = round_it(signal, first, stop, flank)
        table[f"allele_{name}"] = divided(*means(signal, first, stop))
    near = np.searchsorted(places[0], places[1] + flank, "left") - np.searchsorted(
        places[1], places[0] - flank, "right"
    )
    moved = (places[2] != places[0]) | (places[3] != places[1])
    return table.assign(others=near - 1, difference=table.personal - table.reference, moved=moved)


def elsewhere(
    values: Signals,
    chain: Chain,
    variants: pd.DataFrame,
    number: int,
    flank: int,
    rng: np.random.Generator,
    window: int = AWAY,
) -> pd.DataFrame:
    """Up to `number` places of a contig that no variant is near: `reference` (mean), `difference`, `moved` windows.

    Near is what a window of the track that holds one of the `flank` bases can hold, too.
    """
    places = np.unique(rng.integers(0, chain.other_size, number))
    first, last = variants.start.to_numpy(np.int64), variants.end.to_numpy(np.int64)
    reach = max(AWAY, window) + flank
    near = np.searchsorted(first, places + reach, "right") - np.searchsorted(last, places - reach, "left")
    there = lift(inverted(chain), places)
    kept = (near == 0) & (there != NOWHERE)
    places, there = places[kept], there[kept]
    old, new = (round_it(signal, at, at, flank) for signal, at in zip(values, (places, there), strict=True))
    table = pd.DataFrame({"reference": old, "difference": new - old, "moved": places != there})
    return table.dropna().reset_index(drop=True)


def compare(
    signals: tuple[Path, Path],
    chains: dict[str, Chain],
    variants: pd.DataFrame,
    flank: int,
    places: int,
    seed: int,
    window: int = AWAY,
) -> tuple[pd.DataFrame, dict[str, Any]]:
    """All variants that both tracks have a value round, and what they do, beside `places` places without any.

    `signals` are the reference's track and the personal one, one value a base, made in windows of `window` bases;
    `chains` lead back to the reference. Where windows stand as in the reference any difference is a variant's.
    """
    rng, total = np.random.default_rng(seed), sum(one.other_size for one in chains.values())
    found, quiet = [], []
    with bigwig.reading(signals[0]) as reference, bigwig.reading(signals[1]) as personal:
        for contig, chain in chains.items():
            for path, one, size in zip(signals, (reference, personal), (chain.other_size, chain.size), strict=True):
                if one.chroms(contig) != size:
                    raise InputError(
                        f"{path}: {contig} has {one.chroms(contig)} bp, and {size} by the chain; make it again"
                    )
            values = bigwig.read(reference, contig, 1), bigwig.read(personal, contig, 1)
            here = variants[variants.chrom == contig]
            found.append(of_variants(values, here, flank))
            number = round(places * chain.other_size / total)
            quiet.append(elsewhere(values, chain, here, number, flank, rng, window))
    table, away = pd.concat(found, ignore_index=True), pd.concat(quiet, ignore_index=True)
    known = table.difference.notna()
    facts = {"flank": flank, "variants": len(table), "without_a_value": int((~known).sum())}
    table, phase = table[known].reset_index(drop=True), by_phase(away)
    by_chance = np.inf if phase["quantile"] is None else max(phase["quantile"], SAME)
    table["beyond_phase"] = table.difference.abs() > np.where(table.moved, by_chance, SAME)
    return table[COLUMNS], facts | {"away": phase} | summed(table)


def by_phase(away: pd.DataFrame) -> dict[str, Any]:
    """Differences where no variant is near: none where windows stand as in the reference, by phase alone elsewhere.

    `quantile` (`SURE`) is of the `moved` ones alone, None where fewer than `LEAST` tell: among many that stand still
    phase would seem to do nothing. `spread` is the standard deviation of the reference's means along the genome, a
    measure for what is a large change.
    """
    facts: dict[str, Any] = {}
    apart = {"still": away.difference[~away.moved].abs(), "moved": away.difference[away.moved].abs()}
    for name, sizes in apart.items():
        facts[name] = {"places": len(sizes), "largest": float(sizes.max()) if len(sizes) else None}
    facts["quantile"] = float(apart["moved"].quantile(SURE)) if len(apart["moved"]) >= LEAST else None
    return facts | {"spread": float(away.reference.std()) if len(away) >= LEAST else None}


def summed(table: pd.DataFrame) -> dict[str, Any]:
    """Counts and means over all variants, over those alone among their neighbours, and the twenty that change most.

    `sizes` are `QUANTILES` of the changes, whichever way.
    """
    facts: dict[str, Any] = {}
    for name, part in (("all", table), ("alone", table[table.others == 0])):
        facts[name] = {
            "variants": len(part),
            "beyond_phase": int(part.beyond_phase.sum()),
            "lower": int((part.beyond_phase & (part.difference < 0)).sum()),
            "sizes": [float(size) for size in part.difference.abs().quantile(QUANTILES)] if len(part) else None,
            "mean": float(part.difference.mean()) if len(part) else None,
            "allele": float((part.allele_personal - part.allele_reference).mean()) if len(part) else None,
        }
    order = table.difference.abs().sort_values(ascending=False, kind="stable").index[:20]
    largest = table.loc[order, ["chrom", "record", "others", "difference"]]
    return facts | {"largest": [f"{one.chrom}:{one.record} {one.difference:+.3f}" for one in largest.itertuples()]}

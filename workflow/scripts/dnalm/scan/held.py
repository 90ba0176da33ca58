"""Which places of a genome a model was not taught on: where a scan is scored, and where its error rate is measured."""

from pathlib import Path

import numpy as np
import pandas as pd

from dnalm.dna import bigwig
from dnalm.dna import splits as dna_splits
from dnalm.dna.place import HELD, place
from dnalm.errors import UsageError
from dnalm.genome import corpus, holdout


def held_out(genome: Path, sizes: dict[str, int], regions: list[str] | None, about: dict) -> list[str]:
    """The places to score on."""
    if regions:
        return holdout.resolve({"test": regions}, sizes, genome / "chrom.sizes")["test"]
    same = of_its_target(genome, about)
    test = of_split(genome, about, "test")
    found = [one for one in test if place(one).contig in sizes]
    if not found and not same and about:
        return list(sizes)
    if not found:
        named = f" (test has {', '.join(test[:5])}, which it lacks)" if test else ""
        raise UsageError(f"{genome}: no place to score on{named}: give --regions, or a test split in its preset")
    return found


def of_its_target(genome: Path, about: dict) -> bool:
    """Whether a split.json speaks of this genome."""
    return bool(about) and about["genome"] == corpus.describe(genome)["name"]


def of_split(genome: Path, about: dict, split: str) -> list[str]:
    """The places of a split: the target's on its own genome, the genome's own on another."""
    source = about if of_its_target(genome, about) else corpus.describe(genome)
    return source.get("splits", {}).get(split, [])


def inside(places: pd.DataFrame, regions: list[str]) -> np.ndarray:
    """Whether each place lies whole in one of the regions."""
    return dna_splits.split_of(places.chrom, places.start, places.end, {"test": regions}) == "test"


def bins_inside(contig: str, length: int, step: int, regions: list[str]) -> np.ndarray:
    """Whether each bin of a contig lies whole in one of the regions: bool [bins]."""
    starts = np.arange(bigwig.bins_of(length, step)) * step
    return inside(pd.DataFrame({"chrom": contig, "start": starts, "end": np.minimum(starts + step, length)}), regions)


def split_of(table: pd.DataFrame, genome: Path, about: dict) -> np.ndarray:
    """The split that each summit (chrom, summit) lies in: train, validation, test or exclude: object [n]."""
    return split_at(table, {split: of_split(genome, about, split) for split in HELD})


def split_at(table: pd.DataFrame, splits: dna_splits.Splits) -> np.ndarray:
    """As `split_of`, by given splits."""
    return dna_splits.split_of(table.chrom, table.summit, table.summit + 1, splits)

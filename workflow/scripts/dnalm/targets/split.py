"""The one split of a target, as its windows were given it, handed to all that is done with a model of it.

What was held out for fine-tuning may have been read in pretraining: such a model has met its test, without the labels
(it is transductive). So beside the places stands what is known of that.
"""

from pathlib import Path

import numpy as np
import pandas as pd

from dnalm import files, texts
from dnalm.dna import intervals
from dnalm.dna import splits as dna_splits
from dnalm.genome import corpus, holdout
from dnalm.training import tasks

CONTIGS = "contigs"  # the rule that splits by place, as windows.json names it
NO, YES, UNKNOWN = "no", "yes", "unknown"
FILE = "split.json"


def describe(windows: Path, trained_on: list[Path] | None) -> dict:
    """What a fine-tuned model's split.json holds: genome, splits, `saw_test` and the places `seen`.

    `windows` is the windows.json of its target; `trained_on` are the genome folders that it was pretrained on, an empty
    list for none, None where nobody says. A place is seen where the same genome trained on a base of it. Another genome
    with a contig of that name that it trained on may be another assembly of the same: unknown. So it is of sequences
    that were not held out with their contigs: where they lie nobody says. What is learnt of the windows
    (`training.tasks`) stands there too.
    """
    about = texts.read_json(windows)
    coverage = "tracks" in about  # of the bins of windows, which is none of the tasks
    learnt = {} if coverage else tasks.told(tasks.of(about, windows))
    test, seen, doubtful = about["splits"]["test"], [], []
    if not by_places(about):
        saw = NO if trained_on == [] else UNKNOWN
        return {key: about[key] for key in ("genome", "splits", "split_by")} | {"saw_test": saw, "seen": []} | learnt
    for folder in trained_on or []:
        other = corpus.describe(folder)
        found = holdout.saw(test, intervals.read_sizes(folder / "chrom.sizes"), other.get("splits", {}))
        if other["name"] == about["genome"]:
            seen += found
        else:
            doubtful += [f"{place} in {other['name']}" for place in found]
    saw = YES if seen else UNKNOWN if doubtful or trained_on is None else NO
    known = {"genome": about["genome"], "splits": about["splits"], "saw_test": saw, "seen": seen or doubtful}
    return known | learnt


def by_places(about: dict) -> bool:
    """Whether the windows of a windows.json, or of a split.json, were held out with the places they lie at."""
    return about.get("split_by", CONTIGS) == CONTIGS


def write(out: Path, windows: Path, trained_on: list[Path] | None) -> None:
    """Write split.json into a model's folder."""
    files.write_json(out / FILE, describe(windows, trained_on))


def beside(model: Path) -> dict | None:
    """The split.json of a fine-tuned model's folder; None of a model without one: it was not fine-tuned here."""
    return texts.read_json(model / FILE) if (model / FILE).exists() else None


def of_places(about: dict, genome: str, table: pd.DataFrame) -> np.ndarray:
    """The split of each place (chrom, start, end) of a genome by a split.json; all test on one it says nothing of.

    A target teaches nothing about another genome's places but what carries over, so all of them are new to it. What
    was learnt from sequences that were not held out with their contigs may lie anywhere: unknown.
    """
    if not by_places(about):
        return np.full(len(table), UNKNOWN, object)
    if about["genome"] != genome:
        return np.full(len(table), "test", object)
    return dna_splits.split_of(table.chrom, table.start, table.end, about["splits"])

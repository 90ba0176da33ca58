"""What others say of alleles, to be ranked beside a model's scores: INFO keys, signals along the genome, a motif."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from dnalm.dna import meme, motifs
from dnalm.errors import UsageError
from dnalm.variants import baselines, classes, motif_loss, signals
from dnalm.variants.intake import Intake


class Given(NamedTuple):
    """INFO keys and bigWig files by the name of the baseline, the log-odds of a motif; and each one's column."""

    keys: dict[str, str]
    files: dict[str, Path]
    log_odds: np.ndarray | None
    columns: dict[str, str]


def read(
    keys: dict[str, str] | None,
    names: list[str] | None,
    files: list[Path] | None,
    motif: Path | None,
    motif_name: str | None,
) -> Given:
    """What was named. Raises UsageError for a name that is taken, and files that are more or fewer than their names."""
    if len(names or []) != len(files or []):
        raise UsageError(f"--signal-names gives {len(names or [])} names for {len(files or [])} --signals; one each")
    log_odds = None if motif is None else motifs.log_odds(meme.read_meme(motif, motif_name))
    columns = baselines.named([*(keys or {}), *(names or []), *([motif_loss.LABEL] if motif else [])])
    return Given(keys or {}, dict(zip(names or [], files or [], strict=True)), log_odds, columns)


def of_alleles(given: Given, taken: Intake, *, part: bool) -> dict[str, np.ndarray]:
    """The values [alleles] of each column; NaN where nothing is known of an allele.

    The genome may be a `part` of its assembly, of whose contigs signals may know more.
    """
    found = {name: classes.numbers(taken.called, taken.table, key) for name, key in given.keys.items()}
    of_edits = {
        name: signals.of_edits(taken.edits, path, taken.sizes, taken.fasta.fetch, part=part)
        for name, path in given.files.items()
    }
    if given.log_odds is not None:
        of_edits[motif_loss.LABEL] = motif_loss.of_edits(taken.edits, taken.fasta, given.log_odds)
    found |= {name: pd.Series(one, dtype=float).reindex(taken.table.edit).to_numpy() for name, one in of_edits.items()}
    return {given.columns[name]: values for name, values in found.items()}

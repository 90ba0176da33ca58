"""The scores of random variants, as score_null writes them: places and weights, and a column a score."""

from pathlib import Path

import numpy as np
import pandas as pd
import pysam

from dnalm import files
from dnalm.errors import InputError
from dnalm.variants import answers, contexts, percentiles
from dnalm.variants.alleles import EDIT

BESIDE = [*EDIT, "weight"]


def write(path: Path, edits: pd.DataFrame, scores: pd.DataFrame) -> None:
    """Write edits (`nulls.draw`) with their scores, row by row."""
    files.write_table(path, pd.concat([edits[BESIDE], scores], axis=1))


def read(
    path: Path,
    names: list[str],
    fasta: pysam.FastaFile,
    window: int,
    regions: pd.DataFrame | None = None,
    output: str | None = None,
) -> percentiles.Null:
    """The null of some scores, its contexts told by the genome of `fasta`; see `contexts.describe`.

    A change is of the `output` of a model that has several, of which the null has each. Raises InputError where it is
    none, or lacks a score.
    """
    try:
        table = pd.read_csv(path, sep="\t", dtype=dict.fromkeys(("chrom", "ref", "alt"), str), keep_default_na=False)
        edits = table[EDIT].astype({"start": np.int64})
        table = table.rename(columns={answers.of_output(name, output): name for name in names})
        scores, weights = table[names].apply(pd.to_numeric), table["weight"].to_numpy(float)
    except (KeyError, ValueError, OSError, EOFError) as error:
        raise InputError(
            f"{path}: no table of random variants with {', '.join(names)} ({' '.join(str(error).split())[:100]}); make "
            "it again with workflow/scripts/score_null.py"
        ) from None
    if wrong := sorted(set(edits.chrom) - set(fasta.references)):
        raise InputError(f"{path}: has variants on {wrong[0]}, which the genome lacks; score a null of this genome")
    return percentiles.Null(contexts.describe(edits, fasta, window, regions), scores, weights)

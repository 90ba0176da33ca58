"""Change every base of the surest bound windows into the three others, and write what that does to the score."""

import dnalm.startup

import numpy as np
import pandas as pd

from dnalm import cli, files
from dnalm.cli import Input, Output
from dnalm.dna import seq
from dnalm.errors import InputError
from dnalm.insight import mutagenesis
from dnalm.logs import log
from dnalm.networks import scorer
from dnalm.targets import windows as labelled


def main(*, model: Input, windows: Input, out: Output, number: int = 2, split: str = "test") -> None:
    """In-silico mutagenesis of the `number` positive windows of the split that score highest, without N.

    Arrays in `out` (.npz): attributions [n, W, 4] float32, logit with that base at that place less the logit as it is
    (columns A, C, G, T; 0 at the base that is there); codes [n, W] uint8 (A 0, C 1, G 2, T 3); scores [n] logits; ids
    [n]; and chrom, start, end [n] where the windows have them.
    """
    table = labelled.read(windows)
    table = table[(table.split == split) & (table.label == 1)]
    table = table[~table.sequence.str.upper().str.contains("[^ACGT]")].reset_index(drop=True)
    if table.empty:
        raise InputError(f"{windows}: no positive window without N in the {split} split; choose another split")
    score, change = scorer.load_with_changes(model)
    codes = labelled.stack(table.sequence)
    scores = score(codes)
    best = np.argsort(-scores, kind="stable")[:number]
    log.info(f"{3 * codes.shape[1] * len(best):,} mutants of {len(best)} windows of {codes.shape[1]} bp")
    attributions = mutagenesis.mutate_all(change, codes[best])
    chosen = table.iloc[best]
    with files.whole(out) as beside:
        np.savez_compressed(
            beside,
            attributions=attributions,
            codes=codes[best],
            scores=scores[best],
            ids=chosen.id.to_numpy(str),
            **place(chosen),
        )
    strongest = attributions.min(2).argmin(1)
    worst = seq.decode(codes[best[0]])[strongest[0]]
    log.info(f"{chosen.id.iloc[0]}: most is lost by changing the {worst} at {strongest[0]} of the window")


def place(rows: pd.DataFrame) -> dict[str, np.ndarray]:
    """Genome coordinates (0-based, half-open), where the windows come from a genome."""
    if not {"chrom", "start", "end"} <= set(rows) or rows[["chrom", "start", "end"]].isna().any(axis=None):
        return {}
    return {
        "chrom": rows.chrom.to_numpy(str),
        "start": rows.start.to_numpy(np.int64),
        "end": rows.end.to_numpy(np.int64),
    }


if __name__ == "__main__":
    cli.run(main)

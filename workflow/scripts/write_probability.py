"""Write a scan's signal as the probability that a bin is bound, as validation saw how often a height was."""

import dnalm.startup

import numpy as np

from dnalm import cli, texts
from dnalm.cli import Input, Output
from dnalm.dna import bigwig
from dnalm.errors import InputError
from dnalm.logs import log
from dnalm.metrics import fdr


def main(*, signal: Input, scorecard: Input, out: Output) -> None:
    """A bigWig of the share of the bins of validation that were bound where the signal was as high; gaps stay.

    The model's own probability is calibrated on windows, whose negatives are not those of a genome. `scorecard` is of
    the same model's scan of the genome that it was taught on, whose validation places were scanned with it.
    """
    seen = texts.read_json(scorecard)["bins"].get("seen") or {}
    if not seen.get("steps"):
        raise InputError(
            f"{scorecard}: got no height with a known share of bound bins, wanted one from the validation places: "
            f"{seen.get('reason', 'none was looked at')}; name them under scan: contigs in the target's preset"
        )
    steps = fdr.as_told(seen["steps"])
    with bigwig.reading(signal) as values:
        step, sizes = bigwig.step_of(values), dict(values.chroms())
        known = {contig: probability(steps, bigwig.read(values, contig, step)) for contig in sizes}
    bigwig.write(out, sizes, known, step)
    log.info(f"the probability of a bin is what {seen['bins']:,} bins of validation said, {seen['positives']:,} bound")


def probability(steps: fdr.Steps, heights: np.ndarray) -> np.ndarray:
    """What steps say of a track; NaN where it has no height."""
    return np.where(np.isnan(heights), np.nan, fdr.probability(steps, heights)).astype(np.float32)


if __name__ == "__main__":
    cli.run(main)

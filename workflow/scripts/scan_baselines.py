"""Scan a genome's held-out places with the baselines of one target, for the scorecards of all its models."""

import dnalm.startup

from dnalm import cli, texts
from dnalm.cli import Input, Output
from dnalm.dna import intervals
from dnalm.scan import beside, held
from dnalm.targets import baselines as targets_baselines


def main(
    *,
    genome: Input,
    baselines: Input,
    out: Output,
    split: Input | None = None,
    regions: list[str] | None = None,
    contigs: list[str] | None = None,
    window: int = 256,
    stride: int = 50,
) -> None:
    """Write a bigWig of each baseline that was fitted and can scan, and scanned.json, into the folder `out`.

    `baselines` is the fitted.npz of `train_baselines`. Each is scanned as a model is: one value a `stride`-wide bin,
    the mean over the windows that cover it. Places are those that `score_peaks` looks at: test and validation of
    `split`, the windows.json of the target; on a genome that it says nothing of, the genome's own, or all of it where
    that has no test place. `regions` (contigs, or contig:start-end) take the place of test. Of all these
    only what lies in `contigs` (whole ones or regions, too) is read: what models scan of the genome.
    """
    sizes = intervals.read_sizes(genome / "chrom.sizes")
    about = {} if split is None else texts.read_json(split)
    splits = [held.held_out(genome, sizes, regions, about), held.of_split(genome, about, "validation")]
    found = beside.scan(genome, sizes, splits, targets_baselines.load(baselines), window, stride, contigs)
    facts = beside.facts(genome, window, stride) | {"places": [one for named in splits for one in named]}
    beside.write(out, found, sizes, facts)


if __name__ == "__main__":
    cli.run(main)

"""Measure predicted coverage on the test bins: every model of a target, composition, the truth where it is known."""

import dnalm.startup

import numpy as np
import pandas as pd

from dnalm import cli, files, texts
from dnalm.cli import Input, Output
from dnalm.logs import log
from dnalm.metrics import bins, bootstrap
from dnalm.metrics.bootstrap import Sample
from dnalm.targets import bin_composition, binned, coverage
from dnalm.targets.binned import Coverage

MEAN, COMPOSITION, TRUTH = "mean of training", "GC and CpG ridge", "true rate"
KNOWN = ("receptive_field", "parameters", "saw_test")
MEASURED, RATE = "measured", "true rate"
Samples = dict[tuple[str, str, str], Sample]  # by scorer, track and what it is held against


def main(
    *,
    coverage_folder: Input,
    genome: Input,
    models: list[Input],
    names: list[str],
    out_table: Output,
    out_summary: Output,
    resamples: int = 200,
    seed: int = 0,
) -> None:
    """Write a table (a row a scorer, track and what it is held against) and a JSON with paired differences.

    --models are folders of train_tracks, --names such as "scratch/char/enformer-lite tracks seed0": those that differ
    in the seed alone are pooled, with intervals over seeds and 1-Mb blocks. Beside them stand the mean of training, a
    ridge on composition and, for simulated tracks, the rate behind the counts: what no model can be better than. A
    prediction is held against the rate, too, which is the truth without the noise. Test bins are used here alone.
    """
    target = coverage.with_sequence(binned.load(coverage_folder), genome)
    told, chosen, test = (target.of(split) for split in ("train", "validation", "test"))
    means = told.values.mean((0, 1), dtype=np.float64)
    scorers = {
        MEAN: [np.broadcast_to(means, test.values.shape)],
        COMPOSITION: [bin_composition.predict(told, chosen, test)],
    }
    about = {}
    for name, folder in zip(names, models, strict=True):
        model = name.rpartition(" ")[0]
        scorers.setdefault(model, []).append(binned.predictions(folder, test))
        about[model] = texts.read_json(folder / "model.json") | texts.read_json(folder / "split.json")
    blocks, size = blocks_of(test)
    samples = measured(test, scorers, blocks, means, {"resamples": resamples, "seed": seed})
    files.write_table(out_table, table(samples, scorers, about))
    facts = {"windows": len(test.table), "bins": int(test.values.shape[0] * test.values.shape[1]), "bin": test.bin}
    facts |= {"block_bases": size, "splits": texts.read_json(coverage_folder / "coverage.json")["splits"]}
    files.write_json(
        out_summary, facts | {"models": described(about), "differences": differences(samples, list(about))}
    )
    for (name, track, against), found in samples.items():
        value = bootstrap.summary(found, bins.METRICS)["pearson"]["value"]
        log.info(
            f"{track}, {name} against the {against}: Pearson r " + ("undefined" if value is None else f"{value:.3f}")
        )


def blocks_of(test: Coverage) -> tuple[np.ndarray, int]:
    """The block of each bin of the test windows [windows * bins], and the bases of a block."""
    blocks, size = bootstrap.place_blocks(pd.factorize(test.table.chrom)[0], test.table.start.to_numpy())
    return np.repeat(blocks, test.values.shape[1]), size


def measured(
    test: Coverage, scorers: dict[str, list[np.ndarray]], blocks: np.ndarray, means: np.ndarray, options: dict
) -> Samples:
    """Each scorer's sample on each track, against what was measured and, where it is known, against the true rate."""
    found: Samples = {}
    for column, track in enumerate(test.tracks):
        truths = {MEASURED: test.values[..., column]}
        given = {name: [one[..., column] for one in of] for name, of in scorers.items()}
        if track in test.known:
            truths[RATE] = test.rates[..., test.known.index(track)]
            given[TRUTH] = [truths[RATE]]
        for against, truth in truths.items():
            for name, of in given.items():
                if (name, against) == (TRUTH, RATE):
                    continue
                each = [bins.sample(truth.ravel(), one.ravel(), blocks, means[column], **options) for one in of]
                found[name, track, against] = bootstrap.over_seeds(each, options["seed"])
    return found


def table(samples: Samples, scorers: dict[str, list[np.ndarray]], about: dict[str, dict]) -> pd.DataFrame:
    """A row a scorer, track and truth: metrics with intervals, seeds, what it sees and how large it is."""
    rows = []
    for (name, track, against), found in samples.items():
        row = {"model": name, "track": track, "against": against, "seeds": len(scorers.get(name, [0]))}
        row |= {key: about.get(name, {}).get(key) for key in KNOWN}
        rows.append(row | bootstrap.cells(bootstrap.summary(found, bins.METRICS)))
    return pd.DataFrame(rows).astype({"receptive_field": "Int64", "parameters": "Int64"})


def described(about: dict[str, dict]) -> dict[str, dict]:
    """What is known of each model beside its figures."""
    return {name: {key: one[key] for key in KNOWN} for name, one in about.items()}


def differences(samples: Samples, models: list[str]) -> dict:
    """Paired differences of each model to every other scorer, by track and truth: same bins, same resamples."""
    found: dict = {}
    for (name, track, against), one in samples.items():
        for (other, place, truth), its in samples.items():
            if name in models and name != other and (place, truth) == (track, against):
                less = bootstrap.summary(bootstrap.minus(one, its), bins.METRICS)
                found.setdefault(name, {}).setdefault(other, {})[f"{track}, against the {against}"] = less
    return found


if __name__ == "__main__":
    cli.run(main)

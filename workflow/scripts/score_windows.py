"""Score variants that come as pairs of windows, in two classes, and compare these beside their nulls."""

import dnalm.startup

from typing import Annotated, Any

import pandas as pd

from dnalm import cli, files
from dnalm.cli import Input, Output
from dnalm.errors import UsageError
from dnalm.logs import log
from dnalm.networks import models
from dnalm.variants import alleles, answers, beside, contexts, contrast, evidence, pairs
from dnalm.variants import summary as variants_summary
from dnalm.variants import windows as variants_windows
from dnalm.variants.scores import SCORES, TOKENS

FIRST = ["class", "id", "line", "place", "ref", "alt", "other", "kind", "substitution", "trinucleotide", "gc"]
WHOLE = ["place", "cluster", *TOKENS]


def main(
    *,
    classes: list[str],
    windows: list[Input],
    columns: dict | None = None,
    model: Input,
    scores: Annotated[list[str] | None, SCORES] = None,
    layer: int = 0,
    output: str | None = None,
    twin: bool = True,
    fast: bool = False,
    max_n: float = 0.5,
    seed: int = 0,
    out: Output,
    out_summary: Output,
) -> None:
    """Score the pairs of a table of --windows for each of two --classes, by all scores or those asked for.

    --columns says which column holds what, as {"ref": …, "alt": …} (whole windows, which differ in one place) and
    perhaps "id". Each row comes out with its scores or the reason why it has none. Beside each score stand what random
    weights say (--twin) and what the model says of another base at the same place, drawn by --seed (`{score}_null`).
    The summary says how the first class ranks against the second, by the scores, by those of the other base and by
    how far the one is beyond the other, as they are and among alleles alike in substitution, neighbours and GC. Of a
    fine-tuned model with several outputs delta is of the one that --output names, and shift of all. --fast is as
    in `score_variants`.
    """
    if len(classes) != 2 or len(set(classes)) != 2 or len(windows) != 2:
        raise UsageError(f"--classes: got {' '.join(classes)} for {len(windows)} tables, wanted two names for two")
    objective, says = models.read_objective(model), models.read_outputs(model)
    names = evidence.choose(objective, scores, says, output)
    given = variants_windows.read(dict(zip(classes, windows, strict=True)), columns)
    table, ref, alt = variants_windows.hold(given, max_n)
    other = variants_windows.others(ref, alt, seed)
    log.info(f"{len(table):,} rows, {len(ref):,} distinct pairs of windows of {ref.shape[1]} bases to score")
    parts = variants_windows.pieces(ref, alt, other)
    both = beside.scored(model, parts, 2 * len(ref), names, layer, seed if twin else None, output, fast=fast)
    found, null = (both.iloc[side::2].reset_index(drop=True) for side in (0, 1))
    told = pairs.of_windows(ref, alt)
    context = contexts.of_windows(told)
    table = alleles.with_scores(variants_windows.columns(table, told, other), found.join(context))
    table = alleles.with_scores(table, null[names].add_suffix("_null"))
    once = table[table.edit >= 0].drop_duplicates(["class", "edit"]).reset_index(drop=True)
    around = contexts.of_windows(pairs.of_windows(ref, other))
    beside_null = contrast.beside_null(
        once,
        context.iloc[once.edit].reset_index(drop=True),
        null.iloc[once.edit].reset_index(drop=True),
        around.iloc[once.edit].reset_index(drop=True),
        (classes[0], classes[1]),
        names,
        seed,
    )
    about = {"objective": objective, "output": output, "units": answers.units(names, says, output)}
    about |= {"window": ref.shape[1], "lower_case": int(given.ref.str.contains("[a-z]").sum())}
    summary = about | counts(table, once, names) | beside_null
    nulls = [f"{name}_null" for name in names]
    order = [*FIRST, "cluster", *beside.columns(table, names), *nulls, *TOKENS, "skipped"]
    files.write_table(out, table[order].astype(dict.fromkeys(WHOLE, "Int64")))
    files.write_json(out_summary, summary)
    for reason, count in summary["skipped"].items():
        log.info(f"skipped {count:,} rows: {reason}")


def counts(table: pd.DataFrame, once: pd.DataFrame, names: list[str]) -> dict[str, Any]:
    """How many rows there are and of which nothing is said, and what scores are like, each pair `once` in a class."""
    skipped = table.skipped[table.skipped != ""].value_counts()
    sizes = once.cluster.value_counts()
    return {
        "rows": len(table),
        "scored": int((table.skipped == "").sum()),
        "distinct": int(once.edit.nunique()),
        "in_both_classes": int(once.edit.duplicated().sum()),
        "skipped": {reason: int(count) for reason, count in skipped.items()},
        "kinds": {kind: int(count) for kind, count in once.kind.value_counts().sort_index().items()},
        "clusters": {"number": len(sizes), "largest": int(sizes.max())},
        "scores": names,
        "classes": variants_summary.by_class(once, names),
        "changed_tokens_spearman": {name: variants_summary.token_correlation(once, name) for name in names},
    }


if __name__ == "__main__":
    cli.run(main)

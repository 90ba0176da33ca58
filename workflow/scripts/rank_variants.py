"""Put every model of a configuration on one leaderboard of labelled variants, beside the baselines."""

import dnalm.startup

import pandas as pd

from dnalm import cli, files, texts
from dnalm.cli import Input, Output
from dnalm.errors import InputError, UsageError
from dnalm.logs import log
from dnalm.variants import leaderboard
from dnalm.variants.leaderboard import Entry

WANTED = ("scores", "classes")  # what every summary of score_variants.py has
RANKED = ("ranked_by", "baseline", "best_baseline", "minus_best_baseline", "twin", "minus_twin", "blocks")


def main(*, summaries: list[Input], names: list[str], out: Output, out_json: Output) -> None:
    """Write a row for each set of variants, model and way of ranking, and for each baseline of a set.

    `summaries` are those of score_variants.py; `names`, one each, are `set corpus/tokenizer/model stage`. `alleles`
    says whether a row is of all labelled alleles or, of a fine-tuned model, of those on its test contigs alone
    (held_out). Differences are paired: to the best baseline of these very alleles and to the same network with random
    weights. What is undefined is an empty cell with a `reason`. Best first within a set, by AUROC; a warning where
    models of one set were measured on different alleles.
    """
    if not len(summaries) == len(names) == len(set(names)):
        raise UsageError(f"got {len(summaries)} summaries for {len(names)} names; give one each, all names different")
    entries = [entry(name, path) for name, path in zip(names, summaries, strict=True)]
    found = leaderboard.rows(entries)
    warnings = leaderboard.unlike(entries)
    board = leaderboard.table(found)
    files.write_table(out, board)
    files.write_json(out_json, {"rows": found, "warnings": warnings})
    for warning in warnings:
        log.warning(warning)
    tell(board)


def entry(name: str, path: Input) -> Entry:
    """A summary under its name. UsageError for a name of other words, InputError for a file of another kind."""
    words = name.split(" ")
    if len(words) != 3:
        raise UsageError(f"--names has {name!r}; wanted three words, as in 'demo demo/char/demo-conv pretrained'")
    summary = texts.read_json(path)
    wanted = WANTED + (RANKED if "auroc" in summary else ())
    if missing := [key for key in wanted if key not in summary]:
        raise InputError(f"{path}: got no {', '.join(missing)}, wanted a summary of score_variants.py; make it again")
    return Entry(*words, summary)


def tell(board: pd.DataFrame) -> None:
    """Log the best model of each set."""
    for (name, alleles), rows in board[board.kind == "model"].groupby(["variants", "alleles"], sort=False):
        best = rows.iloc[0]
        said = f"AUROC {best.auroc:.3f}" if pd.notna(best.auroc) else f"undefined ({best.reason})"
        log.info(f"{name}, {alleles}: {best.model} {best.stage} by {best.ranked_by}, {said}, of {len(rows):,} rows")


if __name__ == "__main__":
    cli.run(main)

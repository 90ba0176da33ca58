"""Put the accuracies of all tokenizers in one table, fit the smooth over vocabulary size and pick its top."""

import dnalm.startup

import json
from pathlib import Path

import pandas as pd

from dnalm import cli, files
from dnalm.cli import Input, Output
from dnalm.errors import InputError, UsageError
from dnalm.logs import log
from dnalm.tokens import vocabulary
from dnalm.tokens.kinds import LEARNT


def main(
    *,
    metrics: list[Input],
    names: list[str],
    baselines: Input,
    out_table: Output,
    out_choice: Output,
    decide_by: int = 6,
) -> None:
    """Write the table (a row for each tokenizer, split and k) and the choice, from metrics.json files.

    The smooth goes through the byte-pair tokenizers; k-mers and single bases stand beside it. The choice is made on
    the validation contigs, by the next `decide_by` bases; its accuracy on the test contigs took no part in it.
    """
    if len(metrics) != len(names) or len(set(names)) != len(names):
        raise UsageError(f"got {len(metrics)} metrics for {len(names)} names; give one name each, all different")
    reports = {
        name: json.loads(Path(path).read_text(encoding="utf-8")) for name, path in zip(names, metrics, strict=True)
    }
    table = pd.DataFrame([row for name, report in reports.items() for row in rows(name, report)])
    if decide_by not in set(table.k):
        raise UsageError(f"decide_by: got {decide_by}, wanted one of {', '.join(map(str, sorted(set(table.k))))}")
    if table.groupby(["split", "k"]).n.nunique().max() > 1:
        raise InputError(f"{metrics[0]}: other sequences than for the other tokenizers; make all of them again")
    known = json.loads(Path(baselines).read_text(encoding="utf-8"))
    curves = {str(k): curve(table[table.k == k]) for k in sorted(set(table.k))}
    chosen = curves[str(decide_by)]["chosen"]
    test = table[(table.tokenizer == chosen) & (table.split == "test")].set_index("k")
    choice = {
        "chosen": chosen,
        "decided_by": {"k": decide_by, "split": "validation"},
        "test_accuracy": {str(k): test.accuracy[k] for k in test.index},
        "best_markov": best_chain(known, decide_by),
        "curves": curves,
        "baselines": known,
        "published": {"source": vocabulary.SOURCE, "figures": list(vocabulary.PUBLISHED)},
    }
    files.write_table(out_table, table)
    files.write_json(out_choice, choice)
    found = curves[str(decide_by)]
    doubt = "; these sequences cannot tell the sizes apart" if found["flat"] else ""
    doubt += "; it is at the edge of the sizes tried" if found["at_edge"] else ""
    log.info(f"chosen: {chosen}; top at {found['top']:.0f} tokens ({found['low']:.0f} to {found['high']:.0f}){doubt}")


def rows(name: str, report: dict) -> list[dict]:
    """One line for each split and k of one tokenizer."""
    return [
        {"tokenizer": name, **{key: report[key] for key in ("kind", "tokens", "bases_per_token")}}
        | {"split": split, "k": int(k), "n": report[split]["n"]}
        | {"accuracy": one["accuracy"]["value"], "low": one["accuracy"]["low"], "high": one["accuracy"]["high"]}
        | {"bits_per_base": one["bits_per_base"]}
        for split in ("validation", "test")
        for k, one in report[split]["k"].items()
    ]


def curve(table: pd.DataFrame) -> dict:
    """The smooth of one k over the byte-pair tokenizers on validation, and the tokenizer nearest its top."""
    fitted = table[(table.split == "validation") & table.kind.isin(LEARNT)].sort_values("tokens")
    if fitted.tokens.nunique() < 3:
        raise InputError(
            f"tokenizers: got {fitted.tokens.nunique()} sizes of byte-pair vocabulary, wanted three for a smooth; name "
            "more, or a larger corpus where two gave the same vocabulary"
        )
    sizes = fitted.tokens.to_numpy()
    found = vocabulary.curve(sizes, fitted.accuracy.to_numpy(), fitted.n.to_numpy())
    return found | {"chosen": fitted.tokenizer.iloc[vocabulary.nearest(sizes, found["top"])]}


def best_chain(baselines: dict, k: int) -> str:
    """The baseline that does best on validation: what the models have to beat."""
    return max(baselines, key=lambda name: baselines[name]["validation"]["k"][str(k)]["accuracy"]["value"])


if __name__ == "__main__":
    cli.run(main)

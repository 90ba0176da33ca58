"""Make one model of several that differ by their seed: the mean of what they say, calibrated on validation."""

import dnalm.startup

from dnalm import cli, files, texts
from dnalm.cli import Input, Output
from dnalm.errors import InputError
from dnalm.logs import log
from dnalm.networks import cards, ensemble, models
from dnalm.targets import comparison
from dnalm.targets import split as targets_split
from dnalm.targets import windows as labelled
from dnalm.tokens import tokenizer as tk
from dnalm.training import finetuning, tasks


def main(*, members: list[Input], out: Output) -> None:
    """Write the ensemble of fine-tuned models (folders `members`), its split and predictions of held-out windows.

    The mean is of calibrated logits, each the mean of both strands, or of measured values; it is calibrated again on
    the validation windows. Predictions are reckoned from the members' predictions.tsv.gz: no window is read again.
    """
    first = members[0]
    if other := next((folder for folder in members if not (folder / targets_split.FILE).exists()), None):
        raise InputError(f"{other}: has no {targets_split.FILE}; wanted folders that finetune_model.py has written")
    splits = {folder: texts.read_json(folder / targets_split.FILE) for folder in members}
    if other := next((folder for folder, about in splits.items() if about != splits[first]), None):
        raise InputError(f"{other}: has another split.json than {first}; wanted models of one target and one split")
    learnt = tasks.of(splits[first], first / targets_split.FILE)
    predicted = {str(folder): folder / "predictions.tsv.gz" for folder in members}
    table = comparison.join(predicted, predicted[str(first)], learnt)
    mean, held_out = comparison.together(table, list(predicted), learnt), (table.split == "validation").to_numpy()
    network = ensemble.of([models.load(folder, "classify") for folder in members])
    finetuning.calibrate(network, mean[held_out], comparison.truth(table, learnt)[held_out], learnt)
    kept = table[["id", "split", "label", "kind", *labelled.values_of(learnt)]]
    finetuning.write_predictions(out / "predictions.tsv.gz", kept, mean, network.config, learnt)
    files.write_json(out / targets_split.FILE, splits[first])
    facts = {"mean of": f"{len(members)} models"} | {f"model {n}": str(one) for n, one in enumerate(members, 1)}
    models.save(network, tk.load(first), out, cards.finetuning_card({}, facts, learnt.task))
    scale, shift = network.config.scale, network.config.shift
    log.info(f"{len(members)} models as one; their mean is calibrated by scale {scale} and shift {shift}")


if __name__ == "__main__":
    cli.run(main)

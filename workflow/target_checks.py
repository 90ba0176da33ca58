"""Targets, checked before any job starts: files, genome, window, table, tracks, what a run asks of their models."""

import genome_checks
import presets
import sizes
import tables
from dnalm.dna.place import overlap, place
from genome_checks import contigs, file_problem, genome_problems
from origins import OWN, tokenizer_row
from presets import listed, preset, value

TARGET_FILES = ("peaks", "not_negative", "sequences", "blacklist", "mappability", "mine", "motif")


def target_problems(name: str, run: dict, tokenizer: dict) -> list[str]:
    """Files, genome and window of a target."""
    target, where = preset("targets", name), f"config/targets/{name}.yaml"
    problems = genome_problems(target["genome"]) if "genome" in target else no_genome(where, target, run)
    problems += window_problem(where, value("targets", name, "window"), run, tokenizer) + table_problems(where, target)
    if "peaks" not in target and "sequences" not in target:
        problems.append(f"{where}: needs peaks or sequences{', or belongs under tracks' if 'tracks' in target else ''}")
    if "not_negative" in target and "peaks" not in target:
        problems.append(
            f"{where}: not_negative: keeps negatives away from other peaks, and without peaks none are drawn"
        )
    if target.get("centre") == "motif" and "motif" not in target:
        problems.append(f"{where}: centre: got motif, but none is named; name its file under motif")
    if target.get("mined") and "mine" not in target:
        problems.append(f"{where}: mined: got {target['mined']} without mine; name the bigWig of a first model there")
    if f"/finetuned/{name}/" in target.get("mine", ""):
        problems.append(f"{where}: mine: its own models cannot be there before it; name a scan for another target")
    if target.get("bound_in", "any") not in ("any", "all", *range(1, len(listed(target.get("peaks", []))) + 1)):
        problems.append(
            f"{where}: bound_in: got {target['bound_in']}, wanted any, all or a number of the files of peaks"
        )
    for key in TARGET_FILES:
        problems += file_problem(where, key, target)
    return problems


def no_genome(where: str, target: dict, run: dict) -> list[str]:
    """What a target cannot have that does not say on which genome it lies."""
    wanted = [key for key in ("scan", "optimise") if run[key]]
    lying = [key for key in ("peaks", "blacklist", "mine") if key in target]
    problems = [f"{where}: genome: got none, and {' and '.join(lying)} lie(s) on one; name it"] if lying else []
    if wanted:
        problems.append(
            f"{where}: genome: got none, so its models know no genome to {' and '.join(wanted)}; name the one that the "
            "sequences are from, or leave that out of this run"
        )
    return problems


def table_problems(where: str, target: dict) -> list[str]:
    """Keys that speak of a table of sequences, and files for each split, beside peaks or without a table."""
    told = [key for key in ("columns", "positive", "values") if key in target]
    if told and "sequences" not in target:
        return [f"{where}: {told[0]}: speaks of sequences, and there are none; name a table there"]
    if "peaks" not in target:
        return []
    if "values" in target:
        return [f"{where}: values: peaks are bound or not; make a target of its own for the table"]
    if isinstance(target.get("sequences"), dict):
        return [f"{where}: sequences: got files by split, and peaks are split by contigs; make two targets of them"]
    return []


def scan_problems(target: str, scanned: list[str]) -> list[str]:
    """Places to scan that a genome lacks, as far as its contigs are known, or of which none is for testing.

    Of the latter there would be nothing to score.
    """
    values, where = preset("targets", target), f"config/targets/{target}.yaml"
    if "genome" not in values:
        return []
    chosen = sizes.scanned(target, values["genome"])
    lacking = [
        f"{where}: scan.contigs: genome {genome} has no contig {contig}{presets.nearest(contig, known)}"
        for genome in scanned
        if (known := contigs(genome, preset("genomes", genome)))
        for text in sizes.scanned(target, genome) or []
        if text not in known and (contig := place(text).contig) not in known
    ]
    if lacking:
        return lacking
    splits = values.get("splits", genome_checks.splits(values["genome"]))
    tested = splits.get("test", [])
    if values["genome"] not in scanned or not chosen or "stripes" in splits:
        return []
    if any(overlap(place(one), place(other)) for one in tested for other in chosen):
        return []
    return [
        f"{where}: scan.contigs: got {', '.join(chosen)}, none of which is for testing "
        f"({', '.join(tested[:5]) or 'no place is'}); the scan could not be scored: add one"
    ]


def value_problems(target: str, run: dict) -> list[str]:
    """What asks how sure a model is that a window is bound, of a target whose models say what was measured."""
    asked = [key for key in ("scan", "optimise", "insight") if run[key]]
    if "values" not in preset("targets", target) or not asked:
        return []
    return [
        f"config/targets/{target}.yaml: values: its models predict what was measured, and {', '.join(asked)} need one "
        "that tells bound from unbound windows; leave these out of the run, or name another target"
    ]


def outputs(target: str) -> list[str] | None:
    """Names of what the models of a target say, none of one logit; None where only its table tells."""
    values = preset("targets", target)
    if "peaks" in values or "positive" in values:
        return []
    return list(values["tracks"]) if "tracks" in values else values.get("values")


def output_problems(name: str, run: dict) -> list[str]:
    """An output of fine-tuned models that they have not, or one that is not named; what cannot be had of these."""
    variants, where = preset("variants", name), f"config/variants/{name}.yaml"
    output, scores = variants.get("output"), variants.get("scores", [])
    rows, problems = tables.rows("variants.scores.SCORES"), []
    one = next((score for score in scores if rows[score].get("outputs") == "one"), None)
    for target in run["targets"] + run["tracks"]:
        if (known := outputs(target)) is None:
            continue
        said = f"those of target {target}: {', '.join(known)}" if known else f"none, for target {target}: one logit"
        if output is not None and output not in known:
            problems.append(f"{where}: output: got {output}, wanted {'one of ' if known else ''}{said}")
        if output is None and one and len(known) > 1:
            problems.append(f"{where}: output: got none, and {one} is of one; wanted one of {said}")
    embedded = [score for score in scores if rows[score]["evidence"] == "embedding"]
    if embedded and run["ensemble"] and run["targets"]:
        problems.append(
            f"{where}: scores: got {', '.join(embedded)}, and an ensemble has an embedding for each member; leave "
            "ensemble out of the run, or these out of scores"
        )
    for target in run["tracks"]:
        window, bases = value("variants", name, "window"), value("targets", target, "bin")
        if "windows" not in variants and window % bases:
            problems.append(f"{where}: window: got {window}, wanted a multiple of the bin of target {target}, {bases}")
    return problems


def track_problems(name: str, run: dict, model: dict, tokenizer: dict) -> list[str]:
    """Files, bins and window of a target of tracks, and whether tokenizer and recipes can serve it."""
    target, where = preset("targets", name), f"config/targets/{name}.yaml"
    if "tracks" not in target:
        return [f"{where}: tracks: got none, wanted names and their files; a target of windows belongs under targets"]
    window, bases = sizes.window(name), value("targets", name, "bin")
    if "genome" not in target:
        return [f"{where}: genome: got none, and tracks lie on one; name it"]
    problems = genome_problems(target["genome"])
    if window % bases:
        problems.append(f"{where}: window: got {window}, wanted a multiple of bin, {bases}")
    if tokenizer["kind"] != "char":
        problems.append(
            f"{where}: tracks are read off single bases: got tokenizer {run['tokenizer']}, wanted one of kind char"
        )
    elif model.get("architecture", sizes.CONVOLVED[0]) not in sizes.CONVOLVED:  # convolutions count no positions
        problems += window_problem(where, window, run, tokenizer)
    if strange := [one for one in target.get("rates", {}) if one not in target["tracks"]]:
        problems.append(
            f"{where}: rates: {strange[0]} is none of tracks{presets.nearest(strange[0], list(target['tracks']))}"
        )
    fits = [loss for loss, row in tables.rows("training.finetuning.LOSSES").items() if "coverage" in row["tasks"]]
    for recipe in run["recipes"]:
        values, said = preset("recipes", recipe), f"config/recipes/{recipe}.yaml"
        if values["method"] not in ("full", "scratch"):
            problems.append(f"{said}: method: got {values['method']}; tracks are learnt with full or scratch")
        if values.get("loss", fits[0]) not in fits:
            problems.append(f"{said}: loss: got {values['loss']}; tracks are learnt with {' or '.join(fits)}")
        if values.get("keep", [1]) != [1]:
            problems.append(f"{said}: keep: is for targets of windows; tracks are learnt from all weights or from none")
        if values.get("flanked"):
            problems.append(f"{said}: flanked: is for targets of windows; tracks are read along a genome anyway")
    for key in ("tracks", "rates"):
        problems += [line for one in target.get(key, {}) for line in file_problem(where, one, target[key])]
    return problems


def binned_problems(run: dict, model: dict) -> list[str]:
    """A network that answers bin by bin is trained on tracks and on nothing else."""
    row = tables.rows("networks.registry.NETWORKS").get(model.get("architecture"))
    if not row or not row["binned"] or not run["targets"]:
        return []
    said = f"{model['architecture']} answers bin by bin, not for a window"
    return [f"config/models/{run['model']}.yaml: architecture: {said}; name tracks in place of targets"]


def window_problem(where: str, window: int, run: dict, tokenizer: dict) -> list[str]:
    """A window must fit the model's context; a word of BPE is taken to be two bases at least."""
    if tokenizer["kind"] == OWN:  # known when it is there
        return []
    context = value("models", run["model"], "context")
    shortest = tokenizer_row(tokenizer)["shortest"] or tokenizer.get("k", 6)
    need = -(-window // shortest) + 2
    if need <= context:
        return []
    return [
        f"{where}: window: {window} bases are {need} tokens with {run['tokenizer']}, but the context of model "
        f"{run['model']} is {context}; make the window shorter or the context longer"
    ]

"""Checks across presets before any job starts: what would fail an hour into a run fails here, in one line."""

import presets
import tables
from genome_checks import file_problem, genome_problems, genomes, nothing_left, splits
from origins import OWN, PUBLISHED, import_problems, origin_problems, tokenizer_row
from presets import ConfigError, preset, value
from target_checks import (
    binned_problems,
    output_problems,
    scan_problems,
    target_problems,
    track_problems,
    value_problems,
    window_problem,
)

FEWEST_RANDOM = 250  # 192 classes of substitutions, and as many indels as belong to them
# What may be said beside windows of variants.
WINDOWED = ("columns", "scores", "layer", "output", "twin", "fast", "max_n")
# Keys of a set of variants, and the sources that they speak of.
OF_SOURCES = (("columns", "table"), ("info", "table"), ("reads", "table"), ("only", "table"), ("sample", "vcf"))
OF_SOURCES += (("chrom_prefix", "table", "lines"), ("label_key", "vcf", "table", "lines"))


def checked(config: dict) -> dict:
    """The configuration with defaults filled in; ConfigError, one line a problem, where it or a preset is wrong."""
    problems = presets.check(config, presets.schema("config"), "config")
    if problems:
        raise ConfigError("\n".join(problems))
    rules = presets.schema("config")["properties"]["runs"]["items"]
    runs = [presets.filled(run, rules) for run in config["runs"]]
    vocabularies = config.get("vocabularies", [])
    for section, items, find in (("runs", runs, run_problems), ("vocabularies", vocabularies, vocabulary_problems)):
        for number, item in enumerate(items):
            try:
                found = find(item)
            except ConfigError as error:
                found = str(error).splitlines()
            where = f"config: {section}.{number}: "
            problems += [line if line.startswith("config/") else where + line for line in found]
    if problems:
        raise ConfigError("\n".join(dict.fromkeys(problems)))
    hub = presets.filled(config.get("hub", {}), presets.schema("config")["properties"]["hub"])
    return config | {"runs": runs, "vocabularies": vocabularies, "hub": hub}


def run_problems(run: dict) -> list[str]:
    """What does not fit together in one run, a line each."""
    model = preset("models", run["model"])
    if problems := origin_problems(run, model):
        return problems
    if run["corpus"] == PUBLISHED:
        tokenizer, corpus = {"kind": OWN}, model["import"].get("corpus")
    else:
        tokenizer = preset("tokenizers", run["tokenizer"])
        corpus = run["corpus"]
        problems = model_problems(run["model"], model, tokenizer)
    named = {*(genomes(corpus) if corpus else ()), *run["scan"]}
    problems += [line for genome in named for line in genome_problems(genome)]
    if run["corpus"] != PUBLISHED:
        problems += [line for genome in genomes(run["corpus"], trained_on=True) for line in nothing_left(genome)]
    if run["corpus"] == PUBLISHED and not corpus and (run["insight"] or run["generate"]):
        problems.append(
            f"config/models/{run['model']}.yaml: import.corpus: got none, wanted the genome or corpus preset it was "
            "trained on; insight and generate compare with it"
        )
    for name in run["targets"]:
        problems += target_problems(name, run, tokenizer) + scan_problems(name, run["scan"]) + value_problems(name, run)
    for name in run["tracks"]:
        problems += track_problems(name, run, model, tokenizer)
    problems += binned_problems(run, model)
    for name in run["variants"]:
        problems += variant_problems(name, run, tokenizer) + output_problems(name, run)
    for recipe in run["recipes"]:
        problems += recipe_problems(recipe, model)
    for name in run["constraint"]:
        problems += constraint_problems(name, run, model)
    for kind in ("generate", "optimise"):
        problems += [line for name in run[kind] for line in design_problems(name, kind, run, model)]
    if run["ensemble"] and len(set(run["seeds"])) < max(len(run["seeds"]), 2):
        problems.append(f"seeds: got {run['seeds']}, wanted two or more, all different, for ensemble: true")
    if (run["scan"] or run["optimise"]) and not run["targets"]:
        problems.append("scan and optimise need a fine-tuned model; name a target under targets")
    return problems


def recipe_problems(name: str, model: dict) -> list[str]:
    """Shares of pretrained weights to start from, where there are none or all are kept; what a probe cannot read."""
    recipe = preset("recipes", name)
    if recipe.get("flanked") and recipe["method"] == "probe":
        return [f"config/recipes/{name}.yaml: flanked: a probe reads states of windows by themselves; leave it out"]
    if recipe.get("keep", [1]) == [1]:
        return []
    where = f"config/recipes/{name}.yaml: keep: blends pretrained weights with random ones"
    if recipe["method"] != "full":
        return [f"{where}, for method full; got method {recipe['method']}, leave it out"]
    return [f"{where}, and this model is never pretrained; leave it out"] if model.get("objective") == "none" else []


def vocabulary_problems(item: dict) -> list[str]:
    """Genomes, tokenizers, sizes and held-out contigs of a vocabulary to be chosen."""
    name, where = item["vocabulary"], f"config/vocabularies/{item['vocabulary']}.yaml"
    vocabulary, found = preset("vocabularies", name), genomes(item["corpus"], trained_on=True)
    problems = [line for genome in found for line in genome_problems(genome)]
    prompt, words = value("vocabularies", name, "prompt"), value("vocabularies", name, "k")
    sizes = set()
    for one in vocabulary["tokenizers"]:
        tokenizer, run = preset("tokenizers", one), {"tokenizer": one, "model": vocabulary["model"]}
        model = preset("models", run["model"])
        if found_import := import_problems(run["model"], model, False):
            return problems + found_import
        problems += model_problems(run["model"], model, tokenizer)
        problems += window_problem(where, prompt, run, tokenizer)
        sizes |= {value("tokenizers", one, "vocab_size")} if tokenizer_row(tokenizer)["learns"] else set()
    if len(sizes) < 3:
        problems.append(f"{where}: tokenizers: got {len(sizes)} sizes of byte pairs, wanted three or more for a smooth")
    if (by := value("vocabularies", name, "decide_by")) not in words:
        problems.append(f"{where}: decide_by: got {by}, wanted one of k: {', '.join(map(str, words))}")
    for split in ("validation", "test"):
        held = [splits(genome) for genome in found]
        if not any(one.get(split) or "stripes" in one for one in held):
            problems.append(f"corpus {item['corpus']} holds out no {split} contigs; name some in its genome")
    return problems


def model_problems(name: str, model: dict, tokenizer: dict) -> list[str]:
    """Objective against architecture and tokenizer, of a model that is trained here."""
    where, problems = f"config/models/{name}.yaml", []
    row = tables.rows("networks.registry.NETWORKS").get(model["architecture"])
    if row and model["objective"] not in (*row["objectives"], "none"):
        fits = " or ".join(row["objectives"]) or "none"
        problems.append(f"{where}: objective: {model['architecture']} is trained with {fits}, not {model['objective']}")
    overlaps = tokenizer_row(tokenizer)["overlaps"]
    k = tokenizer.get("k", 6) if overlaps else 1
    if 0 < model.get("mask_span", 0) < k:
        problems.append(
            f"{where}: mask_span: got {model['mask_span']}, but a base is spelt by {k} overlapping k-mers and all must "
            f"be masked; write {k}, or leave it out"
        )
    if model.get("reverse_complement") and tokenizer["kind"] != "char":
        problems.append(f"{where}: reverse_complement: needs a tokenizer of kind char, not {tokenizer['kind']}")
    if overlaps and model["objective"] == "clm":
        problems.append(
            f"{where}: objective: clm learns nothing from overlapping k-mers, each of which holds all but one base of "
            "the next; use mlm, or a tokenizer that does not overlap"
        )
    return problems


def variant_problems(name: str, run: dict, tokenizer: dict) -> list[str]:
    """Source, genome and window of a set of variants."""
    where = f"config/variants/{name}.yaml"
    if ending := next((one for one in (".windows", ".saturation") if name.endswith(one)), None):
        return [f"{where}: got a name that ends in {ending}, as results of another kind do; call it otherwise"]
    variants = preset("variants", name)
    if "windows" in variants:
        return window_pair_problems(where, variants)
    if "genome" not in variants:
        return [f"{where}: lacks genome"]
    problems = genome_problems(variants["genome"])
    problems += window_problem(where, value("variants", name, "window"), run, tokenizer)
    if 0 < value("variants", name, "percentiles") < FEWEST_RANDOM:
        problems.append(
            f"{where}: percentiles: wanted 0 or at least {FEWEST_RANDOM}, one variant of each class of substitution"
        )
    sources = [key for key in ("vcf", "table", "lines", "saturate") if key in variants]
    if len(sources) != 1:
        problems.append(f"{where}: needs vcf, table, lines or saturate, one of them")
    for key, *of in OF_SOURCES:
        if key in variants and sources and not set(of) & set(sources):
            problems.append(f"{where}: {key}: speaks of a {' or '.join(of)}, and {sources[0]} is given; leave it out")
    for key, other in (("genetic_codes", "genes"), ("motif_name", "motif")):
        if key in variants and other not in variants:
            problems.append(
                f"{where}: {key}: speaks of {other}, which {name} does not name; name it, or leave {key} out"
            )
    read = (*sources, "regions", "genes", "motif")
    files = {key: named for key in read if isinstance(named := variants.get(key), str)}
    files |= {f"signals.{name}": path for name, path in variants.get("signals", {}).items()}
    return problems + [line for key in files for line in file_problem(where, key, files)]


def window_pair_problems(where: str, variants: dict) -> list[str]:
    """Windows have no places, so nothing that speaks of these; of their tables all must be there."""
    others = [key for key in variants if key not in ("windows", *WINDOWED)]
    said = f"{where}: {', '.join(others)}: not of windows, which have no places; leave out all but windows, "
    problems = [said + ", ".join(WINDOWED)] if others else []
    windows = {f"windows.{name}": path for name, path in variants["windows"].items()}
    return problems + [line for key in windows for line in file_problem(where, key, windows)]


def constraint_problems(name: str, run: dict, model: dict) -> list[str]:
    """A constraint track wants a language model, a genome, its genes, and a window with a middle."""
    values, where = preset("constraints", name), f"config/constraints/{name}.yaml"
    problems = genome_problems(values["genome"]) + file_problem(where, "genes", values)
    if model.get("objective") not in ("mlm", "clm"):
        said = model.get("objective", "none in its preset")
        problems.append(f"{where}: wants a language model (objective mlm or clm); {run['model']} has objective {said}")
    if 2 * values.get("margin", 0) >= values.get("window", 512):
        problems.append(
            f"{where}: margin: got {values['margin']}, and two of them leave nothing of a window of "
            f"{values.get('window', 512)} bases; give a smaller one"
        )
    return problems


def design_problems(name: str, kind: str, run: dict, model: dict) -> list[str]:
    """Generation wants a causal model, and a design of its own kind."""
    design, where = preset("designs", name), f"config/designs/{name}.yaml"
    if design["kind"] != kind:
        return [f"{where}: kind: got {design['kind']}, but it is listed under {kind}"]
    if kind == "generate" and model.get("objective") != "clm":
        said = model.get("objective", "none in its preset")
        return [f"{where}: generate needs a causal model (objective clm); {run['model']} has objective {said}"]
    return []

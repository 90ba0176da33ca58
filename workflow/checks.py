"""Checks across presets before any job starts: what would fail an hour into a run fails here, in one line."""

from pathlib import Path

import presets
import tables
from dnalm.dna.place import HELD, place
from dnalm.errors import InputError
from dnalm.genome import sources
from origins import OWN, PUBLISHED, SCRATCH, import_problems, origin_problems, tokenizer_row
from presets import ConfigError, preset, value


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
    return config | {"runs": runs, "vocabularies": vocabularies}


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
    for name in run["variants"]:
        problems += variant_problems(name, run, tokenizer)
    for recipe in run["recipes"]:
        preset("recipes", recipe)
    for kind in ("generate", "optimise"):
        problems += [line for name in run[kind] for line in design_problems(name, kind, run, model)]
    if (run["scan"] or run["optimise"]) and not run["targets"]:
        problems.append("scan and optimise need a fine-tuned model; name a target under targets")
    return problems


def genomes(corpus: str, *, trained_on: bool = False) -> list[str]:
    """The genomes of a corpus, of all or of those that are not held out; a genome's name alone is a corpus of one.

    Raises ConfigError where weights or held_out name what the corpus does not train on.
    """
    if corpus == SCRATCH:
        return []
    if not presets.exists("corpora", corpus):
        return [corpus]
    values, where = preset("corpora", corpus), f"config/corpora/{corpus}.yaml"
    held_out = values.get("held_out", [])
    training = [genome for genome in values["genomes"] if genome not in held_out]
    problems = [
        f"{where}: {key}: got {name}, wanted one of {what}: {', '.join(known)}{presets.nearest(name, known)}"
        for key, what, known in (
            ("held_out", "genomes", values["genomes"]),
            ("weights", "genomes trained on", training),
        )
        for name in values.get(key, [])
        if name not in known
    ]
    problems += [] if training else [f"{where}: held_out: got every genome, wanted one left to train on"]
    if problems:
        raise ConfigError("\n".join(problems))
    return training if trained_on else values["genomes"]


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
        held = [preset("genomes", genome).get("splits", {}) for genome in found]
        if not any(one.get(split) or "stripes" in one for one in held):
            problems.append(f"corpus {item['corpus']} holds out no {split} contigs; name some in its genome")
    return problems


def genome_problems(name: str) -> list[str]:
    """Source, files and contig names of a genome, as far as they are known before the genome is there."""
    genome = preset("genomes", name)
    where = f"config/genomes/{name}.yaml"
    if missing := sources.missing(genome):
        return [f"{where}: source {genome['source']} needs {', '.join(missing)}"]
    if genome["source"] == "local" and not Path(genome["path"]).exists():
        return [f"{where}: path: {genome['path']}: no such file"]
    if genome["source"] not in ("local", "simulate"):
        try:
            sources.check_scheme(sources.address(genome))
        except InputError as error:
            return [f"{where}: {error}"]
    splits = genome.get("splits", {})
    return file_problem(where, "rename", genome) + split_problems(where, splits, contigs(name, genome))


def split_problems(where: str, splits: dict, known: list[str]) -> list[str]:
    """Places of a genome's splits on contigs that it lacks, where its contigs are known."""
    named = [(split, text) for split in HELD for text in splits.get(split, [])] if known else []
    return [
        f"{where}: splits.{split}: the genome has no contig {contig}{presets.nearest(contig, known)}"
        for split, text in named
        if text not in known and (contig := place(text).contig) not in known
    ]


def nothing_left(name: str) -> list[str]:
    """A genome to train on of which every contig is held out, where its contigs are known."""
    genome = preset("genomes", name)
    known, splits = contigs(name, genome), genome.get("splits", {})
    if not known or not set(known) <= {text for split in HELD for text in splits.get(split, [])}:
        return []
    return [
        f"config/genomes/{name}.yaml: splits: every contig ({', '.join(known[:5])}) is held out and nothing is left to "
        "train on; hold out regions (contig:start-end, or stripes) or fewer contigs"
    ]


def scan_problems(target: str, scanned: list[str]) -> list[str]:
    """Contigs to scan of which none holds a test place: there would be nothing to score."""
    values, where = preset("targets", target), f"config/targets/{target}.yaml"
    if "genome" not in values:
        return []
    chosen = values.get("scan", {}).get("contigs")
    splits = values.get("splits", preset("genomes", values["genome"]).get("splits", {}))
    tested = [place(text).contig for text in splits.get("test", [])]
    if values["genome"] not in scanned or not chosen or "stripes" in splits or set(tested) & set(chosen):
        return []
    return [
        f"{where}: scan.contigs: got {', '.join(chosen)}, none of which is for testing "
        f"({', '.join(tested[:5]) or 'no contig is'}); the scan could not be scored: add one"
    ]


def value_problems(target: str, run: dict) -> list[str]:
    """What asks how sure a model is that a window is bound, of a target whose models say what was measured."""
    asked = [key for key in ("scan", "variants", "optimise", "insight") if run[key]]
    if "values" not in preset("targets", target) or not asked:
        return []
    return [
        f"config/targets/{target}.yaml: values: its models predict what was measured, and {', '.join(asked)} need one "
        "that tells bound from unbound windows; leave these out of the run, or name another target"
    ]


def contigs(name: str, genome: dict) -> list[str]:
    """Contig names, where they can be known without reading a genome: kept, simulated, or indexed since.

    An index beside a local FASTA says nothing: it may be of another file.
    """
    if "keep" in genome:
        return genome["keep"]
    if genome["source"] == "simulate":
        return [f"chr{chr(ord('A') + number)}" for number in range(genome.get("contigs", 6))]
    sizes = Path(f"resources/genomes/{name}/chrom.sizes")
    if sizes.exists() and sizes.stat().st_mtime > Path(presets.path("genomes", name)).stat().st_mtime:
        return [line.split("\t")[0] for line in sizes.read_text(encoding="utf-8").splitlines()]
    return []


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


def target_problems(name: str, run: dict, tokenizer: dict) -> list[str]:
    """Files, genome and window of a target."""
    target, where = preset("targets", name), f"config/targets/{name}.yaml"
    problems = genome_problems(target["genome"]) if "genome" in target else no_genome(where, target, run)
    problems += window_problem(where, value("targets", name, "window"), run, tokenizer) + table_problems(where, target)
    if "peaks" not in target and "sequences" not in target:
        problems.append(f"{where}: needs peaks or sequences")
    if target.get("mined") and "mine" not in target:
        problems.append(f"{where}: mined: got {target['mined']} without mine; name the bigWig of a first model there")
    if f"/finetuned/{name}/" in target.get("mine", ""):
        problems.append(f"{where}: mine: its own models cannot be there before it; name a scan for another target")
    for key in ("peaks", "sequences", "blacklist", "mine", "motif"):
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


def variant_problems(name: str, run: dict, tokenizer: dict) -> list[str]:
    """Source, genome and window of a set of variants."""
    variants, where = preset("variants", name), f"config/variants/{name}.yaml"
    problems = genome_problems(variants["genome"])
    problems += window_problem(where, value("variants", name, "window"), run, tokenizer)
    if ("vcf" in variants) == ("table" in variants):
        problems.append(f"{where}: needs vcf or table, one of them")
    return problems + [line for key in ("vcf", "table") for line in file_problem(where, key, variants)]


def file_problem(where: str, key: str, values: dict) -> list[str]:
    """A file that no rule makes must be there already."""
    paths = presets.listed(values[key]) if key in values else []
    gone = [path for path in paths if not presets.is_made(path) and not Path(presets.shipped(path)).exists()]
    return [f"{where}: {key}: {path}: no such file" for path in gone]


def design_problems(name: str, kind: str, run: dict, model: dict) -> list[str]:
    """Generation wants a causal model, and a design of its own kind."""
    design, where = preset("designs", name), f"config/designs/{name}.yaml"
    if design["kind"] != kind:
        return [f"{where}: kind: got {design['kind']}, but it is listed under {kind}"]
    if kind == "generate" and model.get("objective") != "clm":
        said = model.get("objective", "none in its preset")
        return [f"{where}: generate needs a causal model (objective clm); {run['model']} has objective {said}"]
    return []

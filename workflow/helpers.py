"""What the rules need while the graph is built: presets, paths, options, code fingerprints. Light imports only."""

import json
import os
import shlex
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path

from snakemake.io import local

import genome_checks
import goals
import origins
import presets
import sizes
import tables
import target_checks
from dnalm import fingerprint as code
from dnalm.errors import InputError
from dnalm.genome import browsers, sources
from paths import (
    CONSENSUS,
    CONVERTED,
    DOWNLOADED,
    FETCHED,
    FINETUNED,
    GENOME,
    GENOME_FILES,
    MODEL_FILES,
    PRETRAINED,
    SIMULATED,
    STAGE,
    TOKENIZER,
    TOKENIZER_FILES,
    seeds_of,
    within,
)
from presets import preset

HERE = Path(__file__).parent

SIMULATION = ("seed", "size", "contigs", "sites_per_kb", "bound_share", "repeat_share")
FETCHING = ("sha256", "md5", "bytes", "bases", "member")
INDEXING = ("source", "splits", "min_contig_length", "keep", "rename", "bases", "mask_repeated")
APPLYING = ("sample", "haplotype", "max_mismatch", "max_outside")
FITTING = ("motif_name", "strands", "places", "baselines", "cnn_epochs", "cnn_filters", "cnn_seeds")
LABELLING = ("bound_in", "centre", "columns", "values", "positive", "window", "splits", "max_outside", "motif_name")
LABELLING += ("seed",)
BINNING = ("bin", "window", "splits", "max_outside")
TRACKING = ("method", "epochs", "min_steps", "batch_size", "loss", "learning_rate", "warmup", "weight_decay")
TRACKING += ("validation_windows", "evaluations", "patience", "save_seconds")
CONVERSION = ("table", "lines", "saturate", "columns", "info", "reads", "only", "chrom_prefix", "max_outside")
SCORING = ("window", "scores", "max_length", "phases", "layer", "output", "twin", "fast")
SCORING += ("max_mismatch", "max_outside", "max_n", "sample", "pass_only", "allow_empty")
GRADING = ("label_key", "positive", "negative", "contrast", "baselines", "frequency", "rare_below", "common_above")
GRADING += ("genetic_codes", "motif_name")
NULL_KEYS = ("window", "phases", "layer", "percentiles")
EXPECTING, EXPECTED = ("window", "margin", "passes"), ("max_outside", "seed")
GENERATION = ("number", "length", "seed", "temperature", "top_k", "prompt", "batch_size")
OPTIMISATION = ("number", "length", "seed", "population", "generations", "mutation_rate", "crossover_rate")
OPTIMISATION += ("naturalness", "start", "objective", "search", "direction")
DRAWN = ("objective", "search")
SAMPLING = ("prompt", "k", "train_size", "test_size", "orders", "seed")
CHECKPOINT = ("config.json", "*.safetensors", "model.safetensors.index.json", "pytorch_model.bin", "tokenizer.json")
CHECKPOINT += ("vocab.txt", "tokenizer_config.json", "special_tokens_map.json")
BUILDING = ("architecture", "config", "context")
FINE_TUNING = ("epochs", "batch_size", "learning_rate", "warmup", "weight_decay", "save_seconds", "seed")
# Two torch jobs side by side use a small machine better than one after another: a small model's step is partly serial.
TORCH_THREADS = min(8, max(1, (os.cpu_count() or 2) // 2))


def scripts() -> str:
    """The scripts' folder, relative to the working directory, so that moving a project reruns nothing."""
    return os.path.relpath(HERE / "scripts", os.getcwd())


def fingerprint(script: str) -> Callable:
    """Hash of the code that a script reaches; as a param it reruns exactly the users of what was edited.

    Worked out once a job of the rule asks: a Slurm job starts Snakemake twice, and all forty take longer than the rest
    of a start.
    """
    return lambda wildcards: _fingerprint(script)


@cache
def _fingerprint(script: str) -> str:
    return code.fingerprint(HERE / "scripts" / script)


def gpus(config: dict) -> int:
    """GPUs that pretraining asks for, others one at most: the configuration's, or one where this machine has one.

    Tells the scripts too, through the environment: one that was promised a GPU and finds none stops, and `gpus: 0`
    hides those that are there.
    """
    if "gpus" in config:
        os.environ["DNALM_GPUS"] = str(config["gpus"])
        if not config["gpus"]:
            os.environ["CUDA_VISIBLE_DEVICES"] = ""
    return config.get("gpus", int(Path("/dev/nvidia0").exists()))


def preset_file(kind: str, name: str) -> str:
    """A preset's file as an input of the rules that use it."""
    return local(presets.path(kind, name))


def named(path: str) -> str:
    """A file that a preset names, as an input of a rule.

    What rules make lies where the `prefix` of a workflow that uses this one puts it; what is there already stays where
    it is, and that is what Snakemake's `local` says.
    """
    if "{" in path or "}" in path:
        raise presets.ConfigError(f"{path}: got braces, which Snakemake takes for a wildcard; rename or link the file")
    return path if presets.is_made(path) else local(presets.shipped(path))


def named_files(files: dict[str, str | list[str]]) -> list[str]:
    """Files that presets name, as inputs of a rule."""
    return [named(path) for value in files.values() for path in presets.listed(value)]


def optional(kind: str, name: str, key: str) -> list[str]:
    """The file that a preset names under a key, as an input of a rule; none where it names none."""
    path = preset(kind, name).get(key)
    return [named(path)] if path else []


def options(kind: str, name: str, *keys: str, section: str | None = None, **files: list[str]) -> str:
    """A preset's keys as a quoted command line, `--learning-rate 0.001`: those named, in that order, where given.

    `files` are inputs of the rule, by the key under which the preset names them.
    """
    values = preset(kind, name)
    values = values.get(section, {}) if section else values
    values = values | {key: found[0] for key, found in files.items() if found}
    return flags({key: values[key] for key in keys if key in values})


def flags(values: dict) -> str:
    """Keys and values as a quoted command line: lists become words, mappings JSON, booleans --flag or --no-flag."""
    words: list[str] = []
    for key, value in values.items():
        flag = "--" + key.replace("_", "-")
        if isinstance(value, bool):
            words.append(flag if value else "--no-" + flag[2:])
        elif isinstance(value, list):
            words += [flag, *map(str, value)]
        else:
            words += [flag, json.dumps(value, sort_keys=True) if isinstance(value, dict) else str(value)]
    return shlex.join(words)


def keys(kind: str, *without: str) -> list[str]:
    """A preset kind's keys, as its schema lists them, which are the options of its script."""
    return [key for key in presets.schema(kind)["properties"] if key not in without]


def genome_files(genome: str) -> list[str]:
    """The files of an indexed genome."""
    return within(GENOME.format(genome=genome), GENOME_FILES)


def corpus_folders(corpus: str, *, trained_on: bool = False) -> list[str]:
    """Folders of a corpus's genomes, of all or of those that are not held out."""
    return [GENOME.format(genome=genome) for genome in genome_checks.genomes(corpus, trained_on=trained_on)]


def corpus_files(corpus: str, *, trained_on: bool = False) -> list[str]:
    """Sequence, index and splits of every genome of a corpus, of all or of those that are not held out."""
    names = ("genome.fa.gz", "genome.fa.gz.fai", "genome.json")
    return [path for folder in corpus_folders(corpus, trained_on=trained_on) for path in within(folder, names)]


def genomes_seen(corpus: str, model: str) -> list[str]:
    """Sizes and splits of the genomes that a model was pretrained on; none where nobody says or where it was not."""
    if corpus == origins.PUBLISHED:
        corpus = imported(model).get("corpus", origins.SCRATCH)
    names = ("genome.json", "chrom.sizes")
    return [path for folder in corpus_folders(corpus, trained_on=True) for path in within(folder, names)]


def corpus_options(corpus: str, *keys: str) -> str:
    """A corpus preset's keys as options; none where the corpus is a genome's name."""
    return options("corpora", corpus, *keys) if presets.exists("corpora", corpus) else ""


def genome_fasta(genome: str) -> str:
    """Where a genome's FASTA comes from: simulated, made of another and a VCF, downloaded or local."""
    values = preset("genomes", genome)
    if values["source"] == "local":
        return named(values["path"])
    made = {"simulate": within(SIMULATED, "genome.fa"), "consensus": within(CONSENSUS, "genome.fa.gz")}
    return made.get(values["source"], within(DOWNLOADED, "genome")).format(genome=genome)


def reference_of(genome: str) -> str:
    """The genome that a personal one is written over; ConfigError, one line, where the preset is of no such genome."""
    values = preset("genomes", genome)
    if values["source"] != "consensus":
        raise presets.ConfigError(f"config/genomes/{genome}.yaml: source: got {values['source']}, wanted consensus")
    if problems := genome_checks.consensus_problems(genome):
        raise presets.ConfigError("\n".join(problems))
    return values["reference"]


def leading_back(genome: str, reference: str, name: str) -> str:
    """A file that leads from a personal genome to its reference; ConfigError where it is another genome's."""
    if (known := reference_of(genome)) != reference:
        raise presets.ConfigError(f"config/genomes/{genome}.yaml: reference: got {known}, and {reference} is asked for")
    return within(CONSENSUS, name).format(genome=genome)


def constraint_back(constraint: str, reference: str, name: str) -> str:
    """A file that leads from the genome of a constraint track to that of another, its reference's."""
    genomes = [preset("constraints", one)["genome"] for one in (constraint, reference)]
    return leading_back(*genomes, name)


def window_options(*constraints: str) -> str:
    """The widest window of constraint tracks, as an option: so far a base of theirs reaches. None where none says."""
    windows = [preset("constraints", one).get("window") for one in constraints]
    known = [window for window in windows if window is not None]
    return flags({"window": max(known)}) if known else ""


def signal_files(variants: str) -> list[str]:
    """The files of what is known along the genome, to be ranked beside the scores of variants, as inputs of a rule."""
    return named_files(preset("variants", variants).get("signals", {}))


def signal_options(variants: str, files: Iterable[str]) -> str:
    """Their names and themselves, as score_variants.py is told; `files` are the rule's inputs."""
    names = list(preset("variants", variants).get("signals", {}))
    return flags({"signal_names": names, "signals": list(files)}) if names else ""


def consensus_facts(genome: str) -> list[str]:
    """What is known of a personal genome beside its sequence (whose it is, what is held out); none of another."""
    if preset("genomes", genome)["source"] != "consensus":
        return []
    return [within(CONSENSUS, "consensus.json").format(genome=genome)]


def genome_address(genome: str) -> str:
    """The address that a genome is downloaded from; ConfigError, one line, where its preset gives none."""
    try:
        return sources.address(preset("genomes", genome))
    except InputError as error:
        raise presets.ConfigError(f"config/genomes/{genome}.yaml: {error}") from None


def browser_options(genome: str) -> str:
    """What genome browsers call a genome, and whether UCSC has it, as the scripts that write hubs are told."""
    browser, known = browsers.called(genome, preset("genomes", genome))
    return flags({"browser": browser, "known": known})


def target_inputs(target: str) -> dict[str, str | list[str]]:
    """The files a target names (peaks, sequences, blacklist and others), by option."""
    values = preset("targets", target)
    found = {key: values[key] for key in target_checks.TARGET_FILES if key in values}
    if isinstance(by_split := found.get("sequences"), dict):
        del found["sequences"]
        found |= {f"sequences_{split}": path for split, path in by_split.items()}
    return found


def target_genome(target: str, needed: bool = True) -> list[str]:
    """The files of the genome that a target lies on; of one without, none, or ConfigError where it is needed."""
    if "genome" in (values := preset("targets", target)):
        return genome_files(values["genome"])
    if needed:
        raise presets.ConfigError(f"config/targets/{target}.yaml: genome: got none, and this needs one; name it there")
    return []


def contigs_options(target: str, genome: str) -> str:
    """What of a genome is scanned, as an option; none for all of it."""
    wanted = sizes.scanned(target, genome)
    return flags({"contigs": wanted}) if wanted else ""


def scan_shares(wildcards: object) -> list[str]:
    """The shares that a scan of this path is put together from, by `scan: {jobs: …}` of its target; none for one."""
    names = dict(wildcards.items())
    jobs = presets.value("targets", names["target"], "scan").get("jobs", 1)
    return _shares(within(FINETUNED, "scan/{genome}.share{share}of{shares}.npz"), names, jobs)


def _shares(path: str, names: dict[str, str], jobs: int) -> list[str]:
    return [path.format(**names, share=one, shares=jobs) for one in range(1, jobs + 1)] if jobs > 1 else []


def each_seed(wildcards: object, names: str | tuple[str, ...]) -> list[str]:
    """Files of each of the models that an ensemble is made of, model by model."""
    named = dict(wildcards.items())
    paths = [within(FINETUNED, name) for name in ([names] if isinstance(names, str) else names)]
    return [path.format(**named | {"seed": seed}) for seed in seeds_of(named["seed"]) for path in paths]


def scan_at_home(wildcards: object, config: dict) -> str | list[str]:
    """What the same model's scan of its target's own genome showed (calling.json), where a run asks for that scan.

    Another genome, on which no peak is known, has its rate of false ones from there.
    """
    names = dict(wildcards.items())
    if preset("targets", names["target"]).get("genome") in (None, names["genome"]):
        return []
    return _at_home(wildcards, "calling.json") if _at_home(wildcards, "hub") in goals.wanted(config) else []


def scorecard_at_home(wildcards: object) -> str:
    """The scorecard of the same model's scan of its target's own genome, which says what a height is worth."""
    return _at_home(wildcards, "scorecard.json")


def _at_home(wildcards: object, end: str) -> str:
    """A file of the same model's scan of its target's own genome; of a target without one, of the genome asked for."""
    names = dict(wildcards.items())
    home = preset("targets", names["target"]).get("genome", names["genome"])
    return within(FINETUNED, "scan/{genome}." + end).format(**names | {"genome": home})


def genome_beside(target: str, recipe: str) -> list[str]:
    """The files of a target's genome where its windows are read with the bases beside them; of one without, none."""
    return target_genome(target, needed=False) if presets.value("recipes", recipe, "flanked") else []


def coverage_inputs(target: str) -> dict[str, str]:
    """The files of a target's tracks, and of the rates behind them where these are known."""
    values = preset("targets", target)
    if "tracks" not in values:
        raise presets.ConfigError(f"config/targets/{target}.yaml: tracks: got none, wanted names and their files")
    rates = {f"rate of {name}": path for name, path in values.get("rates", {}).items()}
    return values["tracks"] | rates


def coverage_options(target: str, files: Iterable[str]) -> str:
    """Names and files of a target's tracks and rates, as bin_coverage.py is told; `files` are the rule's inputs."""
    values, files = preset("targets", target), list(files)
    tracks, rates = list(values["tracks"]), list(values.get("rates", {}))
    told = {"names": tracks, "tracks": files[: len(tracks)]}
    return flags(told | ({"rate_names": rates, "rates": files[len(tracks) :]} if rates else {}))


def negatives_options(target: str) -> str:
    """How many negatives a target wants of each kind, where it says so, as label_windows.py is told."""
    values = preset("targets", target)
    kinds = tables.rows("targets.negatives.NEGATIVES").items()
    wanted = {kind: values[row["option"]] for kind, row in kinds if row["option"] in values}
    return flags({"negatives": wanted} if wanted else {})


def given(values: dict[str, str | list[str]], files: Iterable[str] | None = None) -> str:
    """What may be left out, as options; `files` are the inputs of the rule that `values` name."""
    if files is not None:
        left = iter(files)
        values = {key: [next(left) for _ in presets.listed(value)] for key, value in values.items()}
    return flags({key: value for key, value in values.items() if value})


def truth_inputs(genome: str, target: str) -> dict[str, str | list[str]]:
    """What a scan of `genome` can be scored against: the target's peaks, where they lie on that genome."""
    values = preset("targets", target)
    if values.get("genome") != genome:
        return {}
    found = {"truth": values.get("peaks"), "blacklist": values.get("blacklist")}
    return {key: value for key, value in found.items() if value}


def track_truth(genome: str, target: str) -> dict[str, str | list[str]]:
    """True peaks shown beside a scan, where there are any."""
    return {key: path for key, path in truth_inputs(genome, target).items() if key == "truth"}


def track_inputs(genome: str, target: str) -> dict[str, str | list[str]]:
    """Tracks drawn beside a scan: true peaks, and genes where the genome is simulated."""
    found = track_truth(genome, target)
    if preset("genomes", genome)["source"] == "simulate":
        found["genes"] = within(SIMULATED, "genes.bed").format(genome=genome)
    return found


def home(variants: str) -> str:
    """The genome on which a variant preset's variants lie; ConfigError for windows, which lie on none."""
    values = preset("variants", variants)
    if "windows" in values:
        where = f"config/variants/{variants}.yaml"
        raise presets.ConfigError(f"{where}: its windows have no places; ask for variants/{variants}.windows.tsv.gz")
    return values["genome"]


def variant_windows(variants: str) -> list[str]:
    """The tables of a variant preset's windows, one for each of two classes; ConfigError where it has none."""
    values = preset("variants", variants)
    if "windows" not in values:
        where = f"config/variants/{variants}.yaml"
        raise presets.ConfigError(f"{where}: windows: got none; ask for variants/{variants}.tsv.gz")
    return [named(path) for path in values["windows"].values()]


def variant_source(variants: str) -> str:
    """A variant preset's VCF, or the one that is made from its table, its lines or its places."""
    return named(preset("variants", variants).get("vcf", within(CONVERTED, f"{variants}.vcf")))


def variant_null(variants: str) -> list[str]:
    """The scores of random variants that a variant preset's are told against; none where it wants none."""
    window, phases, layer, number = (presets.value("variants", variants, key) for key in NULL_KEYS)
    name = f"null/{home(variants)}/w{window}p{phases}l{layer}n{number}.tsv.gz"
    return [within(STAGE, name)] if number else []


def scoring_options(variants: str, stage: str, *keys: str) -> str:
    """A variant preset's keys as options; an output is named of models that are fine-tuned, and others have none."""
    return options("variants", variants, *(key for key in keys if key != "output" or stage != "pretrained"))


def variant_shares(wildcards: object) -> list[str]:
    """The shares that scores of this path are put together from, by `jobs` of a variant preset; none for one."""
    names = dict(wildcards.items())
    jobs = presets.value("variants", names["variants"], "jobs")
    return _shares(within(STAGE, "variants/{variants}.share{share}of{shares}.npz"), names, jobs)


def regions_file(variants: str) -> list[str]:
    """The file of regions that a variant preset names, as an input of a rule; none where it lists places or nothing."""
    regions = preset("variants", variants).get("regions", [])
    return [named(regions)] if isinstance(regions, str) else []


def regions_options(variants: str, files: Iterable[str]) -> str:
    """Where to score, as score_variants.py is told: a file, which is an input of the rule, or places."""
    listed = preset("variants", variants).get("regions", [])
    return given({"regions": [*files]} if isinstance(listed, str) else {"places": listed})


def loss_options(recipe: str, target: str) -> str:
    """How the axis of a learning curve is called, as draw_training.py is told: by the recipe's loss or the task's."""
    usual = "squared_error" if "values" in preset("targets", target) else "cross_entropy"
    loss = preset("recipes", recipe).get("loss", usual)
    return flags({"loss_label": tables.rows("training.finetuning.LOSSES")[loss]["label"]})


def window_of(target: str) -> int:
    """Window width of a target in bases."""
    return presets.value("targets", target, "window")


def imported(model: str) -> dict:
    """The `import:` of a model preset; ConfigError, one line, where it has none or one that cannot be followed."""
    if problems := origins.import_problems(model, preset("models", model), True):
        raise presets.ConfigError("\n".join(problems))
    return preset("models", model)["import"]


def checkpoint_files(model: str) -> list[str]:
    """What an imported model is read from: the list of what was downloaded, or the files of a local folder."""
    source = imported(model)
    if "hub" in source:
        return [within(FETCHED, "checkpoint.json").format(model=model)]
    return [local(str(path)) for name in CHECKPOINT for path in sorted(Path(source["path"]).glob(name))]


def download_options(model: str) -> str:
    """Where an imported model comes from, as options of download_model.py; ConfigError where it is a local folder."""
    source = imported(model)
    if "hub" not in source:
        raise presets.ConfigError(f"config/models/{model}.yaml: import.path: nothing is downloaded; it is read there")
    return flags({key: source[key] for key in ("hub", "revision", "sha256", "allow_pickle") if key in source})


def import_options(model: str) -> str:
    """A model preset's keys as options of import_model.py."""
    source, values = imported(model), preset("models", model)
    origin = f"{source['hub']} at {source['revision']}" if "hub" in source else source["path"]
    stated = {key: values[key] for key in ("objective", "context") if key in values}
    return flags(
        {"origin": origin} | stated | {key: source[key] for key in ("allow_pickle", "sha256") if key in source}
    )


def pretraining_options(model: str) -> str:
    """A model preset's keys as options of pretrain_model.py; ConfigError where the model is not to be pretrained."""
    if problems := origins.import_problems(model, preset("models", model), False):
        raise presets.ConfigError("\n".join(problems))
    if preset("models", model)["objective"] == "none":
        where = f"config/models/{model}.yaml: objective: got none"
        raise presets.ConfigError(f"{where}, which is never pretrained; ask for it with corpus {origins.SCRATCH}")
    return options("models", model, *keys("models", "import"))


def origin_inputs(corpus: str, tokenizer: str, model: str) -> list[str]:
    """What fine-tuning starts from: a pretrained model, or the tokenizer and preset of one that never is pretrained."""
    named = {"corpus": corpus, "tokenizer": tokenizer, "model": model}
    if corpus != origins.SCRATCH:
        return [path.format(**named) for path in within(PRETRAINED, MODEL_FILES)]
    return [path.format(**named) for path in within(TOKENIZER, TOKENIZER_FILES)] + [preset_file("models", model)]


def origin_options(corpus: str, tokenizer: str, model: str, recipe: str, start: str) -> str:
    """What fine-tuning starts from, in the folder `start`, as options of finetune_model.py; ConfigError where unfit."""
    if corpus != origins.SCRATCH:
        return flags({"pretrained": start})
    run = {"corpus": corpus, "tokenizer": tokenizer, "model": model, "recipes": [recipe]}
    if problems := origins.scratch_problems(run, preset("models", model)):
        raise presets.ConfigError("\n".join(problems))
    values = preset("models", model)
    return flags({"tokenizer": start} | {key: values[key] for key in BUILDING if key in values})


def seen_options(corpus: str, model: str) -> str:
    """The genomes that a model was pretrained on, as an option; none where nobody says what an imported one saw."""
    known = corpus if corpus != origins.PUBLISHED else imported(model).get("corpus")
    return flags({"trained_on": genome_checks.genomes(known, trained_on=True)}) if known else ""


def corpus_of(corpus: str, model: str) -> str:
    """The corpus that a model was trained on: the path's, or what the preset of an imported one says."""
    if corpus != origins.PUBLISHED:
        return corpus
    if "corpus" not in imported(model):
        raise presets.ConfigError(
            f"config/models/{model}.yaml: import.corpus: got none, wanted the genome or corpus preset it was trained "
            "on; insight and generated sequences are compared with it"
        )
    return imported(model)["corpus"]

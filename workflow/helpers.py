"""What the rules need while the graph is built: presets, paths, options, code fingerprints. Light imports only."""

import json
import os
import shlex
from functools import cache
from pathlib import Path

import checks
import presets
from dnalm import fingerprint as fingerprint_
from dnalm.errors import InputError
from dnalm.genome import sources
from presets import preset

HERE = Path(__file__).parent

MODEL = "results/{corpus}/{tokenizer}/{model}"
PRETRAINED = f"{MODEL}/pretrained"
FINETUNED = f"{MODEL}/finetuned/{{target}}/{{recipe}}/seed{{seed}}"
STAGE = f"{MODEL}/{{stage}}"
VOCABULARY = "results/{corpus}/vocabulary/{vocabulary}"
NEXT_BASES = f"{MODEL}/next_bases/{{vocabulary}}"
OPTIMISED_BY = f"{FINETUNED}/optimised/{{design}}"
SIMULATED = ("genome.fa", "sites.tsv", "ctcf.narrowPeak", "blacklist.bed", "genes.bed", "variants.vcf", "truth.json")
INDEXED = ("genome.fa.gz", "genome.fa.gz.fai", "genome.fa.gz.gzi", "chrom.sizes", "softmask.bed.gz", "genome.json")
TOKENIZER = ("tokenizer.json", "tokenizer_config.json")
TOKENS = ("tokens.bin", "repeats.bin", "index.tsv", "counts.tsv", "summary.json")
BASELINES = ("predictions.tsv.gz", "kmer.npz", "metrics.json")
OPTIMISED = ("trajectory.tsv", "pareto.tsv", "sequences.fa", "summary.json")
PROMPTS = ("prompts.npz", "baselines.json")
WEIGHTS = ("config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json", "README.md")
SIMULATION = ("seed", "size", "contigs", "sites_per_kb", "bound_share", "repeat_share")
FETCHING = ("sha256", "md5", "bytes", "bases")
INDEXING = ("source", "splits", "min_contig_length", "keep", "rename", "bases")
LABELLING = ("window", "splits", "gc_matched", "motif_matched", "random", "seed")
SCORING = ("window", "scores", "max_mismatch", "max_n", "label_key", "positive", "negative")
GENERATION = ("number", "length", "seed", "temperature", "top_k", "prompt", "batch_size")
OPTIMISATION = ("number", "length", "seed", "population", "generations", "mutation_rate", "crossover_rate")
OPTIMISATION += ("naturalness", "start", "direction")
SAMPLING = ("prompt", "k", "train_size", "test_size", "orders", "seed")
CHECKPOINT = ("config.json", "*.safetensors", "model.safetensors.index.json", "pytorch_model.bin", "tokenizer.json")
CHECKPOINT += ("vocab.txt", "tokenizer_config.json", "special_tokens_map.json")
FINE_TUNING = ("epochs", "batch_size", "learning_rate", "warmup", "weight_decay", "save_seconds", "seed")
# Two torch jobs side by side use a small machine better than one after another: a small model's step is partly serial.
TORCH_THREADS = min(8, max(1, (os.cpu_count() or 2) // 2))
GPUS = int(os.environ.get("DNALM_GPUS", "0")) or int(Path("/dev/nvidia0").exists())


def scripts() -> str:
    """The scripts' folder, relative to the working directory, so that moving a project reruns nothing."""
    return os.path.relpath(HERE / "scripts", os.getcwd())


@cache
def fingerprint(script: str) -> str:
    """Hash of the code that a script reaches; as a param it reruns exactly the users of what was edited."""
    return fingerprint_.fingerprint(HERE / "scripts" / script)


def options(kind: str, name: str, *keys: str, section: str | None = None) -> str:
    """A preset's keys as a quoted command line, `--learning-rate 0.001`: those named, in that order, where given."""
    values = preset(kind, name)
    values = values.get(section, {}) if section else values
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


def folder(path: str) -> str:
    """The folder that a file lies in."""
    return os.path.dirname(path)


def keys(kind: str, *without: str) -> list[str]:
    """A preset kind's keys, as its schema lists them, which are the options of its script."""
    return [key for key in presets.schema(kind)["properties"] if key not in without]


def preset_file(kind: str, name: str) -> str:
    """Path of a preset, an input of the rules that use it."""
    return f"config/{kind}/{name}.yaml"


def within(folder: str, names: str | tuple[str, ...]) -> str | list[str]:
    """A file, or several, in a folder of the path grammar."""
    return f"{folder}/{names}" if isinstance(names, str) else [f"{folder}/{name}" for name in names]


def genome_files(genome: str) -> list[str]:
    """The files of an indexed genome."""
    return [f"resources/genomes/{genome}/{name}" for name in INDEXED]


def corpus_folders(corpus: str, *, trained_on: bool = False) -> list[str]:
    """Folders of a corpus's genomes, of all or of those that are not held out."""
    return [f"resources/genomes/{genome}" for genome in checks.genomes(corpus, trained_on=trained_on)]


def corpus_files(corpus: str, *, trained_on: bool = False) -> list[str]:
    """Sequence, index and splits of every genome of a corpus, of all or of those that are not held out."""
    names = ("genome.fa.gz", "genome.fa.gz.fai", "genome.json")
    return [f"{folder}/{name}" for folder in corpus_folders(corpus, trained_on=trained_on) for name in names]


def corpus_options(corpus: str, *keys: str) -> str:
    """A corpus preset's keys as options; none where the corpus is a genome's name."""
    return options("corpora", corpus, *keys) if presets.exists("corpora", corpus) else ""


def genome_fasta(genome: str) -> str:
    """Where a genome's FASTA comes from: simulated, downloaded or local."""
    values = preset("genomes", genome)
    if values["source"] == "local":
        return values["path"]
    folder = "simulated/genome.fa" if values["source"] == "simulate" else "download/genome"
    return f"resources/genomes/{genome}/{folder}"


def genome_address(genome: str) -> str:
    """The address that a genome is downloaded from; ConfigError, one line, where its preset gives none."""
    try:
        return sources.address(preset("genomes", genome))
    except InputError as error:
        raise presets.ConfigError(f"config/genomes/{genome}.yaml: {error}") from None


def target_inputs(target: str) -> dict[str, str]:
    """The files a target names (peaks, sequences, blacklist, motif), by option."""
    values = preset("targets", target)
    return {key: values[key] for key in ("peaks", "sequences", "blacklist", "motif") if key in values}


def given(values: dict[str, str]) -> str:
    """Files that may be left out, as options."""
    return flags({key: value for key, value in values.items() if value})


def truth_inputs(genome: str, target: str) -> dict[str, str]:
    """What a scan of `genome` can be scored against: the target's peaks, where they lie on that genome."""
    values = preset("targets", target)
    found = {"motif": values.get("motif")}
    if values["genome"] == genome:
        found |= {"truth": values.get("peaks"), "blacklist": values.get("blacklist")}
    return {key: value for key, value in found.items() if value}


def track_inputs(genome: str, target: str) -> dict[str, str]:
    """Tracks drawn beside a scan: true peaks, and genes where the genome is simulated."""
    found = {key: path for key, path in truth_inputs(genome, target).items() if key == "truth"}
    if preset("genomes", genome)["source"] == "simulate":
        found["genes"] = f"resources/genomes/{genome}/simulated/genes.bed"
    return found


def variant_source(variants: str) -> str:
    """A variant preset's VCF, or the one that is made from its table."""
    values = preset("variants", variants)
    return values.get("vcf", f"results/variants/{variants}.vcf")


def window_of(target: str) -> int:
    """Window width of a target in bases."""
    return presets.value("targets", target, "window")


def imported(model: str) -> dict:
    """The `import:` of a model preset; ConfigError, one line, where it has none or one that cannot be followed."""
    if problems := checks.import_problems(model, preset("models", model), True):
        raise presets.ConfigError("\n".join(problems))
    return preset("models", model)["import"]


def checkpoint_files(model: str) -> list[str]:
    """What an imported model is read from: the list of what was downloaded, or the files of a local folder."""
    source = imported(model)
    if "hub" in source:
        return [f"resources/models/{model}/checkpoint.json"]
    return [str(path) for name in CHECKPOINT for path in sorted(Path(source["path"]).glob(name))]


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
    """A model preset's keys as options of pretrain_model.py; ConfigError where the model is to be imported."""
    if problems := checks.import_problems(model, preset("models", model), False):
        raise presets.ConfigError("\n".join(problems))
    return options("models", model, *keys("models", "import"))


def corpus_of(corpus: str, model: str) -> str:
    """The corpus that a model was trained on: the path's, or what the preset of an imported one says."""
    if corpus != checks.PUBLISHED:
        return corpus
    if "corpus" not in imported(model):
        raise presets.ConfigError(
            f"config/models/{model}.yaml: import.corpus: got none, wanted the genome or corpus preset it was trained "
            "on; insight and generated sequences are compared with it"
        )
    return imported(model)["corpus"]


def wanted(config: dict) -> list[str]:
    """Every result that the configuration asks for, with its pictures: what `rule all` wants."""
    paths: list[str] = []
    for run in config["runs"]:
        base = MODEL.format(**run)
        if run["corpus"] == checks.PUBLISHED:
            paths += within(f"{base}/pretrained", ("model.safetensors",))
            paths += [f"{base}/pretrained/classified/{name}.json" for name in classified(run)]
        else:
            paths += [f"results/{run['corpus']}/{run['tokenizer']}/tokens.png", f"{base}/pretrained/training.png"]
        paths += [f"{base}/pretrained/variants/{name}.png" for name in run["variants"]]
        paths += [f"{base}/generated/{name}/composition.png" for name in run["generate"]]
        paths += [f"{base}/insight/embeddings.png"] if run["insight"] else []
        for folder in finetuned(run):
            paths += [f"{folder}/training.png", f"{folder}/evaluation.png"]
            paths += [f"{folder}/scan/{genome}.png" for genome in run["scan"]]
            paths += [f"{folder}/variants/{name}.png" for name in run["variants"]]
            paths += [f"{folder}/optimised/{name}/trajectory.png" for name in run["optimise"]]
            paths += [f"{folder}/insight/logos.png"] if run["insight"] else []
    for target in targets(config):
        paths += [f"results/targets/{target}/{name}.png" for name in ("windows", "leaderboard")]
    paths += [f"{VOCABULARY.format(**one)}/curve.png" for one in config["vocabularies"]]
    return list(dict.fromkeys(paths))


def classified(run: dict) -> list[str]:
    """Targets that an imported classifier is measured on as it is."""
    return run["targets"] if preset("models", run["model"]).get("objective") == "classify" else []


def asked(config: dict, *families: str) -> list[str]:
    """The wanted results that lie in folders of these names: what the named targets want."""
    return [path for path in wanted(config) if set(families) & set(path.split("/"))]


def candidates(corpus: str, vocabulary: str) -> list[str]:
    """The measurements that a vocabulary is chosen by, one for each of its tokenizers."""
    values = preset("vocabularies", vocabulary)
    return [
        f"{NEXT_BASES}/metrics.json".format(corpus=corpus, tokenizer=one, model=values["model"], vocabulary=vocabulary)
        for one in values["tokenizers"]
    ]


def targets(config: dict) -> list[str]:
    """Targets that any run fine-tunes on, in order."""
    return list(dict.fromkeys(target for run in config["runs"] if run["recipes"] for target in run["targets"]))


def finetuned(run: dict, target: str | None = None) -> list[str]:
    """Folders of a run's fine-tuned models, of one target or of all."""
    chosen = [one for one in run["targets"] if target in (None, one)]
    return [
        FINETUNED.format(**run, target=one, recipe=recipe, seed=seed)
        for one in chosen
        for recipe in run["recipes"]
        for seed in run["seeds"]
    ]


def contestants(config: dict, target: str) -> list[str]:
    """Folders of all fine-tuned models that a target's leaderboard ranks."""
    return list(dict.fromkeys(folder for run in config["runs"] for folder in finetuned(run, target)))


def contestant_names(config: dict, target: str) -> list[str]:
    """A short name for each contestant: corpus/tokenizer/model recipe seed."""
    parts = [folder.split("/") for folder in contestants(config, target)]
    return [f"{part[1]}/{part[2]}/{part[3]} {part[6]} {part[7]}" for part in parts]

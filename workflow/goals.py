"""Which results a configuration asks for, and which of them are compared with one another. Light imports only."""

import origins
from paths import CONVERTED, COVERAGE, FINETUNED, MODEL, NEXT_BASES, TARGET, TRACKED, VOCABULARY, within
from presets import ConfigError, preset

ITSELF = "from random weights itself"
SCANNED = ("{}.png", "regions/{}.png", "{}.hub")  # what is made of a scan to be looked at


def wanted(config: dict) -> list[str]:
    """Every result that the configuration asks for, with its pictures: what `rule all` wants."""
    paths: list[str] = []
    for run in config["runs"]:
        base = MODEL.format(**run)
        if run["corpus"] == origins.PUBLISHED:
            paths += within(f"{base}/pretrained", ("model.safetensors",))
            paths += [f"{base}/pretrained/classified/{name}.json" for name in classified(run)]
        elif run["corpus"] != origins.SCRATCH:
            paths += [f"results/{run['corpus']}/{run['tokenizer']}/tokens.png", f"{base}/pretrained/training.png"]
        if run["corpus"] != origins.SCRATCH:
            paths += [f"{base}/pretrained/variants/{one}" for one in judged(run["variants"])]
            paths += [f"{base}/generated/{name}/composition.png" for name in run["generate"]]
            paths += [f"{base}/constraint/{name}.{end}" for name in run["constraint"] for end in ("png", "hub")]
            paths += [f"{base}/constraint/{one}.tsv.gz" for one in changed(run["constraint"])]
            paths += [f"{base}/insight/embeddings.png"] if run["insight"] else []
        for folder in finetuned(run):
            paths += [f"{folder}/training.png"]
        for folder in finetuned(run) + joined(run) + followed(run):
            paths += [f"{folder}/variants/{one}" for one in judged(run["variants"])]
        for folder in finetuned(run) + joined(run):
            paths += [f"{folder}/evaluation.png"]
            paths += [f"{folder}/scan/{one.format(genome)}" for genome in run["scan"] for one in SCANNED]
            paths += [f"{folder}/scan/{one}.tsv" for one in compared(run["scan"])]
            paths += [f"{folder}/optimised/{name}/trajectory.png" for name in run["optimise"]]
            paths += [f"{folder}/insight/logos.png"] if run["insight"] else []
    for target in targets(config):
        paths += within(TARGET.format(target=target), ("windows.png", "relatives.json", "leaderboard.png"))
        if len(label_counts(config, target)) > 1:
            paths.append(within(TARGET, "label_curve.png").format(target=target))
    paths += [within(CONVERTED, "leaderboard.png")] if labelled(config) else []
    covered = dict.fromkeys(target for run in config["runs"] for target in run["tracks"])
    paths += [path for one in covered for path in within(COVERAGE.format(target=one), ("tracks.png", "evaluation.tsv"))]
    paths += [f"{VOCABULARY.format(**one)}/curve.png" for one in config["vocabularies"]]
    return list(dict.fromkeys(paths))


def compared(scanned: list[str]) -> list[str]:
    """Personal genomes among those scanned, each against the reference that it was made of."""
    made_of = {genome: preset("genomes", genome).get("reference") for genome in scanned}
    return [f"{genome}.against.{reference}" for genome, reference in made_of.items() if reference]


def judged(variants: list[str]) -> list[str]:
    """The pictures of sets of variants: of each its scores, of windows another; and maps of saturated places."""
    sets = {name: preset("variants", name) for name in variants}
    shown = [f"{name}.windows.png" if "windows" in values else f"{name}.png" for name, values in sets.items()]
    return shown + [f"{name}.saturation.png" for name, values in sets.items() if "saturate" in values]


def changed(tracks: list[str]) -> list[str]:
    """Constraint tracks of personal genomes, each against those of its reference that are asked for, too."""
    lies_on = {name: preset("constraints", name)["genome"] for name in tracks}
    pairs = [(one, other) for one in tracks for other in tracks]
    made_of = {name: preset("genomes", genome).get("reference") for name, genome in lies_on.items()}
    return [f"{one}.against.{other}" for one, other in pairs if made_of[one] == lies_on[other]]


def classified(run: dict) -> list[str]:
    """Targets that an imported classifier is measured on as it is."""
    return run["targets"] if preset("models", run["model"]).get("objective") == "classify" else []


def wanted_in(config: dict, *folders: str) -> list[str]:
    """The wanted results that lie in a folder of one of these names: what the targets of the Snakefile want."""
    return [path for path in wanted(config) if set(folders) & set(path.split("/"))]


def candidates(corpus: str, vocabulary: str) -> list[str]:
    """The measurements that a vocabulary is chosen by, one for each of its tokenizers."""
    values = preset("vocabularies", vocabulary)
    named = {"corpus": corpus, "model": values["model"], "vocabulary": vocabulary}
    return [within(NEXT_BASES, "metrics.json").format(tokenizer=one, **named) for one in values["tokenizers"]]


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


def joined(run: dict) -> list[str]:
    """Folders of a run's ensembles: the seeds of each recipe as one model, where they are asked for."""
    together = "-".join(map(str, run["seeds"]))
    return finetuned(run | {"seeds": [together]}) if run["ensemble"] else []


def contestants(config: dict, target: str) -> list[str]:
    """Folders of all fine-tuned models that a target's leaderboard ranks."""
    return list(dict.fromkeys(folder for run in config["runs"] for folder in finetuned(run, target)))


def contestant_names(config: dict, target: str) -> list[str]:
    """A short name for each contestant: corpus/tokenizer/model recipe seed."""
    parts = [folder.split("/") for folder in contestants(config, target)]
    return [f"{part[1]}/{part[2]}/{part[3]} {part[6]} {part[7]}" for part in parts]


def labelled(config: dict) -> list[tuple[str, str]]:
    """Each model's folder and each set of labelled variants that it scores: what the leaderboard of variants ranks."""
    found = []
    for run in config["runs"]:
        pretrained = [] if run["corpus"] == origins.SCRATCH else [f"{MODEL.format(**run)}/pretrained"]
        sets = [name for name in run["variants"] if preset("variants", name).get("positive")]
        models = pretrained + finetuned(run) + joined(run) + followed(run)
        found += [(folder, name) for folder in models for name in sets]
    return list(dict.fromkeys(found))


def labelled_summaries(config: dict) -> list[str]:
    """The summaries of the models on those sets; ConfigError where no run has one."""
    if not (found := labelled(config)):
        raise ConfigError(
            "config: no run has variants with labels; name a set under variants whose preset has label_key and positive"
        )
    return [f"{folder}/variants/{name}.summary.json" for folder, name in found]


def labelled_names(config: dict) -> list[str]:
    """A name for each summary: set corpus/tokenizer/model stage."""
    parts = [(name, folder.split("/")) for folder, name in labelled(config)]
    return [f"{name} {'/'.join(part[1:4])} {'/'.join(part[4:])}" for name, part in parts]


def followed(run: dict, target: str | None = None) -> list[str]:
    """Folders of a run's models of tracks, of one target or of all."""
    return [
        TRACKED.format(**run, target=one, recipe=recipe, seed=seed)
        for one in run["tracks"]
        if target in (None, one)
        for recipe in run["recipes"]
        for seed in run["seeds"]
    ]


def tracked(config: dict, target: str) -> list[str]:
    """Folders of all models that learn the tracks of a target; ConfigError where no run has it."""
    found = [folder for run in config["runs"] for folder in followed(run, target)]
    if not found:
        raise ConfigError(f"config: no run has tracks: [{target}]; name it there to compare models of it")
    return list(dict.fromkeys(found))


def tracked_names(config: dict, target: str) -> list[str]:
    """A short name for each of them: corpus/tokenizer/model recipe seed."""
    parts = [folder.split("/") for folder in tracked(config, target)]
    return [f"{part[1]}/{part[2]}/{part[3]} {part[6]} {part[7]}" for part in parts]


def twins(config: dict, target: str) -> dict[str, str]:
    """By contestant without its seed: the same network from random weights, or why there is nothing to compare with.

    The twin's recipe trains from random weights on as many labels, and is otherwise the most alike.
    """
    models = dict.fromkeys(name.rpartition(" ")[0] for name in contestant_names(config, target))
    found = {}
    for base, recipe in (model.split(" ") for model in models):
        mine = preset("recipes", recipe)
        if mine["method"] == "scratch" or base.split("/")[0] == origins.SCRATCH:
            found[f"{base} {recipe}"] = ITSELF
            continue
        others = [model.split(" ")[1] for model in models if model.split(" ")[0] == base]
        others = {other: preset("recipes", other) for other in others}
        fit = [one for one in others if others[one]["method"] == "scratch"]
        fit = [one for one in fit if others[one].get("labels") == mine.get("labels")]
        unlike = {one: sum(mine.get(key) != others[one].get(key) for key in {*mine, *others[one]}) for one in fit}
        found[f"{base} {recipe}"] = f"{base} {min(fit, key=unlike.__getitem__)}" if fit else "no twin was trained"
    return found


def label_counts(config: dict, target: str) -> list[int]:
    """The numbers of labels that a target's recipes train on, least first; 0, all of them, last."""
    models = {name.rpartition(" ")[0] for name in contestant_names(config, target)}
    counts = {preset("recipes", model.split(" ")[1]).get("labels", 0) for model in models}
    return sorted(counts, key=lambda count: count or float("inf"))


def seeds(config: dict, target: str) -> list[int]:
    """The seeds that a target's models are trained with."""
    return sorted({int(name.rpartition(" seed")[2]) for name in contestant_names(config, target)})


def curve_lines(config: dict, target: str) -> dict[str, dict]:
    """By contestant without its seed: its line in the curve over labels, how many it gets, and its random twin."""
    found, pairs = {}, twins(config, target)
    for model in dict.fromkeys(name.rpartition(" ")[0] for name in contestant_names(config, target)):
        base, recipe = model.split(" ")
        values = preset("recipes", recipe)
        method = "from random weights" if pairs[model] == ITSELF else values["method"]
        method = "the better start" if len(values.get("keep", [])) > 1 else method
        twin = pairs[model] if pairs[model] in pairs else ""
        found[model] = {"line": f"{base}, {method}", "labels": values.get("labels", 0), "twin": twin}
    return found

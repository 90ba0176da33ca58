"""Where a model comes from: pretrained on a corpus, published by others, or built and never pretrained.

The corpus in a path tells: `published` holds what was imported, `scratch` what has no pretraining; nothing else does.
"""

from pathlib import Path

import tables
from presets import preset

PUBLISHED, OWN = "published", "own"  # corpus and tokenizer of an imported model
SCRATCH = "scratch"  # corpus of a network that is never pretrained


def origin_problems(run: dict, model: dict) -> list[str]:
    """An imported model lies under results/published/own/, and nothing else does."""
    published = run["corpus"] == PUBLISHED
    if published != (run["tokenizer"] == OWN):
        return [
            f"corpus {run['corpus']}, tokenizer {run['tokenizer']}: an imported model has corpus {PUBLISHED} and "
            f"tokenizer {OWN}, every other model has neither"
        ]
    return import_problems(run["model"], model, published) or scratch_problems(run, model)


def import_problems(name: str, model: dict, published: bool) -> list[str]:
    """Whether a model preset has an `import:` where it must, and one that says where from and what exactly."""
    where, source = f"config/models/{name}.yaml", model.get("import")
    if published and source is None:
        return [
            f"{where}: has no import, but corpus {PUBLISHED} holds imported models alone; name a corpus to train on"
        ]
    if not published:
        words = f"import: an imported model is asked for with corpus {PUBLISHED} and tokenizer {OWN}"
        return [] if source is None else [f"{where}: {words}"]
    if ("hub" in source) == ("path" in source):
        return [f"{where}: import: needs hub or path, one of them"]
    if "hub" in source and "revision" not in source:
        return [f"{where}: import.revision: got none, wanted the commit, 40 hexadecimal digits; a branch would change"]
    if source.get("allow_pickle") and "sha256" not in source:
        return [f"{where}: import.sha256: got none, wanted that of the pickle that allow_pickle lets in"]
    if "path" in source and not (Path(source["path"]) / "config.json").exists():
        return [f"{where}: import.path: {source['path']}: holds no config.json; name a Hugging Face folder"]
    return []


def scratch_problems(run: dict, model: dict) -> list[str]:
    """A network that is never pretrained lies under results/scratch/, and nothing else does."""
    where, never = f"config/models/{run['model']}.yaml", model.get("objective") == "none"
    if never != (run["corpus"] == SCRATCH):
        said = f"objective: got {model.get('objective')} with corpus {run['corpus']}"
        return [f"{where}: {said}; a network that is never pretrained has objective none and corpus {SCRATCH}"]
    if not never:
        return []
    problems = []
    if tokenizer_row(preset("tokenizers", run["tokenizer"]))["learns"]:
        problems.append(
            f"{where}: corpus {SCRATCH} has no sequence for tokenizer {run['tokenizer']} to learn from; use k-mers or "
            "single bases"
        )
    said = f"freezes a network, and {run['model']} is never pretrained; use full"
    return problems + [
        f"config/recipes/{name}.yaml: method: {method} {said}"
        for name in run["recipes"]
        if (method := preset("recipes", name)["method"]) in ("probe", "lora")
    ]


def tokenizer_row(tokenizer: dict) -> dict[str, object]:
    """The row of KINDS that a tokenizer preset stands for."""
    kinds, asked = tables.rows("tokens.kinds.KINDS"), (tokenizer["kind"], tokenizer.get("overlapping", False))
    return next((row for row in kinds.values() if (row["of"], row["overlaps"]) == asked), kinds[tokenizer["kind"]])

"""The configuration page and the scripts' options are in step with the schemas."""

import inspect
from importlib import util
from pathlib import Path

import pytest

import checks
import document_config
import helpers
import presets
from dnalm.targets.negatives import NEGATIVES

ROOT = Path(__file__).resolve().parents[2]


def test_the_page_is_what_the_schemas_say():
    text = (ROOT / "config/README.md").read_text()
    assert text == document_config.page(), "run: cd workflow && python document_config.py > ../config/README.md"


def options_of(script):
    spec = util.spec_from_file_location(script, ROOT / f"workflow/scripts/{script}.py")
    module = util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return {name: one.default for name, one in inspect.signature(module.main).parameters.items()}


@pytest.mark.parametrize(
    "kind, script, keys",
    [
        ("genomes", "simulate_genome", helpers.SIMULATION),
        ("genomes", "index_genome", ("source", "min_contig_length")),
        ("genomes", "apply_variants", helpers.APPLYING),
        ("tokenizers", "train_tokenizer", helpers.keys("tokenizers")),
        ("models", "pretrain_model", helpers.keys("models", "import")),
        ("models", "import_model", ("objective", "context")),
        ("corpora", "tokenise_corpus", ("held_out",)),
        ("corpora", "pretrain_model", ("weights", "balance")),
        ("vocabularies", "sample_prompts", helpers.SAMPLING),
        ("vocabularies", "predict_next_bases", helpers.FINE_TUNING),
        ("vocabularies", "choose_vocabulary", ("decide_by",)),
        ("targets", "label_windows", helpers.LABELLING),
        ("recipes", "finetune_model", helpers.keys("recipes")),
        ("variants", "score_share", (*helpers.SCORING, "regions")),
        ("variants", "score_variants", (*helpers.SCORING, *helpers.GRADING, "regions")),
        ("variants", "convert_variants", helpers.CONVERSION),
        ("variants", "score_windows", ("windows", *checks.WINDOWED)),
        ("constraints", "track_constraint", helpers.EXPECTING),
        ("constraints", "score_constraint", ("genes", *helpers.EXPECTED)),
        ("constraints", "compare_constraint", ("window",)),
        ("designs", "generate_sequences", helpers.GENERATION),
        ("designs", "optimise_sequence", helpers.OPTIMISATION),
    ],
)
def test_a_preset_key_is_an_option_with_the_same_default(kind, script, keys):
    """A script's default is what a preset gets that leaves the key out, so the schema must not say otherwise."""
    rules, options = presets.schema(kind)["properties"], options_of(script)
    for key in keys:
        assert key in options, f"{script} has no option for {kind}.{key}"
        if "default" in rules[key] and options[key] is not inspect.Parameter.empty and options[key] is not None:
            assert options[key] == rules[key]["default"], f"{script} --{key}"


def test_a_target_key_for_each_kind_of_negative_has_the_default_of_its_row():
    rules = presets.schema("targets")["properties"]
    for kind, row in NEGATIVES.items():
        assert rules[row.option]["default"] == row.ratio, kind


@pytest.mark.parametrize(
    "script, keys",
    [("download_model", {"hub", "revision", "sha256", "allow_pickle"}), ("import_model", {"sha256", "allow_pickle"})],
)
def test_the_keys_of_an_import_are_options(script, keys):
    rules, options = presets.schema("models")["properties"]["import"]["properties"], options_of(script)
    assert keys <= set(rules) & set(options)
    assert options["allow_pickle"] is rules["allow_pickle"]["default"] is False

"""A rule reads like a form: one option a line, every path quoted, log and benchmark at the result's own path."""

import os
import re
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml

import needs
import paths

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted((ROOT / "workflow/rules").glob("*.smk"))
NUMBERS = {"threads", "resources.gpu"}
FORM = ("input", "output", "log", "benchmark", "conda", "threads", "resources", "params", "shell")


def rules():
    """(name, text) of every rule."""
    blocks = [block for path in FILES for block in re.split(r"(?m)^rule ", path.read_text())[1:]]
    return [(block.split(":")[0], block.split("\n\n\n")[0].rstrip() + "\n") for block in blocks]


RULES = pytest.mark.parametrize("name, text", rules(), ids=[name for name, _ in rules()])


def part(text, name):
    """What stands under one directive of a rule."""
    found = re.search(rf"(?m)^    {name}:(.*\n(?:(?:        .*)?\n)*)", text)
    return found[1] if found else ""


def shell(text):
    """The command of a rule as it is written."""
    return re.fullmatch(r'\n        r"""\n(.*)        """\n*', part(text, "shell"), re.DOTALL)[1]


def unquoted(command):
    """What a command takes in without quotes and is neither a number nor options that are quoted already."""
    names = re.findall(r"\{([^{}]+)\}", command.replace("{{", "").replace("}}", ""))  # doubled: the shell's own
    return [name for name in names if not (name.endswith(":q") or name in NUMBERS or is_options(name))]


def is_options(name):
    """Options that helpers quoted: `params.options`, `params.motif_options`."""
    return re.fullmatch(r"params\.(\w+_)?options", name)


def crowded(command):
    """Lines after the script's that hold anything but one option, or quoted options, of the form."""
    options = command.split(".py \\\n")[1].splitlines()
    one = r"            (--[\w-]+ \{[^{}]+\}|\{params\.\w+\})( \\)?"
    return [line for line in options if not re.fullmatch(one, line)]


def test_no_line_is_longer_than_the_page():
    for path in FILES:
        assert not [line for line in path.read_text().splitlines() if len(line) > 120], path.name


def test_every_rule_is_found():
    assert len(rules()) == sum(path.read_text().count("\nrule ") for path in FILES) > 35


@RULES
def test_a_rule_is_filled_in_like_a_form(name, text):
    assert re.match(rf'{name}:\n    """[A-Z]', text)
    for directive in FORM:
        assert part(text, directive) or directive == "input", directive
    command = shell(text)
    assert unquoted(command) == []
    assert crowded(command) == []
    assert re.search(r"(python|\$launch) \{params\.scripts:q\}/\w+\.py \\\n", command)
    assert command.endswith("--log {log:q}\n")
    for option in re.findall(r"(?m)^        (\w*options)=(.*)", part(text, "params")):
        assert re.match(r"lambda wc(, input)?: (options|given|\w+_options)\(", option[1]), option


@RULES
def test_log_and_benchmark_are_at_the_results_own_path(name, text):
    result = re.search(r"within\([^()]*\)", part(text, "output"))[0]
    result = eval(result, vars(paths))
    result = result if isinstance(result, str) else result[0]
    for directive, ending in (("log", "log"), ("benchmark", "tsv")):
        called = re.fullmatch(rf"\n        {directive}s\([^()]*\),?\n*", part(text, directive))
        assert called, directive
        path = eval(called[0].strip().rstrip(","), vars(paths))
        assert os.path.dirname(path) == f"{directive}s/{os.path.dirname(result)}"
        assert path.split("/")[-1].split(".")[-2:] == [name, ending]
        assert set(re.findall(r"\{\w+\}", path)) == set(re.findall(r"\{\w+\}", result))


@RULES
def test_a_folder_is_spelt_by_its_name(name, text):
    """Paths of the grammar come from paths.py, but for lock files, which are no folder's."""
    literal = re.findall(r'"((?:results|resources/(?:genomes|models)|logs|benchmarks|checkpoints)/[^"]*)"', text)
    assert not literal


def test_what_breaks_the_form_is_found():
    good = "        python {params.scripts:q}/a.py \\\n            --x {input.x:q} \\\n            --log {log:q}\n"
    assert unquoted(good) == crowded(good) == []
    assert unquoted(good.replace("input.x:q", "input.x")) == ["input.x"]
    assert crowded(good.replace("{input.x:q}", "{input.x:q} --y {threads}"))
    assert crowded(good.replace(" \\\n            --log", " --log"))


@RULES
def test_a_rule_asks_for_what_its_row_says(name, text):
    """By its own name and nothing else; a number beside it would be a second place to look for it."""
    asked = re.fullmatch(r'\n        \*\*needs\("(\w+)"(, gpu=[^=]+)?\),.*\n', part(text, "resources"))
    assert asked[1] == name


@RULES
def test_a_job_of_seconds_runs_where_snakemake_runs(name, text):
    """Or its picture would wait in a queue; what grows with a genome or with variants does not."""
    here = needs.NEEDS[name] in (needs.SMALL, needs.FETCHING)
    assert ("localrule: True\n" in text) == here
    assert not here or re.search(r"    benchmark:\n.*\n    localrule: True\n    [a-z]", text)


def test_each_rule_has_a_row_and_each_row_a_rule():
    assert sorted(needs.NEEDS) == sorted(name for name, _ in rules())


def test_checkpoints_lie_beside_results():
    assert paths.checkpoints("results/results/a") == "checkpoints/results/a"


def test_the_profile_names_every_rule_that_can_use_a_gpu():
    """What its one line about GPUs says must reach them all."""
    able = {name for name, text in rules() if "gpu=" in part(text, "resources")}
    profile = yaml.safe_load((ROOT / "slurm/config.v8+.yaml").read_text(encoding="utf-8"))
    assert set(profile["set-resources"]) == able


NAMES = {
    "corpus": "tiny",
    "genome": "tiny",
    "reference": "tiny",
    "tokenizer": "char",
    "model": "tiny-conv",
    "target": "tiny-ctcf",
    "seed": "0",
}
NAMES |= {"recipe": "tiny-full", "vocabulary": "yeast", "constraint": "tiny", "stage": "pretrained"}
NAMES |= {"variants": "tiny", "design": "tiny-sample", "share": "1", "shares": "2"}
NAMES |= {"window": "120", "phases": "1", "layer": "0", "number": "300"}
OTHERS = {name: {"design": "tiny-ctcf"} for name in ("optimise_sequence", "draw_trajectory")}
OTHERS |= {name: {"model": "hyenadna-published"} for name in ("import_model", "download_model", "classify_windows")}
OTHERS |= {name: {"variants": "exon-intron"} for name in ("score_windows", "draw_contrast")}
OTHERS |= {"convert_variants": {"variants": "hg19-brca1"}}


@RULES
def test_what_a_rule_needs_follows_from_the_names_in_its_path(name, text, monkeypatch):
    """An imported classifier's path names no tokenizer: a formula that asks for one fails when the graph is built."""
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("DNALM_REAL_DATA", "nowhere")
    path = eval(part(text, "log").strip().rstrip(","), vars(paths))
    known = NAMES | OTHERS.get(name, {})
    names = SimpleNamespace(**{one: known[one] for one in re.findall(r"\{(\w+)\}", path)})
    for ask in ("mem_mb", "runtime"):
        with suppress(FileNotFoundError, StopIteration, IndexError, ValueError):  # a size of inputs that are not there
            assert needs.needs(name)[ask](names, [], 1, 1) > 0

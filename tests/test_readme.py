"""The README's lines for a notebook run as they stand; the files and tables that the pages name are there."""

import re
from pathlib import Path

import numpy as np
import pytest
import torch
import yaml

from dnalm.dna import seq
from dnalm.genome import index as genome_index
from dnalm.networks import classifier, models, predict, readers
from dnalm.tokens import making
from dnalm.tokens import tokenizer as tk

ROOT = Path(__file__).resolve().parents[1]
SECTION = (ROOT / "README.md").read_text().split("## From a notebook\n")[1].split("\n## ")[0]
BLOCKS = re.findall(r"```python\n(.*?)```", SECTION, re.DOTALL)
WINDOW = 200
CONTIGS = {"chrA": 900, "chrB": 500}
SITES = (  # narrowPeak with a summit and without, BED of an odd width, and windows that leave the contig
    ("chrA\t300\t700\t.\t0\t.\t5\t-1\t-1\t120", "chrA", 420),
    ("chrB\t200\t300\t.\t0\t.\t5\t-1\t-1\t-1", "chrB", 250),
    ("chrA\t500\t507", "chrA", 503),
    ("chrB\t10\t20\tnear the start", "chrB", 15),
    ("chrA\t880\t900", "chrA", 890),
)


def named(pattern):
    """What the lines name in quotes and the pattern matches."""
    (one,) = set(re.findall(rf'"({pattern})"', SECTION))
    return Path(one)


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """As much of what `make demo` makes as the lines name: random weights, and scores spread out to differ."""
    folder, rng = tmp_path_factory.mktemp("demo"), np.random.default_rng(0)
    letters = {name: seq.decode(rng.integers(0, 4, length).astype(np.uint8)) for name, length in CONTIGS.items()}
    fasta = folder / "demo.fa"
    fasta.write_text("".join(f">{name}\n{text}\n" for name, text in letters.items()))
    genome_index.index(fasta, folder / named(r"resources/genomes/\w+"), name="demo", source="toy")
    peaks = folder / named(r"resources/\S+narrowPeak")
    peaks.parent.mkdir(parents=True, exist_ok=True)
    peaks.write_text("".join(f"{line}\n" for line, _, _ in SITES))
    tok = making.train("char")
    network = models.build("mlm", "dilated_conv", {"hidden_size": 8, "num_hidden_layers": 1}, tok, WINDOW + 2, 0)
    models.save(network, tok, folder / "lm", "")
    torch.manual_seed(0)
    bound = classifier.from_backbone(folder / "lm", list(tk.special_ids(tok)))
    bound.config.scale, bound.config.shift = 40.0, 15.0
    models.save(bound, tok, folder / named(r"results/\S+/seed\d+"), "")
    return folder, letters


def loop(folder, windows):
    """Probabilities by the inference loop itself."""
    model, tok = models.load(folder, "classify"), tk.load(folder)
    logits = predict.predict(model, tok, np.stack(windows), readers.class_logit, both_strands=True)
    return 1 / (1 + np.exp(-logits.astype(float)))


def test_five_lines_score_sequences_and_five_more_a_bed(demo, fp32, monkeypatch):
    folder, letters = demo
    monkeypatch.chdir(folder)
    assert [len(block.split("\n\n")) for block in BLOCKS] == [2, 2]  # imports, a blank line, what is done
    assert [len(block.splitlines()) - 1 for block in BLOCKS] == [5, 5]
    *lines, last = BLOCKS[0].splitlines()
    names = {}
    exec("\n".join(lines), names)
    given = [seq.encode(letters) for letters in ("ACGT" * 50, "GATTACAT" * 25)]
    assert eval(last, names) == pytest.approx(loop(named(r"results/\S+/seed\d+"), given), abs=1e-6)
    exec(BLOCKS[1], names)
    padded = {name: "N" * WINDOW + text + "N" * WINDOW for name, text in letters.items()}
    cut = [padded[name][place + WINDOW // 2 : place + 3 * WINDOW // 2] for _, name, place in SITES]
    found = names["sites"].probability.to_numpy()
    assert found == pytest.approx(loop(named(r"results/\S+/seed\d+"), [seq.encode(text) for text in cut]), abs=1e-6)
    assert len(np.unique(found.round(3))) == len(SITES), "scores that do not differ would test nothing"


def test_the_lines_name_what_the_demo_makes():
    _, corpus, tokenizer, model, _, target, recipe, _ = named(r"results/\S+/seed\d+").parts
    chains = [
        (run["corpus"], run["tokenizer"], run["model"], *run.get("targets", []), *run.get("recipes", []))
        for run in yaml.safe_load((ROOT / "config/config.yaml").read_text())["runs"]
    ]
    assert (corpus, tokenizer, model, target, recipe) in chains
    preset = yaml.safe_load((ROOT / f"config/targets/{target}.yaml").read_text())
    assert preset["window"] == WINDOW
    assert preset["peaks"] == str(named(r"resources/\S+narrowPeak"))
    assert named(r"resources/genomes/\w+").name == preset["genome"]


def library(path):
    return ROOT / "workflow/scripts" / path if path.startswith("dnalm/") else ROOT / path


@pytest.mark.parametrize("page", ["README.md", "docs/results.md", "docs/benchmarks.md", "CHANGELOG.md"])
def test_files_named_in_a_page_are_there(page):
    named = re.findall(r"`((?:dnalm|bench|config|slurm|tests|workflow)/[\w./-]+\.\w+)[` ]", (ROOT / page).read_text())
    assert [path for path in named if not library(path).exists()] == []
    assert named or page == "CHANGELOG.md"


def test_tables_named_in_the_readme_are_where_it_says():
    named = re.findall(r"`([A-Z]+)` \(`(dnalm/[\w/]+\.py)`\)", (ROOT / "README.md").read_text())
    assert len(named) == 8
    for table, path in named:
        assert re.search(rf"^{table}: dict\[str, \w+\] = {{", library(path).read_text(), re.MULTILINE), table

"""Another workflow of ten lines uses this one, with a prefix and without; `--directory` works in another folder."""

import json
import re

import pytest
from project import PARTS, ROOT, copied, planned, snakemake

README = (ROOT / "README.md").read_text().split("## As a module of another workflow\n")[1].split("\n## ")[0]
(LINES,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
(PREFIX,) = re.findall(r'prefix: "(.*)"', LINES)
(CONFIG,) = re.findall(r"`(dnalm: .*)`:?", README)
FILES = sorted((ROOT / "workflow/rules").glob("*.smk"))
RULES = {name for path in FILES for name in re.findall(r"(?m)^rule (\w+):", path.read_text())}
MADE = r"(?<![^\s'])(?:(?:results|resources/genomes|resources/models|checkpoints|logs|benchmarks)/[^\s',]*)"
TINY = "source: simulate\nsize: 240000\ncontigs: 4\nsites_per_kb: 3.0\nsplits: {validation: [chrC], test: [chrD]}\n"
EVERYTHING = """
dnalm:
  runs:
    - {corpus: tiny, tokenizer: char, model: tiny-conv, targets: [tiny-ctcf], recipes: [tiny-full],
       scan: [tiny, personal], variants: [mine, listed, pairs, all], constraint: [mine, personal],
       optimise: [tiny-ctcf], insight: true}
    - {corpus: mine, tokenizer: kmer-4, model: tiny-mixtral, generate: [tiny-sample], insight: true}
    - {corpus: scratch, tokenizer: char, model: tiny-scratch, targets: [tiny-ctcf], recipes: [tiny-full, few]}
    - {corpus: tiny, tokenizer: char, model: tiny-conv, targets: [spread], seeds: [0, 1], ensemble: true, scan: [tiny],
       variants: [listed]}
    - {corpus: scratch, tokenizer: char, model: tiny-tracks, tracks: [tiny-coverage], recipes: [tiny-tracks]}
    - {corpus: published, tokenizer: own, model: theirs, targets: [tiny-ctcf]}
  vocabularies: [{corpus: tiny, vocabulary: small}]
"""
SPREAD = (ROOT / "config/targets/tiny-ctcf.yaml").read_text().replace("scan: {", "scan: {jobs: 2, ")
ASKED = "results/tiny/char/tiny-conv/finetuned/tiny-ctcf/tiny-full/seed0/scan/tiny.bedgraph.gz"  # by its path alone
TRUE = ASKED.replace("tiny.bedgraph.gz", "probability/tiny.bw")
COLUMNS = "results/tiny/char/tiny-conv/pretrained/variants/mine.parquet"
OWN = {
    "config/genomes/tiny.yaml": TINY,
    "config/genomes/personal.yaml": "source: consensus\nreference: tiny\nvcf: data/me.vcf\nhaplotype: 1\n",
    "config/genomes/mine.yaml": "source: local\npath: data/mine.fa\nrename: data/names.tsv\n",
    "config/models/theirs.yaml": "import: {path: data/theirs, corpus: tiny}\nobjective: classify\n",
    "config/recipes/few.yaml": "method: full\nlabels: 60\n",
    "config/targets/spread.yaml": SPREAD,
    "config/variants/mine.yaml": "genome: tiny\ntable: data/variants.tsv\nwindow: 60\n"
    "motif: resources/motifs/MA0139.1.meme\n"
    "signals: {coverage: resources/genomes/tiny/simulated/coverage.bw, known: data/known.bw}\n"
    "columns: {chrom: CHROM, pos: POS, ref: REF, alt: ALT}\n"
    "info: {CLASS: CLASS}\nlabel_key: CLASS\npositive: [bad]\n",
    "config/variants/listed.yaml": "genome: tiny\nlines: data/lines.txt\nregions: data/regions.bed\nwindow: 60\n"
    "jobs: 2\n",
    "config/variants/pairs.yaml": "windows: {exon: data/exon.csv, intron: data/intron.csv}\n",
    "config/variants/all.yaml": "genome: tiny\nsaturate: ['chrA:1000-1060']\nwindow: 60\n",
    "config/constraints/mine.yaml": "genome: tiny\ngenes: resources/genomes/tiny/simulated/genes.bed\n",
    "config/constraints/personal.yaml": "genome: personal\n",
    "config/vocabularies/small.yaml": "model: demo-mixtral\ntokenizers: [bpe-64, bpe-512, bpe-600]\n",
    "data/me.vcf": "##fileformat=VCFv4.3\n",
    "data/mine.fa": ">chr1\nACGT\n",
    "data/names.tsv": "source\tname\nchr1\tone\n",
    "data/variants.tsv": "CHROM\tPOS\tREF\tALT\tCLASS\n",
    "data/lines.txt": "chrA:5:A:C\n",
    "data/known.bw": "",
    "data/exon.csv": "ref,alt\n",
    "data/intron.csv": "ref,alt\n",
    "data/regions.bed": "chrA\t0\t90\n",
    "data/theirs/config.json": "{}",
}


def workflow(folder, lines=LINES, config=CONFIG, clone="dnalm"):
    """Another workflow, with a clone of this one in it and modules of its own that are called as some of ours are."""
    copied(folder / clone)
    (folder / "config").mkdir()
    (folder / "config/config.yaml").write_text(f"{config}\nmine: 1\n")
    for name in ("helpers", "paths"):
        (folder / f"{name}.py").write_text("MINE = True\n")
    before = "import sys\nsys.path.insert(0, '.')\nimport helpers as mine\n"
    after = "import paths\nimport helpers\nassert paths.MINE and helpers is mine\n"
    (folder / "Snakefile").write_text(f"{before}{lines}\n\n{after}")
    return folder


def with_own_presets(folder):
    for name, text in OWN.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


def commands(plan):
    """Input lines and shell commands of a dry run with -p."""
    return "\n".join(re.findall(r"(?m)^    input: .*|^        +(?:python|--|\$launch|\{params).*", plan))


@pytest.mark.parametrize(
    "snakefile", ["dnalm/Snakefile", pytest.param("dnalm/workflow/Snakefile", marks=pytest.mark.slow)]
)
def test_the_ten_lines_of_the_readme_plan_what_the_clone_would(tmp_path, snakefile):
    """The folder has no presets: those of the clone are used."""
    folder = workflow(tmp_path, LINES.replace("dnalm/Snakefile", snakefile))
    assert len([line for line in LINES.splitlines() if line.strip()]) <= 10
    plan = snakemake(folder, "-n")
    assert planned(plan) >= {"dnalm_simulate_genome", "dnalm_pretrain_model", "dnalm_draw_pretraining"}
    assert f"{PREFIX}/results/demo/char/demo-conv-small/pretrained/training.png" in plan


@pytest.mark.slow
@pytest.mark.parametrize("prefix", [PREFIX, ""])
def test_with_a_prefix_everything_made_lies_under_it_and_nothing_that_is_there_already(tmp_path, prefix):
    lines = LINES if prefix else LINES.replace(f'    prefix: "{PREFIX}"\n', "")
    folder = with_own_presets(workflow(tmp_path, lines, EVERYTHING))
    asked = [f"{prefix}/{one}" if prefix else one for one in (ASKED, TRUE, COLUMNS)]
    plan = snakemake(folder, "-n", "-p", "dnalm_all", *asked)
    fetching = {"download_genome", "download_model"}
    assert {name.removeprefix("dnalm_") for name in planned(plan)} >= RULES - fetching
    said = commands(plan)
    assert bool(re.search(MADE, said)) == (not prefix)
    assert len(re.findall(rf"{prefix}/checkpoints/" if prefix else " checkpoints/", said)) > 3
    given = set(re.findall(r"[^\s,']*(?:config|data|motifs)/[^\s,']*", said)) - {"config/config.yaml"}
    assert given >= {"config/genomes/tiny.yaml", "dnalm/config/models/tiny-conv.yaml", *(OWN.keys() & given)}
    assert {name for name in OWN if name.startswith("data/")} <= given
    assert all((folder / path).exists() for path in given), given


@pytest.mark.slow
def test_another_workflow_runs_part_of_this_one(tmp_path):
    """From a genome to baselines, by presets of the clone and one of its own; local rules stay local."""
    folder = workflow(tmp_path)
    (folder / "config/genomes").mkdir()
    (folder / "config/genomes/tiny.yaml").write_text(TINY)
    clone = sorted((folder / "dnalm").rglob("*"))
    goals = [f"{PREFIX}/results/tiny/char/tokenizer/tokenizer.json",
             f"{PREFIX}/results/targets/tiny-ctcf/baselines/metrics.json"]  # fmt: skip
    said = snakemake(folder, *goals, "--cores", "2")
    assert "localrules directive" not in said
    assert all((folder / goal).stat().st_size for goal in goals)
    about = json.loads((folder / f"{PREFIX}/resources/genomes/tiny/genome.json").read_text())
    assert about["bases"] == 240000
    assert sorted(path.name for path in (folder / PREFIX).iterdir()) == ["benchmarks", "logs", "resources", "results"]
    assert not {"benchmarks", "logs", "resources", "results"} & {path.name for path in folder.iterdir()}
    assert [path for path in sorted((folder / "dnalm").rglob("*")) if "__pycache__" not in str(path)] == clone
    assert "Nothing to be done" in snakemake(folder, *goals, "-n")


@pytest.mark.slow
def test_in_another_folder_a_clone_works_and_leaves_itself_alone(tmp_path):
    folder, elsewhere = copied(tmp_path / "clone"), tmp_path / "elsewhere"
    plan = snakemake(folder, "-n", "--directory", "../elsewhere")
    assert planned(plan) >= {"pretrain_model", "score_variants"}
    assert "../clone/config/models/demo-conv-small.yaml" in plan
    goals = [
        "resources/genomes/tiny/simulated/genome.fa",
        "--directory",
        str(elsewhere),
        "--configfile",
        "config/tiny.yaml",
    ]
    snakemake(folder, *goals, "--cores", "2")
    assert (elsewhere / goals[0]).stat().st_size
    assert {path.name for path in folder.iterdir()} == {part.split("/")[0] for part in PARTS}
    assert "Nothing to be done" in snakemake(folder, *goals, "-n")

"""The whole graph on a small genome: the science, the reruns, the kill, the profile, the errors."""

import json
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import hub_format
import pandas as pd
import pytest
from checkpoints import NT2, nt2, nt_vocabulary, write
from one_node import with_line
from project import BIN, ROOT, TINY, copied, planned, snakemake, tiny_results


@pytest.fixture(scope="session")
def project(tmp_path_factory, request):
    """The tiny configuration, run once for all tests here."""
    folder = copied(tmp_path_factory.mktemp("project"))
    snakemake(folder, "--cores", "2", *TINY)
    tiny_results(request.config.cache, folder)
    return folder


LM = "results/tiny/char/tiny-conv"
FT = f"{LM}/finetuned/tiny-ctcf/tiny-full/seed0"
NEVER = "results/scratch/char/tiny-scratch/finetuned/tiny-ctcf/tiny-short/seed0"


@pytest.mark.slow
def test_every_family_of_results_is_there(project):
    for path in (
        "resources/genomes/tiny/genome.json",
        "results/tiny/char/tokenizer/tokenizer.json",
        "results/tiny/char/tokens/tokens.bin",
        f"{LM}/pretrained/model.safetensors",
        f"{LM}/pretrained/variants/tiny.vcf.gz.tbi",
        f"{LM}/insight/embeddings.png",
        f"{FT}/metrics.json",
        f"{FT}/scan/tiny.bw",
        f"{FT}/scan/tiny.narrowPeak.gz",
        f"{FT}/scan/tiny.scorecard.json",
        f"{FT}/scan/tiny.bb",
        f"{FT}/scan/tiny.igv.xml",
        f"{FT}/variants/tiny.tsv.gz",
        f"{FT}/optimised/tiny-ctcf/sequences.fa",
        f"{FT}/insight/logos.png",
        "results/tiny/kmer-4/tiny-mixtral/generated/tiny-sample/novelty.tsv",
        "results/targets/tiny-ctcf/leaderboard.tsv",
    ):
        assert (project / path).stat().st_size > 0, path


@pytest.mark.slow
def test_hubs_are_what_a_genome_browser_takes(project):
    found = hub_format.read(project / FT / "scan/tiny.hub")
    assert list(found["tiny"]["tracks"]) == ["signal", "peaks", "truth"]
    assert found["hub"]["email"] == "nobody@example.org"
    (folder,) = (project / LM.replace("char/tiny-conv", "kmer-4/tiny-mixtral")).glob("constraint/tiny.hub")
    assert list(hub_format.read(folder)["tiny"]["tracks"]) == ["log_probability", "entropy", "llr"]


@pytest.mark.slow
def test_a_network_that_is_never_pretrained_goes_through_the_chain(project):
    """From a tokenizer that learns nothing to scan, variants, designs and logos, with no pretrained folder anywhere."""
    folder, fine_tuned = project / "results/scratch/char", project / NEVER
    further = ("scan/tiny.png", "variants/tiny-plain.png", "optimised/tiny-ctcf/trajectory.png", "insight/logos.png")
    snakemake(project, "--cores", "2", *(f"{NEVER}/{path}" for path in further), *TINY)
    made = (
        "model.safetensors",
        "metrics.json",
        "evaluation.png",
        "scan/tiny.narrowPeak.gz",
        "variants/tiny-plain.vcf.gz.tbi",
    )
    for path in (*made, *further):
        assert (fine_tuned / path).stat().st_size > 0, path
    assert sorted(path.name for path in folder.iterdir()) == ["tiny-scratch", "tiny-tracks", "tokenizer"]
    assert sorted(path.name for path in (folder / "tiny-scratch").iterdir()) == ["finetuned"]
    board = pd.read_csv(project / "results/targets/tiny-ctcf/leaderboard.tsv", sep="\t")
    assert "scratch/char/tiny-scratch tiny-short" in set(board.model)
    assert "| pretrained | no |" in (fine_tuned / "README.md").read_text()


@pytest.mark.parametrize(
    "run, old, new, line",
    [
        ("corpus: tiny, tokenizer: char, model: tiny-scratch", "", "", "objective: got none with corpus tiny"),
        ("corpus: scratch, tokenizer: char, model: tiny-conv", "", "", "objective: got mlm with corpus scratch"),
        ("corpus: scratch, tokenizer: bpe-64, model: tiny-scratch", "", "", "has no sequence for tokenizer bpe-64"),
        (
            "corpus: scratch, tokenizer: char, model: tiny-scratch",
            "context: 258",
            "steps: 9",
            "unknown key steps (with",
        ),
        ("corpus: scratch, tokenizer: char, model: tiny-scratch", "method: full", "method: probe", "freezes a network"),
    ],
)
def test_what_is_never_pretrained_and_what_is_are_told_apart(tmp_path, run, old, new, line):
    folder = copied(tmp_path)
    (folder / "config/mine.yaml").write_text(f"runs: [{{{run}, targets: [tiny-ctcf], recipes: [tiny-full]}}]\n")
    for preset in ("models/tiny-scratch", "recipes/tiny-full"):
        path = folder / f"config/{preset}.yaml"
        path.write_text(path.read_text().replace(old, new) if old else path.read_text())
    text = snakemake(folder, "-n", "--configfile", "config/mine.yaml", ok=False)
    assert line in text
    assert "Traceback" not in text


def test_a_network_that_is_never_pretrained_is_not_pretrained_by_its_path(tmp_path):
    folder = copied(tmp_path)
    for path, said in (
        ("results/tiny/char/tiny-scratch/pretrained/model.safetensors", "ask for it with corpus scratch"),
        (
            "results/scratch/char/tiny-conv/finetuned/tiny-ctcf/tiny-full/seed0/metrics.json",
            "got mlm with corpus scratch",
        ),
        ("results/scratch/char/tiny-scratch/finetuned/tiny-ctcf/probe/seed0/metrics.json", "probe freezes a network"),
    ):
        text = snakemake(folder, "-n", path, ok=False)
        assert said in text
        assert "Traceback" not in text


def test_tables_of_sequences_are_labelled_without_a_genome(tmp_path):
    folder = copied(tmp_path)
    for split in ("train", "test"):
        (folder / f"{split}.csv").write_text("seq,label\nACGT,a\n")
    text = "sequences: {train: train.csv, test: test.csv}\ncolumns: {sequence: seq}\nvalues: [y]\nwindow: 40\n"
    (folder / "config/targets/given.yaml").write_text(text)
    plan = snakemake(folder, "-n", "-p", "results/targets/given/relatives.json")
    assert planned(plan) == {"label_windows", "audit_homology"}
    command = next(line for line in plan.splitlines() if "--sequences-train" in line)
    assert command.split() == ["--sequences-train", "train.csv", "--sequences-test", "test.csv", "\\"]
    assert '--columns \'{"sequence": "seq"}\' --values y --window 40' in plan
    assert "--genome" not in plan


@pytest.mark.slow
def test_results_carry_a_provenance_card(project):
    card = json.loads((project / LM / "pretrained/card.json").read_text())
    assert card["options"]["objective"] == "mlm"
    assert card["command"].split()[1].endswith("pretrain_model.py")
    assert all(len(checksum) == 64 for checksum in card["inputs"].values())
    assert card["peak_memory_mb"] > 0


@pytest.mark.slow
def test_the_planted_truth_is_learned(project):
    """The fine-tuned model must see what the motif cannot: which sites are bound. Tolerances are for a tiny budget."""
    test = json.loads((project / FT / "metrics.json").read_text())["test"]
    assert test["model"]["auprc"]["value"] > test["pwm"]["auprc"]["value"]
    assert test["model"]["auprc"]["value"] > 1.5 * test["prevalence"]
    table = pd.read_csv(project / FT / "variants/tiny.tsv.gz", sep="\t")
    scored = table[table["class"].isin(["motif_breaking", "motif_neutral"]) & table.delta.notna()]
    breaking = scored[scored["class"] == "motif_breaking"].delta.abs()
    neutral = scored[scored["class"] == "motif_neutral"].delta.abs()
    wins = (breaking.to_numpy()[:, None] > neutral.to_numpy()[None]).mean()
    assert wins > 0.7


@pytest.mark.slow
def test_coverage_is_learnt_nearer_to_the_rate_than_to_the_counts(project):
    """The network was shown counts with noise; what it predicts must follow the rate behind them more closely."""
    table = pd.read_csv(project / "results/tracks/tiny-coverage/evaluation.tsv", sep="\t")
    found = table.set_index(["model", "against"]).pearson
    ours = "scratch/char/tiny-tracks tiny-tracks"
    assert found[ours, "true rate"] > found[ours, "measured"] > found["GC and CpG ridge", "measured"]
    assert (project / "results/tracks/tiny-coverage/tracks.png").stat().st_size > 0


@pytest.mark.slow
def test_variants_scored_by_three_jobs_are_those_of_one(project):
    """And a label that is put right scores nothing again."""
    preset, folder = project / "config/variants/spread.yaml", project / f"{LM}/pretrained/variants"
    text = (project / "config/variants/tiny.yaml").read_text() + "jobs: 3\n"
    preset.write_text(text.replace("positive: [motif_breaking]", "positive: [motif_broken]"))
    goal = (f"{LM}/pretrained/variants/spread.tsv.gz", *TINY)
    assert "class 'motif_broken' does not occur" in snakemake(project, "--cores", "2", *goal, ok=False)
    assert len(list(folder.glob("spread.share*of3.npz"))) == 3
    preset.write_text(text)
    again = planned(snakemake(project, "--cores", "2", *goal))
    assert "score_variants" in again
    assert "score_share" not in again
    assert (folder / "spread.tsv.gz").read_bytes() == (folder / "tiny.tsv.gz").read_bytes()
    assert not list(folder.glob("*.npz"))


@pytest.mark.slow
def test_run_again_there_is_nothing_to_be_done(project):
    assert "Nothing to be done" in snakemake(project, "-n", *TINY)


@pytest.mark.slow
def test_a_touch_or_a_comment_reruns_nothing(project):
    library = project / "workflow/scripts/dnalm"
    (library / "networks/predict.py").touch()
    (project / "config/models/tiny-conv.yaml").touch()
    source = library / "dna/seq.py"
    source.write_text(source.read_text() + "\n# a remark\n")
    assert "Nothing to be done" in snakemake(project, "-n", *TINY)


UPSTREAM = {"simulate_genome", "index_genome", "train_tokenizer", "tokenise_corpus", "label_windows", "train_baselines"}


@pytest.mark.slow
@pytest.mark.parametrize(
    "module, old, new, changed, spared",
    [
        (
            "metrics/fdr.py",
            "return (1 + above) /",
            "return (2 + above) /",
            {"call_peaks"},
            {*UPSTREAM, "pretrain_model"},
        ),
        (
            "scan/pages.py",
            "html.escape(text)",
            "html.escape(text, False)",
            {"write_hub", "write_constraint_hub"},
            {*UPSTREAM, "scan_genome", "call_peaks", "track_constraint"},
        ),
        ("designs/evolution.py", "rng.random(", "rng.random( ", set(), {"optimise_sequence"}),
        ("simulate/genes.py", "rng.random(", "1 - rng.random(", {"simulate_genome"}, set()),
        (
            "networks/convnet.py",
            "functional.relu(seen, inplace=True)",
            "functional.gelu(seen)",
            {"pretrain_model", "finetune_model", "train_tracks"},
            UPSTREAM,
        ),
    ],
)
def test_an_edit_reruns_exactly_its_users(project, module, old, new, changed, spared):
    """Rules whose own code has changed; what comes after them follows, what lies before them is spared."""
    source = project / "workflow/scripts/dnalm" / module
    text = source.read_text()
    assert old in text
    try:
        source.write_text(text.replace(old, new))
        plan = snakemake(project, "-n", *TINY)
        assert {name for name, block in blocks(plan) if "Params have changed" in block} == changed
        assert not planned(plan) & spared
    finally:
        source.write_text(text)


def blocks(plan):
    """(rule, its lines) of each job in a dry run."""
    name, lines = None, []
    for line in plan.splitlines():
        if line.startswith(("rule ", "localrule ")):
            if name:
                yield name, "\n".join(lines)
            name, lines = line.split()[1].rstrip(":"), []
        lines.append(line)
    if name:
        yield name, "\n".join(lines)


@pytest.mark.slow
def test_a_changed_preset_reruns_its_users_and_no_others(project):
    preset = project / "config/recipes/tiny-full.yaml"
    text = preset.read_text()
    try:
        preset.write_text(text.replace("epochs: 5", "epochs: 6"))
        plan = planned(snakemake(project, "-n", *TINY))
        assert "finetune_model" in plan
        assert not plan & {"pretrain_model", "label_windows", "train_tokenizer", "generate_sequences"}
    finally:
        preset.write_text(text)


@pytest.mark.slow
def test_killed_in_pretraining_it_resumes_and_ends_the_same(project, tmp_path):
    """SIGKILL to the whole process group while training; the second run must end in the same bytes."""
    folder = copied(tmp_path)
    for part in ("resources/genomes", "results/tiny/char/tokenizer", "results/tiny/char/tokens", ".snakemake/metadata"):
        shutil.copytree(project / part, folder / part, dirs_exist_ok=True)
    preset = folder / "config/models/tiny-conv.yaml"
    preset.write_text(preset.read_text().replace("save_seconds: 5", "save_seconds: 0.1"))
    goal = f"{LM}/pretrained/model.safetensors"
    environment = os.environ | {"PATH": f"{BIN}:{os.environ['PATH']}"}
    running = subprocess.Popen(
        ["snakemake", goal, "--cores", "2", *TINY],
        cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    checkpoints = folder / "checkpoints"
    for _ in range(1200):
        if list(checkpoints.rglob("DONE")):
            break
        assert running.poll() is None, "ended before it could be killed"
        time.sleep(0.1)
    os.killpg(running.pid, signal.SIGKILL)
    running.wait()
    assert not (folder / goal).exists()
    snakemake(folder, "--unlock", *TINY)
    again = snakemake(folder, goal, "--cores", "2", "--rerun-incomplete", *TINY)
    assert "resumed at step" in again
    assert (folder / goal).read_bytes() == (project / goal).read_bytes()


@pytest.mark.slow
@pytest.mark.real
def test_a_new_genome_is_one_file(project, tmp_path):
    """E. coli, a slice of Arabidopsis and soft-masked pieces of the rabbit, asked for by path."""
    data = Path(os.environ.get("DNALM_REAL_DATA", ROOT / "../shared/data")).resolve()
    if not (data / "small").exists():
        pytest.skip(f"no real data at {data}; set DNALM_REAL_DATA")
    folder = copied(tmp_path)
    sources = {"bacterium": "small/ecoli_K12_MG1655", "weed": "small/athaliana.1pct", "rabbit": "vertebrates/oryCun2"}
    for name, source in sources.items():
        (folder / f"config/genomes/{name}.yaml").write_text(f"source: local\npath: $DNALM_REAL_DATA/{source}.fa.gz\n")
    preset = folder / "config/models/tiny-conv.yaml"
    preset.write_text(preset.read_text().replace("steps: 60", "steps: 5"))
    stored = {name: f"results/{name}/kmer-4/tokens/summary.json" for name in sources}
    masks = [f"resources/genomes/{name}/softmask.bed.gz" for name in sources]
    model = "results/bacterium/char/tiny-conv/pretrained"  # one chromosome, so nothing is held out
    goals = [*stored.values(), *masks, f"{model}/training.png"]
    snakemake(folder, "--cores", "2", *goals, DNALM_REAL_DATA=str(data))
    for name, path in stored.items():
        about = json.loads((folder / f"resources/genomes/{name}/genome.json").read_text())
        splits = json.loads((folder / path).read_text())["splits"]
        assert 0.9 < sum(split["bases"] for split in splits.values()) / about["bases"] <= 1
        assert (about["soft_masked_bases"] > 0) == (name == "rabbit")
    assert "not measured: no contig is held out" in (folder / model / "README.md").read_text()


def test_the_slurm_profile_ships_without_gpus_and_one_line_asks_for_them(tmp_path):
    folder = copied(tmp_path)
    plan = snakemake(folder, "-n", "--profile", "slurm")
    assert "pretrain_model" in planned(plan)
    assert "gpu=1" not in plan
    assert "slurm_partition" not in plan
    able = plan.count("gpu=0")
    with_line(folder, "finetune_model: &gpu {gpu: 1, slurm_partition: gpu}")
    plan = snakemake(folder, "-n", "--profile", "slurm")
    assert plan.count("gpu=1") == plan.count("slurm_partition=gpu") == able > 10
    assert "gpu=0" not in plan


def test_a_vocabulary_is_one_target(tmp_path):
    folder = copied(tmp_path)
    presets = "model: demo-mixtral\ntokenizers: [bpe-64, bpe-512, bpe-600, char]\n"
    (folder / "config/vocabularies/small.yaml").write_text(presets)
    (folder / "config/small.yaml").write_text("runs: []\nvocabularies: [{corpus: demo, vocabulary: small}]\n")
    plan = snakemake(folder, "-n", "vocabulary", "--configfile", "config/small.yaml")
    assert planned(plan) >= {"sample_prompts", "predict_next_bases", "choose_vocabulary", "draw_vocabulary"}
    assert plan.count("rule predict_next_bases:") == 4
    assert "finetune_model" not in planned(plan)


def test_the_door_of_the_workflow_catalog_leads_to_the_same_graph(tmp_path):
    folder = copied(tmp_path)
    assert planned(snakemake(folder, "-n", "-s", "workflow/Snakefile")) > {"pretrain_model", "score_variants"}


def test_a_wrong_preset_asked_for_by_path_gets_one_line_too(tmp_path):
    folder = copied(tmp_path)
    text = snakemake(folder, "-n", "resources/genomes/nowhere/genome.json", ok=False)
    assert "config/genomes/nowhere.yaml" in text
    assert "Traceback" not in text


@pytest.mark.parametrize(
    "path, old, new, line",
    [
        ("config.yaml", "tokenizer: char", "tokeniser: char", "unknown key runs.0.tokeniser, did you mean tokenizer?"),
        ("genomes/demo.yaml", "[chrF]", "[chr9]", "the genome has no contig chr9"),
        (
            "genomes/demo.yaml",
            "seed: 1",
            "browser: 1.demo",
            "browser: got '1.demo', wanted UCSC's name of this assembly",
        ),
        ("config.yaml", "runs:", "hub: {email: me}\nruns:", "config: hub.email: got 'me', wanted an address such as"),
        ("models/demo-conv-small.yaml", "context: 512", "context: 100", "window: 200 bases are 202 tokens"),
        ("models/demo-conv-small.yaml", "objective: mlm", "objective: clm", "is trained with mlm, not clm"),
    ],
)
def test_a_wrong_configuration_gets_one_line_before_any_job(tmp_path, path, old, new, line):
    folder = copied(tmp_path)
    file = folder / "config" / path
    assert old in file.read_text()
    file.write_text(file.read_text().replace(old, new))
    text = snakemake(folder, "-n", ok=False)
    assert line in text
    assert "Traceback" not in text
    assert not (folder / "results").exists()


@pytest.mark.slow
def test_a_genome_is_fetched_once_and_must_stay_the_same(tmp_path, server):
    """From an address to a genome folder; other splits fetch nothing again; the lock outlives the genome."""
    folder = copied(tmp_path)
    preset, target = folder / "config/genomes/far.yaml", "resources/genomes/far/genome.json"
    preset.write_text(f"source: url\nurl: {server.url}/once/genome.fa\nkeep: [chrA]\n")
    snakemake(folder, "--cores", "1", target)
    lock = (folder / "resources/genomes.lock").read_text()
    assert "/once/genome.fa\t" in lock
    assert "Nothing to be done" in snakemake(folder, "-n", target)
    preset.write_text(preset.read_text() + "splits: {test: [chrA]}\n")
    assert planned(snakemake(folder, "-n", target)) == {"index_genome"}
    shutil.rmtree(folder / "resources/genomes")
    server.data = server.data.replace(b"A", b"C")
    text = snakemake(folder, "--cores", "1", target, ok=False)
    assert "it has changed since" in text
    assert not (folder / "resources/genomes/far/download/genome").exists()
    assert (folder / "resources/genomes.lock").read_text() == lock
    preset.write_text("source: ncbi\n")
    assert snakemake(folder, "-n", target, ok=False).count("source ncbi needs accession") == 1


def test_an_ensemble_and_a_model_of_tracks_score_variants_and_are_ranked(tmp_path):
    folder = copied(tmp_path)
    (folder / "config/variants/wide.yaml").write_text(
        (folder / "config/variants/tiny.yaml").read_text().replace("window: 120", "window: 256\noutput: ctcf")
    )
    run = "corpus: tiny, tokenizer: char, model: tiny-conv"
    tuned = f"{{{run}, targets: [tiny-ctcf], recipes: [tiny-full], seeds: [0, 1], ensemble: true, variants: [tiny]}}"
    followed = f"{{{run}, tracks: [tiny-coverage], recipes: [tiny-tracks], variants: [wide]}}"
    (folder / "config/mine.yaml").write_text(f"runs: [{tuned}, {followed}]\n")
    text = snakemake(folder, "-n", "-p", "variants_benchmark", "--configfile", "config/mine.yaml")
    assert planned(text) >= {"join_seeds", "train_tracks", "score_null", "score_variants", "rank_variants"}
    commands = [one for one in text.split("python ") if "score_variants.py" in one]
    base = "results/tiny/char/tiny-conv"
    stages = ("finetuned/tiny-ctcf/tiny-full/seed0-1", "tracks/tiny-coverage/tiny-tracks/seed0", "pretrained")
    for stage, name in zip(stages, ("tiny", "wide", "wide"), strict=True):
        (command,) = [one for one in commands if f"--out {base}/{stage}/variants/{name}.vcf.gz" in one]
        assert f"--model {base}/{stage} " in command
        assert f"--null {base}/{stage}/null/tiny/" in command
        assert ("--output ctcf" in command) == stage.startswith("tracks")


def imported_project(folder):
    """A project with a published checkpoint, in miniature, in place of pretraining."""
    copied(folder)
    write(folder / "theirs", NT2, nt2(), nt_vocabulary())
    (folder / "config/models/theirs.yaml").write_text("import: {path: theirs, corpus: tiny}\nobjective: mlm\n")
    run = "corpus: published, tokenizer: own, model: theirs, targets: [tiny-ctcf], recipes: [tiny-full], scan: [tiny]"
    (folder / "config/mine.yaml").write_text(f"runs: [{{{run}, variants: [tiny-plain], insight: true}}]\n")
    return folder


def test_an_imported_model_takes_the_place_of_pretraining(tmp_path):
    folder = imported_project(tmp_path)
    plan = planned(snakemake(folder, "-n", "--configfile", "config/mine.yaml"))
    assert plan >= {"import_model", "finetune_model", "scan_genome", "score_variants", "map_embeddings", "draw_logos"}
    assert not plan & {"pretrain_model", "draw_pretraining", "train_tokenizer", "tokenise_corpus", "download_model"}
    hub = f"import: {{hub: owner/name, revision: {'a' * 40}, corpus: tiny}}\n"
    (folder / "config/models/theirs.yaml").write_text(hub)
    assert planned(snakemake(folder, "-n", "--configfile", "config/mine.yaml")) >= {"download_model", "import_model"}
    for path, said in (
        ("published/own/tiny-conv", "config/models/tiny-conv.yaml: has no import, but corpus published holds imported"),
        ("tiny/char/theirs", "config/models/theirs.yaml: import: an imported model is asked for with corpus published"),
    ):
        text = snakemake(folder, "-n", f"results/{path}/pretrained/model.safetensors", ok=False)
        assert said in text
        assert "Traceback" not in text


@pytest.mark.slow
def test_an_imported_model_is_imported_once_and_scores_variants(tmp_path):
    folder, base = imported_project(tmp_path), "results/published/own/theirs/pretrained"
    goals = [f"{base}/variants/tiny-plain.tsv.gz", "--configfile", "config/mine.yaml"]
    snakemake(folder, "--cores", "2", *goals)
    scores = pd.read_csv(folder / goals[0], sep="\t")
    scored = scores[scores.skipped.isna()]
    assert len(scored) > 600
    assert scored[["l2", "cosine", "llr"]].notna().all(axis=None)
    assert "Nothing to be done" in snakemake(folder, "-n", *goals)
    preset = folder / "config/models/theirs.yaml"
    preset.write_text(preset.read_text() + "context: 40\n")
    assert "import_model" in planned(snakemake(folder, "-n", *goals))

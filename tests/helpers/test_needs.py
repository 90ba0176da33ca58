"""What rules ask for: by hand on toys, more for larger jobs, sane for every model and for a human genome."""

import gzip
from pathlib import Path
from types import SimpleNamespace

import pytest

import costs
import needs
import presets
import sizes
from jobs import CUDA, TORCH, Job
from needs import LEAST_MB, LEAST_MINUTES, NEEDS, Need

ROOT = Path(__file__).resolve().parents[2]
MODELS = sorted(path.stem for path in (ROOT / "config/models").glob("*.yaml"))
TRAINED = [name for name in MODELS if "objective: none" not in (ROOT / f"config/models/{name}.yaml").read_text()]
TRAINED = [name for name in TRAINED if "published" not in name]
TOY = Need(lambda job: 1000.0, lambda job: 3600.0)


def asked(rule, inputs=(), gpu=None, told=None, threads=1, attempt=1, **names):
    """(MB, minutes) that Snakemake is told for a job."""
    found = needs.needs(rule, gpu=gpu, told=told)
    one = SimpleNamespace(**names)
    return tuple(found[key](one, list(inputs), threads, attempt) for key in ("mem_mb", "runtime"))


def test_a_request_is_what_is_used_with_a_margin_and_the_snakemake_that_runs_it():
    job = Job(SimpleNamespace(), [])
    assert needs.megabytes(TOY, job) == 1500  # 350 and 1.15 times 1000, in whole hundreds
    assert needs.minutes(TOY, job) == 90


def test_less_than_the_floor_is_never_asked_for():
    assert asked("draw_logos") == (LEAST_MB, LEAST_MINUTES) == (1000, 5)


def test_memory_and_time_grow_with_each_attempt(monkeypatch):
    monkeypatch.setitem(NEEDS, "toy", TOY)
    assert asked("toy", attempt=1) == (1500, 90)
    assert asked("toy", attempt=3) == (4500, 270)


def test_what_resumes_asks_for_a_day_at_most_and_for_more_days_with_each_attempt(monkeypatch):
    monkeypatch.setitem(NEEDS, "toy", Need(TOY.memory, lambda job: 1e7, resumes=True))
    assert [asked("toy", attempt=attempt)[1] for attempt in (1, 2)] == [1440, 2880]
    monkeypatch.setitem(NEEDS, "toy", Need(TOY.memory, lambda job: 1e7))
    assert asked("toy")[1] > 200_000


def test_a_gpu_is_named_where_a_rule_can_use_one_and_only_there():
    assert needs.needs("scan_genome", gpu=0)["gpu"] == 0
    assert "gpu" not in needs.needs("call_peaks")


def test_a_job_that_a_profile_gives_a_gpu_asks_for_what_it_needs_there():
    """`set-resources: pretrain_model:gpu=1` is known to the formulas, or a GPU's job would ask for a CPU's days."""
    names = {"corpus": "hg38", "tokenizer": "bpe-600", "model": "grover"}
    profile = asked("pretrain_model", gpu=0, told={"pretrain_model": {"gpu": 1}}, **names)
    assert profile == asked("pretrain_model", gpu=1, **names)
    assert profile[1] < asked("pretrain_model", gpu=0, **names)[1]


@pytest.mark.parametrize("told, gpus", [({}, 2), ({"mem_mb": 1}, 2), ({"gpu": 4}, 4), ({"gpu": "2 * attempt"}, 1)])
def test_gpus_are_those_that_are_set_or_else_the_usual(told, gpus):
    assert needs.gpus_told(told, usual=2) == gpus
    wrapped = {name: SimpleNamespace(raw=value) for name, value in told.items()}  # as Snakemake has it
    assert needs.gpus_told(wrapped, usual=2) == gpus


@pytest.mark.parametrize("model", TRAINED)
def test_every_model_of_config_asks_for_sane_memory_and_time(model):
    """On a GPU and on a CPU, with the largest vocabulary that a recipe uses: no more than a large node or a day."""
    for gpus in (0, 1):
        memory, minutes = asked("pretrain_model", gpu=gpus, corpus="hg38", tokenizer="bpe-4096", model=model)
        assert LEAST_MB <= memory < 150_000
        assert not gpus or CUDA < memory < 32_000
        assert LEAST_MINUTES <= minutes <= 1440


def test_a_training_with_a_time_limit_asks_for_that_and_what_stands_round_it(monkeypatch):
    monkeypatch.setitem(presets.preset("models", "nt-v2"), "minutes", 60)
    assert 90 <= asked("pretrain_model", gpu=1, corpus="hg38", tokenizer="kmer-6", model="nt-v2")[1] <= 120


def test_larger_networks_longer_trainings_and_fewer_threads_ask_for_more():
    names = {"corpus": "hg38", "tokenizer": "char"}
    small, large = (asked("pretrain_model", model=model, **names) for model in ("demo-conv", "hg19-conv"))
    assert small <= large
    job = Job(SimpleNamespace(model="hg19-conv", tokenizer="char"), [], threads=1)
    wide = Job(job.names, [], threads=8)
    assert wide.through(1e6) < job.through(1e6) < 8 * wide.through(1e6)
    assert job.through(1e6, training=True) == pytest.approx(3 * job.through(1e6))


@pytest.fixture
def human(monkeypatch):
    """hg38 and the demo's genome, as if both were indexed."""
    there = {"hg38": {f"chr{number}": 3100 / 24 for number in range(1, 24)} | {"long": 249.0}, "demo": {"chrA": 3.0}}
    monkeypatch.setattr(sizes, "contigs", there.__getitem__)


def test_a_human_genome_asks_for_more_than_the_demo_and_for_sane_amounts(human):
    def inputs(genome):
        return [f"resources/genomes/{genome}/genome.fa.gz"]

    presets_named = {"tokenizer": "bpe-600", "target": "demo-ctcf"}
    for rule in ("index_genome", "train_tokenizer", "tokenise_corpus", "call_peaks", "score_peaks", "draw_scan"):
        names = {"genome": "hg38"} if rule not in ("train_tokenizer", "tokenise_corpus") else {"corpus": "hg38"}
        memory, minutes = asked(rule, inputs("hg38"), **presets_named, **names)
        small = {key: "demo" for key in names}
        least = asked(rule, inputs("demo"), **presets_named, **small)
        assert (LEAST_MB, LEAST_MINUTES) <= least <= (memory, minutes)
        assert memory <= 20_000, rule
        assert minutes <= 60, rule
    assert asked("train_tokenizer", inputs("hg38"), tokenizer="char", corpus="hg38") == (1100, 5)
    assert 10_000 < asked("train_tokenizer", inputs("hg38"), tokenizer="bpe-600", corpus="hg38")[0] < 20_000


def test_baselines_ask_for_a_network_only_where_there_is_one(tmp_path, monkeypatch):
    """Its training and its reading of a scan's bins cost time and torch's memory; a wider one costs more."""
    path = tmp_path / "windows.tsv.gz"
    path.write_bytes(gzip.compress(b"id\tchr1\t1\t2\t1\tpositive\ttrain\tACGT\n" * 50_000))
    monkeypatch.setattr(costs, "labels", lambda job: 20_000)
    target, found = presets.preset("targets", "demo-ctcf"), []
    monkeypatch.delitem(target, "cnn_filters")
    for values in ({"baselines": ["gc", "kmer"]}, {"baselines": ["cnn"]}, {"baselines": ["cnn"], "cnn_filters": 512}):
        for key, one in values.items():
            monkeypatch.setitem(target, key, one)
        found.append(asked("train_baselines", [str(path)], target="demo-ctcf"))
    assert found[0][0] + 700 < found[1][0] == found[2][0]
    assert found[0][1] < found[1][1] < found[2][1]


def test_baselines_are_scanned_over_all_held_out_contigs_by_each_network(human, monkeypatch):
    """By hand: one contig of 3 Mb at a stride of 50, both strands; a genome without a test place is scanned whole."""
    target, seconds = presets.preset("targets", "demo-ctcf"), needs.NEEDS["scan_baselines"].seconds
    monkeypatch.setitem(target, "splits", {"test": ["chrA"]})
    monkeypatch.setitem(target, "scan", {"stride": 50})
    job = Job(SimpleNamespace(genome="demo", target="demo-ctcf"), [])
    one = costs.read_by_cnn(job, 2 * 3e6 / 50)
    assert seconds(job) == pytest.approx(10 + 1.5 + one)
    monkeypatch.setitem(target, "scan", {"stride": 50, "contigs": ["chrA:0-1000000"]})
    assert seconds(job) == pytest.approx(10 + 0.5 + costs.read_by_cnn(job, 2 * 1e6 / 50))
    monkeypatch.setitem(target, "scan", {"stride": 50})
    monkeypatch.setitem(target, "cnn_seeds", 3)
    assert seconds(job) - 11.5 == pytest.approx(4 * (one - costs.START) + costs.START)
    monkeypatch.setitem(target, "splits", {"test": []})
    assert costs.scored(job) == [3.0]
    assert needs.NEEDS["scan_baselines"].memory(job) > TORCH > needs.NEEDS["score_peaks"].memory(job)


def test_a_scan_is_as_long_as_its_contigs_and_windows(human, monkeypatch):
    """By hand: three contigs' bases over the stride, the null and, as the target has a motif, decoys; both strands."""
    monkeypatch.setitem(presets.preset("targets", "demo-ctcf"), "scan", {"stride": 100, "null_windows": 1000})
    names = {"genome": "demo", "target": "demo-ctcf", "model": "demo-conv", "tokenizer": "char"}
    job = Job(SimpleNamespace(**names, recipe="full"), [])
    windows = 3_000_000 / 100 + 2 * 1000
    assert needs.NEEDS["scan_genome"].seconds(job) - 15 == pytest.approx(job.through(2 * windows * 202))
    assert needs.NEEDS["scan_genome"].memory(job) > TORCH
    once = Job(SimpleNamespace(**names, recipe="demo-full"), [])
    assert needs.NEEDS["scan_genome"].seconds(once) - 15 == pytest.approx(job.through(2 * costs.TILED * windows * 100))
    attends = Job(SimpleNamespace(**names | {"model": "demo-mixtral", "recipe": "demo-full"}), [])
    assert not costs.tiled(attends, "auto")
    assert not costs.tiled(once, "windows")


def test_variants_in_shares_ask_for_their_part_and_little_to_be_put_together(monkeypatch):
    """By hand: 30,000 alleles by four jobs, three readings of both by the model and its twin; fine-tuned, two."""
    monkeypatch.setattr(costs, "alleles", lambda job: 30_000)
    names = {"variants": "tiny", "model": "demo-conv", "tokenizer": "char", "stage": "pretrained"}
    job = Job(SimpleNamespace(**names), [])
    preset = presets.preset("variants", "tiny")
    alone = needs.NEEDS["score_variants"].seconds(job)
    assert alone - 40 == pytest.approx(2 * 2 * job.windows(6 * 30_000, 120))
    tuned = Job(SimpleNamespace(**names | {"stage": "finetuned/demo-ctcf/demo-full/seed0"}), [])
    assert needs.NEEDS["score_variants"].seconds(tuned) - 40 == pytest.approx((alone - 40) * 2 / 3)
    monkeypatch.setitem(preset, "jobs", 4)
    assert needs.NEEDS["score_share"].seconds(job) - 40 == pytest.approx((alone - 40) / 4)
    assert needs.NEEDS["score_variants"].seconds(job) == pytest.approx(40 + 30)
    assert needs.NEEDS["score_share"].resumes
    assert needs.NEEDS["score_variants"].resumes  # it keeps the pieces, too


def test_an_ensemble_asks_for_each_of_its_members():
    names = {"genome": "demo", "target": "demo-ctcf", "model": "demo-conv", "tokenizer": "char", "recipe": "full"}
    one, three = (Job(SimpleNamespace(**names, seed=seed), []) for seed in ("0", "0-1-2"))
    stages = ("pretrained", "tracks/a/full/seed7", "finetuned/a/full/seed0-1-2")
    alone, track, scored = (Job(SimpleNamespace(**names, stage=stage), []) for stage in stages)
    for sizes_of in (lambda job: job.loaded() - TORCH, lambda job: job.through(1000)):
        assert sizes_of(three) == pytest.approx(3 * sizes_of(one))
        assert [sizes_of(job) for job in (alone, track, scored)] == [sizes_of(job) for job in (one, one, three)]


def test_more_labelled_windows_ask_for_more(tmp_path):
    path = tmp_path / "windows.tsv.gz"
    found = []
    for rows in (1_000, 400_000):
        path.write_bytes(gzip.compress(b"id\tchr1\t1\t2\t1\tpositive\ttrain\tACGT\n" * rows))
        names = {"tokenizer": "char", "model": "demo-conv", "target": "demo-ctcf", "recipe": "demo-full"}
        found.append(asked("finetune_model", [str(path)], **names))
    assert all(more > less for less, more in zip(*found, strict=True))


def test_a_file_that_is_still_to_be_made_is_said_to_be_so():
    """Snakemake then writes <TBD> and asks again: the error must name an input."""
    with pytest.raises(FileNotFoundError) as error:
        asked("train_baselines", ["results/targets/none/windows.tsv.gz"], target="demo-ctcf")
    assert error.value.filename == "results/targets/none/windows.tsv.gz"


def test_a_genome_still_to_be_fetched_is_named_by_the_input_that_waits_for_it(tmp_path, monkeypatch):
    """Or Snakemake would take it for a fault; where nothing is awaited a job gets plenty."""
    monkeypatch.setattr(sizes, "genome", lambda name: sizes.fasta(str(tmp_path / "absent")))
    with pytest.raises(FileNotFoundError) as error:
        asked("call_peaks", [str(ROOT / "Snakefile"), "scan/toy.bw"], genome="toy")
    assert error.value.filename == "scan/toy.bw"
    memory, minutes = asked("call_peaks", [str(ROOT / "Snakefile")], genome="toy")
    assert memory > 10_000
    assert minutes > 600


def test_a_scan_of_regions_asks_for_these(human, monkeypatch):
    def scanned(contigs):
        monkeypatch.setitem(presets.preset("targets", "demo-ctcf"), "scan", {"contigs": {"hg38": contigs}})
        names = SimpleNamespace(target="demo-ctcf", genome="hg38")
        return costs.contigs(Job(names, []))

    assert scanned(["chr1:0-30000000", "long", "chrE"]) == [30, 249]
    assert scanned(["long:0-900000000"]) == scanned(["long"]) == [249]

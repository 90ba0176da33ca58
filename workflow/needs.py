"""NEEDS: what every rule needs, memory and time, by what it works on; the only list of them.

A formula says what a job was measured to use, in MB and seconds. What is asked for is that with a margin, and never
less than the floor, since a job of seconds that asks for five minutes waits no longer. Each attempt asks for more than
the last. `make requests` lays what is asked for beside what was used: docs/requests.md.
"""

import os
from collections.abc import Callable, Mapping
from errno import ENOENT
from math import ceil
from typing import NamedTuple

import costs
import sizes
from costs import CHAIN, START, TABLES
from jobs import TORCH, Job

LEAST_MB, LEAST_MINUTES = 1000, 5
MARGIN_MB, MARGIN_TIME = 1.15, 1.5
SNAKEMAKE = 350  # MB of the two Snakemakes, one in the other, that run the command inside a job of Slurm
DAY = 1440  # minutes; what resumes asks for no more at first, and for more with each attempt


class Need(NamedTuple):
    """MB and seconds that a job of a rule uses; `resumes`: one that its time limit stops goes on where it was."""

    memory: Callable[[Job], float]
    seconds: Callable[[Job], float]
    resumes: bool = False


def small(job: Job) -> float:
    """MB of a picture or a table of a few thousand rows."""
    return 220


def moment(job: Job) -> float:
    """Seconds of the same."""
    return 10


def letters(each: float, base: float = TABLES) -> Callable[[Job], float]:
    """MB where a genome is read contig by contig: so many a Mb of its longest."""
    return lambda job: base + each * job.longest


def with_model(each: float) -> Callable[[Job], float]:
    """The same beside a model that is run."""
    return lambda job: job.loaded() + each * job.longest


SMALL = Need(small, moment)  # rules of this row run where Snakemake runs: a picture waits in no queue
FETCHING = Need(small, lambda job: 2400)  # as long as it takes; these run where Snakemake runs, too
PLENTY = Need(lambda job: 12_000, lambda job: 28_800)  # where sizes cannot be known
NEEDS: dict[str, Need] = {
    "simulate_genome": Need(letters(10), moment),
    "download_genome": FETCHING,
    "apply_variants": Need(costs.applying, lambda job: 10 + 0.4 * job.megabases + 0.0001 * costs.alleles(job)),
    "index_genome": Need(letters(4), lambda job: 5 + 0.22 * job.megabases),
    "train_tokenizer": Need(costs.byte_pairs, costs.merging),
    "tokenise_corpus": Need(costs.tokenising, lambda job: START + 0.1 * job.megabases),
    "draw_tokens": SMALL,
    "pretrain_model": Need(costs.pretraining_memory, costs.pretraining, resumes=True),
    "draw_pretraining": SMALL,
    "download_model": FETCHING,
    "import_model": Need(lambda job: TORCH + 3 * sizes.folder(job.inputs[1]), lambda job: 60),
    "classify_windows": Need(Job.loaded, lambda job: START + costs.classifying(job)),
    "sample_prompts": Need(letters(CHAIN, TORCH + 300), lambda job: 60 + 0.3 * job.megabases),
    "predict_next_bases": Need(costs.next_bases_memory, costs.next_bases, resumes=True),
    "choose_vocabulary": SMALL,
    "draw_vocabulary": SMALL,
    "label_windows": Need(costs.labelling_memory, costs.labelling),
    "audit_homology": Need(costs.auditing_memory, costs.auditing),
    "draw_windows": Need(lambda job: TABLES + 0.001 * job.rows("windows.tsv.gz"), moment),
    "train_baselines": Need(costs.baselines_memory, costs.baselines),
    "finetune_model": Need(costs.finetuning_memory, costs.finetuning, resumes=True),
    "join_seeds": Need(Job.loaded, lambda job: START),
    "draw_finetuning": SMALL,
    "evaluate_model": Need(lambda job: 350 + 0.001 * job.rows("predictions.tsv.gz"), costs.evaluating),
    "draw_evaluation": Need(lambda job: 230 + 0.001 * job.rows("predictions.tsv.gz"), moment),
    "train_few_labels": Need(costs.baselines_memory, costs.few_labels),
    "measure_label_curve": SMALL,
    "draw_label_curve": SMALL,
    "rank_models": SMALL,
    "draw_leaderboard": SMALL,
    "bin_coverage": Need(costs.binning_memory, costs.binning),
    "train_tracks": Need(costs.tracking_memory, costs.tracking, resumes=True),
    "evaluate_tracks": Need(costs.binning_memory, costs.binning),
    "draw_tracks": Need(costs.binning_memory, lambda job: 20),
    "scan_share": Need(costs.scanning_memory, costs.scanning, resumes=True),
    "scan_genome": Need(costs.gathering_memory, costs.gathering, resumes=True),
    "call_peaks": Need(costs.calling_memory, lambda job: 10 + 0.1 * job.megabases),
    "scan_baselines": Need(costs.scanning_baselines_memory, costs.scanning_baselines),
    "score_peaks": Need(costs.scoring_memory, costs.scoring),
    "compare_peaks": Need(costs.calling_memory, lambda job: 10 + 0.2 * job.megabases),
    "draw_regions": Need(lambda job: 250 + 6 * sum(costs.scored(job)), lambda job: 20 + sum(costs.scored(job)) / 10),
    "draw_scan": Need(lambda job: 250 + 0.3 * job.megabases, lambda job: 20 + job.megabases / 50),
    "write_hub": Need(letters(5, 180), lambda job: 20 + 0.3 * job.megabases),
    "write_bedgraph": Need(letters(8), lambda job: 10 + 0.1 * job.megabases),
    "write_probability": Need(letters(8), lambda job: 10 + 0.1 * job.megabases),
    "track_constraint": Need(costs.expecting_memory, costs.expecting),
    "score_constraint": Need(letters(110), lambda job: 20 + job.megabases),
    "compare_constraint": Need(costs.comparing, lambda job: 10 + 0.5 * costs.tracked(job)),
    "draw_constraint": Need(letters(1, 300), lambda job: 20 + job.megabases / 50),
    "write_constraint_hub": Need(letters(5, 180), lambda job: 20 + job.megabases),
    "convert_variants": Need(lambda job: TABLES + 0.002 * costs.converted(job), moment),
    "score_null": Need(Job.loaded, costs.random_variants),
    "score_share": Need(lambda job: job.loaded() + 0.005 * costs.alleles(job), costs.variants, resumes=True),
    "score_variants": Need(lambda job: job.loaded() + 0.005 * costs.alleles(job), costs.joining, resumes=True),
    "write_parquet": Need(lambda job: TABLES, moment),
    "draw_variants": Need(lambda job: 200 + 0.001 * job.rows(".tsv.gz"), moment),
    "score_windows": Need(lambda job: job.loaded() + 0.02 * costs.pairs(job), costs.windows),
    "draw_contrast": Need(lambda job: 200 + 0.001 * job.rows(".tsv.gz"), moment),
    "draw_saturation": Need(costs.mapping, moment),
    "rank_variants": SMALL,
    "draw_variant_leaderboard": SMALL,
    "generate_sequences": Need(Job.loaded, costs.generating),
    "assess_novelty": Need(costs.novelty_memory, costs.novelty),
    "draw_composition": SMALL,
    "optimise_sequence": Need(with_model(CHAIN), costs.searching),
    "draw_trajectory": SMALL,
    "map_embeddings": Need(with_model(4), lambda job: 2 * START + 0.1 * job.megabases),
    "draw_embeddings": SMALL,
    "attribute_windows": Need(Job.loaded, costs.attributing),
    "draw_logos": SMALL,
}


def needs(rule: str, *, told: Mapping[str, Mapping[str, object]] | None = None, gpu: int | None = None) -> dict:
    """A rule's resources, `mem_mb` and `runtime` by its row of NEEDS, and `gpu` where it can use one.

    `told` is what the command line or a profile sets (`set-resources`): a job that is to have a GPU needs another
    memory and time. Snakemake asks with each attempt, and a retry gets what the first one lacked.
    """
    gpus = gpus_told((told or {}).get(rule, {}), gpu or 0)

    def memory(wildcards: object, input: list[str], threads: int, attempt: int) -> int:
        return attempt * asked(megabytes, NEEDS[rule], Job(wildcards, input, threads, gpus))

    def runtime(wildcards: object, input: list[str], threads: int, attempt: int) -> int:
        return attempt * asked(minutes, NEEDS[rule], Job(wildcards, input, threads, gpus))

    return {"mem_mb": memory, "runtime": runtime} | ({} if gpu is None else {"gpu": gpu})


def gpus_told(told: Mapping[str, object], usual: int) -> int:
    """GPUs that a rule is set to have, where it is; an expression, whose value depends on the job, means one."""
    if "gpu" not in told:
        return usual
    found = str(getattr(told["gpu"], "raw", told["gpu"]))
    return int(found) if found.isdigit() else 1


def asked(amount: Callable[[Need, Job], int], need: Need, job: Job) -> int:
    """An amount to ask for; while an input is still to be made the error names it, and Snakemake says <TBD>.

    Where all inputs are there and another file is not (somebody removed an index) a job gets what is plenty for most.
    """
    try:
        return amount(need, job)
    except FileNotFoundError:
        awaited = [path for path in job.inputs if not os.path.exists(path)]
        if not awaited:
            return amount(PLENTY, job)
        raise FileNotFoundError(ENOENT, os.strerror(ENOENT), awaited[0]) from None


def megabytes(need: Need, job: Job) -> int:
    """MB to ask for at the first attempt, in hundreds."""
    return max(LEAST_MB, 100 * ceil((SNAKEMAKE + MARGIN_MB * need.memory(job)) / 100))


def minutes(need: Need, job: Job) -> int:
    """Minutes to ask for at the first attempt."""
    wanted = max(LEAST_MINUTES, ceil(MARGIN_TIME * need.seconds(job) / 60))
    return min(wanted, DAY) if need.resumes else wanted

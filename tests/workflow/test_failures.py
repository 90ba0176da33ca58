"""What a failed job says on the terminal, and which failures are tried again."""

from types import SimpleNamespace

import pytest
from project import copied, snakemake

import failures

SAID = "SLURM-job '7' failed, SLURM status is: '{}'. Detailed failure reason unavailable."
DATE = "2026-01-02 03:04:05 "
USER = [DATE + "INFO reading", DATE + "ERROR error: in.fa:2: got the letter '!'"]
OURS = [DATE + "ERROR internal error in scan_genome.py: KeyError: 'x'. This is a fault of dnalm"]
MEMORY = [DATE + "ERROR internal error in scan_genome.py: MemoryError: . This is a fault of dnalm"]
ABSENT = ["Traceback (most recent call last):", "error: No module named 'torch': the environment is incomplete"]
STOPPED = [DATE + "INFO stopped by SIGTERM; run the same command again to carry on"]


def job(attempt=1, retries=2, log=()):
    rule = SimpleNamespace(name="scan_genome")
    resources = {"mem_mb": 2000, "runtime": 5, "gpu": 0}
    return SimpleNamespace(attempt=attempt, restart_times=retries, log=list(log), resources=resources, rule=rule)


@pytest.mark.parametrize(
    ("said", "tail", "cluster", "cause", "final"),
    [
        ("", USER, [], "error: in.fa:2: got the letter '!'", True),
        (SAID.format("FAILED"), USER, [], "Slurm job 7, FAILED: error: in.fa:2: got the letter '!'", True),
        (SAID.format("FAILED"), OURS, [], "Slurm job 7, FAILED: internal error in scan_genome.py", True),
        (SAID.format("FAILED"), MEMORY, [], "Slurm job 7, OUT_OF_MEMORY: out of memory: 2000", False),
        ("", ABSENT, [], "error: No module named 'torch'", True),
        (SAID.format("FAILED"), [], [], "Slurm job 7, FAILED: it ended without a word", False),
        (SAID.format("FAILED"), [], ["slurmstepd: error: Detected 1 oom_kill event"], "OUT_OF_MEMORY: out of", False),
        (SAID.format("OUT_OF_MEMORY"), [], [], "Slurm job 7, OUT_OF_MEMORY: out of memory: 2000 MB were not", False),
        (SAID.format("TIMEOUT"), STOPPED, [], "Slurm job 7, TIMEOUT: time limit: 5 minutes were not enough", False),
        (SAID.format("CANCELLED by 0"), STOPPED, [], "Slurm job 7, CANCELLED: cancelled, as by scancel", True),
        (SAID.format("NODE_FAIL"), [], [], "Slurm job 7, NODE_FAIL: its node failed", False),
        (
            "SLURM sbatch failed. The error message was 'sbatch: error: invalid\n partition'.",
            [],
            [],
            "Slurm refused the job: sbatch: error: invalid partition",
            True,
        ),
        ("SLURM sbatch failed. The error message was 'Socket timed out on send/recv'.", [], [], "Slurm refused", False),
        ("", STOPPED, [], "stopped by SIGTERM; the same command carries on", False),
    ],
)
def test_a_failure_has_a_cause_and_is_final_or_not(said, tail, cluster, cause, final):
    failure = failures.judge(said, tail, cluster, mem_mb=2000, runtime=5)
    assert cause in failure.cause
    assert failure.final == final


@pytest.mark.parametrize(
    ("attempt", "word", "next_"),
    [
        (1, "OUT_OF_MEMORY", "trying again with more memory and time (attempt 2 of 3)"),
        (3, "OUT_OF_MEMORY", "give it more under set-resources of the profile: scan_genome: {<<: *gpu, mem_mb: 4000}"),
        (3, "TIMEOUT", "give it more under set-resources of the profile: scan_genome: {<<: *gpu, runtime: 10}"),
        (1, "CANCELLED", "not tried again: run the same command again when it may go on"),
        (3, "NODE_FAIL", "run the same command again"),
    ],
)
def test_the_terminal_says_what_comes_next(attempt, word, next_):
    one = job(attempt)
    assert failures.told(one, SAID.format(word), [])[-1] == next_


def test_a_final_failure_ends_the_attempts_and_leaves_others(tmp_path):
    (tmp_path / "log").write_text("\n".join(USER))
    one, other = job(log=[tmp_path / "log"]), job()
    said = failures.told(one, "", [])
    assert said[0] == "error: in.fa:2: got the letter '!'"
    assert said[2:4] == ["    " + line for line in USER]
    assert not one.restart_times > one._attempt - 1, "what Snakemake asks before it tries again"
    failures.told(other, SAID.format("NODE_FAIL"), [])
    assert not hasattr(other, "_attempt")


GENOME = "source: local\npath: bad.fa\nsplits: {test: [a]}\n"


def test_an_error_of_the_input_is_shown_and_not_tried_again(tmp_path):
    folder = copied(tmp_path / "p")
    (folder / "config/genomes/bad.yaml").write_text(GENOME)
    (folder / "bad.fa").write_text(">a\nAC!T\n")
    said = snakemake(folder, "resources/genomes/bad/genome.json", "--cores", "1", "--retries", "2", ok=False)
    block = said[said.index("Error in rule index_genome") :]
    assert "message: error: bad.fa:2: got the letter" in block.splitlines()[1]
    assert "the end of logs/resources/genomes/bad/index_genome.log:" in block
    assert "not tried again: mend that and run the same command again" in block
    assert said.count("[index_genome] error:") == 1, "the script ran once"
    assert "message: None" not in said


def test_a_job_that_was_killed_is_tried_again(tmp_path):
    folder = copied(tmp_path / "p")
    (folder / "config/genomes/bad.yaml").write_text(GENOME)
    (folder / "bad.fa").write_text(">a\nACGT\n")
    script = folder / "workflow/scripts/index_genome.py"
    script.write_text("import os\nprint('[killed]', flush=True)\nos.kill(os.getpid(), 9)\n")
    said = snakemake(folder, "resources/genomes/bad/genome.json", "--cores", "1", "--retries", "2", ok=False)
    assert said.count("[killed]") == 3
    assert "trying again with more memory and time (attempt 3 of 3)" in said

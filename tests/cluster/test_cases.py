"""What goes wrong on a cluster, and what then is said and done: on a real Slurm."""

import os
import re
import shutil
from pathlib import Path

import pytest
from one_node import MODEL, Run, slurm, waited, with_line, wrapped

STEPS = 60  # of the preset tiny-conv
GENOME = "resources/genomes/toy/genome.json"


@pytest.fixture
def toy(project):
    """A project with a genome of ten bases."""
    (project / "config/genomes/toy.yaml").write_text("source: local\npath: toy.fa\nsplits: {test: [b]}\n")
    (project / "toy.fa").write_text(">a\nACGTACGT\n>b\nAC\n")
    return project


def saved(project, step):
    """Once training has saved a step from `step` on, that step; older ones may vanish meanwhile, which walk allows."""
    walked = [Path(folder) for folder, _, files in os.walk(project / "checkpoints") if "DONE" in files]
    found = [int(folder.name[5:]) for folder in walked if folder.name.startswith("step-")]
    return max(found, default=-1) >= step and max(found)


def log_of(project):
    return (project / "logs/results/tiny/char/tiny-conv/pretrained/pretrain_model.log").read_text()


def test_out_of_memory_is_named_and_tried_again_with_more(toy):
    """1.4 GB are taken where 1 GB was asked for; the second attempt has twice as much."""
    wrapped(toy, "index_genome.py", "import time; held = b'x' * 1_400_000_000; time.sleep(6)")
    run = Run(toy, GENOME)
    assert run.ends() == 0, run.text
    assert re.fullmatch(r"Slurm job \d+, OUT_OF_MEMORY: out of memory: 1000 MB were not enough", run.failures[0])
    assert "trying again with more memory and time (attempt 2 of 3)" in run.text
    first, second = (slurm("sacct", "-nX", "-j", job, "-o", "ReqMem") for job in run.jobs)
    assert (first, second) == ("1000M", "2000M")


def test_a_time_limit_in_mid_training_resumes_with_more_time(training):
    run = Run(training, MODEL)
    job = run.job()
    reached = waited(lambda: saved(training, 5))
    slurm("scontrol", "update", f"JobId={job}", "EndTime=now+1")
    waited(lambda: len(run.jobs) > 1)
    (training / "hurry").touch()
    assert run.ends() == 0, run.text
    assert re.fullmatch(rf"Slurm job {job}, TIMEOUT: time limit: \d+ minutes were not enough.*", run.failures[0])
    resumed = int(re.search(r"resumed at step (\d+)", log_of(training))[1])
    assert reached <= resumed < STEPS
    first, second = (int(slurm("sacct", "-nX", "-j", one, "-o", "TimelimitRaw")) for one in run.jobs)
    assert second > first


def test_a_time_limit_after_the_last_step_trains_nothing_again(training):
    (training / "hurry").touch()
    wait = "import pathlib, time; time.sleep(0 if pathlib.Path('again').exists() else 120)"
    wrapped(training, "pretrain_model.py", after=wait)
    run = Run(training, MODEL)
    job = run.job()
    waited(lambda: (training / MODEL).with_name("card.json").exists())
    before = (training / MODEL).read_bytes()
    (training / "again").touch()
    slurm("scontrol", "update", f"JobId={job}", "EndTime=now+1")
    assert run.ends() == 0, run.text
    assert "trained before, to step" in log_of(training)
    assert "training: " not in log_of(training)
    assert (training / MODEL).read_bytes() == before


def test_a_requeued_job_resumes(training):
    run = Run(training, MODEL)
    job = run.job()
    waited(lambda: saved(training, 5))
    slurm("scontrol", "requeue", job)
    waited(lambda: slurm("squeue", "-h", "-t", "PD", "-o", "%i", "-j", job))
    slurm("scontrol", "update", f"JobId={job}", "StartTime=now")  # Slurm would wait for two minutes
    (training / "hurry").touch()
    assert run.ends() == 0, run.text
    assert run.jobs == [job]
    assert "resumed at step" in log_of(training)


def test_ctrl_c_cancels_its_jobs_and_the_same_command_goes_on(training):
    run = Run(training, MODEL)
    job = run.job()
    waited(lambda: saved(training, 5))
    run.interrupt()
    assert run.ends() != 0
    waited(lambda: not slurm("squeue", "-h", "-j", job, "-t", "R,PD,CG"))
    (training / "hurry").touch()
    again = Run(training, MODEL)
    assert again.ends() == 0, again.text
    assert "resumed at step" in log_of(training)


def test_ctrl_c_cancels_a_job_that_slurm_is_being_asked_about(toy):
    """While its plugin waits for squeue's answer, Snakemake counts no job as active and would cancel none."""
    wrapped(toy, "index_genome.py", "import time; time.sleep(60)")
    asked = toy / "asked"
    (toy / "bin").mkdir()
    (toy / "bin/squeue").write_text(f'#!/bin/sh\ntouch {asked}\nsleep 5\nexec {shutil.which("squeue")} "$@"\n')
    (toy / "bin/squeue").chmod(0o755)
    run = Run(toy, GENOME)
    waited(asked.exists)
    run.interrupt()
    assert run.ends() != 0
    waited(lambda: slurm("sacct", "-nX", "-j", *run.jobs, "-o", "State").startswith("CANCELLED"), 20)


def test_scancel_is_said_in_one_line_and_ends_the_run(training):
    run = Run(training, MODEL)
    job = run.job()
    slurm("scancel", job)
    assert run.ends() != 0
    assert run.failures == [f"Slurm job {job}, CANCELLED: cancelled, as by scancel"]
    assert run.jobs == [job], "not tried again"


def test_an_error_of_the_input_is_not_tried_again(toy):
    (toy / "toy.fa").write_text(">a\nAC!T\n>b\nAC\n")
    run = Run(toy, GENOME)
    assert run.ends() != 0
    assert re.fullmatch(r"Slurm job \d+, FAILED: error: toy.fa:2: got the letter '!' .*", run.failures[0])
    assert "not tried again: mend that and run the same command again" in run.text
    assert len(run.jobs) == 1


def test_what_slurm_refuses_is_not_tried_again(toy):
    with_line(toy, "default-resources: {slurm_partition: nowhere}")
    run = Run(toy, GENOME)
    assert run.ends() != 0
    assert "Slurm refused the job: sbatch: error: invalid partition specified: nowhere" in run.failures[0]
    assert len(run.failures) == 1


def test_no_account_is_no_matter(toy):
    run = Run(toy, GENOME)
    assert run.ends() == 0
    assert not re.search("SLURM account|No account", run.text)

"""What a site may change in the profile: each line of README's table on a real Slurm, and what its job then has."""

import re

import pytest
from one_node import MODEL, PRESET, Run, slurm, with_line, wrapped
from project import ROOT

HAS = {
    "finetune_model: &gpu {gpu: 1, slurm_partition: gpu}": ("Partition=gpu", "gres/gpu=1"),
    "finetune_model: &gpu {gpu: 1}": ("Partition=cpu", "gres/gpu=1"),
    "finetune_model: &gpu {gpu: 1, gpu_model: a100}": ("Partition=cpu", "TresPerJob=gres:gpu:a100:1"),
    'finetune_model: &gpu {gpu: 0, gres: "gpu:1"}': ("TresPerNode=gres:gpu:1", "gres/gpu=1"),
    "pretrain_model: {gpu: 2, nodes: 1, slurm_partition: gpu}": ("Partition=gpu", "gres/gpu=2"),
    "default-resources: {slurm_account: lab}": ("Account=lab", "Partition=cpu"),
    "default-resources: {slurm_partition: gpu}": ("Partition=gpu",),
    "default-resources: {qos: normal}": ("QOS=normal",),
}
TOGETHER = (  # lines that a site may have at once
    ("finetune_model: &gpu {gpu: 1, slurm_partition: gpu}", "default-resources: {qos: normal}"),
    ("finetune_model: &gpu {gpu: 1}", "default-resources: {slurm_account: lab}"),
    ("finetune_model: &gpu {gpu: 1, gpu_model: a100}",),
    ('finetune_model: &gpu {gpu: 0, gres: "gpu:1"}', "default-resources: {slurm_partition: gpu}"),
    ("pretrain_model: {gpu: 2, nodes: 1, slurm_partition: gpu}",),
)


def test_the_table_of_the_readme_is_what_is_tried():
    lines = re.findall(r"^\| [^|]+ \| `([^`]+)` \|$", (ROOT / "README.md").read_text(), re.MULTILINE)
    assert [line for line in lines if line.split(":")[0] in {tried.split(":")[0] for tried in HAS}] == list(HAS)
    assert sorted(line for lines in TOGETHER for line in lines) == sorted(HAS)


@pytest.mark.parametrize("lines", TOGETHER, ids=" and ".join)
def test_lines_give_the_job_what_they_say(project, lines):
    """`gpus: 0` since the GPU is a fake: the job holds it, and computes on the CPU."""
    for line in lines:
        with_line(project, line)
    run = Run(project, MODEL, "--config", "gpus=0")
    held = slurm("scontrol", "show", "job", run.job())
    assert [part for line in lines for part in HAS[line] if part not in held] == []
    assert "Guess" not in run.text


def test_a_gpu_that_torch_does_not_see_is_an_error_with_its_cure(project):
    """The node's GPU is a fake, as a CPU build of torch would find a real one."""
    with_line(project, "finetune_model: &gpu {gpu: 1}")
    run = Run(project, MODEL)
    assert run.ends() != 0
    assert re.search(r"error: Slurm gave this job GPU [01] but torch .* sees none; .* gpus: 0 in config", run.text)
    assert len(run.jobs) == 1


def test_two_gpus_are_two_processes(project):
    """By torchrun in one job, each with half of every batch."""
    with_line(project, "pretrain_model: {gpu: 2, nodes: 1}")
    with_line(project, "steps: 6", PRESET)
    note = "import os, pathlib; pathlib.Path('rank' + os.environ.get('RANK', '')).touch()"
    wrapped(project, "pretrain_model.py", note)
    run = Run(project, MODEL, "--config", "gpus=0")
    assert run.ends() == 0, run.text
    assert sorted(path.name for path in project.glob("rank*")) == ["rank0", "rank1"]

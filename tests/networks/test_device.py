"""Where a model runs: a GPU that was promised and is not there is an error, and one key is its cure."""

import pytest
import torch

from dnalm.errors import UsageError
from dnalm.networks import device

ASKED = ("DNALM_GPUS", "SLURM_JOB_GPUS", "SLURM_GPUS_ON_NODE")


@pytest.fixture(autouse=True)
def no_gpu(monkeypatch):
    """A machine whose torch sees no GPU, and nothing that promises one."""
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    for name in ASKED:
        monkeypatch.delenv(name, raising=False)


def test_without_a_promise_it_is_the_cpu():
    assert device.device().type == "cpu"


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("SLURM_JOB_GPUS", "0", "Slurm gave this job GPU 0 but torch"),
        ("SLURM_GPUS_ON_NODE", "2", "Slurm gave this job GPU 2 but torch"),
        ("DNALM_GPUS", "1", "the configuration has gpus: 1 but torch"),
    ],
)
def test_a_promised_gpu_that_is_not_there_is_an_error(monkeypatch, name, value, said):
    monkeypatch.setenv(name, value)
    with pytest.raises(UsageError, match=said + ".* sees none; .* set gpus: 0 in config/config.yaml"):
        device.device()


@pytest.mark.parametrize("name", ASKED[1:])
def test_gpus_0_is_the_cure(monkeypatch, name):
    monkeypatch.setenv(name, "1")
    monkeypatch.setenv("DNALM_GPUS", "0")
    assert device.device().type == "cpu"


def test_fp32_is_fp32_on_a_gpu(monkeypatch):
    """Convolutions of scores that promise fp32 were rounded to three digits: a log-likelihood ratio off by 1 %."""
    monkeypatch.setattr(torch.backends.cudnn, "allow_tf32", True)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert device.device().type == "cuda"
    assert not torch.backends.cudnn.allow_tf32
    assert torch.get_float32_matmul_precision() == "highest"

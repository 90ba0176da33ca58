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


@pytest.fixture
def amd(monkeypatch):
    """A processor of AMD's with AVX-512."""
    monkeypatch.setattr(device, "_cpu", lambda: "vendor_id : AuthenticAMD")
    monkeypatch.setattr(torch.backends.cpu, "get_cpu_capability", lambda: "AVX512")
    device.slow_mkl.cache_clear()
    yield
    device.slow_mkl.cache_clear()


def told() -> str:
    """How fp32 is multiplied in work on a CPU."""
    with device.fast_fp32(torch.device("cpu")):
        return torch.get_float32_matmul_precision()


def rounds() -> bool:
    """Whether this very machine takes bf16 where it may."""
    one, other = torch.randn(2, 300, 300, generator=torch.Generator().manual_seed(0))
    torch.set_float32_matmul_precision("medium")
    found = one @ other
    torch.set_float32_matmul_precision("highest")
    return not torch.allclose(found, (one.double() @ other.double()).float(), atol=1e-3)


def test_fp32_is_multiplied_by_what_is_fast_and_as_exact(amd):
    assert told() == ("highest" if rounds() else "medium")
    assert torch.get_float32_matmul_precision() == "highest"
    one, other = torch.randn(2, 300, 300, generator=torch.Generator().manual_seed(0))
    with device.fast_fp32(torch.device("cpu")):
        assert torch.allclose(one @ other, (one.double() @ other.double()).float(), atol=1e-4)
    with device.fast_fp32(torch.device("cuda")):
        assert torch.get_float32_matmul_precision() == "highest"


def test_a_cpu_that_would_round_is_not_asked(amd, monkeypatch):
    product = torch.Tensor.__matmul__
    rounded = lambda one, other: product(one.bfloat16(), other.bfloat16()).to(one.dtype)  # noqa: E731
    monkeypatch.setattr(
        torch.Tensor, "__matmul__", lambda one, other: (rounded if one.dtype == torch.float32 else product)(one, other)
    )
    assert told() == "highest"


@pytest.mark.parametrize(("cpu", "capability"), [("GenuineIntel", "AVX512"), ("AuthenticAMD", "AVX2")])
def test_another_cpu_keeps_torchs_choice(amd, monkeypatch, cpu, capability):
    monkeypatch.setattr(device, "_cpu", lambda: cpu)
    monkeypatch.setattr(torch.backends.cpu, "get_cpu_capability", lambda: capability)
    assert told() == "highest"

"""A full disk: one clear line that names the file, exit status 2, and nothing half-written under a final name."""

import os
import resource
import subprocess
import sys
from contextlib import contextmanager

import numpy as np
import pandas as pd
import pysam
import pytest
import torch
from project import ROOT
from safetensors.torch import save_file
from transformers import BertConfig, BertForMaskedLM

from dnalm import cli, files
from dnalm.cli import Output
from dnalm.dna import bigwig
from dnalm.figures import style
from dnalm.genome import vcf_text
from dnalm.networks import models
from dnalm.tokens import making
from dnalm.variants import vcf

NOISE = np.random.default_rng(0).random(100_000)
HEAD = ["##fileformat=VCFv4.2", "##contig=<ID=a>"]
RECORDS = {name: ["."] * 20_000 for name in vcf.FIELDS}
RECORDS |= {
    "chrom": ["a"] * 20_000,
    "rest": [""] * 20_000,
    "pos": np.arange(1, 20_001),
    "info": [f"X={value}" for value in NOISE[:20_000]],
}


def save_blocks(path):
    with files.whole(path) as beside, pysam.BGZFile(str(beside), "wb") as handle:
        handle.write(NOISE.tobytes())


def save_arrays(path):
    with files.whole(path) as beside, open(beside, "wb") as handle:
        np.savez_compressed(handle, noise=NOISE)


def save_tensors(path):
    with files.whole(path) as beside:
        save_file({"noise": torch.tensor(NOISE)}, beside)


def save_picture(path):
    with style.figure(path, 8, 8) as drawn:
        drawn.subplots().imshow(NOISE[:90_000].reshape(300, 300))


def save_model(path):
    sizes = {"num_hidden_layers": 1, "hidden_size": 64, "num_attention_heads": 1, "intermediate_size": 64}
    models.save(BertForMaskedLM(BertConfig(vocab_size=2000, **sizes)), making.train("char"), path, "a card")


WRITERS = {
    "a.json": lambda path: files.write_json(path, NOISE.tolist()),
    "a.tsv": lambda path: files.write_table(path, pd.DataFrame(NOISE)),
    "a.tsv.gz": lambda path: files.write_table(path, pd.DataFrame(NOISE)),
    "a.vcf.gz": lambda path: vcf.write(path, HEAD, "#" + "\t".join(vcf_text.FIXED), pd.DataFrame(RECORDS)),
    "a.fa.gz": save_blocks,
    "a.npz": save_arrays,
    "a.safetensors": save_tensors,
    "a.png": save_picture,
    "model": save_model,
}  # fmt: skip


def run(writer, path, capsys):
    """Write a file as a script does: (exit status, the last line)."""

    def main(*, out: Output) -> None:
        """Write it."""
        writer(out)

    with pytest.raises(SystemExit) as stop:
        cli.run(main, ["--out", str(path)])
    return stop.value.code, capsys.readouterr().err.splitlines()[-1]


@contextmanager
def no_file_larger_than(size):
    """A limit that a user or a cluster sets; libraries meet it as they meet a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize("name", WRITERS)
def test_what_cannot_be_written_whole_is_not_written(tmp_path, capsys, name):
    """Some libraries say nothing of the reason, or have errors of their own."""
    with no_file_larger_than(100_000):
        status, last = run(WRITERS[name], tmp_path / name, capsys)
    where = tmp_path / "model/.saving" if name == "model" else tmp_path / name
    assert (status, last) == (2, f"[test_full_disk] error: File too large: {where}")
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == []
    WRITERS[name](tmp_path / name)
    assert (tmp_path / name).exists()


def test_other_errors_are_left_as_they_are(tmp_path):
    with pytest.raises(RuntimeError, match="a fault"), files.whole(tmp_path / "x"):
        raise RuntimeError("a fault")


def test_a_bigwig_that_ends_early_is_refused(tmp_path, monkeypatch):
    """Of its own accord the library prints a warning, and that is all."""
    monkeypatch.setattr(bigwig, "_MAGIC", b"none")
    with pytest.raises(RuntimeError, match="not written to its end"):
        bigwig.write(tmp_path / "a.bw", {"a": 1000}, {"a": NOISE[:1000]}, 1)
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def small_disk(tmp_path):
    """A disk of 1 MB, where this may be had."""
    disk = tmp_path / "disk"
    disk.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=1m", "none", str(disk)]
    if os.geteuid() or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("no file system can be mounted here")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


def test_a_bigwig_is_not_begun_where_it_may_not_fit(small_disk, capsys):
    """Written on, libBigWig would corrupt the memory and abort, or leave a cut file without an error."""
    status, last = run(
        lambda path: bigwig.write(path, {"a": 10**6}, {"a": np.tile(NOISE, 10)}, 1), small_disk / "a.bw", capsys
    )
    assert status == 2
    assert last.startswith("[test_full_disk] error: No space left on device (8,000,000 bytes are wanted): ")
    assert list(small_disk.iterdir()) == []


def test_a_script_on_a_full_disk_ends_with_one_line(small_disk, tmp_path):
    """Its log lies on that disk, too."""
    letters = np.random.default_rng(0).choice(list("ACGT"), 5_000_000)
    (tmp_path / "in.fa").write_text(">a\n" + "".join(letters) + "\n")
    words = ["--fasta", tmp_path / "in.fa", "--out", small_disk / "out", "--name", "a", "--log", small_disk / "a.log"]
    script = ROOT / "workflow/scripts/index_genome.py"
    done = subprocess.run([sys.executable, script, *words], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1].startswith("[index_genome] error: No space left on device: ")
    assert "Logging error" not in done.stderr
    assert list((small_disk / "out").iterdir()) == []

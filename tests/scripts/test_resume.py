"""The command itself, killed at any moment and run again, and shared by two processes: the same model in the end."""

import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import pretrain_model
import tokenise_corpus
from dnalm.errors import InputError
from dnalm.genome import index as genome_index
from dnalm.tokens import making
from dnalm.training import checkpoint, train

pytestmark = pytest.mark.slow
SCRIPT = Path(pretrain_model.__file__)
SIZES = {"hidden_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 64}
STEPS = 60
TORCHRUN = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2", "--"]


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    folder = tmp_path_factory.mktemp("store")
    letters = np.random.default_rng(0).choice(list("ACGT"), (2, 9000), p=[0.4, 0.1, 0.1, 0.4])
    (folder / "g.fa").write_text("".join(f">{name}\n{''.join(row)}\n" for name, row in zip("ab", letters, strict=True)))
    genome_index.index(folder / "g.fa", folder / "g", name="g", source="toy", splits={"validation": ["b"]})
    making.train("char").save_pretrained(folder / "tokenizer")
    tokenise_corpus.main(genomes=[folder / "g"], tokenizer=folder / "tokenizer", out=folder / "tokens")
    return folder


def options(store, out, checkpoints, **more):
    given = {"tokens": store / "tokens", "tokenizer": store / "tokenizer", "checkpoints": checkpoints, "out": out}
    given |= {"objective": "mlm", "architecture": "bert", "config": SIZES, "context": 66, "batch_size": 8}
    return given | {"steps": STEPS, "validation_blocks": 8, "save_seconds": 0} | more


def command(given):
    words = []
    for name, value in given.items():
        words += ["--" + name.replace("_", "-"), json.dumps(value) if isinstance(value, dict) else str(value)]
    return [str(SCRIPT), *words]


def start(given, launch=(sys.executable,), **environment):
    environment = {key: value for key, value in os.environ.items() if key != "RANK"} | environment
    return subprocess.Popen([*launch, *command(given)], env=environment, stderr=subprocess.PIPE, text=True)


def wait_for(found, running, seconds=120.0):
    """Poll closely until something is there; False where the command ended before it was."""
    end = time.monotonic() + seconds
    while running.poll() is None and time.monotonic() < end:
        if found():
            return True
        time.sleep(0.001)  # or it would take a core from the command
    return False


def newest(state):
    return max((int(path.name[5:]) for path in state.glob("*/step-*")), default=-1)


def shas(folder, *names):
    return [hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in names]


def finished(store, out, state, monkeypatch, **more):
    """Run to the end and give the hashes of weights, metrics and the optimizer as last saved."""
    with monkeypatch.context() as patch:
        patch.setattr(checkpoint, "finish", lambda *_: None)
        pretrain_model.main(**options(store, out, state, **more))
    last = max(state.glob("*/step-*"))
    assert int(last.name[5:]) == STEPS - 1
    return shas(out, "model.safetensors", "metrics.tsv") + shas(last, "optimizer.safetensors")


@pytest.fixture(scope="module")
def straight(store, tmp_path_factory):
    """A run that nothing stopped."""
    folder = tmp_path_factory.mktemp("straight")
    with pytest.MonkeyPatch.context() as patch:
        return finished(store, folder / "out", folder / "state", patch)


def stopped(store, state, until, how=signal.SIGKILL, **more):
    """Run until something holds of the state, then send a signal; what the command said."""
    running = start(options(store, state.parent / "out", state, **more))
    there = wait_for(until, running)
    running.send_signal(how)
    said = running.communicate()[1]
    assert there, said
    assert running.returncode == (143 if how == signal.SIGTERM else -how)
    assert not (state.parent / "out").exists()
    return said


def test_killed_at_random_steps_while_saving_and_by_sigterm(store, straight, tmp_path, monkeypatch):
    state, seed = tmp_path / "state", int(time.time())
    stops = sorted(random.Random(seed).sample(range(3, STEPS - 20), 3))
    for stop in stops:
        stopped(store, state, lambda: newest(state) >= stop)  # noqa: B023

    def half_saved():
        return newest(state) > stops[-1] + 1 and any(not (one / "DONE").exists() for one in state.glob("*/step-*"))

    stopped(store, state, half_saved)
    last = newest(state)
    said = stopped(store, state, lambda: newest(state) >= last + 3, signal.SIGTERM)
    assert f"stopped by SIGTERM at step {newest(state)}, saved; run the same command again to carry on" in said
    assert finished(store, tmp_path / "out", state, monkeypatch) == straight, f"seed {seed}, stops {stops}"


def test_a_changed_configuration_resumes_nothing(store, straight, tmp_path):
    """The state of another learning rate lies there; the run must begin anew and end as if it did not."""
    stopped(store, tmp_path / "state", lambda: newest(tmp_path / "state") >= 4, learning_rate=5e-3)
    foreign = {path for path in (tmp_path / "state").iterdir()}
    pretrain_model.main(**options(store, tmp_path / "again", tmp_path / "state"))
    assert shas(tmp_path / "again", "model.safetensors", "metrics.tsv") == straight[:2]
    assert {path for path in (tmp_path / "state").iterdir()} > foreign  # neither used nor removed


def test_finished_training_is_not_done_again(store, straight, tmp_path, monkeypatch):
    """A time limit after the last step takes the results; the next attempt writes the same and takes no step."""
    given = options(store, tmp_path / "out", tmp_path / "state")
    pretrain_model.main(**given)
    kept = sorted(path.relative_to(tmp_path / "state").parts[1:] for path in tmp_path.glob("state/**/*.safetensors"))
    assert kept == [("finished", "model.safetensors")], "one copy of the weights, no optimizer"
    shutil.rmtree(tmp_path / "out")
    monkeypatch.setattr(train.descent, "take", None)
    pretrain_model.main(**given)
    assert shas(tmp_path / "out", "model.safetensors", "metrics.tsv") == straight[:2]


def test_the_comparison_can_fail(store, straight, tmp_path, monkeypatch):
    """Negative control: a loader that does not replay its steps ends elsewhere."""
    stopped(store, tmp_path / "state", lambda: newest(tmp_path / "state") >= 9)
    true = pretrain_model.batches.pretraining_batch

    def off_by_one(blocks, *, step, **more):
        return true(blocks, step=step + 1, **more)

    monkeypatch.setattr(pretrain_model.batches, "pretraining_batch", off_by_one)
    assert finished(store, tmp_path / "out", tmp_path / "state", monkeypatch) != straight


def test_two_processes_are_one(store, tmp_path):
    """The same loss curve from two processes with half of every batch each, and one card, one model, one log."""
    pretrain_model.main(**options(store, tmp_path / "one", tmp_path / "a", save_seconds=60))
    given = options(store, tmp_path / "two", tmp_path / "b", save_seconds=60, log=tmp_path / "log")
    running = start(given, TORCHRUN, CUDA_VISIBLE_DEVICES="")
    said = running.communicate()[1]
    assert running.returncode == 0, said
    one, two = (pd.read_csv(tmp_path / name / "metrics.tsv", sep="\t") for name in ("one", "two"))
    assert len(one) == len(two) == 20
    for column, near in (("loss", 2e-3), ("bits_per_base", 2e-3), ("learning_rate", 1e-9)):
        assert two[column].to_numpy() == pytest.approx(one[column].to_numpy(), abs=near, nan_ok=True)
    assert (tmp_path / "log").read_text().count("parameters;") == 1


def test_a_batch_that_cannot_be_shared_is_an_error(store, tmp_path):
    running = start(options(store, tmp_path / "out", tmp_path / "b", batch_size=5), TORCHRUN)
    said = running.communicate()[1]
    assert running.returncode != 0
    assert "batch_size: got 5 for 2 processes; choose a multiple of their number" in said


def test_tokens_of_another_tokenizer_are_refused(store, tmp_path):
    making.train("bpe", stretches=[np.random.default_rng(0).integers(0, 4, 5000).astype(np.uint8)], vocab_size=64).save_pretrained(tmp_path / "bpe")  # fmt: skip  # noqa: E501
    tokenise_corpus.main(genomes=[store / "g"], tokenizer=tmp_path / "bpe", out=tmp_path / "tokens")
    with pytest.raises(InputError, match=r"holds token .* but .* has only 10; tokenise again"):
        pretrain_model.main(**options(store, tmp_path / "out", tmp_path / "state", tokens=tmp_path / "tokens"))

"""The training loop: exact resume, foreign or broken checkpoints passed over, NaN refused."""

import contextlib
import errno
import json
import os
import signal
from pathlib import Path

import numpy as np
import pytest
import torch
from toy_regression import batch_at, loss_of, network, weights

from dnalm.errors import InputError
from dnalm.training import checkpoint, optimizers, train


def fit(net, folder, steps=20, batches=batch_at, **more):
    settings = {"batch_size": 16, "learning_rate": 0.01} | more
    return train.fit(net, batches, loss_of, steps=steps, checkpoints=folder, **settings)


class Killed(Exception):
    """Stands for kill -9: nothing after it runs."""


def killed_at(stop, replay=batch_at):
    def batches(step, rows):
        if step == stop:
            raise Killed
        return replay(step, rows)

    return batches


def test_n_steps_are_half_then_resume_then_half(tmp_path):
    straight, broken = network(), network()
    history = fit(straight, tmp_path / "a")
    with pytest.raises(Killed):
        fit(broken, tmp_path / "b", batches=killed_at(13), save_seconds=0)
    again = network()
    resumed = fit(again, tmp_path / "b", save_seconds=0)
    assert torch.equal(weights(straight), weights(again))
    assert [row["loss"] for row in history] == [row["loss"] for row in resumed]


def test_the_comparison_can_fail(tmp_path):
    """Negative control: a loader that does not replay its steps ends elsewhere."""
    straight, again = network(), network()
    fit(straight, tmp_path / "a")
    with pytest.raises(Killed):
        fit(network(), tmp_path / "b", batches=killed_at(13), save_seconds=0)
    fit(again, tmp_path / "b", batches=lambda step, rows: batch_at(step + 1, rows))
    assert not torch.equal(weights(straight), weights(again))


def test_sigterm_saves_and_exits_143(tmp_path):
    def batches(step, rows):
        if step == 5:
            os.kill(os.getpid(), signal.SIGTERM)
        return batch_at(step, rows)

    with pytest.raises(SystemExit) as stopped:
        fit(network(), tmp_path / "b", batches=batches)
    assert stopped.value.code == 143
    assert [path.name for path in checkpoint.whole_checkpoints(tmp_path / "b")] == ["step-000000006"]
    straight, again = network(), network()
    fit(straight, tmp_path / "a")
    fit(again, tmp_path / "b")
    assert torch.equal(weights(straight), weights(again))


@pytest.mark.parametrize("ends", ["well", "killed"])
def test_sigterm_is_ours_while_training_lasts_and_no_longer(tmp_path, ends):
    before, during = signal.getsignal(signal.SIGTERM), []

    def batches(step, rows):
        during.append(signal.getsignal(signal.SIGTERM))
        if ends == "killed":
            raise Killed
        return batch_at(step, rows)

    with contextlib.suppress(Killed):
        fit(network(), tmp_path, batches=batches)
    assert before not in during
    assert signal.getsignal(signal.SIGTERM) == before


@pytest.mark.parametrize("damage", ["truncate", "no_done", "flip"])
def test_a_broken_checkpoint_is_passed_over_for_the_one_before(tmp_path, damage):
    with pytest.raises(Killed):
        fit(network(), tmp_path / "b", batches=killed_at(10), save_seconds=0)
    newest = checkpoint.whole_checkpoints(tmp_path / "b")[-1]
    if damage == "truncate":
        data = (newest / "model.safetensors").read_bytes()
        (newest / "model.safetensors").write_bytes(data[: len(data) // 2])
    elif damage == "flip":
        data = bytearray((newest / "optimizer.safetensors").read_bytes())
        data[0] ^= 255
        (newest / "optimizer.safetensors").write_bytes(data)
    else:
        (newest / "DONE").unlink()
    straight, again = network(), network()
    fit(straight, tmp_path / "a")
    fit(again, tmp_path / "b")
    assert torch.equal(weights(straight), weights(again))


def test_nan_loss_stops_with_a_next_step(tmp_path):
    def batches(step, rows):
        return {name: value * np.float32("nan") for name, value in batch_at(step, rows).items()}

    with pytest.raises(InputError, match="lower learning_rate"):
        fit(network(), tmp_path, batches=batches)


def test_best_weights_are_put_back(tmp_path):
    seen = []

    def evaluate(net):
        seen.append(weights(net).clone())
        return {"value": [1.0, 3.0, 2.0][len(seen) - 1]}

    net = network()
    fit(net, tmp_path, steps=3, evaluate=evaluate, evaluations=3, best="value")
    assert torch.equal(weights(net), seen[1])


def test_two_checkpoints_are_kept_and_state_is_plain_json(tmp_path):
    with pytest.raises(Killed):
        fit(network(), tmp_path, batches=killed_at(9), save_seconds=0)
    kept = checkpoint.whole_checkpoints(tmp_path)
    assert len(kept) == 2
    assert json.loads((kept[-1] / "state.json").read_text())["step"] == 9


def test_a_training_that_is_over_takes_no_further_step(tmp_path):
    """Its weights and history come back, those of the best evaluation where that was asked for."""
    settings = {"best": "score", "evaluate": lambda net: {"score": -float(weights(net).sum())}}
    net, again = network(), network()
    history = fit(net, tmp_path, save_seconds=0, **settings)
    assert [path.name for path in tmp_path.iterdir()] == ["finished"]
    assert fit(again, tmp_path, batches=killed_at(0), **settings) == history
    assert torch.equal(weights(net), weights(again))
    assert not again.training


def test_what_is_kept_of_a_training_goes_when_another_of_the_same_result_ends(tmp_path):
    old, new, begun, other = (tmp_path / (letter * checkpoint.KEY) for letter in "abcd")
    other = tmp_path / "elsewhere" / other.name
    fit(network(), old)
    fit(network(), other)
    with pytest.raises(Killed):
        fit(network(), begun, batches=killed_at(3), save_seconds=0)
    fit(network(), new)
    assert not old.exists()
    assert (new / "finished").exists()
    assert (other / "finished").exists(), "of another result"
    assert checkpoint.whole_checkpoints(begun), "not over yet"


def test_a_finished_training_that_cannot_be_read_is_done_again(tmp_path):
    net, again = network(), network()
    fit(net, tmp_path)
    path = tmp_path / "finished" / "model.safetensors"
    path.write_bytes(b"x" * path.stat().st_size)
    fit(again, tmp_path)
    assert torch.equal(weights(net), weights(again))


def test_no_room_for_a_finished_training_loses_nothing(tmp_path, monkeypatch):
    def full(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(checkpoint, "_write", full)
    assert len(fit(network(), tmp_path, evaluations=4)) == 4


def test_the_newest_checkpoint_is_resumed(tmp_path):
    with pytest.raises(Killed):
        fit(network(), tmp_path, batches=killed_at(9), save_seconds=0)
    net = network()
    assert checkpoint.resume(tmp_path, net, optimizers.build(net, "adamw", 0.01, 0.0))["step"] == 9


@pytest.mark.parametrize("settings", [{"optimizer": "muon"}, {"schedule": "wsd", "micro_batch": 5}])
def test_every_optimizer_and_schedule_resumes_exactly(tmp_path, settings):
    straight, again = network(), network()
    fit(straight, tmp_path / "a", **settings)
    with pytest.raises(Killed):
        fit(network(), tmp_path / "b", batches=killed_at(13), save_seconds=0, **settings)
    fit(again, tmp_path / "b", save_seconds=0, **settings)
    assert torch.equal(weights(straight), weights(again))
    other = network()
    fit(other, tmp_path / "c")
    assert not torch.equal(weights(straight), weights(other))


def test_dropout_resumes_exactly(tmp_path):
    def dropping():
        torch.manual_seed(0)
        return torch.nn.Sequential(torch.nn.Linear(4, 8), torch.nn.Dropout(0.5), torch.nn.Linear(8, 1))

    straight, again = dropping(), dropping()
    fit(straight, tmp_path / "a")
    with pytest.raises(Killed):
        fit(dropping(), tmp_path / "b", batches=killed_at(13), save_seconds=0)
    torch.manual_seed(99)
    fit(again, tmp_path / "b", save_seconds=0)
    assert torch.equal(weights(straight), weights(again))


@pytest.mark.parametrize("pieces", [1, 3, 16])
def test_a_batch_in_pieces_has_the_gradient_of_the_whole(tmp_path, fp32, pieces):
    """Weights differ between rows, so a mean of the pieces' means would not do."""

    def weighed(net, batch):
        weight = 1 + 10 * (batch["x"][:, :1] > 0)
        return (weight * (net(batch["x"]) - batch["y"]) ** 2).sum(), weight.sum().float()

    whole, cut = network(), network()
    settings = {"steps": 3, "batch_size": 16, "learning_rate": 0.01}
    first = train.fit(whole, batch_at, weighed, checkpoints=tmp_path / "a", **settings)
    second = train.fit(cut, batch_at, weighed, checkpoints=tmp_path / "b", micro_batch=pieces, **settings)
    assert torch.allclose(weights(whole), weights(cut), atol=1e-6)
    assert [row["loss"] for row in first] == pytest.approx([row["loss"] for row in second])


def test_training_for_a_time_ends_with_it_and_the_rate_follows(tmp_path):
    history = fit(network(), tmp_path, steps=10**9, minutes=0.5 / 60, evaluations=4, schedule="linear")
    assert 0.5 <= history[-1]["seconds"] < 5
    assert 1 <= len(history) <= 4
    assert history[-1]["learning_rate"] < 0.3 * 0.01


def test_training_stops_when_it_no_longer_gets_better(tmp_path):
    values, seen = iter([3.0, 2.0, 2.5, 2.1, 1.0]), []

    def evaluate(net):
        seen.append(weights(net).clone())
        return {"bits": next(values)}

    net = network()
    history = fit(
        net, tmp_path, steps=5, evaluations=5, evaluate=evaluate, best="bits", lowest=True, patience=2
    )  # fmt: skip
    assert [row["bits"] for row in history] == [3.0, 2.0, 2.5, 2.1]
    assert torch.equal(weights(net), seen[1])


def test_one_bad_batch_does_not_ruin_the_weights(tmp_path):
    def batches(step, rows):
        given = batch_at(step, rows)
        return given if step != 4 else {name: values * np.float32("nan") for name, values in given.items()}

    net = network()
    fit(net, tmp_path, batches=batches)
    assert torch.isfinite(weights(net)).all()


def test_a_full_disk_is_named_and_the_checkpoint_before_stays(tmp_path, monkeypatch):
    with pytest.raises(Killed):
        fit(network(), tmp_path / "b", batches=killed_at(7), save_seconds=0)

    def full(tensors, path):
        Path(path).write_bytes(b"half")
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(checkpoint, "save_file", full)
        with pytest.raises(InputError, match=r"No space left.*the checkpoint of step 7 is whole: make room"):
            fit(network(), tmp_path / "b", save_seconds=0)
    assert [path.name for path in sorted((tmp_path / "b").iterdir())] == ["step-000000006", "step-000000007"]
    straight, again = network(), network()
    fit(straight, tmp_path / "a")
    fit(again, tmp_path / "b")
    assert torch.equal(weights(straight), weights(again))

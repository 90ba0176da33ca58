"""The training loop: exact resume, foreign or broken checkpoints passed over, NaN refused."""

import json
import os
import signal

import numpy as np
import pytest
import torch

from dnalm import checkpoint, train
from dnalm.errors import InputError


def network():
    torch.manual_seed(0)
    return torch.nn.Sequential(torch.nn.Linear(4, 8), torch.nn.Tanh(), torch.nn.Linear(8, 1))


def batch_at(step):
    x = np.random.default_rng([7, step]).normal(size=(16, 4)).astype(np.float32)
    return {"x": x, "y": x[:, :1] * 2}


def loss_of(net, batch):
    return ((net(batch["x"]) - batch["y"]) ** 2).float().mean()


def fit(net, folder, steps=20, batches=batch_at, **more):
    return train.fit(net, batches, loss_of, steps=steps, learning_rate=0.01, checkpoints=folder, **more)


def weights(net):
    return torch.cat([one.detach().flatten() for one in net.parameters()])


class Killed(Exception):
    """Stands for kill -9: nothing after it runs."""


def killed_at(stop, replay=batch_at):
    def batches(step):
        if step == stop:
            raise Killed
        return replay(step)

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
    fit(again, tmp_path / "b", batches=lambda step: batch_at(step + 1))
    assert not torch.equal(weights(straight), weights(again))


def test_sigterm_saves_and_exits_143(tmp_path):
    def batches(step):
        if step == 5:
            os.kill(os.getpid(), signal.SIGTERM)
        return batch_at(step)

    with pytest.raises(SystemExit) as stopped:
        fit(network(), tmp_path / "b", batches=batches)
    assert stopped.value.code == 143
    assert [path.name for path in checkpoint.whole_checkpoints(tmp_path / "b")] == ["step-000000006"]
    straight, again = network(), network()
    fit(straight, tmp_path / "a")
    fit(again, tmp_path / "b")
    assert torch.equal(weights(straight), weights(again))


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


def test_a_changed_option_or_code_or_input_has_another_folder(tmp_path):
    data, script = tmp_path / "data", tmp_path / "script.py"
    data.write_text("A")
    script.write_text("x = 1\n")
    first = checkpoint.folder_for(tmp_path, script, [data], {"steps": 10})
    assert checkpoint.folder_for(tmp_path, script, [data], {"steps": 10}) == first
    assert checkpoint.folder_for(tmp_path, script, [data], {"steps": 11}) != first
    data.write_text("C")
    assert checkpoint.folder_for(tmp_path, script, [data], {"steps": 10}) != first
    data.write_text("A")
    script.write_text("x = 2\n")
    assert checkpoint.folder_for(tmp_path, script, [data], {"steps": 10}) != first


def test_nan_loss_stops_with_a_next_step(tmp_path):
    def batches(step):
        return {name: value * np.float32("nan") for name, value in batch_at(step).items()}

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


def test_the_newest_checkpoint_is_resumed(tmp_path):
    with pytest.raises(Killed):
        fit(network(), tmp_path, batches=killed_at(9), save_seconds=0)
    net = network()
    assert checkpoint.resume(tmp_path, net, train._optimizer(net, 0.01, 0.0))["step"] == 9


def test_schedule_rises_then_falls_to_a_tenth():
    values = [train.schedule(step, 100, 0.1) for step in range(100)]
    assert values[0] == pytest.approx(0.1)
    assert values[9] == 1
    assert values[99] == pytest.approx(0.1, abs=0.001)

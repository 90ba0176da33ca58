"""A published folder is read whole or refused in one line, and nothing in it is run."""

import json
import pickle

import pytest
import torch
from checkpoints import DNABERT2, dnabert2, write
from safetensors.torch import save_file

from dnalm import files
from dnalm.errors import InputError
from dnalm.published import folder as published


class Trap:
    """Unpickled, it would make a file."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return (open, (str(self.path), "w"))


@pytest.fixture
def folder(tmp_path):
    return write(tmp_path / "model", DNABERT2, dnabert2())


def pickled(folder, content=None):
    (folder / "model.safetensors").unlink(missing_ok=True)
    path = folder / "pytorch_model.bin"
    torch.save(dnabert2() if content is None else content, path)
    return files.sha256(path)


def test_configuration_and_tensors(folder):
    found = published.read(folder)
    assert found.objective == "mlm"
    assert found.config == json.loads((folder / "config.json").read_text())
    assert set(found.tensors) == set(dnabert2())
    assert all(torch.equal(value, dnabert2()[name]) for name, value in found.tensors.items())


def test_shards_are_put_together_and_half_precision_is_widened(folder):
    tensors = dict(sorted(dnabert2().items()))
    (folder / "model.safetensors").unlink()
    parts, places = [dict(list(tensors.items())[start::2]) for start in (0, 1)], {}
    for number, part in enumerate(parts):
        name = f"model-0000{number}-of-00002.safetensors"
        save_file({key: value.bfloat16().contiguous() for key, value in part.items()}, folder / name)
        places |= dict.fromkeys(part, name)
    (folder / "model.safetensors.index.json").write_text(json.dumps({"weight_map": places}))
    found = published.read(folder).tensors
    assert set(found) == set(tensors)
    assert {value.dtype for value in found.values()} == {torch.float32}
    (folder / name).unlink()
    with pytest.raises(InputError, match=r"00001-of-00002\.safetensors: no such file, but .* names it"):
        published.read(folder)
    (folder / "model.safetensors.index.json").write_text('{"weight_map": {"a": "../elsewhere.safetensors"}}')
    with pytest.raises(InputError, match=r"weight_map: got \['\.\./elsewhere\.safetensors'\], wanted names of"):
        published.read(folder)


@pytest.mark.parametrize("left", [3, 100, -1])
def test_a_truncated_file_is_refused(folder, left):
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:left])
    left = path.stat().st_size
    with pytest.raises(InputError, match=rf"{left:,} bytes are no whole safetensors file .* fetch it again"):
        published.read(folder)


def test_another_file_than_the_one_pinned_is_refused(folder):
    sha256 = files.sha256(folder / "model.safetensors")
    assert published.read(folder, sha256=sha256.upper())
    with pytest.raises(
        InputError, match=rf"got sha256 {sha256}, wanted {'0' * 64}; fetch it again or correct the preset"
    ):
        published.read(folder, sha256="0" * 64)


def test_a_pickle_is_read_only_where_it_is_allowed_and_pinned(folder):
    sha256 = pickled(folder)
    with pytest.raises(
        InputError, match=r"got a pickle, which can run code when read, wanted model\.safetensors; conv"
    ):
        published.read(folder, sha256=sha256)
    with pytest.raises(InputError, match=r"allow_pickle: got no sha256, wanted that of the file you trust"):
        published.read(folder, allow_pickle=True)
    with pytest.raises(InputError, match=rf"got sha256 {sha256}, wanted {'0' * 64}"):
        published.read(folder, allow_pickle=True, sha256="0" * 64)
    found = published.read(folder, allow_pickle=True, sha256=sha256)
    assert all(torch.equal(value, dnabert2()[name]) for name, value in found.tensors.items())


def test_safetensors_are_preferred_to_a_pickle(folder):
    torch.save({}, folder / "pytorch_model.bin")
    assert set(published.read(folder, allow_pickle=True).tensors) == set(dnabert2())


def test_a_pickle_that_would_run_code_is_refused(folder, tmp_path):
    sha256 = pickled(folder, {"weight": Trap(tmp_path / "trap")})
    with pytest.raises(InputError, match=r"holds more or less than plain tensors .*; fetch or convert it"):
        published.read(folder, allow_pickle=True, sha256=sha256)
    (folder / "pytorch_model.bin").write_bytes(pickle.dumps(Trap(tmp_path / "trap"), protocol=2))
    with pytest.raises(InputError, match=r"holds more or less than plain tensors"):
        published.read(folder, allow_pickle=True, sha256=files.sha256(folder / "pytorch_model.bin"))
    assert not (tmp_path / "trap").exists()
    sha256 = pickled(folder, {"weight": torch.zeros(2), "step": 3})
    with pytest.raises(InputError, match=r"got dict, wanted tensors by name"):
        published.read(folder, allow_pickle=True, sha256=sha256)


def test_what_is_missing_or_broken_is_named(folder, tmp_path):
    with pytest.raises(InputError, match=r"config\.json: no such file; wanted a Hugging Face folder"):
        published.read(tmp_path / "absent")
    (folder / "model.safetensors").unlink()
    with pytest.raises(InputError, match=r"got no model\.safetensors, wanted the weights as safetensors"):
        published.read(folder)
    (folder / "config.json").write_text("{")
    with pytest.raises(InputError, match=r"config\.json: not JSON"):
        published.read(folder)
    (folder / "config.json").write_text("[]")
    with pytest.raises(InputError, match=r"config\.json: got list, wanted keys and values"):
        published.read(folder)


@pytest.mark.parametrize(
    "named, objective",
    [("BertForMaskedLM", "mlm"), ("MixtralForCausalLM", "clm"), ("EsmForSequenceClassification", "classify")],
)
def test_the_objective_is_that_of_the_architecture(tmp_path, named, objective):
    assert published.objective_of({"architectures": [named]}, tmp_path) == objective


@pytest.mark.parametrize("named", [["BertModel"], [], None])
def test_an_architecture_without_a_head_is_refused(tmp_path, named):
    with pytest.raises(
        InputError, match=r"architectures: got (BertModel|none), wanted one ending in ForMaskedLM, ForCau"
    ):
        published.objective_of({"architectures": named}, tmp_path)

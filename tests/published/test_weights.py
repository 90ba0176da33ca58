"""Which files the weights are in, and what they must not be: several models, few bits, no numbers."""

import json
import shutil

import pytest
import torch
from checkpoints import NT2, nt2, nt_vocabulary, write
from safetensors.torch import save_file

from dnalm.errors import InputError
from dnalm.published import folder as published
from dnalm.published import network as published_network
from dnalm.published import tokenizer as published_tokenizer

QUERY = "esm.encoder.layer.1.attention.self.query.weight"


@pytest.fixture
def folder(tmp_path):
    return write(tmp_path / "model", NT2, nt2(), nt_vocabulary())


def renamed(folder, *names):
    """The file of weights, by other names."""
    for name in names:
        shutil.copy(folder / "model.safetensors", folder / name)
    (folder / "model.safetensors").unlink()
    return folder


def index(folder, *names):
    (folder / "model.safetensors.index.json").write_text(json.dumps({"weight_map": {name: name for name in names}}))


def refused(folder, said):
    with pytest.raises(InputError, match=said) as error:
        published.read(folder)
    assert len(str(error.value).splitlines()) == 1
    return error


def test_a_folder_of_checkpoints_is_asked_which(folder):
    run = folder.parent / "run"
    for name in ("checkpoint-1000", "checkpoint-500"):
        shutil.copytree(folder, run / name)
    wanted = (
        r"got models in 2 folders \(checkpoint-1000, checkpoint-500\) and none here, wanted one model; name the folder"
    )
    refused(run, wanted)
    shutil.copy(folder / "config.json", run)  # a trainer that was stopped: a configuration, but no weights
    refused(run, wanted)
    shutil.copy(folder / "model.safetensors", run)  # one that ended: its result lies at the top
    assert published.read(run).objective == "mlm"


def test_a_folder_in_a_folder_and_a_file_are_named(folder):
    shutil.copytree(folder, folder.parent / "outer/snapshot")
    refused(folder.parent / "outer", r"got a model in a folder \(snapshot\) and none here")
    refused(folder / "model.safetensors", r"model\.safetensors: is a file; wanted a Hugging Face folder")


def test_several_files_of_weights_are_asked_which(folder):
    renamed(folder, "last.safetensors", "best.safetensors")
    refused(folder, r"got best\.safetensors, last\.safetensors, wanted one that is named model\.safetensors; rename")


def test_shards_without_their_index_and_beside_a_whole_file(folder):
    names = [f"model-0000{number}-of-00002.safetensors" for number in (1, 2)]
    shutil.copy(folder / "model.safetensors", folder / "kept")
    renamed(folder, *names)
    refused(folder, r"got the shards .*00001-of-00002.*, .* without model\.safetensors\.index\.json, wanted it beside")
    index(folder, *names)
    refused(folder, r"00002-of-00002\.safetensors: .*: got it in another shard too, wanted it once")
    shutil.move(folder / "kept", folder / "model.safetensors")
    refused(folder, r"got model\.safetensors and the shards .*, wanted one set of weights; move the other away")
    for name in names:
        (folder / name).unlink()
    refused(folder, r"got model\.safetensors and the shards")
    index(folder, "model.safetensors")
    assert published.read(folder)


def test_an_adapter_is_no_model(folder):
    renamed(folder, "adapter_model.safetensors")
    refused(folder, r"got an adapter \(adapter_model\.safetensors\), wanted whole weights; merge it")


@pytest.mark.parametrize("listed", ['["a"]', '{"weight_map": ["a"]}', '{"weight_map": {"a": 1}}', '{"weight_map": {}}'])
def test_an_index_that_lists_no_files(folder, listed):
    (folder / "model.safetensors").unlink()
    (folder / "model.safetensors.index.json").write_text(listed)
    refused(folder, r"weight_map: got .*, wanted names of \.safetensors files")


@pytest.mark.parametrize(
    "name, value",
    [
        (f"{QUERY}.absmax", torch.zeros(4)),
        (f"{QUERY}.quant_state.bitsandbytes__nf4", torch.zeros(4, dtype=torch.uint8)),
        (QUERY.replace("weight", "SCB"), torch.zeros(4)),
        (QUERY.replace("weight", "qweight"), torch.zeros(4, dtype=torch.int32)),
        (QUERY.replace("weight", "weight_scale_inv"), torch.zeros(4)),
        (QUERY, torch.zeros(128, 1, dtype=torch.uint8)),
        (QUERY, torch.zeros(16, 16, dtype=torch.int8)),
        (QUERY, torch.zeros(16, 16).to(torch.float8_e4m3fn)),
    ],
)
def test_weights_of_few_bits_are_seen_without_a_word_in_the_configuration(folder, name, value):
    save_file({key: one.clone() for key, one in (nt2() | {name: value}).items()}, folder / "model.safetensors")
    refused(folder, r"model\.safetensors: esm.*: got \w+, wanted full weights .*: quantized weights are not read")


def take(folder):
    found = published.read(folder)
    return published_network.network(found, published_tokenizer.read(folder, found.config))


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), -float("inf")])
def test_a_weight_that_is_no_number_is_named(folder, bad):
    tensors = {name: value.clone() for name, value in nt2().items()}
    tensors[QUERY][3, 4] = bad
    save_file(tensors, folder / "model.safetensors")
    with pytest.raises(InputError, match=rf"{QUERY}: got weights that are not finite"):
        take(folder)


def test_whole_numbers_for_weights_are_refused(folder):
    save_file({**nt2(), QUERY: torch.ones(16, 16, dtype=torch.int32)}, folder / "model.safetensors")
    with pytest.raises(InputError, match=rf"{QUERY}: got int32, wanted floating-point weights"):
        take(folder)


@pytest.mark.parametrize("key, value, said", [
    ("num_hidden_layers", 10**9, "num_hidden_layers: got 1,000,000,000, but the weights are"),
    ("num_attention_heads", 10**9, "num_attention_heads: got 1,000,000,000, but the weights are"),
    ("hidden_size", 10**6, "got a network of .* numbers, but the weights are"),
    ("vocab_size", 10**9, "got a network of .* numbers, but the weights are"),
    ("hidden_size", "16", "no network can be made by it"),
    ("num_attention_heads", 0, "no network can be made by it"),
])  # fmt: skip
def test_a_configuration_of_another_network_is_refused_before_it_is_made(folder, key, value, said):
    (folder / "config.json").write_text(json.dumps(NT2 | {key: value}))
    with pytest.raises(InputError, match=rf"config\.json: .*{said}") as error:
        take(folder)
    assert len(str(error.value).splitlines()) == 1

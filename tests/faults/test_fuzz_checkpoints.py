"""Damaged copies of a checkpoint's files: each is imported or refused in one line, and nothing else ever happens.

A weight that is another number cannot be told, as safetensors has no checksum; one that is no number can.
"""

import json
import logging

import pytest
import torch
from language_models import byte_pairs
from mutations import mutations
from transformers import BertConfig, BertForMaskedLM

from dnalm.errors import InputError
from dnalm.networks import models
from dnalm.published import folder as published
from dnalm.published import network as published_network
from dnalm.published import tokenizer as published_tokenizer
from dnalm.tokens import tokenizer as tk

FILES = ("config.json", "tokenizer.json", "model.safetensors")
LONGEST = 2000  # letters of a message
ODD = (None, True, -1, 0, 3, 1.5, 1e9, 10**9, 10**20, "", "odd", "a\nb", [], [1], {}, {"type": "odd"}, float("nan"))


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory):
    """A masked model over byte pairs, as transformers writes it."""
    folder, tokenizer = tmp_path_factory.mktemp("fuzz") / "model", byte_pairs()
    sizes = {"hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 8}
    config = BertConfig(vocab_size=len(tokenizer), max_position_embeddings=32, **sizes)
    torch.manual_seed(0)
    models.save(BertForMaskedLM(config), tokenizer, folder, "a card")
    return folder


def take(folder):
    """Import a folder as `import_model` does: the network and its tokenizer, as far as they are made."""
    found = published.read(folder)
    tokenizer = published_tokenizer.read(folder, found.config)
    network = published_network.network(found, tokenizer)
    assert all(torch.isfinite(one).all() for one in network.parameters())
    return network


def odd_values(data, deepest=4, most=6):
    """The JSON with one value in it made another, or left out: each that is not too deep, the first few of a list."""
    whole = json.loads(data)
    for keys in list(places(whole, deepest, most)):
        for value in (*ODD, KeyError):
            copy = json.loads(data)
            parent = copy
            for key in keys[:-1]:
                parent = parent[key]
            if value is KeyError:
                del parent[keys[-1]]
            else:
                parent[keys[-1]] = value
            yield json.dumps(copy).encode()


def places(value, deepest, most):
    """Paths of keys to the values within a value."""
    inside = list(value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ())
    for key, inner in inside[: most if deepest < 4 else None]:
        yield (key,)
        if deepest > 1:
            yield from ((key, *rest) for rest in places(inner, deepest - 1, most))


def outcomes(folder, name, copies, use=take):
    """Use the folder with each damaged copy of one file: (used, refused). Anything but that is an error here."""
    path, counts = folder / name, {True: 0, False: 0}
    whole = path.read_bytes()
    try:
        for place, damaged in enumerate(copies(whole)):
            path.write_bytes(damaged)
            try:
                use(folder)
                counts[True] += 1
            except InputError as error:
                said = str(error)
                assert len(said.splitlines()) == 1, f"{name}, copy {place}: {said!r}"
                assert said.isprintable(), f"{name}, copy {place}: {said!r}"
                assert str(folder) in said
                assert len(said) < LONGEST
                counts[False] += 1
            except BaseException as error:
                raise AssertionError(f"{name}, copy {place}: {type(error).__name__}: {error}") from error
    finally:
        path.write_bytes(whole)
    return counts[True], counts[False]


def quiet(caplog):
    caplog.set_level(logging.CRITICAL)


@pytest.mark.parametrize("number, seed", [(50, 0), pytest.param(1000, 1, marks=pytest.mark.slow)])
@pytest.mark.parametrize("name", FILES)
def test_a_damaged_copy_is_imported_or_refused(checkpoint, caplog, name, number, seed):
    quiet(caplog)
    imported, refused = outcomes(checkpoint, name, lambda whole: mutations(whole, number, seed))
    assert imported + refused == number
    assert refused > number // 5
    assert take(checkpoint)


@pytest.mark.slow
@pytest.mark.parametrize("name", FILES[:2])
def test_each_value_made_another(checkpoint, caplog, name):
    """Still JSON, so that what reads the values is reached."""
    quiet(caplog)
    imported, refused = outcomes(checkpoint, name, odd_values)
    assert imported > 10
    assert refused > 200


def load(folder):
    """Load a folder as the steps after an import do."""
    tk.load(folder)
    models.load(folder, "embed")
    return models.load(folder, "lm")


@pytest.mark.parametrize("name", FILES)
def test_a_damaged_copy_of_a_result_is_loaded_or_refused(checkpoint, caplog, name):
    quiet(caplog)
    loaded, refused = outcomes(checkpoint, name, lambda whole: mutations(whole, 50, 2), load)
    assert loaded + refused == 50
    assert refused > 10

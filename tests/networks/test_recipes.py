"""Presets of the field's recipes: sizes as published, and small twins that learn, save and load to the same numbers."""

import math
import os
from functools import cache, partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
import yaml
from transformers import AutoModelForCausalLM, AutoModelForMaskedLM

from dnalm.dna import seq
from dnalm.genome import fasta
from dnalm.networks import classifier, models
from dnalm.tokens import making
from dnalm.tokens import tokenizer as tk
from dnalm.training import batches, pretraining, train
from dnalm.training.blocks import Blocks

ROOT = Path(__file__).resolve().parents[2]
REAL = Path(os.environ.get("DNALM_REAL_DATA", ROOT.parent / "shared/data")) / "small/ecoli_K12_MG1655.fa.gz"

# Tokenizer, parameters as published (in millions) and how exactly that is known, and where it is said.
RECIPES = {
    # DNABERT-2's paper, table of models: DNABERT (6-mer) 89M, DNABERT-2 117M
    "dnabert": ("kmer-6-overlapping", 89, 0.01),
    "dnabert2": ("bpe-4096", 117, 0.01),
    # named 500M; the weights at huggingface.co/InstaDeepAI/nucleotide-transformer-500m-human-ref are 1.94 GB of fp32
    "nt-v1": ("kmer-6", 1940 / 4, 0.01),
    # named 500M; 498M with a table of 2,050 positions that rotary attention never reads and that ours lacks (2.1M)
    "nt-v2": ("kmer-6", 498, 0.01),
    # no count was published; BERT-base is (109,514,298 with 30,522 tokens), and GROVER is that with 609
    "grover": ("bpe-600", 109.514298 - (30522 - 609) * 769e-6, 0.01),
    # by its name, and by its config.json; the layers of the checkpoint in the real data are counted in a test below
    "mistral-dna-1m": ("bpe-4096", 1, 0.05),
    # model card: 16.8M
    "mistral-dna-17m": ("bpe-4096", 16.8, 0.01),
    "mistral-dna-105m": ("bpe-4096", 105, 0.01),
    # table A.1 of the paper: 6.6M with 8 layers of 256
    "hyenadna": ("char", 6.6, 0.01),
    # the weights at huggingface.co/songlab/gpn-brassicales are 264 MB of fp32
    "gpn": ("char", 264 / 4, 0.01),
    # ours, by hand: 12 layers of 4 x 768^2 for attention and 3 x 768 x 2,048 behind it, and 610 rows of 768
    "dnalm-base": ("bpe-600", 12 * (4 * 0.768**2 + 3 * 0.768 * 2.048) + 610 * 768e-6, 0.001),
}
VOCABULARY = {"kmer-6-overlapping": 4101, "bpe-4096": 4096, "kmer-6": 4106, "bpe-600": 610, "char": 10}


class Special:
    """As much of a tokenizer as a model is built with."""

    pad_token_id, cls_token_id, sep_token_id, mask_token_id = 0, 2, 3, 4

    def __init__(self, size):
        self.size = size

    def __len__(self):
        return self.size


def preset(name):
    return yaml.safe_load((ROOT / f"config/models/{name}.yaml").read_text())


def parameters(name, **sizes):
    recipe = preset(name)
    vocabulary = Special(VOCABULARY[RECIPES[name][0]])
    config = recipe["config"] | sizes
    with torch.device("meta"):
        network = models.build(
            recipe["objective"], recipe["architecture"], config, vocabulary, recipe["context"], seed=0
        )
    return sum(one.numel() for one in network.parameters())


@pytest.mark.parametrize("name", RECIPES)
def test_as_many_parameters_as_published(name):
    _, millions, tolerance = RECIPES[name]
    assert parameters(name) / 1e6 == pytest.approx(millions, rel=tolerance)


@pytest.mark.parametrize(
    "name, sizes, millions, tolerance",
    [
        # the published counts hold a table of 2,050 positions, which is 1.9 % of the smallest model
        ("nt-v2", {"hidden_size": 512, "num_hidden_layers": 12, "intermediate_size": 2048}, 56 - 1.05, 0.01),
        ("nt-v2", {"hidden_size": 512, "num_hidden_layers": 22, "intermediate_size": 2048}, 98 - 1.05, 0.01),
        ("nt-v2", {"hidden_size": 768, "num_hidden_layers": 24, "intermediate_size": 3072}, 235 - 1.57, 0.01),
        ("hyenadna", {"hidden_size": 128, "num_hidden_layers": 2, "intermediate_size": 512}, 0.436, 0.01),
        ("hyenadna", {"num_hidden_layers": 4}, 3.3, 0.01),
    ],
)
def test_other_sizes_of_the_same_recipe(name, sizes, millions, tolerance):
    assert parameters(name, **sizes) / 1e6 == pytest.approx(millions, rel=tolerance)


@pytest.mark.parametrize("name", RECIPES)
def test_a_recipe_names_its_tokenizer_and_has_a_small_twin(name):
    full, small = preset(name), preset(f"{name}-small")
    for one in (name, f"{name}-small"):
        assert f"tokenizer {RECIPES[name][0]}" in (ROOT / f"config/models/{one}.yaml").read_text()
    assert (ROOT / f"config/tokenizers/{RECIPES[name][0]}.yaml").exists()
    sizes = {"context", "steps", "batch_size", "learning_rate", "warmup", "weight_decay", "validation_blocks", "config"}
    sizes |= {"micro_batch"}
    assert {key: full[key] for key in full if key not in sizes} == {
        key: small[key] for key in small if key not in sizes
    }
    assert small["steps"] == 200


def make_tokenizer(name, codes, vocab_size=None):
    settings = yaml.safe_load((ROOT / f"config/tokenizers/{name}.yaml").read_text())
    if vocab_size and settings["kind"] == "bpe":
        settings["vocab_size"] = vocab_size
    return making.train(stretches=[codes], **settings)


@cache
def real_codes():
    _, letters = next(iter(fasta.read_contigs(REAL)))
    return seq.encode(letters)


@cache
def real_tokenizer(name):
    """Four of the recipes read by the same 4,096 byte pairs."""
    return make_tokenizer(name, real_codes())


def steps_of(recipe, tokenizer, codes, context):
    """What `pretrain_model` trains on: a function from steps to batches."""
    ids = tk.encode(tokenizer, codes)
    index = pd.DataFrame({"offset": [0], "tokens": [len(ids)], "split": "train"})
    cut = Blocks(ids, np.zeros(len(ids), np.uint8), index, context - 2, 0)
    options = ("objective", "mask_rate", "mask_span", "mask_random", "mask_keep", "repeat_weight", "reverse_complement")
    settings = {key: recipe[key] for key in options if key in recipe}
    make = partial(batches.pretraining_batch, cut, tokenizer, size=recipe["batch_size"], **settings)
    return lambda step, rows=slice(None): make(step=step, rows=rows)


def saved_and_loaded_alike(network, tokenizer, folder, objective, codes):
    """Saved, it is loaded by the Auto classes to the same logits, and serves as a classifier's backbone."""
    models.save(network, tokenizer, folder, "card")
    loader = {"mlm": AutoModelForMaskedLM, "clm": AutoModelForCausalLM}[objective]
    again = loader.from_pretrained(str(folder), local_files_only=True, use_safetensors=True).eval()
    ids, mask = (torch.tensor(one) for one in tk.tokenize(tokenizer, codes[:360].reshape(3, 120)))
    with torch.no_grad():
        first, second = (one.eval()(input_ids=ids, attention_mask=mask.long()).logits for one in (network, again))
        assert torch.equal(first, second)
        windows = classifier.from_backbone(folder, list(tk.special_ids(tokenizer))).eval()
        assert windows(input_ids=ids, attention_mask=mask.long()).logits.shape == (3,)


@pytest.mark.parametrize("name", RECIPES)
def test_a_small_twin_learns_and_loads_to_the_same_numbers(tmp_path, name):
    recipe = preset(f"{name}-small")
    codes = np.random.default_rng(0).choice(4, 8000, p=[0.4, 0.1, 0.1, 0.4]).astype(np.uint8)
    tokenizer = make_tokenizer(RECIPES[name][0], codes, vocab_size=40)
    batch = steps_of(recipe | {"batch_size": 4}, tokenizer, codes, 64)(0)
    tensors = {key: torch.from_numpy(values) for key, values in batch.items()}
    network = models.build(
        recipe["objective"], recipe["architecture"], recipe["config"], tokenizer, recipe["context"], seed=0
    ).train()
    loss_of = pretraining.loss_of(recipe["objective"])
    optimizer = torch.optim.AdamW(network.parameters(), lr=recipe["learning_rate"])
    losses = []
    for _ in range(5):
        loss = torch.div(*loss_of(network, tensors))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.95 * losses[0]
    assert all(one.grad is not None for name, one in network.named_parameters() if "contact_head" not in name)
    saved_and_loaded_alike(network, tokenizer, tmp_path, recipe["objective"], codes)


@pytest.mark.slow
@pytest.mark.real
@pytest.mark.skipif(not REAL.exists(), reason=f"real data absent: set DNALM_REAL_DATA (looked for {REAL})")
@pytest.mark.parametrize("name", RECIPES)
def test_a_small_twin_trains_its_200_steps_on_a_real_genome(tmp_path, name):
    """With an eighth of its batch: the steps are what is tried, and the cores are shared with other tests."""
    recipe = preset(f"{name}-small")
    recipe["batch_size"] //= 8
    codes, tokenizer = real_codes(), real_tokenizer(RECIPES[name][0])
    network = models.build(
        recipe["objective"], recipe["architecture"], recipe["config"], tokenizer, recipe["context"], seed=0
    )
    rows = train.fit(
        network,
        steps_of(recipe, tokenizer, codes, recipe["context"]),
        pretraining.loss_of(recipe["objective"]),
        batch_size=recipe["batch_size"],
        steps=recipe["steps"],
        learning_rate=recipe["learning_rate"],
        **{key: recipe[key] for key in ("weight_decay", "optimizer", "schedule", "warmup", "decay") if key in recipe},
        checkpoints=tmp_path / "checkpoints",
    )
    assert all(math.isfinite(row["loss"]) for row in rows)
    assert rows[-1]["loss"] < rows[0]["loss"]
    saved_and_loaded_alike(network, tokenizer, tmp_path / "model", recipe["objective"], codes)


@pytest.mark.real
def test_the_published_mistral_dna_1m_has_our_layers():
    """The layers of the checkpoint in the real data, weight by weight; its head is a classifier's."""
    folder = REAL.parents[1] / "models/Mistral-DNA-v1-1M-hg38-finetuned-tf0"
    if not folder.is_dir():
        pytest.skip("no real data beside the project; set DNALM_REAL_DATA")
    theirs = models.AutoModelForSequenceClassification.from_pretrained(str(folder), use_safetensors=True).model
    recipe = preset("mistral-dna-1m")
    ours = models.build("clm", "mixtral", recipe["config"], Special(4096), recipe["context"], 0).model
    assert {name: value.shape for name, value in ours.state_dict().items()} == {
        name: value.shape for name, value in theirs.state_dict().items()
    }


TINY = {"hidden_size": 16, "num_hidden_layers": 2, "intermediate_size": 32}


@pytest.fixture(scope="module")
def tok():
    return making.train("char")


@pytest.mark.parametrize("architecture", ["alibi_bert", "esm_gated"])
def test_padding_and_the_size_of_a_batch_change_nothing(tok, architecture):
    network = models.build("mlm", architecture, TINY | {"num_attention_heads": 2}, tok, 64, 0).eval()
    ids = torch.randint(5, 9, (4, 30), generator=torch.Generator().manual_seed(0))
    mask = torch.ones_like(ids)
    mask[1, 20:] = 0
    ids[1, 20:] = tok.pad_token_id
    with torch.no_grad():
        together = network(input_ids=ids, attention_mask=mask).logits
        alone = network(input_ids=ids[1:2, :20]).logits
        padded = network(
            input_ids=torch.nn.functional.pad(ids, (0, 9), value=tok.pad_token_id),
            attention_mask=torch.nn.functional.pad(mask, (0, 9)),
        ).logits
    assert torch.allclose(together[1:2, :20], alone, atol=1e-5)
    assert torch.allclose(together[0], padded[0, :30], atol=1e-5)

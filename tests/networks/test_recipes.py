"""Presets of the field's recipes: sizes as published, and small twins that learn, save and load to the same numbers."""

import math
import os
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
import yaml
from transformers import AutoModelForCausalLM, AutoModelForMaskedLM

from dnalm.designs import generate
from dnalm.dna import seq
from dnalm.errors import InputError
from dnalm.genome import fasta
from dnalm.networks import alibi_bert, classifier, convnet, hyena, models
from dnalm.tokens import kinds
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
    return kinds.train(stretches=[codes], **settings)


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
    recipe = preset(f"{name}-small")
    _, letters = next(iter(fasta.read_contigs(REAL)))
    codes = seq.encode(letters)
    tokenizer = make_tokenizer(RECIPES[name][0], codes)
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
    return kinds.train("char")


def test_hyena_does_not_look_ahead(tok):
    network = models.build("clm", "hyena", TINY, tok, 64, 0).eval()
    ids = torch.randint(5, 9, (1, 48), generator=torch.Generator().manual_seed(0))
    for place in (0, 7, 30, 47):
        other = ids.clone()
        other[0, place] = 5 + (other[0, place] - 4) % 4
        with torch.no_grad():
            gap = (network(input_ids=ids).logits - network(input_ids=other).logits)[0].abs().amax(-1)
        assert gap[:place].max() < 1e-6 if place else True
        assert gap[place:].min() > 1e-6  # and everything after it knows


def test_hyena_does_not_look_ahead_in_training(tok):
    """The gradient of an early logit with respect to later tokens is nothing."""
    network = models.build("clm", "hyena", TINY, tok, 64, 0)
    seen = network.get_input_embeddings()(torch.arange(5, 9).repeat(8)[None]).detach().requires_grad_()
    hidden = seen
    for block in network.model.blocks:
        hidden = block(hidden)
    hidden[0, 11].square().sum().backward()
    assert seen.grad[0, 12:].abs().max() < 1e-6
    assert seen.grad[0, :12].abs().amax(-1).min() > 0


def test_fourier_convolution_is_the_direct_one():
    rng = torch.Generator().manual_seed(0)
    signal, kernel = torch.randn(2, 3, 17, generator=rng), torch.randn(3, 17, generator=rng)
    direct = torch.zeros_like(signal)
    for place in range(17):
        for back in range(place + 1):
            direct[..., place] += kernel[:, back] * signal[..., place - back]
    assert torch.allclose(hyena.causal_convolution(signal, kernel), direct, atol=1e-5)


def test_a_filter_is_the_same_however_far_it_is_asked(tok):
    network = models.build("clm", "hyena", TINY, tok, 64, 0)
    far = network.model.blocks[0].filter
    assert torch.allclose(far(60)[:, :20], far(20), atol=1e-6)


@pytest.mark.parametrize("architecture", ["alibi_bert", "hyena", "esm_gated"])
def test_half_precision_comes_near(tok, architecture):
    objective, sizes = ("clm", TINY) if architecture == "hyena" else ("mlm", TINY | {"num_attention_heads": 2})
    network = models.build(objective, architecture, sizes, tok, 64, 0)
    ids = torch.randint(5, 9, (2, 60), generator=torch.Generator().manual_seed(0))
    exact = network(input_ids=ids).logits
    with torch.autocast("cpu", torch.bfloat16):
        near = network(input_ids=ids, attention_mask=torch.ones_like(ids)).logits
    assert (exact - near).abs().max() < 0.05 * exact.abs().max()
    near.float().square().sum().backward()
    assert all(torch.isfinite(one.grad).all() for one in network.parameters() if one.grad is not None)


def test_hyena_generates(tok):
    network = models.build("clm", "hyena", TINY, tok, 32, 0).eval()
    assert generate.sample(network, tok, 2, 50, seed=1).shape == (2, 50)


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


def test_slopes_are_those_of_the_paper():
    assert torch.allclose(alibi_bert.slopes(8), torch.tensor([2.0**-n for n in range(1, 9)]))
    assert torch.allclose(alibi_bert.slopes(12)[8:], torch.tensor([2.0**-n for n in (0.5, 1.5, 2.5, 3.5)]))


def test_alibi_depends_on_distance_and_not_on_place(tok):
    """All tokens alike and far from the ends: the same logits everywhere, which a table of positions would not give."""
    network = models.build("mlm", "alibi_bert", TINY | {"num_attention_heads": 2}, tok, 64, 0).eval()
    with torch.no_grad():
        logits = network(input_ids=torch.full((1, 400), 5)).logits[0]
    assert torch.allclose(logits[150], logits[250], atol=1e-5)


def test_rotary_positions_have_no_table(tok):
    network = models.build("mlm", "esm_gated", TINY | {"num_attention_heads": 2}, tok, 64, 0)
    assert not [name for name, _ in network.named_parameters() if "position" in name]
    assert network.esm.encoder.layer[0].intermediate.dense.bias is None


def test_esm_has_room_for_its_whole_context(tok):
    """ESM counts positions from the padding id on, so a table as long as the context would be one short."""
    network = models.build("mlm", "esm", TINY | {"num_attention_heads": 2}, tok, 64, 0).eval()
    assert network(input_ids=torch.full((1, 64), 5)).logits.shape == (1, 64, 10)


def test_an_unknown_layout_is_named(tok):
    with pytest.raises(InputError, match="layout: got 'wide', wanted one of ours, gpn"):
        models.build("mlm", "dilated_conv", {"layout": "wide"}, tok, 64, 0)


def test_the_gated_layers_open_with_their_first_half(tok):
    gate = (
        models.build("mlm", "esm_gated", TINY | {"num_attention_heads": 2}, tok, 64, 0)
        .esm.encoder.layer[0]
        .intermediate
    )
    hidden = torch.randn(1, 3, 16, generator=torch.Generator().manual_seed(0))
    first, second = (hidden @ half.T for half in gate.dense.weight.split(32))
    assert torch.allclose(gate(hidden), first * torch.sigmoid(first) * second, atol=1e-6)


def test_the_published_gpn_block_by_hand():
    """Convolution, GELU, norm, added; then one linear layer, GELU, norm, added (songlab-cal/gpn)."""
    block = convnet._PublishedBlock(convnet.ConvNetConfig(hidden_size=4, kernel_size=3), dilation=2)
    hidden = torch.randn(1, 9, 4, generator=torch.Generator().manual_seed(0))
    edged = torch.nn.functional.pad(hidden, (0, 0, 2, 2))
    seen = sum(edged[:, 2 * tap : 2 * tap + 9] @ block.look.weight[..., tap].T for tap in range(3)) + block.look.bias
    after = hidden + torch.layer_norm(torch.nn.functional.gelu(seen), (4,))
    thought = torch.nn.functional.gelu(after @ block.think.weight.T + block.think.bias)
    ours = block(hidden, torch.ones(1, 9, 1))
    assert torch.allclose(ours, after + torch.layer_norm(thought, (4,)), atol=1e-5)
    dilations = [
        one.look.dilation[0]
        for one in convnet.ConvNetModel(
            convnet.ConvNetConfig(hidden_size=8, num_hidden_layers=8, max_dilation=32, layout="gpn")
        ).blocks
    ]
    assert dilations == [1, 2, 4, 8, 16, 32, 1, 2]


def test_the_published_gpn_layout_does_not_see_padding(tok):
    network = convnet.ConvNetForMaskedLM(
        convnet.ConvNetConfig(hidden_size=16, num_hidden_layers=3, layout="gpn")
    ).eval()
    ids = torch.randint(5, 9, (1, 30), generator=torch.Generator().manual_seed(0))
    padded, mask = torch.nn.functional.pad(ids, (0, 9)), torch.nn.functional.pad(torch.ones_like(ids), (0, 9))
    with torch.no_grad():
        gap = network(input_ids=ids).logits - network(input_ids=padded, attention_mask=mask).logits[:, :30]
    assert gap.abs().max() < 1e-5

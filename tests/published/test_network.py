"""A published checkpoint becomes a network with every weight accounted for, or a line that says what is wrong."""

import numpy as np
import pytest
import torch
from checkpoints import HYENADNA, NT2, SYSTEMS, hyenadna, nt2, nt_vocabulary, write

from dnalm import files
from dnalm.designs import generate
from dnalm.dna import seq
from dnalm.errors import InputError, UsageError
from dnalm.networks import classifier, models, positions, predict, readers, scorer
from dnalm.published import folder as published
from dnalm.published import network as published_network
from dnalm.published import tokenizer as published_tokenizer
from dnalm.tokens import tokenizer as tk

SIZES = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32}
MIXTRAL = SIZES | {"num_key_value_heads": 2, "num_local_experts": 2, "num_experts_per_tok": 1}
NATIVE = {
    "bert": ("BertForMaskedLM", SIZES),
    "esm": ("EsmForMaskedLM", SIZES | {"position_embedding_type": "absolute", "max_position_embeddings": 40}),
    "mixtral": ("MixtralForCausalLM", MIXTRAL),
}
WORDS = nt_vocabulary(2)


def saved(folder, architecture, sizes, **settings):
    """A native model with random weights, saved as transformers saves it, beside a vocabulary."""
    config = models.AutoConfig.for_model(
        {"B": "bert", "E": "esm", "M": "mixtral"}[architecture[0]],
        **sizes | {"vocab_size": len(WORDS), "pad_token_id": 1, "mask_token_id": 2, "tie_word_embeddings": False},
        **settings,
    )
    torch.manual_seed(3)
    getattr(models.transformers, architecture)(config).eval().save_pretrained(folder)
    (folder / "vocab.txt").write_text("\n".join(WORDS) + "\n")
    return folder


def take(folder, **options):
    found = published.read(folder, **options)
    tokenizer = published_tokenizer.read(folder, found.config)
    return published_network.network(found, tokenizer).eval(), tokenizer


def logits(network, ids):
    with torch.no_grad():
        return network(input_ids=ids, attention_mask=torch.ones_like(ids)).logits


def some_ids():
    return torch.randint(4, 20, (2, 12), generator=torch.Generator().manual_seed(0))


def codes(number=3, width=20):
    return np.random.default_rng(0).integers(0, 4, (number, width)).astype(np.uint8)


@pytest.mark.parametrize("kind", NATIVE)
def test_a_native_class_is_loaded_saved_and_used(tmp_path, kind):
    architecture, sizes = NATIVE[kind]
    folder = saved(tmp_path / "theirs", architecture, sizes)
    there = getattr(models.transformers, architecture).from_pretrained(folder).eval()
    network, tokenizer = take(folder)
    assert torch.equal(logits(network, some_ids()), logits(there, some_ids()))
    models.save(network, tokenizer, tmp_path / "ours", "card")
    again = models.load(tmp_path / "ours", "lm")
    assert torch.allclose(logits(again, some_ids()), logits(there, some_ids()), atol=1e-6)
    tok = tk.load(tmp_path / "ours")
    embed, pooled = models.load(tmp_path / "ours", "embed"), readers.mean_embedding(tk.special_ids(tok))
    assert np.isfinite(predict.predict(embed, tok, codes(), pooled)).all()
    windows = classifier.from_backbone(tmp_path / "ours", list(tk.special_ids(tok))).eval()
    assert predict.predict(windows, tok, codes(), readers.class_logit).shape == (3,)


@pytest.mark.parametrize("system", SYSTEMS)
def test_one_of_our_classes_is_saved_and_loaded_to_the_same_numbers(tmp_path, system):
    config, make = SYSTEMS[system]
    vocabulary = None if system == "HyenaDNA" else WORDS
    network, tokenizer = take(write(tmp_path / "theirs", config, make(), vocabulary))
    models.save(network, tokenizer, tmp_path / "ours", "card")
    again = models.load(tmp_path / "ours", "lm")
    ids = some_ids() if system != "HyenaDNA" else some_ids() % 5 + 7
    assert torch.equal(logits(again, ids), logits(network, ids))
    tok = tk.load(tmp_path / "ours")
    windows = classifier.from_backbone(tmp_path / "ours", list(tk.special_ids(tok))).eval()
    assert predict.predict(windows, tok, codes(), readers.class_logit).shape == (3,)


def test_a_model_without_a_first_token_generates_from_a_prompt(tmp_path):
    network, tokenizer = take(write(tmp_path, HYENADNA, hyenadna()))
    with pytest.raises(UsageError, match="no token to begin a sequence with; give one base or more"):
        generate.sample(network, tokenizer, 2, 30)
    given, sampler = [], network.generate
    network.generate = lambda ids, **options: (given.append(ids), sampler(ids, **options))[1]
    made = generate.sample(network, tokenizer, 2, 100, prompt="ACG")  # longer than its context of 66
    assert len(given) > 1
    assert all((ids >= 7).all() for ids in given)  # bases, and no special token before them
    assert made.shape == (2, 100)
    assert [seq.decode(row[:3]) for row in made] == ["ACG", "ACG"]


@pytest.mark.parametrize("architecture", ["BertForSequenceClassification", "EsmForSequenceClassification"])
def test_a_published_classifier_gives_log_odds(tmp_path, architecture):
    folder = saved(tmp_path / "theirs", architecture, SIZES | {"max_position_embeddings": 40}, num_labels=2)
    network, tokenizer = take(folder)
    models.save(network, tokenizer, tmp_path / "ours", "card")
    assert models.read_objective(tmp_path / "ours") == "classify"
    there = getattr(models.transformers, architecture).from_pretrained(folder).eval()
    ids, mask = (torch.from_numpy(one) for one in tk.tokenize(tokenizer, codes()))
    with torch.no_grad():
        both = there(input_ids=ids, attention_mask=mask.long()).logits
    mine = scorer.load_classifier(tmp_path / "ours", what=None)
    ours = predict.predict(network, tokenizer, codes(), readers.class_logit, both_strands=False)
    assert np.allclose(ours, (both[:, 1] - both[:, 0]).numpy(), atol=0.02)
    other = seq.reverse_complement(codes())
    turned = predict.predict(network, tokenizer, other, readers.class_logit, both_strands=False)
    assert np.allclose(mine(codes()), (ours + turned) / 2, atol=0.02)
    backbone, pooled = models.load(tmp_path / "ours", "embed"), readers.mean_embedding(tk.special_ids(tokenizer))
    assert predict.predict(backbone, tokenizer, codes(), pooled).shape == (3, 16)


def test_a_causal_classifier_reads_each_windows_last_token(tmp_path):
    """Its configuration names no padding; with the tokenizer's, windows of different lengths agree in any batch."""
    sizes = MIXTRAL | {"initializer_range": 0.5}
    folder = saved(tmp_path / "theirs", "MixtralForSequenceClassification", sizes, num_labels=2)
    write(folder, published.read(folder).config | {"pad_token_id": None}, published.read(folder).tensors)
    network, tokenizer = take(folder)
    windows = codes(6, 24)
    windows[::2, :9] = seq.N  # each a token
    one, all_at_once = (
        predict.predict(network, tokenizer, windows, readers.class_logit, batch_size=size) for size in (1, 6)
    )
    assert one.std() > 0.1
    assert np.allclose(one, all_at_once, atol=0.05)


def test_spare_weights_that_are_absent_are_the_same_each_time(tmp_path):
    folder = changed(saved(tmp_path, *NATIVE["esm"]), drop="contact_head")
    first, second = (take(folder)[0].state_dict() for _ in range(2))
    assert any("contact_head" in name for name in first)
    assert all(torch.equal(value, second[name]) for name, value in first.items())


def test_a_classifier_of_three_labels_is_refused(tmp_path):
    folder = saved(tmp_path, "BertForSequenceClassification", SIZES, num_labels=3)
    with pytest.raises(InputError, match=r"got a classifier of 3 labels, wanted 2: no and yes"):
        take(folder)


def test_a_tokenizer_of_another_size_is_refused(tmp_path):
    folder = saved(tmp_path, "BertForMaskedLM", SIZES)
    (folder / "vocab.txt").write_text("\n".join(WORDS[:-1]) + "\n")
    with pytest.raises(InputError, match=r"the tokenizer has 26 tokens, wanted 27, the rows of the embedding"):
        take(folder)


def changed(folder, drop=None, **tensors):
    """The folder with other weights: some left out by part of their name, some put in."""
    found = published.read(folder)
    kept = {name: value for name, value in (found.tensors | tensors).items() if not drop or drop not in name}
    write(folder, found.config, kept)
    return folder


@pytest.mark.parametrize("kind", ["bert", "mixtral"])
def test_weights_that_do_not_fit_a_native_class_are_named(tmp_path, kind):
    architecture, sizes = NATIVE[kind]
    query = {"bert": "bert.encoder.layer.1.attention.self.query", "mixtral": "model.layers.1.self_attn.q_proj"}
    query = {name: f"{layer}.weight" for name, layer in query.items()}
    with pytest.raises(InputError, match=rf"the weights lack {query[kind]} \(1 in all\)"):
        take(changed(saved(tmp_path / "lack", architecture, sizes), drop=query[kind]))
    with pytest.raises(InputError, match=r"the weights hold more than the model, such as odd\.one \(1 in all\)"):
        take(changed(saved(tmp_path / "more", architecture, sizes), **{"odd.one": torch.zeros(2)}))
    with pytest.raises(InputError, match=rf"{query[kind]}: got shape \(8, 16\), wanted \(16, 16\) by config\.json"):
        take(changed(saved(tmp_path / "shape", architecture, sizes), **{query[kind]: torch.zeros(8, 16)}))


def test_an_expert_left_out_is_an_error_of_ours(tmp_path):
    folder = saved(tmp_path, "MixtralForCausalLM", MIXTRAL)
    with pytest.raises(InputError, match=r"the weights (do not make a whole MixtralForCausalLM|lack)"):
        take(changed(folder, drop="experts.0.w1"))


def test_weights_that_do_not_fit_our_class_are_named(tmp_path):
    tensors, config, name = nt2(), NT2, "esm.encoder.layer.1.output.dense.weight"
    lacking = {key: value for key, value in tensors.items() if key != name}
    with pytest.raises(InputError, match=rf"the weights lack {name} \(1 in all\)"):
        take(write(tmp_path / "lack", config, lacking, WORDS))
    with pytest.raises(InputError, match=rf"{name}: got shape \(16, 20\), wanted \(16, 24\) by config\.json"):
        take(write(tmp_path / "shape", config, tensors | {name: torch.zeros(16, 20)}, WORDS))
    with pytest.raises(InputError, match=r"got a Nucleotide Transformer 2 checkpoint for classify, wanted mlm"):
        take(write(tmp_path / "head", config | {"architectures": ["EsmForSequenceClassification"]}, tensors, WORDS))


def test_code_of_its_own_is_never_run(tmp_path):
    folder = saved(tmp_path, "BertForMaskedLM", SIZES)
    (folder / "odd.py").write_text("open('ran', 'w')")
    config = published.read(folder).config | {"auto_map": {"AutoModelForMaskedLM": "odd.Odd"}}
    write(folder, config, published.read(folder).tensors)
    with pytest.raises(
        InputError, match=r"auto_map: got a model with code of its own, which is never run, wanted one of"
    ):
        take(folder)


def test_an_unknown_model_type_is_refused(tmp_path):
    folder = saved(tmp_path, "BertForMaskedLM", SIZES)
    write(folder, published.read(folder).config | {"model_type": "caduceus"}, published.read(folder).tensors)
    with pytest.raises(InputError, match=r"model_type: got 'caduceus' for mlm, wanted one that transformers .* has"):
        take(folder)


def test_a_masked_model_needs_a_mask(tmp_path):
    folder = saved(tmp_path, "BertForMaskedLM", SIZES)
    (folder / "special_tokens_map.json").write_text('{"mask_token": null}')
    with pytest.raises(InputError, match=r"names no mask token, wanted one for a masked model"):
        take(folder)


def test_how_many_tokens_a_model_takes(tmp_path):
    short = SIZES | {"max_position_embeddings": 40}
    assert positions.longest(take(saved(tmp_path / "bert", "BertForMaskedLM", short))[0]) == 40
    network, _ = take(saved(tmp_path / "esm", "EsmForMaskedLM", short | {"position_embedding_type": "absolute"}))
    assert positions.longest(network) == 38  # positions are counted from the padding's, which is 1
    assert logits(network, torch.full((1, 38), 5)).shape == (1, 38, len(WORDS))
    assert positions.longest(take(saved(tmp_path / "mixtral", "MixtralForCausalLM", MIXTRAL))[0]) is None


def test_an_old_pickle_of_bert(tmp_path):
    """Norms by their old names, position numbers, a pooler and a head for the next sentence, as DNABERT's file has."""
    config = models.AutoConfig.for_model("bert", vocab_size=len(WORDS), **SIZES, architectures=["BertForMaskedLM"])
    there = models.transformers.BertForPreTraining(config).eval()
    config.save_pretrained(tmp_path)
    old = {"LayerNorm.weight": "LayerNorm.gamma", "LayerNorm.bias": "LayerNorm.beta"}
    tensors = {"bert.embeddings.position_ids": torch.arange(512)[None]}
    for name, value in there.state_dict().items():
        tensors[next((name.replace(new, was) for new, was in old.items() if new in name), name)] = value
    torch.save(tensors, tmp_path / "pytorch_model.bin")
    (tmp_path / "vocab.txt").write_text("\n".join(WORDS) + "\n")
    network, _ = take(tmp_path, allow_pickle=True, sha256=files.sha256(tmp_path / "pytorch_model.bin"))
    with torch.no_grad():
        wanted = there(input_ids=some_ids()).prediction_logits
    assert torch.allclose(logits(network, some_ids()), wanted, atol=1e-6)

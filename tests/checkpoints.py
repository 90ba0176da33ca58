"""Published checkpoints in miniature: the names, shapes and files that the systems publish, with random numbers."""

import json

import torch
from safetensors.torch import save_file

DNABERT2 = {
    "architectures": ["BertForMaskedLM"],
    "model_type": "bert",
    "auto_map": {"AutoModel": "bert_layers.BertModel"},
    "alibi_starting_size": 512,
    "hidden_act": "gelu",
    "vocab_size": 27,
    "hidden_size": 12,
    "num_hidden_layers": 2,
    "num_attention_heads": 3,
    "intermediate_size": 20,
    "layer_norm_eps": 1e-12,
    "type_vocab_size": 2,
}
NT2 = {
    "architectures": ["EsmForMaskedLM", "EsmForTokenClassification"],
    "model_type": "esm",
    "auto_map": {"AutoModelForMaskedLM": "modeling_esm.EsmForMaskedLM"},
    "add_bias_fnn": False,
    "emb_layer_norm_before": False,
    "position_embedding_type": "rotary",
    "tie_word_embeddings": False,
    "token_dropout": False,
    "vocab_size": 27,
    "hidden_size": 16,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 24,
    "layer_norm_eps": 1e-12,
    "max_position_embeddings": 50,
    "pad_token_id": 1,
    "mask_token_id": 2,
}
HYENADNA = {
    "architectures": ["HyenaDNAForCausalLM"],
    "model_type": "hyenadna",
    "auto_map": {"AutoModelForCausalLM": "modeling_hyena.HyenaDNAForCausalLM"},
    "vocab_size": 12,
    "pad_vocab_size_multiple": 8,
    "d_model": 8,
    "d_inner": 32,
    "n_layer": 2,
    "emb_dim": 5,
    "filter_order": 6,
    "activation_freq": 10,
    "max_seq_len": 66,
    "hyena_order": 2,
    "num_inner_mlps": 2,
    "short_filter_order": 3,
    "layer_norm_epsilon": 1e-5,
}


def random(shapes, spread=0.3):
    """Tensors of these shapes, the same each time; norms round 1."""
    rng = torch.Generator().manual_seed(0)
    found = {name: spread * torch.randn(*shape, generator=rng) for name, shape in shapes.items()}
    return {name: value + ("norm" in name.lower() and name.endswith("weight")) for name, value in found.items()}


def linear(name, out, size, bias=True):
    """Shapes of a linear layer."""
    return {f"{name}.weight": (out, size)} | ({f"{name}.bias": (out,)} if bias else {})


def norm(name, width):
    """Shapes of a layer norm."""
    return {f"{name}.weight": (width,), f"{name}.bias": (width,)}


def dnabert2_shapes(config=DNABERT2):
    """The tensors of DNABERT-2-117M's pytorch_model.bin: 142 with its 12 layers."""
    width, inner, words = config["hidden_size"], config["intermediate_size"], config["vocab_size"]
    shapes = {"bert.embeddings.word_embeddings.weight": (words, width)}
    shapes |= {"bert.embeddings.token_type_embeddings.weight": (2, width)} | norm("bert.embeddings.LayerNorm", width)
    for number in range(config["num_hidden_layers"]):
        layer = f"bert.encoder.layer.{number}"
        shapes |= linear(f"{layer}.attention.self.Wqkv", 3 * width, width)
        shapes |= linear(f"{layer}.attention.output.dense", width, width)
        shapes |= norm(f"{layer}.attention.output.LayerNorm", width)
        shapes |= linear(f"{layer}.mlp.gated_layers", 2 * inner, width, bias=False)
        shapes |= linear(f"{layer}.mlp.wo", width, inner) | norm(f"{layer}.mlp.layernorm", width)
    shapes |= linear("cls.predictions.transform.dense", width, width)
    return shapes | norm("cls.predictions.transform.LayerNorm", width) | linear("cls.predictions.decoder", words, width)


def dnabert2():
    """A DNABERT-2 in miniature: its decoder is a copy of the embeddings."""
    tensors = random(dnabert2_shapes())
    tensors["cls.predictions.decoder.weight"] = tensors["bert.embeddings.word_embeddings.weight"].clone()
    return tensors


def nt2_shapes(config=NT2):
    """The tensors of nucleotide-transformer-v2's model.safetensors."""
    width, inner, words = config["hidden_size"], config["intermediate_size"], config["vocab_size"]
    heads, layers = config["num_attention_heads"], config["num_hidden_layers"]
    shapes = {
        "esm.embeddings.word_embeddings.weight": (words, width),
        "esm.embeddings.position_embeddings.weight": (config["max_position_embeddings"], width),
        "lm_head.bias": (words,),
        "lm_head.decoder.weight": (words, width),
    }
    for number in range(layers):
        layer = f"esm.encoder.layer.{number}"
        shapes[f"{layer}.attention.self.rotary_embeddings.inv_freq"] = (width // heads // 2,)
        for part in ("self.query", "self.key", "self.value", "output.dense"):
            shapes |= linear(f"{layer}.attention.{part}", width, width)
        shapes |= norm(f"{layer}.attention.LayerNorm", width) | norm(f"{layer}.LayerNorm", width)
        shapes |= linear(f"{layer}.intermediate.dense", 2 * inner, width, bias=False)
        shapes |= linear(f"{layer}.output.dense", width, inner, bias=False)
    shapes |= norm("esm.encoder.emb_layer_norm_after", width) | linear("esm.contact_head.regression", 1, heads * layers)
    return shapes | linear("lm_head.dense", width, width) | norm("lm_head.layer_norm", width)


def nt2():
    """A Nucleotide Transformer 2 in miniature."""
    tensors = random(nt2_shapes())
    for name in tensors:
        if name.endswith("inv_freq"):
            size = 2 * len(tensors[name])
            tensors[name] = 1 / 10000 ** (torch.arange(0, size, 2).float() / size)
    return tensors


def hyenadna_shapes(config=HYENADNA):
    """The tensors of hyenadna-…-hf's model.safetensors, where the three sines of a filter are kept once."""
    width, size, rows = config["d_model"], config["filter_order"], -(-config["vocab_size"] // 8) * 8
    shapes = {"hyena.backbone.embeddings.word_embeddings.weight": (rows, width)}
    for number in range(config["n_layer"]):
        layer = f"hyena.backbone.layers.{number}"
        filters = f"{layer}.mixer.filter_fn"
        shapes |= linear(f"{layer}.mixer.in_proj", 3 * width, width) | linear(f"{layer}.mixer.out_proj", width, width)
        shapes |= {
            f"{layer}.mixer.short_filter.weight": (3 * width, 1, 3),
            f"{layer}.mixer.short_filter.bias": (3 * width,),
        }
        shapes |= {f"{filters}.bias": (width,), f"{filters}.implicit_filter.1.freq": (1, size)}
        shapes |= linear(f"{filters}.implicit_filter.0", size, config["emb_dim"])
        shapes |= linear(f"{filters}.implicit_filter.2", size, size) | linear(
            f"{filters}.implicit_filter.4", size, size
        )
        shapes |= linear(f"{filters}.implicit_filter.6", width, size, bias=False)
        shapes |= {
            f"{filters}.pos_emb.z": (1, config["max_seq_len"], 5),
            f"{filters}.pos_emb.t": (1, config["max_seq_len"], 1),
        }
        shapes |= {f"{filters}.modulation.deltas": (1, 1, width)}
        shapes |= norm(f"{layer}.norm1", width) | norm(f"{layer}.norm2", width)
        shapes |= linear(f"{layer}.mlp.fc1", config["d_inner"], width) | linear(
            f"{layer}.mlp.fc2", width, config["d_inner"]
        )
    return shapes | norm("hyena.backbone.ln_f", width) | linear("lm_head", rows, width, bias=False)


def hyenadna():
    """A HyenaDNA in miniature."""
    return random(hyenadna_shapes())


SYSTEMS = {
    "DNABERT-2": (DNABERT2, dnabert2),
    "Nucleotide Transformer 2": (NT2, nt2),
    "HyenaDNA": (HYENADNA, hyenadna),
}


def nt_vocabulary(k=2):
    """The words of Nucleotide Transformer's vocab.txt, in its order: special tokens, k-mers, letters, later ones."""
    words = [""]
    for _ in range(k):
        words = [word + letter for word in words for letter in "ATCG"]
    return ["<unk>", "<pad>", "<mask>", "<cls>", *words, "A", "T", "C", "G", "N", "<eos>", "<bos>"]


def write(folder, config, tensors, vocabulary=None):
    """A folder as published."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps(config))
    save_file({name: value.clone() for name, value in tensors.items()}, folder / "model.safetensors")
    if vocabulary:
        (folder / "vocab.txt").write_text("\n".join(vocabulary) + "\n")
    return folder

"""Untrained models and pairs of windows of random bases, for tests of variant scores."""

from pathlib import Path

import numpy as np
import pandas as pd
import pysam
import torch

from dnalm.dna import seq
from dnalm.genome import fasta as genome_fasta
from dnalm.networks import classifier, ensemble, models, registry, track_model
from dnalm.tokens import making
from dnalm.tokens import tokenizer as tk
from dnalm.variants import evidence
from dnalm.variants import pairs as variants_pairs
from dnalm.variants.pairs import Pairs

SIZES = {
    "bert": {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 32},
    "dilated_conv": {"hidden_size": 16, "num_hidden_layers": 2},
    "alibi_bert": {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 32},
    "hyena": {"hidden_size": 16, "num_hidden_layers": 1, "intermediate_size": 32},
    "mixtral": {
        "hidden_size": 16,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "num_key_value_heads": 2,
        "intermediate_size": 32,
        "num_local_experts": 2,
        "num_experts_per_tok": 1,
    },
}
WINDOW = 24
ANSWERS = {
    "one": {},
    "classes": {"learnt": "classes", "outputs": 3, "names": ["promoter", "enhancer", "none"]},
    "values": {"learnt": "regression", "outputs": 2, "names": ["RNA, much", "noise"]},
    "value": {"learnt": "regression", "outputs": 1, "names": ["RNA"]},
}
SCALES = {"values": [50.0, 0.5], "value": [3.0], "classes": [1.0, 2.0, 0.5]}


def tokenizer(kind: str) -> tk.PreTrainedTokenizerFast:
    rng = np.random.default_rng(1)
    lines = [seq.decode(rng.choice(4, 300, p=[0.4, 0.1, 0.1, 0.4]).astype(np.uint8)) for _ in range(20)]
    name = "kmer" if kind == "overlapping" else kind
    return making.train(name, map(seq.encode, lines), vocab_size=60, k=3, overlapping=kind == "overlapping")


def save(folder: Path, architecture: str, kind: str, *, classify: bool = False, window: int = WINDOW) -> Path:
    objective, tok = "clm" if architecture in ("mixtral", "hyena") else "mlm", tokenizer(kind)
    network = models.build(objective, architecture, SIZES[architecture], tok, window + 2, seed=3).eval()
    models.save(network, tok, folder / "lm", "card")
    if classify:
        torch.manual_seed(0)
        ours = classifier.from_backbone(folder / "lm", list(tk.special_ids(tok))).eval()
        models.save(ours, tok, folder / "ft", "card")
    return folder / ("ft" if classify else "lm")


def save_outputs(folder: Path, kind: str, seed: int = 0) -> Path:
    """A model of a `kind`: classes, values, value, one (a logit), tracks, or an ensemble of two, as classes+."""
    (folder / "lm").exists() or save(folder, "dilated_conv", "char")
    out, tok = folder / f"{kind}{seed}", tokenizer("char")
    if kind.endswith("+"):
        members = [models.load(save_outputs(folder, kind[:-1], one), "classify") for one in (seed, seed + 1)]
        network = ensemble.of(members)
        network.config.scale, network.config.shift = 1.5, 0.25
    elif kind == "tracks":
        torch.manual_seed(seed)
        backbone = registry.backbone(folder / "lm")
        network = track_model.on(backbone, tok, ["dnase", "ctcf"], np.array([1.0, 30.0]), 8)
        torch.nn.init.normal_(network.head.weight)
    else:
        torch.manual_seed(seed)
        network = classifier.from_backbone(folder / "lm", list(tk.special_ids(tok)), **ANSWERS[kind])
        network.config.scale, network.config.shift = SCALES.get(kind, 2.0), SCALES.get(kind, -1.0)
    models.save(network.eval(), tok, out, "card")
    return out


def substituted(windows: np.ndarray, site: np.ndarray, alt: np.ndarray) -> Pairs:
    """Pairs in which the middle base of windows [n, W] is another."""
    place, ones = np.full((len(site), 2), windows.shape[1] // 2), np.ones((len(site), 2), np.int64)
    other = windows[site]
    other[:, windows.shape[1] // 2] = alt
    return Pairs(windows, site, other, place, ones, np.arange(len(site))[:, None])


def draw(n: int = 40, *, three: bool = False) -> Pairs:
    """Windows of random bases with one alternative each, or with all three."""
    windows = np.random.default_rng(0).integers(0, 4, (n, WINDOW)).astype(np.uint8)
    steps = np.array([1, 2, 3] if three else [1])
    site = np.repeat(np.arange(n), len(steps))
    return substituted(windows, site, (windows[site, WINDOW // 2] + np.tile(steps, n)) % 4)


def indels(tmp_path: Path, n: int = 30) -> Pairs:
    """Substitutions, insertions and deletions of a random genome, both anchorings of each."""
    rng = np.random.default_rng(2)
    text = seq.decode(rng.integers(0, 4, 3000).astype(np.uint8))
    (tmp_path / "g.fa").write_text(f">c\n{text}\n")
    pysam.faidx(str(tmp_path / "g.fa"))
    rows = []
    for start in range(100, 100 + 60 * n, 60):
        lost, gained = rng.integers(0, 4, 2)
        lost += lost == gained == 0
        rows.append(("c", start, text[start : start + lost], seq.decode(rng.integers(0, 4, gained).astype(np.uint8))))
    edits = pd.DataFrame(rows, columns=["chrom", "start", "ref", "alt"])
    return variants_pairs.cut(edits, genome_fasta.open_genome(tmp_path / "g.fa"), WINDOW)


def swap(pairs: Pairs) -> Pairs:
    """The same pairs with the two alleles in each other's place."""
    turned = pairs.first[:, ::-1], pairs.count[:, ::-1]
    return Pairs(pairs.alt, np.arange(len(pairs.alt)), pairs.ref[pairs.site], *turned, pairs.view)


def score(folder: Path, pairs: Pairs, names: list[str], **options: object) -> pd.DataFrame:
    return evidence.score(folder, lambda: [pairs], len(pairs.view), names, **options)

"""Scores of known models: by hand, signs that flip, strands that are averaged, and what each objective can give."""

from pathlib import Path

import numpy as np
import pytest
import torch

from dnalm.dna import seq
from dnalm.errors import UsageError
from dnalm.networks import classifier, models
from dnalm.tokens import kinds
from dnalm.tokens import tokenizer as tk
from dnalm.variants import alleles, evidence, scores

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


def tokenizer(kind: str) -> tk.PreTrainedTokenizerFast:
    rng = np.random.default_rng(1)
    lines = [seq.decode(rng.choice(4, 300, p=[0.4, 0.1, 0.1, 0.4]).astype(np.uint8)) for _ in range(20)]
    return kinds.train(kind, map(seq.encode, lines), vocab_size=60, k=3)


def save(folder: Path, architecture: str, kind: str, *, classify: bool = False) -> Path:
    objective, tok = "clm" if architecture in ("mixtral", "hyena") else "mlm", tokenizer(kind)
    network = models.build(objective, architecture, SIZES[architecture], tok, WINDOW + 2, seed=3).eval()
    models.save(network, tok, folder / "lm", "card")
    if classify:
        torch.manual_seed(0)
        ours = classifier.from_backbone(folder / "lm", list(tk.special_ids(tok))).eval()
        models.save(ours, tok, folder / "ft", "card")
    return folder / ("ft" if classify else "lm")


def draw(n: int = 40, *, three: bool = False) -> alleles.Pairs:
    """Windows of random bases with one alternative each, or with all three."""
    windows = np.random.default_rng(0).integers(0, 4, (n, WINDOW)).astype(np.uint8)
    steps = np.array([1, 2, 3] if three else [1])
    site = np.repeat(np.arange(n), len(steps))
    alt = (windows[site, WINDOW // 2] + np.tile(steps, n)) % 4
    return alleles.Pairs(windows, site, alt.astype(np.uint8), np.arange(len(site)))


def swap(pairs: alleles.Pairs) -> alleles.Pairs:
    """The same pairs with the two alleles in each other's place."""
    return alleles.Pairs(
        alleles.alternatives(pairs), np.arange(len(pairs.alt)), pairs.windows[pairs.site, WINDOW // 2], pairs.row
    )


@pytest.mark.parametrize(
    ("architecture", "kind", "classify"),
    [
        ("dilated_conv", "char", False),
        ("bert", "kmer", False),
        ("bert", "bpe", False),
        ("mixtral", "bpe", False),
        ("mixtral", "char", False),
        ("dilated_conv", "char", True),
        ("alibi_bert", "bpe", False),
        ("hyena", "char", False),
        ("hyena", "char", True),
    ],
)
def test_swapping_alleles_flips_signed_scores_and_keeps_distances(tmp_path: Path, architecture, kind, classify):
    folder, pairs = save(tmp_path, architecture, kind, classify=classify), draw()
    names = evidence.choose(models.read_objective(folder), None)
    assert names == ["l2", "l2_local", "cosine", "delta" if classify else "llr"]
    one, two = (evidence.score(folder, those, names) for those in (pairs, swap(pairs)))
    signed = names[-1]
    assert one[signed].abs().max() > 1e-3
    assert np.allclose(one[signed], -two[signed], atol=2e-5)
    assert np.allclose(one[names[:3]], two[names[:3]], atol=2e-5)
    assert (one.n_tokens_ref == two.n_tokens_alt).all()


def test_swap_is_exact_on_a_known_classifier():
    tok = kinds.train("char", [], vocab_size=0, k=1)
    pairs = draw()

    def scored(those):
        return scores.difference(*evidence.by_window(lambda *_: weigh)(Weights(), tok, those))

    assert np.array_equal(scored(pairs), -scored(swap(pairs)))
    place = WINDOW // 2
    ref, alt = pairs.windows[:, place].astype(float), pairs.alt.astype(float)
    forward = (alt - ref) * (place + 1)
    reverse = (ref - alt) * (WINDOW - place)  # complements of 0 1 2 3 are 3 2 1 0
    assert np.array_equal(scored(pairs), (forward + reverse) / 2)


class Weights(torch.nn.Module):
    """Has a parameter, so that it is somewhere."""

    def __init__(self):
        super().__init__()
        self.anchor = torch.nn.Parameter(torch.zeros(1))


def weigh(module, batch):
    """Base codes weighted by their place, from 1."""
    codes = batch["ids"][:, 1:-1] - 5
    return (codes * torch.arange(1, codes.shape[1] + 1)).sum(1).float()


class Unigram(Weights):
    """A causal model that always gives A .4, C .3, G .2, T .1 of what is not special."""

    def forward(self, input_ids, attention_mask=None):
        logits = torch.full((*input_ids.shape, 10), 30.0)
        logits[..., 5:9] = torch.tensor([0.4, 0.3, 0.2, 0.1]).log()
        logits[..., 1] = logits[..., 9] = -1e4
        return type("Out", (), {"logits": logits})


def test_causal_likelihood_by_hand():
    tok = kinds.train("char", [], vocab_size=0, k=1)
    windows = seq.encode("AACTG")[None]
    pairs = alleles.Pairs(windows, np.zeros(1, int), np.array([3], np.uint8), np.zeros(1, int))  # C>T
    ref, alt = evidence.LIKELIHOOD["clm"][1](Unigram(), tok, pairs)
    logs = np.log([0.4, 0.3, 0.2, 0.1])
    forward, reverse = logs[[0, 0, 1, 3, 2]].sum(), logs[[1, 0, 2, 3, 3]].sum()
    assert np.allclose(ref, (forward + reverse) / 2 + 5 * np.log(4), atol=1e-5)
    assert np.allclose(alt - ref, (np.log(0.1 / 0.3) + np.log(0.4 / 0.2)) / 2, atol=1e-5)


def test_alternatives_of_one_site_agree_with_sites_of_their_own(tmp_path: Path):
    folder = save(tmp_path, "bert", "bpe")
    pairs = draw(20, three=True)
    alone = alleles.Pairs(pairs.windows[pairs.site], np.arange(60), pairs.alt, pairs.row)
    names = evidence.choose("mlm", None)
    together, apart = (evidence.score(folder, those, names) for those in (pairs, alone))
    assert np.allclose(together, apart, atol=2e-5)


def test_pieces_do_not_change_scores(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    folder, pairs = save(tmp_path, "dilated_conv", "char"), draw(20, three=True)
    whole = evidence.score(folder, pairs, ["l2", "llr"])
    monkeypatch.setattr(evidence, "CHUNK", 7)
    assert np.allclose(whole, evidence.score(folder, pairs, ["l2", "llr"]), atol=2e-5)


def test_distances_by_hand():
    ref, alt = np.zeros((1, 2, 2)), np.zeros((1, 2, 2))
    ref[0] = [[1, 0], [0, 0]]
    alt[0] = [[0, 1], [3, 4]]
    assert np.allclose([scores.l2(ref, alt), scores.l2_local(ref, alt)], [[np.sqrt(2)], [5]])
    assert np.allclose(scores.cosine(ref, alt), 1)


def test_scores_that_do_not_fit_are_refused(tmp_path: Path):
    with pytest.raises(UsageError, match="'llr' cannot be had from a model trained as classify: l2, l2_local, cosine"):
        evidence.choose("classify", ["llr"])
    with pytest.raises(UsageError, match="'l3' is no score"):
        evidence.choose("mlm", ["l3"])
    assert evidence.choose("mlm", ["llr", "l2"]) == ["l2", "llr"]
    folder = save(tmp_path, "bert", "char")
    wide = alleles.Pairs(np.zeros((1, 40), np.uint8), np.zeros(1, int), np.array([1], np.uint8), np.zeros(1, int))
    with pytest.raises(UsageError, match="give up to 42 tokens and the model takes 26; make the window shorter"):
        evidence.score(folder, wide, ["l2"])


def test_nothing_to_score_gives_an_empty_table(tmp_path: Path):
    empty = alleles.Pairs(np.empty((0, 9), np.uint8), *(np.empty(0, int) for _ in range(3)))
    table = evidence.score(save(tmp_path, "dilated_conv", "char"), empty, ["l2", "llr"])
    assert list(table.columns) == ["l2", "llr", "n_tokens_ref", "n_tokens_alt", "changed_span"]
    assert len(table) == 0

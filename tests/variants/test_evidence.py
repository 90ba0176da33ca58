"""Scores of known models: by hand, signs that flip, strands that are averaged, and what each objective can give."""

from pathlib import Path

import numpy as np
import pandas as pd
import pysam
import pytest
import torch
from shown import WINDOW, draw, indels, save, score, substituted, swap, tokenizer

from dnalm.dna import seq
from dnalm.errors import UsageError
from dnalm.genome import fasta as genome_fasta
from dnalm.networks import device, models, paired
from dnalm.tokens import making
from dnalm.tokens import tokenizer as tk
from dnalm.variants import evidence, scores, strand, token_changes
from dnalm.variants import pairs as variants_pairs
from dnalm.variants.pairs import Pairs


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
        ("bert", "overlapping", False),
    ],
)
@pytest.mark.parametrize("moved", [False, True])
def test_swapping_alleles_flips_signed_scores_and_keeps_distances(tmp_path, architecture, kind, classify, moved):
    folder, pairs = save(tmp_path, architecture, kind, classify=classify), indels(tmp_path) if moved else draw()
    names = evidence.choose(models.read_objective(folder), None)
    signed = ["delta"] if classify else ["llr", "entropy"]
    assert names == ["l2", "l2_local", "l2_flank", "cosine", *signed]
    one, two = (score(folder, those, names) for those in (pairs, swap(pairs)))
    assert one[signed[0]].abs().max() > 1e-3
    for name in signed:
        assert np.allclose(one[name], -two[name], atol=2e-5 * min(one[name].abs().max(), 1), rtol=1e-3)
    assert np.allclose(one[names[:4]], two[names[:4]], atol=2e-5)
    spread = [f"{name}_spread" for name in names]
    assert np.allclose(one[spread], two[spread], atol=2e-5)
    assert (one[spread].max() > 0).all()
    tok = tokenizer(kind)
    changes = [token_changes.of_edits(tok, lambda those=those: [those]) for those in (pairs, swap(pairs))]
    assert (changes[0].n_tokens_ref == changes[1].n_tokens_alt).all()
    assert (changes[0].n_tokens_ref_reverse == changes[1].n_tokens_alt_reverse).all()


@pytest.mark.parametrize(("architecture", "kind"), [("dilated_conv", "char"), ("bert", "bpe"), ("mixtral", "kmer")])
def test_an_allele_like_the_reference_scores_nothing_and_strands_agree(tmp_path: Path, architecture, kind):
    folder, pairs = save(tmp_path, architecture, kind), indels(tmp_path)
    names = evidence.choose(models.read_objective(folder), None)
    same = variants_pairs.of_windows(pairs.ref, pairs.ref.copy())
    assert (score(folder, same, names).to_numpy() == 0).all()
    turned = score(folder, variants_pairs.reverse_complement(pairs), names)
    assert np.allclose(score(folder, pairs, names), turned, atol=2e-5)


def surer(folder: Path) -> Path:
    """The same network with logits that tell tokens apart: at random entropies are all but the largest there are."""
    model, tok = models.load(folder, "lm"), tk.load(folder)
    with torch.no_grad():
        for weight in model.parameters():
            if len(weight) == len(tok):  # embeddings, which name words, too
                weight *= 30
    models.save(model, tok, folder, "card")
    return folder


@pytest.mark.parametrize(("architecture", "kind"), [("bert", "bpe"), ("hyena", "kmer"), ("alibi_bert", "char")])
@pytest.mark.parametrize("moved", [False, True])
def test_fast_scores_are_those_of_fp32_to_three_digits(tmp_path: Path, monkeypatch, architecture, kind, moved):
    """Distances and signed scores; a masked model's likelihood is of what is hidden and not rounded at all."""
    monkeypatch.setattr(device, "fast_bf16", lambda where: True)
    folder, pairs = surer(save(tmp_path, architecture, kind)), indels(tmp_path) if moved else draw()
    objective = models.read_objective(folder)
    names = evidence.choose(objective, None)
    exact, fast = (score(folder, pairs, names, fast=fast) for fast in (False, True))
    for name in names:
        if name == "llr" and objective == "mlm":
            assert np.array_equal(fast[name], exact[name])
        else:
            assert not np.array_equal(fast[name], exact[name])
            most = 0.1 if name == "entropy" else 0.01  # a small difference of sums over all words, of weights at random
            assert np.linalg.norm(fast[name] - exact[name]) < most * np.linalg.norm(exact[name]), name
    turned = score(folder, swap(pairs), names, fast=True)
    assert np.linalg.norm(fast.l2 - turned.l2) < 0.01 * np.linalg.norm(fast.l2)
    same = variants_pairs.of_windows(pairs.ref, pairs.ref.copy())
    assert (score(folder, same, names, fast=True).to_numpy() == 0).all()
    apart = score(folder, draw(), names, fast=True)
    assert np.allclose(apart[:7], score(folder, draw(7), names, fast=True), atol=1e-5)  # another batch


def test_the_mean_of_views_and_their_spread_by_hand():
    ref, alt = np.zeros((3, 2)), np.array([[1.0, 3.0], [2.0, 2.0], [5.0, 9.0]])
    value, spread = evidence.compared(scores.SCORES["llr"], ref, alt, np.array([[0, 1], [2, 2]]))
    assert value.tolist() == [2, 7]
    assert spread.tolist() == [np.std([1, 3, 2, 2]), 2]


def test_embeddings_of_another_layer_are_others_and_the_last_by_number_is_the_last(tmp_path: Path):
    folder, pairs = save(tmp_path, "dilated_conv", "char"), draw()
    last, first, second = (score(folder, pairs, ["l2", "llr"], layer=layer) for layer in (0, 1, 2))
    assert np.allclose(last, second, atol=1e-6)
    assert not np.allclose(last.l2, first.l2, atol=1e-3)
    assert np.array_equal(last.llr, first.llr)


def test_a_twin_is_the_same_network_with_other_weights(tmp_path: Path):
    folder, pairs = save(tmp_path, "bert", "bpe"), draw()
    trained, *twins = (score(folder, pairs, ["l2", "llr"], twin=seed) for seed in (None, 0, 0, 1))
    assert np.array_equal(twins[0], twins[1])
    assert not np.allclose(twins[0], twins[2], atol=1e-3)
    assert not np.allclose(twins[0], trained, atol=1e-3)


def test_swap_is_exact_on_a_known_classifier():
    tok = making.train("char", [], vocab_size=0, k=1)
    pairs = draw()

    def scored(those):
        kinds = {"logit": strand.Evidence("classify", lambda _: weigh)}
        sides = [strand.one_strand(Weights(), tok, one, kinds)["logit"] for one in both(those)]
        return scores.difference(*(np.stack(side, 1).mean(1) for side in zip(*sides, strict=True)))

    assert np.array_equal(scored(pairs), -scored(swap(pairs)))
    place = WINDOW // 2
    ref, alt = pairs.ref[:, place].astype(float), pairs.alt[:, place].astype(float)
    forward = (alt - ref) * (place + 1)
    reverse = (ref - alt) * (WINDOW - place)  # complements of 0 1 2 3 are 3 2 1 0
    assert np.array_equal(scored(pairs), (forward + reverse) / 2)


def both(pairs: Pairs) -> tuple[Pairs, Pairs]:
    return pairs, variants_pairs.reverse_complement(pairs)


class Weights(torch.nn.Module):
    """Has a parameter, so that it is somewhere, and no other network in it; says what it is given."""

    def __init__(self):
        super().__init__()
        self.anchor = torch.nn.Parameter(torch.zeros(1))

    @property
    def base_model(self):
        return self

    def forward(self, input_ids, attention_mask=None):
        return type("Out", (dict,), {"__getitem__": lambda said, at: input_ids[..., None]})()


def weigh(said, batch):
    """Base codes weighted by their place, from 1."""
    codes = batch["ids"][:, 1:-1] - 5
    return (codes * torch.arange(1, codes.shape[1] + 1)).sum(1, keepdim=True).float()


class Unigram(Weights):
    """A causal model that always gives A .4, C .3, G .2, T .1 of what is not special."""

    def forward(self, input_ids, attention_mask=None):
        logits = torch.full((*input_ids.shape, 10), 30.0)
        logits[..., 5:9] = torch.tensor([0.4, 0.3, 0.2, 0.1]).log()
        logits[..., 1] = logits[..., 9] = -1e4
        return type("Out", (), {"logits": logits, "__getitem__": lambda said, at: logits})()


def test_causal_likelihood_by_hand():
    tok = making.train("char", [], vocab_size=0, k=1)
    pairs = substituted(seq.encode("AACTG")[None], np.zeros(1, int), np.array([3], np.uint8))  # C>T
    kinds = {"likelihood": strand.EVIDENCE["likelihood"]["clm"]}
    found = [strand.one_strand(Unigram(), tok, one, kinds)["likelihood"] for one in both(pairs)]
    logs = np.log([0.4, 0.3, 0.2, 0.1])
    for (ref, alt), order, ratio in zip(found, ([0, 0, 1, 3, 2], [1, 0, 2, 3, 3]), (0.1 / 0.3, 0.4 / 0.2), strict=True):
        assert np.allclose(ref, logs[order].sum() + 5 * np.log(4), atol=1e-5)
        assert np.allclose(alt - ref, np.log(ratio), atol=1e-5)


def test_alternatives_of_one_site_agree_with_sites_of_their_own(tmp_path: Path):
    folder = save(tmp_path, "bert", "bpe")
    pairs = draw(20, three=True)
    alone = pairs._replace(ref=pairs.ref[pairs.site], site=np.arange(60))
    names = evidence.choose("mlm", None)
    assert np.allclose(score(folder, pairs, names), score(folder, alone, names), atol=2e-5)


def test_pieces_and_their_order_do_not_change_scores(tmp_path: Path):
    folder, pairs = save(tmp_path, "bert", "bpe"), indels(tmp_path)
    names = evidence.choose("mlm", None)
    whole = score(folder, pairs, names)
    order = np.random.default_rng(0).permutation(len(pairs.view))
    parts = [pairs._replace(view=pairs.view[order[low : low + 7]]) for low in range(0, len(order), 7)]
    again = evidence.score(folder, lambda: parts, len(order), names)
    assert np.allclose(whole.iloc[order], again, atol=2e-5)


@pytest.mark.parametrize("kind", ["mlm", "classify"])
def test_a_network_of_short_reach_is_shown_what_matters_and_says_the_same(tmp_path: Path, monkeypatch, kind):
    """Substitutions of one and of three bases, and indels, in windows of 200; the network reaches 12 on either side."""
    folder = save(tmp_path, "dilated_conv", "char", classify=kind == "classify", window=200)
    names = {"mlm": ["l2", "l2_local", "l2_flank", "llr", "entropy"], "classify": ["l2", "l2_local", "l2_flank"]}[kind]
    pairs = mixed(tmp_path, 200)
    shown = []
    answers = paired.answers
    monkeypatch.setattr(
        paired, "answers", lambda *given, **more: shown.append(given[2].ref.shape[1]) or answers(*given, **more)
    )
    found = score(folder, pairs, names)
    assert shown == [59, 200] * 2  # 28 bases beside the middle three, and all that an indel moves
    with_whole = score(folder, pairs, [*names, "cosine"])
    assert shown[4:] == [200, 200]
    monkeypatch.setattr(paired, "reach", lambda *_: 0)
    plain = score(folder, pairs, [*names, "cosine"])
    assert plain.l2.min() > 1e-4
    for table in (found, with_whole):
        assert np.allclose(table, plain[table.columns], rtol=1e-4, atol=2e-6)


def mixed(folder: Path, window: int) -> Pairs:
    rng = np.random.default_rng(5)
    text = seq.decode(rng.integers(0, 4, 4000).astype(np.uint8))
    (folder / "m.fa").write_text(f">c\n{text}\n")
    pysam.faidx(str(folder / "m.fa"))
    other = str.maketrans("ACGT", "CGTA")
    lengths = [(1, 1), (3, 3), (2, 0), (1, 1), (0, 5), (3, 3)] * 4
    rows = [
        ("c", start, text[start : start + lost], text[start : start + gained].translate(other))
        for start, (lost, gained) in zip(range(300, 3000, 100), lengths, strict=False)
    ]
    edits = pd.DataFrame(rows, columns=["chrom", "start", "ref", "alt"])
    return variants_pairs.cut(edits, genome_fasta.open_genome(folder / "m.fa"), window)


def test_distances_by_hand():
    ref, alt = np.zeros((1, 3, 2)), np.zeros((1, 3, 2))
    ref[0] = [[1, 0], [0, 0], [0, 0]]
    alt[0] = [[0, 1], [3, 4], [6, 8]]
    found = [scores.SCORES[name].compare(ref, alt) for name in ("l2", "l2_local", "l2_flank", "cosine")]
    assert np.allclose(found, [[np.sqrt(2)], [5], [10], [1]])


def test_scores_that_do_not_fit_are_refused(tmp_path: Path):
    with pytest.raises(
        UsageError, match="'llr' cannot be had from a model trained as classify: l2, l2_local, l2_flank"
    ):
        evidence.choose("classify", ["llr"])
    with pytest.raises(UsageError, match="'l3' is no score"):
        evidence.choose("mlm", ["l3"])
    assert evidence.choose("mlm", ["llr", "l2"]) == ["l2", "llr"]
    folder = save(tmp_path, "bert", "char")
    wide = substituted(np.zeros((1, 40), np.uint8), np.zeros(1, int), np.array([1], np.uint8))
    with pytest.raises(UsageError, match="give up to 42 tokens and the model takes 26; make the window shorter"):
        score(folder, wide, ["l2"])


def test_nothing_to_score_gives_an_empty_table(tmp_path: Path):
    folder = save(tmp_path, "dilated_conv", "char")
    table = evidence.score(folder, lambda: pytest.fail("read what is not there"), 0, ["l2", "llr"])
    assert list(table.columns) == ["l2", "l2_spread", "llr", "llr_spread"]
    assert len(table) == 0

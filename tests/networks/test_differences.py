"""What windows that are like others differ by, in bf16: digits that rounding either window would take are kept."""

import contextlib

import numpy as np
import pytest
import torch
from shown import draw, indels, save, tokenizer
from torch import nn

from dnalm.metrics import regression
from dnalm.networks import device, differences, models, packed, paired, predict, readers


@pytest.fixture
def bf16(monkeypatch):
    """As where bf16 is fast; elsewhere it is slow, and the same."""
    monkeypatch.setattr(device, "fast_bf16", lambda where: True)


def test_a_difference_keeps_the_digits_that_rounding_both_would_lose():
    """1000.5 is 1000 in bf16, as 1000.25 is; a quarter is a quarter."""
    states = torch.tensor([[[1000.5, 1.0]], [[1000.25, 1.0]], [[1000.5, 1.0]]])
    weight, bias = torch.tensor([[2.0, 0.0], [1.0, 3.0]]), torch.tensor([0.125, 0.0])
    with differences.Differences(3, 1, torch.tensor([0, 0]), {}):
        found = nn.functional.linear(states, weight, bias)
    assert found[0].tolist() == [[2000.125, 1004.0]]  # bf16 of 2000 and of 1003, which is 1004; the bias is not rounded
    assert found[1].tolist() == [[1999.625, 1003.75]]
    assert torch.equal(found[2], found[0])
    apart = nn.functional.linear(states.bfloat16(), weight.bfloat16())
    assert torch.equal(apart[0], apart[1])


@pytest.mark.parametrize("shape", [(4, 7, 6), (4, 5, 6), (5, 7, 6), (4, 6), (4, 2, 7, 6)])
def test_what_is_no_row_of_tokens_is_multiplied_in_fp32(shape):
    states, weight = torch.randn(shape), torch.randn(3, 6)
    exact = nn.functional.linear(states, weight)
    with differences.Differences(4, 7, torch.arange(14), {}):
        found = nn.functional.linear(states, weight)
    assert torch.equal(found, exact) == (shape != (4, 7, 6))
    assert torch.allclose(found, exact, atol=0.1)


def test_what_names_words_is_left_exact():
    states, weights = torch.randn(4, 7, 6), [torch.randn(size, 6) for size in (3, 5)]
    with differences.Differences(4, 7, torch.arange(14), {}, words=5):
        found = [nn.functional.linear(states, weight) for weight in weights]
    same = [torch.equal(one, nn.functional.linear(states, weight)) for one, weight in zip(found, weights, strict=True)]
    assert same == [False, True]


def test_whichever_token_another_is_held_against_the_product_is_right():
    states, weight = torch.randn(3, 50, 64), torch.randn(32, 64)
    with differences.Differences(3, 50, torch.randint(50, (100,)), {}):
        found = nn.functional.linear(states, weight)
    exact = nn.functional.linear(states, weight)
    assert (found - exact).norm() / exact.norm() < 0.01


def test_weights_are_rounded_once_and_states_once_for_queries_keys_and_values(monkeypatch):
    states, weights, split = torch.randn(2, 3, 4), [torch.randn(4, 4) for _ in range(3)], []
    rounded = {}
    for _ in range(2):
        with differences.Differences(2, 3, torch.arange(3), rounded) as mode:
            monkeypatch.setattr(mode, "_split", lambda given, own=mode._split: split.append(1) or own(given))
            for weight in weights:
                nn.functional.linear(states, weight)
    assert (len(split), len(rounded)) == (2, 3)
    assert all(kept is weight for weight, (kept, _) in zip(weights, rounded.values(), strict=True))


@pytest.mark.parametrize(
    "change",
    [
        lambda states: states.add_(1),
        lambda states: states.__setitem__((slice(None), 0), 2.0),
        lambda states: torch.mul(states, 2, out=states),
        lambda states: states[0].zero_(),
    ],
)
def test_states_that_were_written_over_are_not_taken_for_what_they_were(change):
    states, weight = torch.randn(2, 3, 4), torch.randn(5, 4)
    with torch.inference_mode(), differences.Differences(2, 3, torch.arange(3), {}):
        before = nn.functional.linear(states, weight)
        change(states)
        after = nn.functional.linear(states, weight)
    assert not torch.allclose(before, after, atol=0.1)
    assert torch.allclose(after, nn.functional.linear(states, weight), atol=0.1)


def test_tokens_are_held_against_those_that_spell_the_same_bases():
    """An allele that is cut into one token more, one that is cut into one fewer, and one that is the same."""
    ids = torch.tensor(
        [
            [2, 5, 6, 7, 8, 3, 0],  # the references
            [2, 9, 9, 3, 0, 0, 0],
            [2, 5, 11, 12, 7, 8, 3],
            [2, 5, 13, 8, 3, 0, 0],
            [2, 9, 9, 3, 0, 0, 0],
        ]
    )
    found = differences.partners(ids, torch.tensor([6, 4, 7, 5, 4]), torch.tensor([0, 0, 1])).view(3, 7)
    assert found[0].tolist() == [0, 1, 1, 2, 3, 4, 5]
    assert found[1].tolist()[:5] == [0, 1, 3, 4, 5]
    assert found[2].tolist() == [7, 8, 9, 10, 11, 12, 13]


@pytest.mark.parametrize("moved", [False, True])
@pytest.mark.parametrize(
    ("architecture", "kind", "task"),
    [
        ("bert", "bpe", "embed"),
        ("bert", "overlapping", "lm"),
        ("bert", "char", "classify"),
        ("alibi_bert", "bpe", "lm"),
        ("hyena", "bpe", "lm"),
        ("hyena", "char", "classify"),
    ],
)
def test_pairs_differ_by_as_much_as_in_fp32(tmp_path, bf16, architecture, kind, task, moved):
    pairs = indels(tmp_path) if moved else draw(three=True)
    tok, model = tokenizer(kind), models.load(save(tmp_path, architecture, kind, classify=task == "classify"), task)
    parts = [readers.window_embedding(tok)]
    parts += {"lm": [readers.near_entropy(tok)], "classify": [readers.window_answer(tok)]}.get(task, [])
    read = readers.exact(readers.together(parts))
    beside = tuple({"first": pairs.first[:, side], "count": pairs.count[:, side]} for side in (0, 1))
    order = np.random.default_rng(0).permutation(len(pairs.alt))
    beside = tuple({name: values[order] for name, values in side.items()} for side in beside)
    windows = paired.Windows(pairs.ref, pairs.site[order], pairs.alt[order], beside)
    ref, alt = paired.answers(model, tok, windows, read)
    ours = paired.answers(model, tok, windows, read, rounded=True)
    assert not np.array_equal(ours[1], alt)
    change, found = alt - ref, ours[1] - ours[0]
    assert np.linalg.norm(found - change) < 0.01 * np.linalg.norm(change)
    assert np.allclose(ours[0], ref, atol=0.05)
    sizes, seen = (np.linalg.norm(each, axis=1) for each in (change, found))
    assert regression.spearman(sizes, seen) > 0.999


@pytest.mark.parametrize("architecture", ["bert", "alibi_bert", "hyena"])
def test_the_last_layer_of_a_language_model_is_not_rounded(tmp_path, bf16, monkeypatch, architecture):
    pairs, seen, ours = draw(), [], differences.Differences._linear
    tok, model = tokenizer("bpe"), models.load(save(tmp_path, architecture, "bpe"), "lm")
    monkeypatch.setattr(
        differences.Differences, "_linear", lambda mode, *given: seen.append(len(given[1])) or ours(mode, *given)
    )
    windows = paired.Windows(pairs.ref, pairs.site, pairs.alt, ({}, {}))
    paired.answers(model, tok, windows, readers.exact(lambda *given: readers.lm_logits(*given).mean(1)), rounded=True)
    assert seen
    assert len(tok) not in seen


def test_layers_whose_weights_are_laid_out_would_not_be_multiplied_so(tmp_path, bf16, monkeypatch):
    """By weights of fp32 they would, in silence, be as exact and as slow as without."""
    pairs, seen, ours = draw(), [], differences.Differences._linear
    tok, model = tokenizer("bpe"), models.load(save(tmp_path, "bert", "bpe"), "embed")
    monkeypatch.setattr(packed, "LEAST", 1)
    monkeypatch.setattr(predict, "rows", lambda model, tokens: 2)  # several batches
    monkeypatch.setattr(device, "slow_mkl", lambda: True)
    monkeypatch.setattr(device, "fast_fp32", lambda where: contextlib.nullcontext())
    monkeypatch.setattr(differences.Differences, "_linear", lambda mode, *given: seen.append(1) or ours(mode, *given))
    windows = paired.Windows(pairs.ref, pairs.site, pairs.alt, ({}, {}))
    paired.answers(model, tok, windows, readers.exact(readers.mean_embedding(np.array([0]))), rounded=True)
    assert len(seen) > 6 * len(pairs.alt) / 2


def test_windows_that_are_the_same_get_the_same(tmp_path, bf16):
    pairs = draw(three=True)
    tok, model = tokenizer("bpe"), models.load(save(tmp_path, "bert", "bpe"), "embed")
    windows = paired.Windows(pairs.ref, pairs.site, pairs.ref[pairs.site], ({}, {}))
    ref, alt = paired.answers(model, tok, windows, readers.exact(readers.mean_embedding(np.array([0]))), rounded=True)
    assert np.array_equal(ref, alt)


def test_a_site_of_several_pairs_is_read_once(tmp_path, bf16):
    pairs, rows = draw(20, three=True), []
    tok, model = tokenizer("char"), models.load(save(tmp_path, "bert", "char"), "embed")
    watch = model.embeddings.register_forward_hook(lambda module, given, said: rows.append(len(said)))
    windows = paired.Windows(pairs.ref, pairs.site, pairs.alt, ({}, {}))
    paired.answers(model, tok, windows, readers.exact(readers.mean_embedding(np.array([0]))), rounded=True)
    watch.remove()
    assert rows == [80]


@pytest.mark.parametrize("architecture", ["bert", "dilated_conv", "mixtral"])
@pytest.mark.parametrize("moved", [False, True])
def test_where_bf16_is_not_fast_and_of_convolutions_or_experts_nothing_is(tmp_path, monkeypatch, architecture, moved):
    """An expert that is chosen by a hair is another after rounding: ranks of a trained mixture were off by .003."""
    monkeypatch.setattr(device, "fast_bf16", lambda where: architecture != "bert")
    pairs = indels(tmp_path) if moved else draw(three=True)
    tok, model = tokenizer("char"), models.load(save(tmp_path, architecture, "char"), "embed")
    windows, read = paired.Windows(pairs.ref, pairs.site, pairs.alt, ({}, {})), readers.mean_embedding(np.array([0]))
    exact, fast = (paired.answers(model, tok, windows, read, rounded=rounded) for rounded in (False, True))
    assert np.array_equal(exact, fast)

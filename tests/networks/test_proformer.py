"""Proformer: padding unseen, Macaron's halves by hand, a present head on top of it."""

import pytest
import torch

from dnalm.dna import seq
from dnalm.errors import InputError, UsageError
from dnalm.networks import models, predict, proformer, readers
from dnalm.tokens import making

SIZES = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32}


def network(**sizes):
    torch.manual_seed(0)
    return proformer.ProformerModel(proformer.ProformerConfig(**SIZES | sizes)).eval()


def ids(rows, length):
    return torch.randint(5, 9, (rows, length), generator=torch.Generator().manual_seed(0))


def states(model, given, mask=None):
    with torch.no_grad():
        return model(input_ids=given, attention_mask=mask).last_hidden_state


def test_padding_is_not_seen_and_a_batch_is_its_windows():
    model, given = network(), ids(64, 30)
    together = states(model, given)
    padded = torch.nn.functional.pad(given, (0, 9))
    mask = torch.nn.functional.pad(torch.ones_like(given), (0, 9))
    assert torch.allclose(states(model, padded, mask)[:, :30], together, atol=1e-5)
    assert torch.allclose(states(model, given[:1]), together[:1], atol=1e-5)
    assert together.shape == (64, 30, 16)


def test_a_block_adds_half_of_each_feed_forward_layer():
    """With attention and convolution silenced, a block is two half steps, and a base knows of its k-mer alone."""
    model = network(num_hidden_layers=1, k=3)
    block = model.blocks[0]
    with torch.no_grad():
        for part in (block.words.across, block.look.answer):
            part.weight.zero_()
            part.bias.zero_()
        hidden = torch.randn(1, 9, 16)
        half = hidden + 0.5 * block.before(hidden)
        assert torch.allclose(block(hidden, torch.ones(1, 9, 1), None), half + 0.5 * block.after(half), atol=1e-6)
    given = ids(1, 30)
    other = given.clone()
    other[0, 15] = 5 + (other[0, 15] - 4) % 4
    gap = (states(model, given) - states(model, other)).abs().amax(-1)[0]
    assert gap.nonzero()[:, 0].tolist() == [14, 15, 16]


def test_the_convolution_stands_before_attention_as_in_the_paper():
    block, order = network().blocks[0], []
    for name in ("before", "words", "look", "after"):
        getattr(block, name).register_forward_hook(lambda *_, name=name: order.append(name))
    block(torch.randn(1, 9, 16), torch.ones(1, 9, 1), None)
    assert order == ["before", "words", "look", "after"]


def test_a_window_head_sits_on_it_and_windows_beyond_its_positions_are_refused():
    tok = making.train("char")
    model = models.unpretrained("proformer", SIZES, tok, 42, 0).eval()
    windows = seq.encode("ACGTTGCAAC" * 4)[None]
    options = {"both_strands": True, "what": None}
    scores = predict.predict(model, tok, windows, readers.class_logit, **options)
    turned = predict.predict(model, tok, seq.reverse_complement(windows), readers.class_logit, **options)
    assert scores.shape == (1,)
    assert scores == pytest.approx(turned, abs=1e-6)
    with pytest.raises(UsageError, match="42"):
        predict.predict(model, tok, seq.encode("A" * 60)[None], readers.class_logit, **options)


@pytest.mark.parametrize(
    "sizes, said", [({"k": 4}, "k: got 4, wanted an odd"), ({"num_attention_heads": 3}, "divisor of 16")]
)
def test_sizes_that_do_not_fit_are_an_error_of_the_preset(sizes, said):
    with pytest.raises(InputError, match=said):
        network(**sizes)

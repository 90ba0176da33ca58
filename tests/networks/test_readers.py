"""What is read off a model: log-odds of two labels, means over the tokens that bear bases."""

import numpy as np
import pytest
import torch

from dnalm.dna import seq
from dnalm.networks import models, predict, readers
from dnalm.tokens import making
from dnalm.tokens import tokenizer as tk


def test_log_odds_of_two_labels():
    class Two(torch.nn.Module):
        def forward(self, input_ids, attention_mask):
            return models.transformers.modeling_outputs.SequenceClassifierOutput(
                logits=torch.tensor([[1.0, 4.0], [2.0, 0.5]])
            )

    batch = {"ids": torch.zeros(2, 3, dtype=torch.long), "mask": torch.ones(2, 3, dtype=torch.bool)}
    assert readers.class_logit(Two(), batch).tolist() == [3.0, -1.5]


def tokenizer(kind: str) -> tk.PreTrainedTokenizerFast:
    rng = np.random.default_rng(1)
    lines = [seq.decode(rng.choice(4, 300, p=[0.4, 0.1, 0.1, 0.4]).astype(np.uint8)) for _ in range(20)]
    return making.train(kind, map(seq.encode, lines), vocab_size=60, k=3)


class Weights(torch.nn.Module):
    """Has a parameter, so that it is somewhere."""

    def __init__(self):
        super().__init__()
        self.anchor = torch.nn.Parameter(torch.zeros(1))

    @property
    def base_model(self):
        return self


class Out:
    """An answer with hidden states, first of all, and perhaps logits."""

    def __init__(self, hidden, logits=None):
        self.last_hidden_state, self.logits = hidden, logits

    def __getitem__(self, at):
        return (self.last_hidden_state,)[at]


def test_mean_embedding_is_the_shared_one_and_local_sees_aligned_bases():
    tok = tokenizer("bpe")
    windows = np.random.default_rng(0).integers(0, 4, (9, 81)).astype(np.uint8)

    class Echo(Weights):
        """Hidden state: the token's number of bases."""

        def forward(self, input_ids, attention_mask=None):
            lengths = torch.from_numpy(tk.base_lengths(tok)).float()
            return Out(lengths[input_ids][..., None])

    beside = {"first": np.full(9, 40), "count": np.full(9, 3)}
    reader = readers.together([readers.window_embedding(tok)])
    both = predict.predict(Echo(), tok, windows, reader, both_strands=False, beside=beside).reshape(9, 3, 1)
    mean = predict.predict(Echo(), tok, windows, readers.mean_embedding(tk.special_ids(tok)), both_strands=False)
    assert np.allclose(both[:, 0], mean)
    lengths = tk.base_lengths(tok)
    for row, (ids, mask) in enumerate(zip(*tk.tokenize(tok, windows), strict=True)):
        per_base = np.repeat(lengths[ids[mask]], lengths[ids[mask]])
        assert np.isclose(both[row, 1, 0], per_base[40 - 16 : 43 + 16].mean(), atol=1e-5)
        flanks = [*per_base[40 - 16 : 40], *per_base[43 : 43 + 16]]
        assert np.isclose(both[row, 2, 0], np.mean(flanks), atol=1e-5)


@pytest.mark.usefixtures("fp32")
def test_embeddings_of_a_layer_and_entropy_by_hand():
    tok = making.train("char", [], vocab_size=0, k=1)
    windows = seq.encode("ACGTACGTA")[None]
    beside = {"first": np.array([4]), "count": np.array([1])}

    class Stack(Weights):
        """Each block adds one to what the token's number is; said are chances of A and C that are its share of four."""

        def __init__(self):
            super().__init__()
            self.blocks = torch.nn.ModuleList([torch.nn.Identity(), torch.nn.Identity()])

        def forward(self, input_ids, attention_mask=None):
            hidden = input_ids[..., None].float() - 5
            for block in self.blocks:
                hidden = block(hidden + 1)
            logits = torch.full((*input_ids.shape, 10), -1e4)
            logits[..., 5:7] = 0.0
            logits[..., 5:9][input_ids == 5] = 0.0  # all four, where the token is an A
            return Out(hidden, logits)

    def read(part, layer=0):
        reader = readers.together([part(tok)], layer)
        return predict.predict(Stack(), tok, windows, reader, both_strands=False, beside=beside)

    codes = seq.encode("ACGTACGTA")
    first, last = (read(readers.window_embedding, layer)[0, 0] for layer in (1, 0))
    assert np.allclose([first, last], [codes.mean() + 1, codes.mean() + 2])
    assert np.isclose(read(readers.near_entropy)[0], (3 * np.log(4) + 6 * np.log(2)) / 9)

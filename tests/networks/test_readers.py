"""What is read off a model: log-odds of two labels, means over the tokens that bear bases."""

import numpy as np
import torch

from dnalm.dna import seq
from dnalm.networks import models, predict, readers
from dnalm.tokens import kinds
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
    return kinds.train(kind, map(seq.encode, lines), vocab_size=60, k=3)


class Weights(torch.nn.Module):
    """Has a parameter, so that it is somewhere."""

    def __init__(self):
        super().__init__()
        self.anchor = torch.nn.Parameter(torch.zeros(1))


def test_mean_embedding_is_the_shared_one_and_local_sees_aligned_bases():
    tok = tokenizer("bpe")
    windows = np.random.default_rng(0).integers(0, 4, (9, 81)).astype(np.uint8)

    class Echo(Weights):
        """Hidden state: the token's number of bases."""

        def forward(self, input_ids, attention_mask=None):
            lengths = torch.from_numpy(tk.base_lengths(tok)).float()
            return type("Out", (), {"last_hidden_state": lengths[input_ids][..., None]})

    both = predict.predict(Echo(), tok, windows, readers.window_embedding(tok, 81), both_strands=False)
    mean = predict.predict(Echo(), tok, windows, readers.mean_embedding(tk.special_ids(tok)), both_strands=False)
    assert np.allclose(both[:, 0], mean)
    lengths = tk.base_lengths(tok)
    for row, (ids, mask) in enumerate(zip(*tk.tokenize(tok, windows), strict=True)):
        per_base = np.repeat(lengths[ids[mask]], lengths[ids[mask]])
        assert np.isclose(both[row, 1, 0], per_base[40 - 16 : 41 + 16].mean(), atol=1e-5)

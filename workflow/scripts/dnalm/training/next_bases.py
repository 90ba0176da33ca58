"""The next bases after a prompt: the task by which vocabularies are compared (GROVER's rule).

A model reads `prompt` bases and says which of the 4^k words of k bases follows, for several k at once: one backbone,
one head with a part for each k, so that five curves cost one fine-tuning. Guessing gives 1 in 4^k; a Markov chain of
the training contigs gives what short words alone can tell.
"""

import math
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from transformers import PreTrainedTokenizerFast

from dnalm.dna import seq
from dnalm.dna import words as dna_words
from dnalm.errors import InputError
from dnalm.genome import markov, stretches
from dnalm.metrics import ranking
from dnalm.networks import heads, readers, registry
from dnalm.tokens import tokenizer as tk


def draw(
    genomes: list[Path], split: str, length: int, stride: int, number: int, rng: np.random.Generator
) -> np.ndarray:
    """Up to `number` sequences of `length` bases without N from a split's contigs, uint8 [n, length], in random order.

    They begin at different multiples of `stride`, counted in each stretch without N, so that with the stride of the
    longest word no two labels share a base. Raises InputError where the split holds none.
    """
    pieces = list(stretches.known(genomes, [split], length))
    counts = np.array([(one.end - one.start - length) // stride + 1 for one in pieces], np.int64)
    if not counts.sum():
        names = ", ".join(map(str, genomes))
        raise InputError(
            f"{names}: no stretch of {length} bp without N on {split} contigs; name some under the genome's splits"
        )
    chosen = np.sort(rng.choice(counts.sum(), min(number, counts.sum()), replace=False))
    piece, starts = stretches.places(pieces, np.zeros_like(counts), counts, stride, chosen)
    orders = np.array([one.order for one in pieces])[piece]
    return rng.permutation(seq.encode(stretches.cut(genomes, orders, starts, length)))


def labels(codes: np.ndarray, prompt: int, ks: list[int]) -> np.ndarray:
    """Which word of k bases follows the prompt, for each k: int64 [n, len(ks)], A C G T as digits 0 1 2 3."""
    words = [dna_words.words_at(codes[:, prompt : prompt + k], k)[0][:, 0] for k in ks]
    return np.stack(words, 1).astype(np.int64)


def tokenize(tokenizer: PreTrainedTokenizerFast, codes: np.ndarray, prompt: int) -> tuple[np.ndarray, np.ndarray]:
    """The prompts as (ids, mask). Words of fixed k, side by side, are cut so that the last one ends with the prompt.

    Counted from the left, 50 bases would leave two single letters in the place that matters most, tokens that such a
    model hardly met in pretraining.
    """
    name, k = tk.kind(tokenizer)
    first = prompt % k if name == "kmer" else 0
    return tk.tokenize(tokenizer, codes[:, first:prompt])


def order_of(rows: int, total: int, seed: int) -> np.ndarray:
    """Row numbers for `total` draws: every row once, in random order, before any comes again."""
    passes = [np.random.default_rng([seed, 3, epoch]).permutation(rows) for epoch in range(-(-total // rows))]
    return np.concatenate(passes)[:total]


class NextBases(nn.Module):
    """A backbone and a head over its last and its mean hidden state: logits [b, sum of 4^k], the parts in order."""

    def __init__(self, backbone: nn.Module, special_ids: np.ndarray, ks: list[int]) -> None:
        super().__init__()
        self.backbone, self.ks = backbone, list(ks)
        self.register_buffer("special", torch.from_numpy(special_ids), persistent=False)
        width = backbone.config.hidden_size
        self.head = heads.perceptron(2 * width, width, sum(4**k for k in ks))

    def forward(self, batch: dict[str, Tensor]) -> Tensor:
        """Logits of a batch with ids and mask; tokens that bear no base are left out of both states."""
        hidden = readers.hidden_states(self.backbone, batch)
        inside = heads.bearing(batch["ids"], batch["mask"], self.special)
        return self.head(torch.cat([heads.last(hidden, inside), heads.mean(hidden, inside)], -1))


def from_backbone(folder: Path, special_ids: np.ndarray, words: dict[int, np.ndarray], seed: int) -> NextBases:
    """The network on the pretrained weights in `folder`; the head is fresh, and begins with how common each word is.

    `words` are counts [4^k] on the training contigs, by k. Thousands of steps would go by before a head had learned
    them, alike for every tokenizer; so the steps go into what a prompt tells.
    """
    backbone = registry.backbone(folder)
    torch.manual_seed(seed)
    network = NextBases(backbone, special_ids, list(words))
    chances = [markov.chances(counts) for counts in words.values()]
    with torch.no_grad():
        network.head[-1].weight.zero_()
        network.head[-1].bias.copy_(torch.from_numpy(np.log(np.concatenate(chances))))
    return network


def losses(model: NextBases, batch: dict[str, Tensor]) -> tuple[Tensor, Tensor]:
    """(cross-entropy in nats, whether the likeliest word is right), both [b, len(ks)]."""
    parts = model(batch).float().split([4**k for k in model.ks], 1)
    nats = [nn.functional.cross_entropy(part, batch["labels"][:, i], reduction="none") for i, part in enumerate(parts)]
    right = [part.argmax(1) == batch["labels"][:, i] for i, part in enumerate(parts)]
    return torch.stack(nats, 1), torch.stack(right, 1)


def loss(model: NextBases, batch: dict[str, Tensor]) -> tuple[Tensor, Tensor]:
    """The training loss, a mean over k, summed over sequences; and how many there are."""
    nats = losses(model, batch)[0].mean(1)
    return nats.sum(), torch.tensor(float(len(nats)), device=nats.device)


def outcome(model: NextBases, batch: dict[str, Tensor]) -> Tensor:
    """A reader for the inference loop: nats, then 0 or 1 for right, [b, 2 len(ks)]."""
    return torch.cat(losses(model, batch), 1)


def summary(nats: np.ndarray, right: np.ndarray, ks: list[int]) -> dict:
    """Accuracy with its 95 % Wilson interval and bits per base, for each k; both arrays are [n, len(ks)].

    The interval takes sequences to be independent; labels share no base, but neighbours are alike, so it is a little
    too narrow.
    """
    found = {}
    for column, k in enumerate(ks):
        low, high = ranking.wilson(int(right[:, column].sum()), len(right))
        accuracy = {"value": float(right[:, column].mean()), "low": low, "high": high}
        found[str(k)] = {"accuracy": accuracy, "bits_per_base": float(nats[:, column].mean() / math.log(2) / k)}
    return {"n": len(right), "k": found}


def chain_outcome(counts: np.ndarray, codes: np.ndarray, prompt: int, ks: list[int]) -> tuple[np.ndarray, np.ndarray]:
    """(nats, right), both [n, len(ks)], of a Markov chain that names the likeliest word after each prompt."""
    answers, truth = labels(codes, prompt, ks), np.arange(len(codes))
    nats, right = np.empty(answers.shape), np.empty(answers.shape, bool)
    for start in range(0, len(codes), 512):
        rows = slice(start, start + 512)
        for column, k in enumerate(ks):
            chances = markov.continuations(counts, codes[rows, :prompt], k)
            nats[rows, column] = -chances[truth[: len(chances)], answers[rows, column]]
            right[rows, column] = chances.argmax(1) == answers[rows, column]
    return nats, right

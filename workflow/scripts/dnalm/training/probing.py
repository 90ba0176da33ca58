"""A probe at every layer: what a frozen network knows of bound windows, and which of its layers knows it best.

The states of each layer are pooled as the heads pool them, standardised, and read by a regularised logistic
regression (Alain and Bengio 2016); validation chooses layer and strength. What comes out is a classifier like any
other.
"""

from typing import NamedTuple

import numpy as np
import torch
from sklearn.linear_model import LogisticRegression
from torch import Tensor, nn
from transformers import PreTrainedTokenizerFast

from dnalm.logs import log
from dnalm.metrics import ranking
from dnalm.networks import classifier, heads, layers, predict, readers

STRENGTHS = (1e-3, 1e-2, 1e-1)  # C of the regression: the smaller, the more it is held back


class Probe(NamedTuple):
    """A linear reading of one layer: weight [2 D] and bias of the pooled states as they are, and how well it does."""

    layer: int
    auprc: float  # of validation
    loss: float  # of training, nats per window
    weight: np.ndarray
    bias: float


def fit(
    network: classifier.WindowClassifier,
    tokenizer: PreTrainedTokenizerFast,
    train: tuple[np.ndarray, np.ndarray],
    validation: tuple[np.ndarray, np.ndarray],
) -> list[Probe]:
    """The best probe of each layer, the first to the last; `train` and `validation` are codes [n, W] and labels [n].

    Pooled states are averaged over both strands, which for a linear head is the mean of two logits.
    """
    numbers = list(range(1, len(layers.blocks(network.backbone)) + 1))
    read = reader(numbers, network.config.special_ids)
    known = predict.predict(network.backbone, tokenizer, train[0], read, what="reading training windows")
    asked = predict.predict(network.backbone, tokenizer, validation[0], read, what="reading validation windows")
    found = []
    for place, number in enumerate(numbers):
        tried = [_probe(number, known[:, place], train[1], asked[:, place], validation[1], c) for c in STRENGTHS]
        found.append(max(tried, key=lambda one: one.auprc))
        log.info(f"layer {number} of {len(numbers)}: validation AUPRC {found[-1].auprc:.4f}")
    return found


def reader(numbers: list[int], special: list[int]) -> readers.Read:
    """A reader of the pooled states [b, layers, 2 D] of these layers."""

    def read(backbone: nn.Module, batch: dict[str, Tensor]) -> Tensor:
        inside = heads.bearing(batch["ids"], batch["mask"], special)
        states = layers.states(backbone, numbers, batch["ids"], batch["mask"].long())
        return torch.stack([heads.pooled(one.float(), inside) for one in states], 1)

    return read


def _probe(
    layer: int, known: np.ndarray, labels: np.ndarray, asked: np.ndarray, answers: np.ndarray, strength: float
) -> Probe:
    """A regression on standardised states, written for the states as they are."""
    centre, spread = known.mean(0), known.std(0)
    spread = np.where(spread > 1e-6, spread, 1.0)
    model = LogisticRegression(C=strength, class_weight="balanced", max_iter=1000)
    model.fit((known - centre) / spread, labels)
    weight = model.coef_[0] / spread
    bias = float(model.intercept_[0] - weight @ centre)
    logit = known @ weight + bias
    loss = np.logaddexp(0, np.where(labels == 1, -logit, logit)).mean()
    return Probe(layer, ranking.auprc(answers, asked @ weight + bias), float(loss), weight, bias)


def written(network: classifier.WindowClassifier, probe: Probe) -> classifier.WindowClassifier:
    """The network with a probe for its head: it reads that layer, and what it says is the probe's logit."""
    network = classifier.probed(network.backbone, network.config.special_ids, probe.layer)
    with torch.no_grad():
        network.head.weight.copy_(torch.from_numpy(probe.weight)[None])
        network.head.bias.fill_(probe.bias)
    return network.eval()

"""A probe at every layer: what a frozen network knows of bound windows, and which of its layers knows it best.

The states of each layer are pooled as the heads pool them, standardised, and read by a regularised regression, logistic
for classes (Alain and Bengio 2016); validation chooses layer and strength. What comes out is a classifier like any
other.
"""

from typing import NamedTuple

import numpy as np
import torch
from scipy import special
from torch import Tensor, nn
from transformers import PreTrainedTokenizerFast

from dnalm.logs import log
from dnalm.networks import classifier, heads, layers, predict, readers
from dnalm.training.tasks import LABELS, TASKS

STRENGTHS = (1e-3, 1e-2, 1e-1)  # C of the regression: the smaller, the more it is held back


class Probe(NamedTuple):
    """A linear reading of one layer: weight [2 D] and bias of the pooled states as they are, and how well it does.

    But for binary windows they are [outputs, 2 D] and [outputs].
    """

    layer: int
    quality: float  # of validation, by the metric of the task that is the best's
    loss: float  # of training, nats per window or squared error
    weight: np.ndarray
    bias: float | np.ndarray


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
    read, said = reader(numbers, network.config.special_ids), LABELS[TASKS[network.config.learnt].best]
    both = {"both_strands": network.config.strands == "both"}
    known = predict.predict(network.backbone, tokenizer, train[0], read, **both, what="reading training windows")
    asked = predict.predict(network.backbone, tokenizer, validation[0], read, **both, what="reading validation windows")
    found = []
    for place, number in enumerate(numbers):
        tried = [_probe(number, known[:, place], train[1], asked[:, place], validation[1], c) for c in STRENGTHS]
        found.append(max(tried, key=lambda one: one.quality))
        log.info(f"layer {number} of {len(numbers)}: validation {said} {found[-1].quality:.4f}")
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
    """A regression on standardised states, written for the states as they are: logistic, or ridge for values [n, m]."""
    from sklearn import linear_model  # takes a second to import, and most training fits no probe

    centre, spread = known.mean(0), known.std(0)
    spread = np.where(spread > 1e-6, spread, 1.0)
    if labels.ndim > 1:
        model = linear_model.Ridge(1 / strength)
    else:
        model = linear_model.LogisticRegression(C=strength, class_weight="balanced", max_iter=1000)
    model.fit((known - centre) / spread, labels)
    if len(model.coef_) == 1 and labels.ndim == 1:  # bound or unbound
        weight = model.coef_[0] / spread
        bias = float(model.intercept_[0] - weight @ centre)
        logit = known @ weight + bias
        loss = np.logaddexp(0, np.where(labels == 1, -logit, logit)).mean()
        return Probe(layer, TASKS["binary"].quick(answers, asked @ weight + bias), float(loss), weight, bias)
    weight = model.coef_ / spread
    bias = model.intercept_ - weight @ centre
    said = known @ weight.T + bias
    row = TASKS["classes" if labels.ndim == 1 else "regression"]
    chosen = special.log_softmax(said, axis=1)[np.arange(len(labels)), labels] if labels.ndim == 1 else None
    loss = ((said - labels) ** 2).mean() if chosen is None else -chosen.mean()
    return Probe(layer, row.quick(answers, asked @ weight.T + bias), float(loss), weight, bias)


def written(network: classifier.WindowClassifier, probe: Probe) -> classifier.WindowClassifier:
    """The network with a probe for its head: it reads that layer, and what it says is the probe's logit."""
    said = {name: getattr(network.config, name) for name in ("learnt", "outputs", "names", "strands")}
    network = classifier.probed(network.backbone, network.config.special_ids, probe.layer, **said)
    with torch.no_grad():
        network.head.weight.copy_(torch.from_numpy(np.atleast_2d(probe.weight)))
        network.head.bias.copy_(torch.from_numpy(np.atleast_1d(probe.bias)))
    return network.eval()

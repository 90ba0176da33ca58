"""What a fine-tuned model says of two alleles, made comparable: ANSWERS has a row for each thing that can be learnt.

Models answer in logits, in measured values or in rates: arrays [n, outputs], of one logit [n] too. A change is of one
output, named where there are several, or a distance of all of them. A class is told by its log-odds against all others,
since its logit alone means nothing; a track by the log of its signal summed over the window, as Borzoi's logSED and
Enformer's SAD look at it. Logs are natural, so that a change of a log of signal is a log fold change. No torch.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from dnalm.errors import UsageError
from dnalm.networks.outputs import TRACKS, Outputs
from dnalm.variants.scores import SCORES, Score

LEAST = np.finfo(np.float32).tiny  # of a signal in its logarithm: a softplus of fp32 may reach nought


def log_odds(logits: np.ndarray, at: int) -> np.ndarray:
    """Log-odds [n] of one class: its logit less the log of the sum of the others' exponentials."""
    return logits[:, at] - np.logaddexp.reduce(np.delete(logits, at, 1), axis=1)


def log_probabilities(logits: np.ndarray) -> np.ndarray:
    """Log-probabilities [n, classes], nats."""
    return logits - np.logaddexp.reduce(logits, axis=1)[:, None]


def log_signal(signal: np.ndarray) -> np.ndarray:
    """Natural log of summed signal [n, tracks]."""
    return np.log(np.maximum(signal, LEAST))


class Answer(NamedTuple):
    """How answers [n, outputs] are told: of `one` output, by its number, and of `all`; in which units.

    `meaning` is of a change of one output, `apart` of a distance of all, in a VCF's header.
    """

    one: Callable[[np.ndarray, int], np.ndarray]
    all: Callable[[np.ndarray, Outputs], np.ndarray]
    unit: str
    units: str
    meaning: str
    apart: str


ANSWERS = {  # closed: the rows of TASKS, and tracks
    "binary": Answer(
        lambda logits, at: logits[:, at],
        lambda logits, told: logits,
        unit="logit",
        units="logit",
        meaning="Logit of the fine-tuned classifier for ALT minus that for REF",
        apart="Distance of the logits of the fine-tuned classifier for ALT and REF",
    ),
    "classes": Answer(
        log_odds,
        lambda logits, told: log_probabilities(logits),
        unit="log-odds, nats",
        units="log-probabilities, nats",
        meaning="Log-odds (nats) of class {name} against all others for ALT minus those for REF",
        apart="Euclidean distance of the log-probabilities (nats) of all classes for ALT and REF",
    ),
    "regression": Answer(
        lambda values, at: values[:, at],
        lambda values, told: values / np.array(told.scale) if told.several else values,
        unit="in its unit",
        units="deviations in training",
        meaning="Predicted value of {name} (in its own unit) for ALT minus that for REF",
        apart="Euclidean distance of all predicted values for ALT and REF, each in its deviations in training",
    ),
    TRACKS: Answer(
        lambda signal, at: log_signal(signal[:, at]),
        lambda signal, told: log_signal(signal),
        unit="log fold change, nats",
        units="log fold changes, nats",
        meaning="Natural log of the signal of track {name} summed over the window for ALT minus that for REF",
        apart="Euclidean distance of the natural logs of all tracks' signals summed over the window for ALT and REF",
    ),
}


def score_of(name: str, told: Outputs) -> Score:
    """The score of a name, such as l2, delta or delta:enhancer, told how to compare answers where it is one of these.

    What comes after the colon is an output of the model's; a model of one output needs none.
    """
    base, _, output = name.partition(":")
    score = SCORES[base]
    if not score.outputs:
        return score
    row, at = ANSWERS[told.learnt], told.names.index(output) if output else 0

    def turned(answers: np.ndarray) -> np.ndarray:
        answers = answers.reshape(len(answers), -1).astype(np.float64)
        return row.one(answers, at) if score.outputs == "one" else row.all(answers, told)

    return score._replace(compare=lambda ref, alt: score.compare(turned(ref), turned(alt)))


def of_output(name: str, output: str | None) -> str:
    """The name of a score of an output, as `score_of` takes it, where the score is of one."""
    return f"{name}:{output}" if output is not None and SCORES[name].outputs == "one" else name


def usual(name: str, told: Outputs, output: str | None = None) -> bool:
    """Whether a score is given where none was asked for: a change of one output that is known, a distance of several.

    Of one output the distance is no more than the change without its sign.
    """
    outputs = SCORES[name].outputs
    return not outputs or (told.several if outputs == "all" else output is not None or not told.several)


def check(answers: bool, names: Sequence[str], told: Outputs, output: str | None) -> None:
    """UsageError for an output that there is not, or for a change of one output where there are several, none named.

    `answers`: whether the model says anything of windows, as no language model does.
    """
    listed = ", ".join(told.names)
    if output is not None and not told.names:
        has = "one logit, which has no name" if answers else "nothing of windows, which fine-tuning is for"
        raise UsageError(f"--output: got {output!r}, wanted none: the model says {has}; leave it out")
    if output is not None and output not in told.names:
        raise UsageError(f"--output: got {output!r}, wanted one of the model's: {listed}")
    if told.several and output is None and (one := [name for name in names if SCORES[name].outputs == "one"]):
        raise UsageError(
            f"--output: got none, wanted the output that {one[0]} is of, one of {listed}; or ask for shift, of all"
        )


def meanings(names: list[str], told: Outputs, output: str | None) -> Mapping[str, str]:
    """What scores of a model's answers mean, with their units, for a VCF's header: {score: meaning}."""
    row, name = ANSWERS[told.learnt], output if output is not None else told.names[0] if told.names else ""
    name = name.replace('"', "'").replace("\\", "/")  # which a header would have to escape
    of = {"one": row.meaning.replace("{name}", name), "all": row.apart}
    return {name: of[SCORES[name].outputs] for name in names if SCORES[name].outputs}


def units(names: list[str], told: Outputs, output: str | None) -> dict[str, str]:
    """Their units in brief, for a figure's axis: {score: unit}; of one output among several with its name."""
    row = ANSWERS[told.learnt]
    of = {"one": row.unit if output is None else f"{output}: {row.unit}", "all": row.units}
    return {name: of[SCORES[name].outputs] for name in names if SCORES[name].outputs}

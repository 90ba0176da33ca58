"""Scores of a variant: how a model's evidence on the alternative allele compares with that on the reference allele.

SCORES is the only list: headers, tables, summaries, rankings and figures read it. What the evidence is and where it
comes from is in `evidence`; here are numbers alone, no torch. A dot product of both embeddings, which others use, is
none of them: it is not 0 for equal alleles, and twice what it falls short of the mean squared lengths is L2 squared.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

Ranking = Callable[[np.ndarray], np.ndarray]
# The columns beside the scores that say what a variant does to the tokens of its window (`token_changes`).
_FORWARD = ["n_tokens_ref", "n_tokens_alt", "changed_span"]
TOKENS = [*_FORWARD, *(f"{name}_reverse" for name in _FORWARD)]


def distance(row: int) -> Callable[[np.ndarray, np.ndarray], np.ndarray]:
    """Euclidean distance of one of the mean embeddings [n, 3, D] (`readers.window_embedding`)."""
    return lambda ref, alt: np.linalg.norm(alt[:, row] - ref[:, row], axis=1)


def cosine(ref: np.ndarray, alt: np.ndarray) -> np.ndarray:
    """Cosine distance (0 to 2) of the windows' mean embeddings (row 0)."""
    ref, alt = ref[:, 0].astype(np.float64), alt[:, 0].astype(np.float64)
    norms = np.linalg.norm(ref, axis=1) * np.linalg.norm(alt, axis=1)
    return np.where((ref == alt).all(1), 0.0, 1 - (ref * alt).sum(1) / np.maximum(norms, 1e-30))


def apart(ref: np.ndarray, alt: np.ndarray) -> np.ndarray:
    """Euclidean distance of all that a model says of the two alleles, [n, outputs] each."""
    return np.linalg.norm(alt - ref, axis=1)


def difference(ref: np.ndarray, alt: np.ndarray) -> np.ndarray:
    """Alternative minus reference: changes its sign exactly when the two alleles change places."""
    return alt - ref


class Score(NamedTuple):
    """A score: its field in a VCF (`DNALM_…`), its meaning, the kind of evidence it needs, and how that compares.

    `label` and `colour` are those of figures; `signed`: whether it says which allele is better. `harm` ranks variants
    by expected harm, worst highest, by the words that a report calls it; the first ranking is the score's own.
    `whole`: it compares what there is of either allele, and not only what is different between them.
    `outputs`: of a fine-tuned model's answers, whether it is of "one" of its outputs or of "all" (`answers`).
    """

    field: str
    meaning: str
    evidence: str
    compare: Callable[[np.ndarray, np.ndarray], np.ndarray]
    label: str
    colour: str
    signed: bool = False
    harm: tuple[tuple[str, Ranking], ...] = ()
    whole: bool = False
    outputs: str = ""


SCORES: dict[str, Score] = {
    "l2": Score(
        "L2",
        "Euclidean distance of the windows' mean embeddings",
        "embedding",
        distance(0),
        label="Euclidean distance of embeddings\n(ref, alt)",
        colour="green",
    ),
    "l2_local": Score(
        "L2_LOCAL",
        "Euclidean distance of the mean embeddings of the change and the 16 bases on either side",
        "embedding",
        distance(1),
        label="Euclidean distance of embeddings\n(ref, alt; bases near the variant)",
        colour="purple",
    ),
    "l2_flank": Score(
        "L2_FLANK",
        "Euclidean distance of the mean embeddings of the 16 bases on either side, which both alleles have",
        "embedding",
        distance(2),
        label="Euclidean distance of embeddings\n(ref, alt; the same bases beside the variant)",
        colour="sky",
    ),
    "cosine": Score(
        "COS",
        "Cosine distance of the windows' mean embeddings",
        "embedding",
        cosine,
        label="cosine distance of embeddings\n(ref, alt)",
        colour="orange",
        whole=True,
    ),
    "llr": Score(
        "LLR",
        "Log-likelihood of ALT minus that of REF (nats an allele)",
        "likelihood",
        difference,
        label="log-likelihood ratio\n(alt − ref, nats)",
        colour="vermilion",
        signed=True,
        harm=(("-llr", np.negative),),  # an unlikely alternative is the harmful one
    ),
    "entropy": Score(
        "ENTROPY",
        "Mean entropy (nats) of what the model says of the tokens near ALT minus that near REF",
        "entropy",
        difference,
        label="change of entropy near the variant\n(alt − ref, nats)",
        colour="ink",
        signed=True,
    ),
    "delta": Score(
        "DELTA",
        "What the fine-tuned model says for ALT minus what it says for REF",
        "answer",
        difference,
        label="change of the fine-tuned score\n(alt − ref)",
        colour="blue",
        signed=True,
        harm=(("|delta|", np.abs), ("-delta", np.negative)),  # a change either way, and a loss alone
        outputs="one",
    ),
    "shift": Score(
        "SHIFT",
        "Euclidean distance of all that the fine-tuned model says for ALT and REF",
        "answer",
        apart,
        label="distance of all fine-tuned outputs\n(ref, alt)",
        colour="grey",
        outputs="all",
    ),
}


def label(name: str, unit: str = "") -> str:
    """What a figure calls a score, with its unit where that is a model's own."""
    text = SCORES[name].label
    return f"{text.removesuffix(')')}, {unit})" if unit else text


def rankings(name: str) -> dict[str, tuple[str, Ranking]]:
    """Every way a score ranks variants by harm: {name in a report: (what it ranks by, function)}; the first its own."""
    first, *others = SCORES[name].harm or ((name, lambda values: values),)
    return {name: first} | {words: (words, turned) for words, turned in others}

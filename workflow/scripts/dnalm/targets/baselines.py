"""What a window's composition alone says: GC content, a motif scan, and a logistic regression on k-mers.

Balanced test sets are nearly solved by k-mers, so no score of a language model means much without these beside it. They
see the same windows in the same splits, and being so simple they also judge designed sequences independently.

BASELINES is the only list: whatever compares a model with what there is to beat reads it.
"""

from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from scipy import sparse
from scipy.ndimage import maximum_filter1d
from sklearn.linear_model import LogisticRegression

from dnalm import files
from dnalm.dna import bigwig, motifs, seq, words
from dnalm.metrics import calibration, ranking

STRENGTHS = (0.0001, 0.001, 0.01, 0.1, 1.0)  # inverse regularisation (scikit-learn's C) tried on validation
_CHUNK = 1 << 22
_NONE = {"": np.zeros(0)}  # what stands in a file for a baseline without arrays

Arrays = dict[str, np.ndarray]


class Task(NamedTuple):
    """What a baseline is fitted on: windows uint8 [n, W], labels [n], split [n], the motif's log odds where known."""

    codes: np.ndarray
    labels: np.ndarray
    split: np.ndarray
    log_odds: np.ndarray | None = None
    k: int = 6
    seed: int = 0


class Baseline(NamedTuple):
    """How a baseline is fitted (arrays, and facts to report), and how windows [n, W] of any width are scored by it.

    `probability`: whether scores are probabilities, so that their calibration can be measured. `needs`: what of the
    target must be given. `judges`: heading and axis of a figure in which it judges designed sequences. `track`: its
    signal over the bins of a contig, (codes, arrays, window, step) to float32 [bins], where it can scan a genome.
    """

    fit: Callable[[Task], tuple[Arrays, dict[str, Any]]]
    score: Callable[[np.ndarray, Arrays], np.ndarray]
    label: str
    short: str
    colour: str
    probability: bool = False
    needs: tuple[str, ...] = ()
    judges: tuple[str, str] | None = None
    track: Callable[[np.ndarray, Arrays, int, int], np.ndarray] | None = None


def fit_nothing(task: Task) -> tuple[Arrays, dict[str, Any]]:
    """What a baseline that has nothing to learn is fitted by."""
    return {}, {}


def fit_gc(task: Task) -> tuple[Arrays, dict[str, Any]]:
    """Logistic regression on GC content and its square (sites may like a middle GC): coefficients [2], intercept."""
    train = task.split == "train"
    model = LogisticRegression(C=1.0, max_iter=2000).fit(_gc_features(task.codes)[train], task.labels[train])
    return {"coefficients": model.coef_[0], "intercept": model.intercept_[0]}, {}


def gc_scores(codes: np.ndarray, arrays: Arrays) -> np.ndarray:
    """Probability of each window [n, W] by its GC content: float32 [n]."""
    return calibration.sigmoid_single(_gc_features(codes) @ arrays["coefficients"] + arrays["intercept"])


def _gc_features(codes: np.ndarray) -> np.ndarray:
    gc = np.nan_to_num(seq.gc_content(codes), nan=0.5) - 0.5
    return np.column_stack([gc, gc**2]) * 10


def fit_pwm(task: Task) -> tuple[Arrays, dict[str, Any]]:
    """Nothing to fit: the motif's log odds [width, 4] are kept."""
    return {"log_odds": task.log_odds}, {}


def pwm_scores(codes: np.ndarray, arrays: Arrays) -> np.ndarray:
    """Best motif score of each window, both strands, in bits; the least possible score where none fits: float32 [n]."""
    return np.maximum(motifs.best_hits(codes, arrays["log_odds"]), motifs.least_score(arrays["log_odds"]))


def pwm_track(codes: np.ndarray, arrays: Arrays, window: int, step: int) -> np.ndarray:
    """The motif scan as if it were a model: best hit of each window, mean over the windows that hold a bin whole.

    The baseline so goes through the windows and the smoothing of `scan_genome`; float32 [bins].
    """
    log_odds = arrays["log_odds"]
    least, width = motifs.least_score(log_odds), len(log_odds)
    best = []
    chunk = _CHUNK // step * step
    for first in range(0, len(codes) - window + 1, chunk):
        piece = codes[first : first + chunk + window - 1]
        hits = np.maximum(motifs.hit_scores(piece, log_odds)[0], least)
        reach = max(window - width + 1, 1)
        highest = maximum_filter1d(hits, reach, origin=-(reach // 2))  # over [i, i + reach)
        best.append(highest[: max(len(piece) - window + 1, 0)][:chunk:step])
    values = np.concatenate(best) if best else np.zeros(0, np.float32)
    return bigwig.mean_of_windows(values, window, step, len(codes))


def fit_kmers(task: Task) -> tuple[Arrays, dict[str, Any]]:
    """Logistic regression on log(1 + count) of k-mers, each divided by its spread: (arrays to save, facts).

    The strength of regularisation is the one with the best validation AUPRC (0.01 where validation has one class).
    The arrays are k, coefficients [4^k] (not zero for canonical k-mers only) and intercept.
    """
    labels, k = task.labels, task.k
    counts = words.kmer_counts(task.codes, k)
    counts.data = np.log1p(counts.data)
    train, held_out = np.flatnonzero(task.split == "train"), np.flatnonzero(task.split == "validation")
    spread = _spread(counts[train])
    scaled = (counts @ sparse.diags(1 / spread)).tocsr()
    best, tried = None, {}
    choosable = len(np.unique(labels[held_out])) == 2
    for strength in STRENGTHS if choosable else (0.01,):
        model = LogisticRegression(C=strength, solver="liblinear", max_iter=2000, random_state=task.seed)
        model.fit(scaled[train], labels[train])
        auprc = ranking.auprc(labels[held_out], model.decision_function(scaled[held_out])) if choosable else None
        tried[strength] = auprc
        if best is None or auprc > tried[best[0]]:
            best = strength, model
    strength, model = best
    arrays = {
        "k": np.array(k),
        "coefficients": (model.coef_[0] / spread).astype(np.float32),
        "intercept": model.intercept_.astype(np.float32)[0],
    }
    return arrays, {"k": k, "strength": strength, "validation_auprc": tried[strength], "training_windows": len(train)}


def _spread(columns: sparse.csr_matrix) -> np.ndarray:
    """Standard deviation of each column; 1 where it does not vary."""
    mean = np.asarray(columns.mean(0)).ravel()
    square = np.asarray(columns.multiply(columns).mean(0)).ravel()
    spread = np.sqrt(np.maximum(square - mean**2, 0))
    return np.where(spread > 1e-6, spread, 1)


def kmer_scores(codes: np.ndarray, arrays: Arrays) -> np.ndarray:
    """Probability of each window [n, W] by the k-mer model: float32 [n].

    Both strands of a window get the same score, and any window length will do, though it was fitted on one.
    """
    counts = words.kmer_counts(codes, int(arrays["k"]))
    counts.data = np.log1p(counts.data)
    return calibration.sigmoid_single(counts @ arrays["coefficients"] + arrays["intercept"])


BASELINES: dict[str, Baseline] = {
    "gc": Baseline(fit_gc, gc_scores, label="GC content", short="gc", colour="grey", probability=True),
    "pwm": Baseline(
        fit_pwm,
        pwm_scores,
        label="motif scan (PWM)",
        short="pwm",
        colour="vermilion",
        needs=("motif",),
        judges=("Judge: motif", "best motif score (log odds, bits)"),
        track=pwm_track,
    ),
    "kmer": Baseline(
        fit_kmers,
        kmer_scores,
        label="k-mer logistic",
        short="k-mer",
        colour="green",
        probability=True,
        judges=("Judge: k-mers", "k-mer regression (probability)"),
    ),
}


def in_order() -> list[str]:
    """Names as reports and figures list them: those that know the factor first, composition alone last."""
    return sorted(BASELINES, key=lambda name: not BASELINES[name].judges)


def fit(task: Task, wanted: Collection[str] | None = None) -> tuple[dict[str, Arrays], dict[str, dict[str, Any]]]:
    """The `wanted` baselines, or all, fitted where they have what they need: (arrays, facts), both by name."""
    there = {"motif"} if task.log_odds is not None else set()
    names = [name for name, row in BASELINES.items() if set(row.needs) <= there and name in (wanted or BASELINES)]
    made = {name: BASELINES[name].fit(task) for name in names}
    return {name: arrays for name, (arrays, _) in made.items()}, {name: facts for name, (_, facts) in made.items()}


def save(path: Path, fitted: dict[str, Arrays]) -> None:
    """Write fitted.npz, for `load`."""
    flat = {f"{name}/{key}": values for name, arrays in fitted.items() for key, values in (arrays or _NONE).items()}
    with files.whole(path) as beside:
        np.savez(beside, **flat)


def load(path: Path) -> dict[str, Arrays]:
    """What `save` wrote, by name; of baselines that are no longer in the table nothing."""
    with np.load(path) as stored:
        keys = {name: [key for key in stored.files if key.startswith(f"{name}/")] for name in BASELINES}
        return {
            name: {key.split("/", 1)[1]: stored[key] for key in mine if not key.endswith("/")}
            for name, mine in keys.items()
            if mine
        }

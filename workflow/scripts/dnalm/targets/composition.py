"""What a window's composition alone says: GC content, and a logistic regression on k-mers.

Balanced test sets are nearly solved by k-mers, so no score of a language model means much without these beside it.
"""

from typing import Any

import numpy as np
from scipy import sparse
from sklearn.linear_model import LogisticRegression

from dnalm.dna import seq, words
from dnalm.metrics import calibration, ranking
from dnalm.targets.windows import Task

STRENGTHS = (0.0001, 0.001, 0.01, 0.1, 1.0)  # inverse regularisation (scikit-learn's C) tried on validation

Arrays = dict[str, np.ndarray]


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

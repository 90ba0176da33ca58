"""What a window's composition alone says: GC content, a motif scan, and a logistic regression on k-mers.

Balanced test sets are nearly solved by k-mers, so no score of a language model means much without these beside it. They
see the same windows in the same splits, and being so simple they also judge designed sequences independently.
"""

from pathlib import Path
from typing import Any

import numpy as np
from scipy import sparse
from sklearn.linear_model import LogisticRegression

from dnalm import files
from dnalm.dna import motifs, seq, words
from dnalm.metrics import calibration, ranking

STRENGTHS = (0.0001, 0.001, 0.01, 0.1, 1.0)  # inverse regularisation (scikit-learn's C) tried on validation


def fit_kmers(
    codes: np.ndarray, labels: np.ndarray, split: np.ndarray, k: int, seed: int
) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """Logistic regression on log(1 + count) of k-mers, each divided by its spread: (arrays to save, facts).

    The strength of regularisation is the one with the best validation AUPRC (0.01 where validation has one class).
    The arrays are k, coefficients [4^k] (not zero for canonical k-mers only) and intercept.
    """
    counts = words.kmer_counts(codes, k)
    counts.data = np.log1p(counts.data)
    train, held_out = np.flatnonzero(split == "train"), np.flatnonzero(split == "validation")
    spread = _spread(counts[train])
    scaled = (counts @ sparse.diags(1 / spread)).tocsr()
    best, tried = None, {}
    choosable = len(np.unique(labels[held_out])) == 2
    for strength in STRENGTHS if choosable else (0.01,):
        model = LogisticRegression(C=strength, solver="liblinear", max_iter=2000, random_state=seed)
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


def kmer_scores(codes: np.ndarray, model: Path | dict[str, np.ndarray]) -> np.ndarray:
    """Probability of each window [n, W] by the k-mer model (kmer.npz or its arrays): float32 [n].

    Both strands of a window get the same score, and any window length will do, though it was fitted on one.
    """
    arrays = model if isinstance(model, dict) else dict(np.load(model))
    counts = words.kmer_counts(codes, int(arrays["k"]))
    counts.data = np.log1p(counts.data)
    return calibration.sigmoid_single(counts @ arrays["coefficients"] + arrays["intercept"])


def gc_scores(codes: np.ndarray, labels: np.ndarray, split: np.ndarray) -> np.ndarray:
    """Probability by GC content and its square, fitted on train: float32 [n] (square: sites may like a middle GC)."""
    gc = np.nan_to_num(seq.gc_content(codes), nan=0.5) - 0.5
    features = np.column_stack([gc, gc**2]) * 10
    train = split == "train"
    model = LogisticRegression(C=1.0, max_iter=2000).fit(features[train], labels[train])
    return calibration.sigmoid_single(model.decision_function(features))


def pwm_scores(codes: np.ndarray, log_odds: np.ndarray) -> np.ndarray:
    """Best motif score of each window, both strands, in bits; the least possible score where none fits: float32 [n]."""
    return np.maximum(motifs.best_hits(codes, log_odds), motifs.least_score(log_odds))


def save_kmers(path: Path, arrays: dict[str, np.ndarray]) -> None:
    """Write kmer.npz, for `kmer_scores`."""
    with files.whole(path) as beside:
        np.savez(beside, **arrays)

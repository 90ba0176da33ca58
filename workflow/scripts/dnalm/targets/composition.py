"""What a window's composition alone says: GC content, and a regression on k-mers, logistic or (for values) ridge.

Balanced test sets are nearly solved by k-mers, so no score of a language model means much without these beside it.
"""

from typing import Any

import numpy as np
from scipy import sparse

from dnalm.dna import seq, words
from dnalm.metrics import calibration
from dnalm.targets import answers, windows
from dnalm.targets.windows import Task
from dnalm.training.tasks import TASKS

STRENGTHS = (0.0001, 0.001, 0.01, 0.1, 1.0)  # inverse regularisation (scikit-learn's C) tried on validation

Arrays = dict[str, np.ndarray]


def fit_gc(task: Task) -> tuple[Arrays, dict[str, Any]]:
    """Regression on GC content and its square (sites may like a middle GC): coefficients [2], intercept.

    Of classes or outputs, coefficients [2, m] and intercepts [m].
    """
    from sklearn import linear_model  # takes a second to import, and figures only read the table

    train, regression = task.split == "train", task.learnt.task == "regression"
    model = linear_model.Ridge(1.0) if regression else linear_model.LogisticRegression(C=1.0, max_iter=2000)
    model.fit(_gc_features(task.codes)[train], task.labels[train])
    if task.learnt.task == "binary":
        return {"coefficients": model.coef_[0], "intercept": model.intercept_[0]} | answers.kept(task), {}
    return {"coefficients": model.coef_.T, "intercept": model.intercept_} | answers.kept(task), {}


def gc_scores(codes: np.ndarray, arrays: Arrays) -> np.ndarray:
    """Probability of each window [n, W] by its GC content: float32 [n]; or what `answers.said` makes of it [n, m]."""
    return _said(_gc_features(codes) @ arrays["coefficients"] + arrays["intercept"], arrays)


def _said(linear: np.ndarray, arrays: Arrays) -> np.ndarray:
    return answers.said(linear, arrays) if "task" in arrays else calibration.sigmoid_single(linear)


def _gc_features(codes: np.ndarray) -> np.ndarray:
    gc = np.nan_to_num(seq.gc_content(codes), nan=0.5) - 0.5
    return np.column_stack([gc, gc**2]) * 10


def fit_kmers(task: Task) -> tuple[Arrays, dict[str, Any]]:
    """Regression on log(1 + count) of k-mers, each divided by its spread: (arrays to save, facts).

    Logistic for classes, ridge for values. The strength of regularisation is the one that does best on validation (0.01
    where that has one class). The arrays are k, coefficients [4^k] (of both strands not zero for canonical k-mers only)
    and intercept; of several classes or outputs [4^k, m] and [m].
    """
    labels, k = task.labels, task.k
    counts = words.kmer_counts(task.codes, k, both_strands=task.both_strands)
    counts.data = np.log1p(counts.data)
    train, held_out = np.flatnonzero(task.split == "train"), np.flatnonzero(task.split == "validation")
    spread = _spread(counts[train])
    scaled = (counts @ sparse.diags(1 / spread)).tocsr()
    best, tried, metric = None, {}, f"validation_{TASKS[task.learnt.task].best}"
    choosable = windows.choosable(task, held_out)
    for strength in STRENGTHS if choosable else (0.01,):
        model = _regression(task, strength).fit(scaled[train], labels[train])
        ask = model.predict if task.learnt.task == "regression" else model.decision_function
        tried[strength] = windows.quality(task, held_out, _wide(ask(scaled[held_out]), task)) if choosable else None
        if best is None or tried[strength] > tried[best[0]]:
            best = strength, model
    strength, model = best
    coefficients = np.atleast_2d(model.coef_) / spread
    arrays = {
        "k": np.array(k),
        "coefficients": coefficients.T.astype(np.float32),
        "intercept": np.atleast_1d(model.intercept_).astype(np.float32),
    }
    if task.learnt.task == "binary":
        arrays |= {"coefficients": arrays["coefficients"][:, 0], "intercept": arrays["intercept"][0]}
    facts = {"k": k, "strength": strength, metric: tried[strength], "training_windows": len(train)}
    return arrays | answers.kept(task), facts


def _regression(task: Task, strength: float) -> Any:
    """What is fitted for a task, not yet fitted."""
    from sklearn import linear_model

    if task.learnt.task == "regression":
        return linear_model.Ridge(1 / strength)
    solver = "liblinear" if task.learnt.task == "binary" else "lbfgs"
    return linear_model.LogisticRegression(C=strength, solver=solver, max_iter=2000, random_state=task.seed)


def _wide(found: np.ndarray, task: Task) -> np.ndarray:
    """Answers [n] of a single output as [n, 1], as its values stand."""
    return found[:, None] if task.learnt.task == "regression" and found.ndim == 1 else found


def _spread(columns: sparse.csr_matrix) -> np.ndarray:
    """Standard deviation of each column; 1 where it does not vary."""
    mean = np.asarray(columns.mean(0)).ravel()
    square = np.asarray(columns.multiply(columns).mean(0)).ravel()
    spread = np.sqrt(np.maximum(square - mean**2, 0))
    return np.where(spread > 1e-6, spread, 1)


def kmer_scores(codes: np.ndarray, arrays: Arrays) -> np.ndarray:
    """Probability of each window [n, W] by the k-mer model: float32 [n]; or what `answers.said` makes of it [n, m].

    Unless it was fitted on one strand, both strands of a window get the same score. Any window length will do, though
    it was fitted on one.
    """
    counts = words.kmer_counts(codes, int(arrays["k"]), both_strands=answers.both_strands(arrays))
    counts.data = np.log1p(counts.data)
    return _said(counts @ arrays["coefficients"] + arrays["intercept"], arrays)

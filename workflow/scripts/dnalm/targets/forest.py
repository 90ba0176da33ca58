"""A random forest on weighted k-mer counts, kept as plain arrays, so that nothing has to be unpickled to use it.

The counts are weighted as words of texts are (TF-IDF: what every window holds counts for little). Unlike the logistic
regression it sees combinations of words, a site beside its partner's. Breiman, Machine Learning 2001.
"""

from typing import Any

import numpy as np

from dnalm.dna import words
from dnalm.metrics import calibration, ranking
from dnalm.targets.windows import Task

K = 5  # 512 canonical words: more make a forest slow and no better
TREES, LEAVES, SAMPLES = 200, 400, 5_000  # trees, leaves and windows of each at most
LEAST = 1e-4  # shares of trees nearer to 0 or 1 count as this near: two hundred trees tell no finer
_ROWS = 1 << 14


def fit(task: Task) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """Fit on the training windows: (arrays of the trees, [trees, nodes], and of the word weights; facts).

    The classes weigh alike in each tree; the share of trees is calibrated on validation where that has both.
    """
    from sklearn.ensemble import RandomForestClassifier  # takes a second to import, and figures only read the table
    from sklearn.feature_extraction.text import TfidfTransformer

    counts = words.kmer_counts(task.codes, K)
    columns = np.flatnonzero(np.arange(4**K) == words.canonical_at(words.spelled(np.arange(4**K), K), K)[0][:, 0])
    train, held_out = (np.flatnonzero(task.split == name) for name in ("train", "validation"))
    weights = TfidfTransformer().fit(counts[train][:, columns]).idf_
    arrays = {"columns": columns, "weights": weights.astype(np.float32)}
    forest = RandomForestClassifier(
        TREES,
        max_leaf_nodes=LEAVES,
        max_samples=min(SAMPLES, len(train)),
        class_weight="balanced_subsample",
        n_jobs=1,
        random_state=task.seed,
    ).fit(features(task.codes[train], arrays), task.labels[train])
    arrays |= tree_arrays(forest)
    found, scale, shift, auprc = task.labels[held_out], 1.0, 0.0, None
    if len(np.unique(found)) == 2:
        votes = share(features(task.codes[held_out], arrays), arrays)
        auprc = ranking.auprc(found, votes)
        scale, shift = calibration.platt(calibration.logit(votes, LEAST), found)
    facts = {"k": K, "trees": TREES, "validation_auprc": auprc, "training_windows": len(train)}
    return arrays | {"scale": np.array(scale), "shift": np.array(shift)}, facts


def features(codes: np.ndarray, arrays: dict[str, np.ndarray]) -> np.ndarray:
    """Weighted counts of the words of windows [n, W], of length 1 each: float32 [n, words]; zeros for none."""
    counts = words.kmer_counts(codes, K)[:, arrays["columns"]].toarray() * arrays["weights"]
    return counts / np.maximum(np.linalg.norm(counts, axis=1, keepdims=True), 1e-12)


def tree_arrays(forest: Any) -> dict[str, np.ndarray]:
    """A fitted RandomForestClassifier's trees side by side, [trees, nodes]: feature, threshold, children, share bound.

    A leaf is its own child, so that all windows take the same number of steps.
    """
    trees = [one.tree_ for one in forest.estimators_]
    arrays = {name: [] for name in ("feature", "threshold", "left", "right", "value")}
    most = max(tree.node_count for tree in trees)
    for tree in trees:
        own, leaf = np.arange(tree.node_count), tree.children_left < 0
        bound = tree.value[:, 0, 1] / tree.value[:, 0].sum(1)
        for name, values in (
            ("feature", np.where(leaf, 0, tree.feature).astype(np.int16)),
            ("threshold", tree.threshold),
            ("left", np.where(leaf, own, tree.children_left).astype(np.int32)),
            ("right", np.where(leaf, own, tree.children_right).astype(np.int32)),
            ("value", bound),
        ):
            arrays[name].append(np.pad(values, (0, most - len(values))))
    return {name: np.stack(values) for name, values in arrays.items()} | {
        "depth": np.array(max(tree.max_depth for tree in trees))
    }


def share(found: np.ndarray, arrays: dict[str, np.ndarray]) -> np.ndarray:
    """Mean over the trees of the share bound in the leaf that each row of features [n, words] comes to: float64 [n]."""
    total, rows = np.zeros(len(found)), np.arange(len(found))
    for tree in range(len(arrays["feature"])):
        feature, threshold, left, right, value = (
            arrays[name][tree] for name in ("feature", "threshold", "left", "right", "value")
        )
        node = np.zeros(len(found), np.int32)
        for _ in range(int(arrays["depth"])):
            below = found[rows, feature[node]] <= threshold[node]
            node = np.where(below, left[node], right[node])
        total += value[node]
    return total / len(arrays["feature"])


def scores(codes: np.ndarray, arrays: dict[str, np.ndarray]) -> np.ndarray:
    """Probability of each window [n, W], any W; both strands get the same: float32 [n]."""
    pieces = [codes[first : first + _ROWS] for first in range(0, len(codes), _ROWS)]
    logits = [calibration.logit(share(features(piece, arrays), arrays), LEAST) for piece in pieces]
    logits = np.concatenate(logits) if logits else np.zeros(0)
    return calibration.sigmoid(arrays["scale"] * logits + arrays["shift"]).astype(np.float32)

"""A fine-tuned model as a function of windows, which is all that a scan, a search or an attribution asks of it.

The inference loop itself (`predict`) knows no architecture, so that what runs another network by it is not made again
when one of ours is edited.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from dnalm.networks import classifier, models, predict, readers
from dnalm.tokens import tokenizer as tk


def load_classifier(folder: Path, *, what: str | None = "windows") -> Callable[[np.ndarray], np.ndarray]:
    """A function from windows (base codes [n, W]) to both-strand logits float32 [n] of a fine-tuned model.

    Without `what` it reports no progress: for a search, which calls it once a generation and reports its own.
    """
    model, tokenizer = models.load(folder, "classify"), tk.load(folder)
    classifier.check_one_logit(model, folder)
    return lambda windows: predict.predict(model, tokenizer, windows, readers.class_logit, what=what)

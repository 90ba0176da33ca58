"""What a baseline keeps of its task beside its weights, and what it says of a window by them.

A baseline that tells bound from unbound on both strands keeps nothing: it says a probability. Others say the logarithm
of each class's probability, or the values of each output in the table's units.
"""

import numpy as np
from scipy import special

from dnalm.targets.windows import Task

Arrays = dict[str, np.ndarray]


def kept(task: Task) -> Arrays:
    """What stands in a baseline's arrays of its task."""
    found = {} if task.learnt.task == "binary" else {"task": np.array(task.learnt.task)}
    return found if task.both_strands else found | {"both_strands": np.array(False)}


def both_strands(arrays: Arrays) -> bool:
    """Whether a window is read on both strands."""
    return bool(arrays.get("both_strands", True))


def said(linear: np.ndarray, arrays: Arrays) -> np.ndarray:
    """Answers [n, m] of what is no probability of being bound, by what a model reckons of its windows: float32."""
    found = special.log_softmax(linear, axis=1) if arrays["task"] == "classes" else linear
    return found.astype(np.float32)

"""Token stores in miniature."""

import numpy as np
import pandas as pd

from dnalm.training.blocks import Blocks


def blocks(size=1000, length=30, seed=0):
    """Blocks of two stretches of random bases, one token a base."""
    tokens = (np.random.default_rng(0).integers(0, 4, size) + 5).astype(np.uint16)
    index = pd.DataFrame({"offset": [0, 600], "tokens": [600, size - 600], "split": "train"})
    return Blocks(tokens, np.zeros(size, np.uint8), index, length, seed)

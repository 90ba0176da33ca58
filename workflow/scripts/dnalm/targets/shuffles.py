"""Shuffled positives: windows with a positive's dinucleotides and no site, which lie nowhere on a genome.

They are easy negatives, as nothing of a genome but its composition is left in them; good beside others, never alone.
"""

import numpy as np
import pandas as pd

from dnalm.dna import seq
from dnalm.targets.windows import NOWHERE


def draw(positives: pd.DataFrame, ratio: float, rng: np.random.Generator) -> pd.DataFrame:
    """`ratio` shuffles of each positive, the odd fraction at random: (id chrom start end kind label split sequence …).

    Dinucleotides are counted from base to base, so both ends stay. A shuffle is in the split of its positive.
    """
    number = np.floor(ratio + rng.random(len(positives))).astype(int)
    table = positives.loc[positives.index.repeat(number), ["split", "sequence", "gc"]].reset_index(drop=True)
    shuffled = [seq.decode(seq.shuffle_dinucleotides(seq.encode(text), rng)) for text in table.sequence]
    ids = [f"shuffled:{row + 1}" for row in table.index]
    return table.assign(id=ids, chrom=NOWHERE, start=0, end=0, kind="shuffled", label=0, sequence=shuffled, repeats=0.0)

"""Alleles at random: contexts of one composition or of many, scores that follow a label."""

import numpy as np
import pandas as pd

SUBSTITUTIONS = np.array(["C>A", "C>G", "C>T", "T>A", "T>C", "T>G"])


def contexts(rng, n, blocks=None):
    """Contexts drawn from one composition, or from that of each of the `blocks`."""
    number = 1 if blocks is None else blocks.max() + 1
    shares = rng.dirichlet(np.full(6, 0.6), number)[np.zeros(n, int) if blocks is None else blocks]
    change = SUBSTITUTIONS[(rng.random((n, 1)) > shares.cumsum(1)).sum(1).clip(0, 5)]
    left, right = rng.choice(list("ACGT"), (2, n))
    trio = np.strings.add(np.strings.add(left, change.astype("U1")), right)
    known = {"transition": np.isin(change, ["C>T", "T>C"]), "cpg": np.strings.endswith(trio, "CG"), "gc": rng.random(n)}
    return pd.DataFrame({"substitution": change, "trinucleotide": trio, **known})


def alleles(n=600, seed=0, **columns):
    """Alleles every 20 kb (chrom pos l2 delta), labels that both scores follow, and contexts that know nothing."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 2, n)
    rows = pd.DataFrame({"chrom": "c", "pos": 1 + 20_000 * np.arange(n)})
    rows["delta"], rows["l2"] = 2 * labels * rng.choice([-1, 1], n) + rng.normal(size=n), labels + rng.normal(size=n)
    return rows.assign(**columns), labels, contexts(rng, n)

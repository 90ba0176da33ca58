"""Maps of a model's vectors: main directions, tables of tokens, the strand it reads."""

import numpy as np
import pandas as pd

from dnalm.dna import seq


def principal_components(vectors: np.ndarray, number: int) -> tuple[np.ndarray, np.ndarray]:
    """Project vectors [n, D] on their main directions: (coordinates [n, number], share of variance [number]).

    The sign of a component means nothing; it is chosen so that the largest coordinate is positive, which makes two runs
    draw the same map. Where there are fewer directions than asked for, the rest is NaN.
    """
    centred = np.asarray(vectors, np.float64) - np.mean(vectors, 0)
    left, sizes, _ = np.linalg.svd(centred, full_matrices=False)
    found = int(min(number, (sizes > 1e-9 * max(sizes.max(initial=0), 1e-300)).sum(), max(len(vectors) - 1, 0)))
    along = left[:, :found] * sizes[:found]
    along = along * np.where(along[np.abs(along).argmax(0), np.arange(found)] < 0, -1, 1)
    coordinates, share = np.full((len(vectors), number), np.nan), np.full(number, np.nan)
    coordinates[:, :found], share[:found] = along, sizes[:found] ** 2 / (sizes**2).sum() if found else np.nan
    return coordinates, share


def component_columns(vectors: np.ndarray, number: int) -> tuple[pd.DataFrame, list[float | None]]:
    """Columns pc1, pc2, … for a table, and the share of variance of each (None where there is none)."""
    coordinates, share = principal_components(vectors, number)
    names = [f"pc{one}" for one in range(1, number + 1)]
    return pd.DataFrame(coordinates, columns=names), [None if np.isnan(one) else float(one) for one in share]


def token_table(words: dict[int, np.ndarray], counts: np.ndarray) -> pd.DataFrame:
    """One row for each base-bearing token that is made of A, C, G, T: token id length count frequency gc ag.

    `words` are the tokens' codes by id, `counts` [vocabulary] how often each was seen; `ag` is the share of purines.
    """
    known = {number: codes for number, codes in sorted(words.items()) if len(codes) and (codes < seq.N).all()}
    table = pd.DataFrame({"token": [seq.decode(codes) for codes in known.values()], "id": list(known)})
    table["length"] = [len(codes) for codes in known.values()]
    table["count"] = counts[table.id]
    table["frequency"] = table["count"] / max(counts[table.id].sum(), 1)
    table["gc"] = [float(seq.gc_content(codes)) for codes in known.values()]
    table["ag"] = [float(np.isin(codes, (0, 2)).mean()) for codes in known.values()]
    return table


def cosine_distances(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """1 - cosine of each pair of rows [n, D]: float64 [n], NaN where a vector is zero."""
    one, other = np.asarray(one, np.float64), np.asarray(other, np.float64)
    size = np.linalg.norm(one, axis=1) * np.linalg.norm(other, axis=1)
    return 1 - (one * other).sum(1) / np.where(size > 0, size, np.nan)

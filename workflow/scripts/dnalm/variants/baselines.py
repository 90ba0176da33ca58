"""What a score of variants has to beat: the kind of substitution, its neighbours and GC, which need no model.

CpGs mutate ten times as often as other bases, so the class of a substitution says much of how frequent an allele is
and, by the way sets of variants are put together, of how harmful it is called. BASELINES is the only list; what others
have published of the same alleles (phyloP, CADD) comes from columns of the user's table.
"""

from collections.abc import Callable, Iterable
from typing import NamedTuple

import numpy as np
import pandas as pd

from dnalm.errors import UsageError
from dnalm.metrics import bootstrap
from dnalm.variants.scores import SCORES

FOLDS = 5
FEW_BLOCKS = "fewer than two blocks: there is no other to learn the rates from"


class Baseline(NamedTuple):
    """A baseline of variants' contexts: a number of each, or with `learnt` a class whose rate of positives is learnt.

    `label` is that of figures, `needs` are the columns of the contexts without which it is left out.
    """

    of: Callable[[pd.DataFrame], np.ndarray | pd.Series]
    label: str
    needs: tuple[str, ...]
    learnt: bool = False


class Values(NamedTuple):
    """A baseline's values [n] and the strata [n] within which they can be compared; -1 where it has no value.

    `learnt` as in `Baseline`: high means positive already, while another baseline may rank the other way round.
    `missing` says why values are NaN.
    """

    values: np.ndarray
    strata: np.ndarray
    learnt: bool
    missing: str = bootstrap.NO_SCORE


def column(name: str) -> Callable[[pd.DataFrame], np.ndarray]:
    """The baseline that is a column of the contexts."""
    return lambda context: context[name].to_numpy(float)


def substitution(context: pd.DataFrame) -> pd.Series:
    """Class of each variant of 6 substitutions, in a CpG or not; another kind of variant is a class of its own."""
    cpg = context.cpg.map({True: " in CpG", False: ""}).fillna("")
    return (context.substitution.fillna("") + cpg).where(_substituted(context), _kind(context))


def trinucleotide(context: pd.DataFrame) -> pd.Series:
    """Class of each variant of 96: the substitution and both neighbours; other kinds are a class each."""
    between = " in " + context.trinucleotide.fillna("")
    return (context.substitution.fillna("") + between).where(_substituted(context), _kind(context))


def _substituted(context: pd.DataFrame) -> pd.Series:
    return context.substitution.fillna("") != ""


def _kind(context: pd.DataFrame) -> pd.Series:
    return context.kind.astype(str) if "kind" in context else pd.Series("other", index=context.index)


BASELINES: dict[str, Baseline] = {
    "transition": Baseline(column("transition"), "transition", ("transition",)),
    "cpg": Baseline(column("cpg"), "CpG", ("cpg",)),
    "substitution_rate": Baseline(substitution, "rate of the substitution", ("substitution", "cpg"), learnt=True),
    "trinucleotide_rate": Baseline(
        trinucleotide, "rate of the substitution\nand its neighbours", ("substitution", "trinucleotide"), learnt=True
    ),
    "gc": Baseline(column("gc"), "GC of the window", ("gc",)),
}


def folds(blocks: np.ndarray) -> np.ndarray | None:
    """Fold [n] of each row: whole blocks, in folds of about one size and at most FOLDS; None for fewer than two."""
    sizes = np.bincount(blocks) if len(blocks) else np.zeros(0, np.int64)
    if (sizes > 0).sum() < 2:
        return None
    fold, filled = np.zeros(len(sizes), np.int64), np.zeros(min(FOLDS, int((sizes > 0).sum())), np.int64)
    for block in np.argsort(-sizes, kind="stable"):
        fold[block] = filled.argmin()
        filled[fold[block]] += sizes[block]
    return fold[blocks]


def rates(classes: np.ndarray | pd.Series, labels: np.ndarray, fold: np.ndarray) -> np.ndarray:
    """Share of positives [n] in the class of each row, learnt from the other folds; the overall share counts as a row.

    To be compared within a fold alone: where positives are many, the other folds have few of them, so that over
    several folds rates of random labels rank in reverse.
    """
    kind = pd.factorize(np.asarray(classes))[0]
    rate = np.full(len(labels), np.nan)
    for one in range(fold.max(initial=-1) + 1):
        here = fold == one
        seen, positive = (np.bincount(kind[~here], weight, kind.max() + 1) for weight in (None, labels[~here]))
        rate[here] = ((positive + labels[~here].mean()) / (seen + 1))[kind[here]]
    return rate


def named(given: Iterable[str]) -> dict[str, str]:
    """The column {label: name} of each baseline that is given: names that no column of ours can have.

    Raises UsageError for a label that is one of our baselines' or scores', beside which it is to stand, or is there
    twice.
    """
    given = list(given)
    for label in given:
        if given.count(label) > 1:
            raise UsageError(f"baseline {label!r} is given twice; call one of them otherwise")
        for ours in (BASELINES, SCORES):
            if label in ours:
                raise UsageError(f"baseline {label!r} is one of ours ({', '.join(ours)}); call what is given otherwise")
    return {label: f"given: {label}" for label in given}


def of_alleles(
    rows: pd.DataFrame, context: pd.DataFrame, labels: np.ndarray, blocks: np.ndarray, given: dict[str, str]
) -> dict[str, Values]:
    """Every baseline that the contexts allow, then those `given` as {label: column of the rows}, one row an allele.

    What is learnt is NaN where there are too few `blocks` to learn from others. Raises UsageError for a column that is
    not there or holds no numbers.
    """
    fold, whole = folds(blocks), np.zeros(len(rows), np.int64)
    found = {}
    for name, row in BASELINES.items():
        if not set(row.needs) <= set(context):
            continue
        if not row.learnt:
            found[name] = Values(np.asarray(row.of(context), float), whole, False)
        elif fold is None:
            found[name] = Values(np.full(len(rows), np.nan), whole, True, FEW_BLOCKS)
        else:
            found[name] = Values(rates(row.of(context), labels, fold), fold, True)
    for label, name in given.items():
        values = _given(rows, label, name)
        found[label] = Values(values, np.where(np.isnan(values), -1, 0), False)
    return found


def _given(rows: pd.DataFrame, label: str, name: str) -> np.ndarray:
    named([label])
    if name not in rows:
        raise UsageError(f"baseline {label!r} is to be column {name!r}; the columns are {', '.join(map(str, rows))}")
    if not pd.api.types.is_numeric_dtype(rows[name]):
        raise UsageError(f"baseline {label!r}: column {name!r} is text such as {rows[name].iloc[0]!r}, wanted numbers")
    return rows[name].to_numpy(float)
